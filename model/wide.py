"""Tables with more columns than the model has symbols for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from grammar.rules import Rule, RuleSet, Target
from grammar.table import Table
from model.linking import link
from model.trees import move_columns
from model.vocabulary import COLUMNS


def chosen_columns(utterance: str, table: Table, today: dt.date) -> tuple[int, ...]:
    """The columns that the model sees, in the order of the table: the likeliest to be meant.

    Those that the request mentions come first, then those whose cells it mentions, then from the
    left.
    """
    if len(table.columns) <= COLUMNS:
        return tuple(range(len(table.columns)))
    linked = link(utterance, table, today)
    named = [mention.column for mention in linked.columns]
    known = [slot.column for slot in linked.slots if slot.column is not None]
    ranked = dict.fromkeys([*named, *known, *range(len(table.columns))])
    return tuple(sorted(list(ranked)[:COLUMNS]))


def narrowed(table: Table, columns: tuple[int, ...]) -> Table:
    """The table with these columns alone; addresses on the sheet are not kept."""
    if len(columns) == len(table.columns):
        return table
    return replace(table, columns=tuple(table.columns[index] for index in columns))


def widened(rules: RuleSet, columns: tuple[int, ...]) -> RuleSet:
    """Rules over the narrowed table as rules over the whole one."""
    places = dict(enumerate(columns))
    if all(old == new for old, new in places.items()):
        return rules
    return RuleSet(tuple(_widened(rule, places) for rule in rules.rules))


def _widened(rule: Rule, places: dict[int, int]) -> Rule:
    target = rule.target
    if target.columns:
        target = Target("columns", tuple(places[index] for index in target.columns))
    return replace(rule, condition=move_columns(rule.condition, places), target=target)

"""Tables with more columns than the model has symbols for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grammar.rules import Rule, RuleSet, Target
from grammar.table import Table
from model.linking import Linked, Slot
from model.trees import move_columns
from model.vocabulary import COLUMNS


def chosen_columns(linked: Linked) -> tuple[int, ...]:
    """The columns that the model sees, in the order of the table: the likeliest to be meant.

    Those that the request mentions come first, then those whose cells it mentions, then from the
    left.
    """
    count = len(linked.table.columns)
    if count <= COLUMNS:
        return tuple(range(count))
    named = [mention.column for mention in linked.columns]
    said = [slot.column for slot in linked.slots if slot.start is not None]
    known = [column for column in said if column is not None]
    ranked = dict.fromkeys([*named, *known, *range(count)])
    return tuple(sorted(list(ranked)[:COLUMNS]))


def narrowed(table: Table, columns: tuple[int, ...]) -> Table:
    """The table with these columns alone; addresses on the sheet are not kept."""
    if len(columns) == len(table.columns):
        return table
    return replace(table, columns=tuple(table.columns[index] for index in columns))


def seen(linked: Linked, columns: tuple[int, ...]) -> Linked:
    """The request over these columns alone, linked by the whole table: letters stay right."""
    if len(columns) == len(linked.table.columns):
        return linked
    places = {column: place for place, column in enumerate(columns)}
    mentions = (
        replace(mention, column=places[mention.column])
        for mention in linked.columns
        if mention.column in places
    )
    slots = tuple(_seen_slots(linked.slots, places))
    table = narrowed(linked.table, columns)
    return replace(linked, table=table, slots=slots, columns=tuple(mentions))


def _seen_slots(slots: Sequence[Slot], places: dict[int, int]) -> Iterator[Slot]:
    """Slots at their columns' new places; of an unseen column, what is said stays."""
    for slot in slots:
        if slot.column is None or slot.column in places or slot.start is not None:
            column = None if slot.column is None else places.get(slot.column)
            yield replace(slot, column=column)


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

"""Rules for people: candidates as the JSON of the contract, and rules ready for a sheet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from grammar.candidate import describe_rule
from grammar.colours import parse_colour
from grammar.errors import GrammarError, InvalidRuleError
from grammar.ooxml import to_openpyxl
from grammar.parser import parse_condition
from grammar.rules import CELLS, DEFAULT_STYLE, ROW, Rule, RuleSet, Style, Target
from grammar.table import Table
from server.workbooks import SheetRule

if TYPE_CHECKING:
    from model.pipeline import Proposal, Suggester, Suggestion


def default_suggester() -> Suggester:
    """The shipped model, loaded when it is first asked for: rules given as text need none."""
    from model.pipeline import default_suggester as shipped

    return shipped()


def propose(
    utterance: str, table: Table, *, today: dt.date, top: int = 5, seed: int = 0
) -> Suggestion:
    """The readings of a request by the shipped model."""
    return default_suggester().suggest(utterance, table, today=today, top=top, seed=seed)


def suggest(
    utterance: str, table: Table, *, today: dt.date, top: int = 5, seed: int = 0
) -> dict[str, object]:
    """Candidates, question and abstention as JSON."""
    return to_json(propose(utterance, table, today=today, top=top, seed=seed), table, today)


def to_json(found: Suggestion, table: Table, today: dt.date) -> dict[str, object]:
    """A suggestion as JSON; candidates that cannot be written as rules are left out."""
    described = [_candidate(proposal, table, today) for proposal in found.proposals]
    candidates = [candidate for candidate in described if candidate]
    for rank, candidate in enumerate(candidates, 1):
        candidate["rank"] = rank
    return {
        "candidates": candidates,
        "abstained": found.abstained,
        "question": found.question,
    }


def _candidate(proposal: Proposal, table: Table, today: dt.date) -> dict[str, object] | None:
    try:
        rules = describe_rules(proposal.rules, table, today)
    except GrammarError:
        return None
    found: dict[str, object] = {"rank": 0, "score": round(proposal.score, 4)}
    if len(rules) == 1:
        found["condition"] = rules[0]["condition"]
    return found | {"rules": rules, "repaired": proposal.repaired}


def describe_rules(rules: RuleSet, table: Table, today: dt.date) -> list[dict[str, object]]:
    """Every rule of a set with its range, formula, matches and explanation.

    Raises:
        GrammarError: a rule cannot be written, or its target is outside the table.
    """
    width = len(table.columns)
    for place in (place for rule in rules.rules for place in rule.target.columns):
        if place >= width:
            raise InvalidRuleError(f"target c[{place}] is no column of a table with {width}")
    return [
        describe_rule(rule, table, today, priority=priority)
        for priority, rule in enumerate(rules.rules, 1)
    ]


def sheet_rules(rules: RuleSet, table: Table) -> list[SheetRule]:
    """The rules as they are written into a sheet."""
    built = (part for rule in rules.rules for part in to_openpyxl(rule, table))
    return [SheetRule.of(part.sqref, part.rule) for part in built]


def written_rule(condition: str, target: str | None, fill: str | None) -> Rule:
    """A rule from the texts of the command line.

    Raises:
        GrammarError: one of them is not understood.
    """
    return Rule(parse_condition(condition), read_target(target), _style(fill))


def read_target(text: str | None) -> Target:
    """The target of ``cells``, ``row`` or columns as ``c[0],c[2]``.

    Raises:
        InvalidRuleError: the text is none of them.
    """
    if text in (None, "", "cells"):
        return CELLS
    if text == "row":
        return ROW
    places = [part.strip().removeprefix("c[").removesuffix("]") for part in str(text).split(",")]
    if not all(place.isdecimal() and len(place) < 6 for place in places):
        raise InvalidRuleError(f"target {text!r} is none of cells, row or columns as c[0],c[2]")
    return Target("columns", tuple(map(int, places)))


def _style(fill: str | None) -> Style:
    if not fill:
        return DEFAULT_STYLE
    colour = parse_colour(fill)
    if colour is None:
        raise InvalidRuleError(f"{fill!r} is no colour; write a name or #RRGGBB")
    return Style(fill=colour)

"""A rule as one entry of a candidate's ``rules``: what it is, where, and what it selects."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from grammar.calc.grid import Grid
from grammar.conditions import selects_cells
from grammar.evaluate import matches, selected_areas
from grammar.explain import explain
from grammar.formulas import formula_of
from grammar.native import native_rule
from grammar.officejs import to_officejs
from grammar.ooxml import scale_areas
from grammar.printer import print_condition
from grammar.ranges import Area, address
from grammar.rules import Rule
from grammar.table import Table

MOST_MATCHES = 1000
"""Addresses that an answer lists; the count is always the whole one."""


def describe_rule(
    rule: Rule,
    table: Table,
    today: dt.date | dt.datetime,
    *,
    priority: int = 1,
    column: int | None = None,
    grid: Grid | None = None,
) -> dict[str, object]:
    """The JSON object of a rule on a table.

    ``matches`` are the formatted cells, row by row: for a row target every cell of the row.
    ``column`` (0-based) stands for the cell that the condition leaves out; ``grid`` has the cells
    outside the table.

    Raises:
        InvalidRuleError: the condition names a column that the table does not have.
        UnsupportedError: the rule leaves a value open, or mixes a scale with a condition.
    """
    selected = selects_cells(rule.condition)
    areas = _areas(rule, table, column)
    rows = matches(rule.condition, table, column=column, today=today, grid=grid).nonzero()[0]
    found: dict[str, object] = {
        "condition": print_condition(rule.condition),
        "target": rule.target.to_json(),
        "style": rule.style.to_json(),
        "range": " ".join(map(str, areas)),
        "type": _type(rule, table, column),
    }
    if selected:
        found["formula"] = formula_of(rule.condition, table, column=column)
    found["office"] = to_officejs(rule, table, priority=priority, column=column)
    columns = [number for area in areas for number in _columns(area)]
    places = (address(number, table.first_row + int(row)) for row in rows for number in columns)
    return found | {
        "matches": list(islice(places, MOST_MATCHES)),
        "match_count": len(rows) * len(columns),
        "explanation": explain(rule.condition, table, column=column),
        **({"stop_if_true": True} if rule.stop_if_true else {}),
    }


def _areas(rule: Rule, table: Table, column: int | None) -> tuple[Area, ...]:
    """Where the rule is drawn; a scale takes its own column whatever the target is."""
    if selects_cells(rule.condition):
        return selected_areas(rule, table, column=column)
    return tuple(map(Area.parse, scale_areas(rule, table, column)))


def _columns(area: Area) -> range:
    return range(area.first_column, area.last_column + 1)


def _type(rule: Rule, table: Table, column: int | None) -> str:
    """The type of the ``cfRule`` that is written for the rule."""
    native = native_rule(rule.condition, table, column=column, target=rule.target)
    if native is None and not selects_cells(rule.condition):
        native = native_rule(rule.condition, table, column=column)
    return native.type if native else "expression"

"""Mutation: the cells of the tables changed by one step, to see whether the cases would notice.

A rule is caught where a step in some cell changes what it selects and its case fails for it. One
that no step changes has no value at its boundary in any table: nobody would notice if it were wrong
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grammar.conditions import (
    Cell,
    Column,
    Condition,
    Formula,
    Neighbour,
    Number,
    Rank,
    Reference,
    State,
    columns_of,
    walk,
)
from grammar.errors import CellFusionError
from grammar.printer import print_condition
from grammar.rules import Rule
from grammar.subjects import subject_column
from grammar.table import Table
from grammar.values import CellValue
from server.checks.outcomes import Outcome, problems, rule_reading
from server.checks.suites import Case

_MOST_ROWS = 200
"""Rows of a table that are changed."""
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Mutation:
    """How a rule took the steps: ``changed`` what it selects, and of these were ``noticed``."""

    rule: str
    case_ids: tuple[str, ...]
    changed: int
    noticed: int

    @property
    def caught(self) -> bool:
        """Whether some case would fail if a value at the boundary counted otherwise."""
        return self.noticed > 0

    def to_json(self) -> dict[str, object]:
        """The result as JSON."""
        counts = {"changed": self.changed, "noticed": self.noticed, "caught": self.caught}
        return {"rule": self.rule, "cases": list(self.case_ids), **counts}


def mutate(outcomes: Sequence[Outcome]) -> list[Mutation]:
    """Every rule of the cases that passed, with what the steps did.

    Rules of a workbook, requests and rules that look at no cell, as of every second row, are left
    out.
    """
    found: dict[str, Mutation] = {}
    for outcome in outcomes:
        rules = outcome.reading.rules if outcome.reading and outcome.passed else ()
        if outcome.case.entry.rule is None or not any(_looks(rule.condition) for rule in rules):
            continue
        changed, noticed = _steps(outcome, rules[0])
        name = print_condition(rules[0].condition)
        before = found.get(name, Mutation(name, (), 0, 0))
        ids = (*before.case_ids, outcome.case.id)
        found[name] = Mutation(name, ids, before.changed + changed, before.noticed + noticed)
    return list(found.values())


def _looks(condition: Condition) -> bool:
    kinds = (Cell, Column, Neighbour, Reference, Formula)
    return any(isinstance(part, kinds) for part in walk(condition))


def score(mutations: Sequence[Mutation]) -> float:
    """The share of rules that are caught, 1 where there is none."""
    if not mutations:
        return 1.0
    return sum(mutation.caught for mutation in mutations) / len(mutations)


def _steps(outcome: Outcome, rule: Rule) -> tuple[int, int]:
    """How many steps change what the rule selects, and how many of these its case notices."""
    changed = noticed = 0
    before = outcome.reading.cells if outcome.reading else frozenset()
    for table in mutants(outcome.case.table, rule.condition):
        fails = _fails(outcome.case, table, before)
        changed += fails is not None
        noticed += fails is True
    return changed, noticed


def _fails(case: Case, table: Table, before: frozenset[tuple[int, int]]) -> bool | None:
    """Whether the case fails on a changed table; ``None`` where the rule selects the same."""
    try:
        reading = rule_reading(case, table)
    except CellFusionError:
        return True
    return None if reading.cells == before else any(problems(case, reading))


def mutants(table: Table, condition: Condition) -> Iterator[Table]:
    """The table with one cell changed by one step, for every cell that the condition looks at."""
    for index in _columns(table, condition):
        column = table.columns[index]
        for row in range(min(len(column.values), _MOST_ROWS)):
            for value in _neighbours(column.values[row], column.dates[row], condition):
                yield _changed(table, index, row, value)


def _columns(table: Table, condition: Condition) -> Sequence[int]:
    if any(isinstance(part, Formula) for part in walk(condition)):
        return range(len(table.columns))
    named = columns_of(condition) or (subject_column(condition, table),)
    return [index for index in named if index < len(table.columns)]


def _changed(table: Table, index: int, row: int, value: CellValue) -> Table:
    column = table.columns[index]
    values = (*column.values[:row], value, *column.values[row + 1 :])
    is_date = column.dates[row] and type(value) is float
    dates = (*column.dates[:row], is_date, *column.dates[row + 1 :])
    new = replace(column, values=values, dates=dates)
    return replace(table, columns=(*table.columns[:index], new, *table.columns[index + 1 :]))


def _neighbours(value: CellValue, is_date: bool, condition: Condition) -> Iterator[CellValue]:
    """The values one step away; for a state or a rank, also nothing at all."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, float):
        for step in {1.0} if is_date else _steps_of(value, condition):
            yield from (round(value - step, 9), round(value + step, 9))
    elif isinstance(value, str):
        yield from (value[:-1] or None, value[1:] or None, value + "x", "x" + value)
    else:
        yield "x" if value is None else None
    if value is not None and any(isinstance(part, State | Rank) for part in walk(condition)):
        yield None


def _steps_of(value: float, condition: Condition) -> set[float]:
    """The last decimal place of the cell, and that of the finest number in the condition."""
    numbers = [part.value for part in walk(condition) if isinstance(part, Number)]
    own = _decimals(value)
    return {float(10.0**-places) for places in (own, max(own, *map(_decimals, [0.0, *numbers])))}


def _decimals(number: float) -> int:
    match = re.search(r"\.(\d*?)0*$", f"{number:.{_MOST_DECIMALS}f}")
    return len(match[1]) if match else 0

"""Mutation: the cells of the tables changed by one step, to see whether the cases would notice.

A rule is caught where a step in some cell changes what it selects and its case fails for it. One
that no step changes has no value at its boundary in any table: nobody would notice if it were wrong
there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grammar import formula_tree
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
from grammar.errors import CellFusionError, GrammarError
from grammar.formula_parser import parse_formula
from grammar.ooxml_existing import SCALE_KINDS
from grammar.rules import RuleSet
from grammar.subjects import subject_column
from grammar.table import Table
from grammar.values import CellValue
from server.checks.mutation_own import stepped_cells
from server.checks.outcomes import Outcome, Reading, problems, reading_of
from server.checks.own_rules import own_id
from server.checks.steps import neighbours

_MOST_ROWS = 200
"""Rows of a table that are changed."""


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
    """Every rule of the cases that can be tried (see :func:`left_out`), with what the steps did."""
    found: dict[str, Mutation] = {}
    for outcome in outcomes:
        if outcome.reading is None or _why_not(outcome):
            continue
        name = _name(outcome.reading, outcome)
        changed, noticed = _steps(outcome, outcome.reading)
        before = found.get(name, Mutation(name, (), 0, 0))
        ids = (*before.case_ids, outcome.case.id)
        found[name] = Mutation(name, ids, before.changed + changed, before.noticed + noticed)
    return list(found.values())


def left_out(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Why some cases cannot be tried, each reason with the number of cases."""
    reasons = map(_why_not, outcomes)
    return dict(Counter(reason for reason in reasons if reason))


def _why_not(outcome: Outcome) -> str:
    reading = outcome.reading
    if not outcome.passed:
        return "not as expected"
    if reading is None:
        return "without a rule"
    own = reading.own
    if own is not None and own.kind in SCALE_KINDS:
        return "a scale"
    conditions = [own.condition] if own else [rule.condition for rule in reading.rules]
    return "" if any(map(_looks, conditions)) else "a rule that looks at no cell"


def _name(reading: Reading, outcome: Outcome) -> str:
    if reading.own is None:
        return reading.said
    return f"{reading.said} (rule {own_id(outcome.case)} on {reading.own.sqref})"


def _looks(condition: Condition) -> bool:
    kinds = (Cell, Column, Neighbour, Reference)
    parts = list(walk(condition))
    if any(isinstance(part, Formula) and _has_reference(part.text) for part in parts):
        return True
    return any(isinstance(part, kinds) for part in parts)


def _has_reference(text: str) -> bool:
    kinds = (formula_tree.CellRef, formula_tree.RangeRef, formula_tree.NameRef)
    try:
        return any(isinstance(node, kinds) for node in formula_tree.walk(parse_formula(text)))
    except GrammarError:
        return True


def score(mutations: Sequence[Mutation]) -> float | None:
    """The share of rules that are caught; nothing where there is no rule."""
    if not mutations:
        return None
    return sum(mutation.caught for mutation in mutations) / len(mutations)


def said_score(mutations: Sequence[Mutation]) -> str:
    """The score in words."""
    found = score(mutations)
    if found is None:
        return "no rule whose tables could be changed"
    return f"mutation score {found:.1%}"


def _steps(outcome: Outcome, reading: Reading) -> tuple[int, int]:
    """How many steps change what the rule selects, and how many of these its case notices."""
    changed = noticed = 0
    for found in _readings(outcome, reading):
        if found is None:  # it cannot be evaluated any more, which every case would notice
            changed, noticed = changed + 1, noticed + 1
        elif found.cells != reading.cells:
            changed += 1
            noticed += any(problems(outcome.case, found))
    return changed, noticed


def _readings(outcome: Outcome, reading: Reading) -> Iterator[Reading | None]:
    """What the rule selects after every step; ``None`` where it cannot be evaluated."""
    if reading.own is not None:
        for cells in stepped_cells(outcome.case):
            yield None if cells is None else replace(reading, cells=cells)
        return
    rules = RuleSet(reading.rules)
    conditions = [rule.condition for rule in reading.rules]
    for table in mutants(outcome.case.table, *conditions):
        try:
            yield reading_of(rules, table, outcome.case.today)
        except CellFusionError:
            yield None


def mutants(table: Table, *conditions: Condition) -> Iterator[Table]:
    """The table with one cell changed by one step, for every cell that the conditions look at."""
    numbers, also_nothing = _numbers(conditions), _heeds_blanks(conditions)
    columns = {index for condition in conditions for index in _columns(table, condition)}
    for index in sorted(columns):
        column = table.columns[index]
        for row in range(min(len(column.values), _MOST_ROWS)):
            value, is_date = column.values[row], column.dates[row]
            for new in neighbours(value, is_date, numbers, also_nothing):
                yield _changed(table, index, row, new)


def _columns(table: Table, condition: Condition) -> Sequence[int]:
    if any(isinstance(part, Formula) for part in walk(condition)):
        return range(len(table.columns))
    named = columns_of(condition) or (subject_column(condition, table),)
    return [index for index in named if index < len(table.columns)]


def _numbers(conditions: Sequence[Condition]) -> list[float]:
    parts = (part for condition in conditions for part in walk(condition))
    return [part.value for part in parts if isinstance(part, Number)]


def _heeds_blanks(conditions: Sequence[Condition]) -> bool:
    parts = (part for condition in conditions for part in walk(condition))
    return any(isinstance(part, State | Rank) for part in parts)


def _changed(table: Table, index: int, row: int, value: CellValue) -> Table:
    column = table.columns[index]
    values = (*column.values[:row], value, *column.values[row + 1 :])
    is_date = column.dates[row] and type(value) is float
    dates = (*column.dates[:row], is_date, *column.dates[row + 1 :])
    new = replace(column, values=values, dates=dates)
    return replace(table, columns=(*table.columns[:index], new, *table.columns[index + 1 :]))

"""Which cells a condition selects: the meaning of the condition language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from grammar import predicates
from grammar.calc.grid import Grid, TableGrid
from grammar.calc.matching import matching_cells
from grammar.conditions import (
    Average,
    Comparison,
    Condition,
    Formula,
    Junction,
    Not,
    Range,
    Rank,
    State,
    TextTest,
)
from grammar.formula_parser import parse_formula
from grammar.ranges import Area
from grammar.rules import Rule
from grammar.scalars import Scalars
from grammar.subjects import subject_cells, subject_column
from grammar.table import BLANK, Table
from grammar.vectors import Mask

Predicate = Comparison | Range | TextTest | State | Rank | Average


def matches(
    condition: Condition,
    table: Table,
    *,
    column: int | None = None,
    today: dt.date | dt.datetime,
    grid: Grid | None = None,
) -> Mask:
    """``(rows,) bool``: which data rows the condition selects.

    ``column`` (0-based in the table) stands for the cell that a condition leaves out, by default
    :func:`subject_column`. ``grid`` has the cells outside the table that ``$B$6`` may name.

    Raises:
        InvalidRuleError: the condition names a column that the table does not have.
        UnsupportedError: the condition leaves a value open, or its formula is not implemented.
        ParseError: its formula is none.
    """
    if column is None:
        column = subject_column(condition, table)
    if not table.row_count:
        return np.zeros(0, bool)
    return _Evaluation(table, column, today, grid).mask(condition)


def selected_areas(rule: Rule, table: Table, *, column: int | None = None) -> tuple[Area, ...]:
    """The ranges that a rule is written on: its column, the whole rows or the columns named."""
    if rule.target.kind == "row":
        return (table.area,)
    if rule.target.kind == "columns":
        return tuple(table.column_area(index) for index in rule.target.columns)
    index = subject_column(rule.condition, table) if column is None else column
    return (table.column_area(index),)


class _Evaluation:
    def __init__(
        self, table: Table, column: int, today: dt.date | dt.datetime, grid: Grid | None
    ) -> None:
        self.today = today
        self.scalars = Scalars(table, column, today, grid)

    def mask(self, condition: Condition) -> Mask:
        return _EVALUATORS[type(condition)](self, condition)

    def comparison(self, test: Comparison) -> Mask:
        return predicates.compare(test, *map(self.scalars.vector, (test.x, test.value)))

    def range(self, test: Range) -> Mask:
        return predicates.within(test, *map(self.scalars.vector, (test.x, test.low, test.high)))

    def text_test(self, test: TextTest) -> Mask:
        return predicates.text_test(test.name, *map(self.scalars.vector, (test.x, test.value)))

    def state(self, test: State) -> Mask:
        return predicates.state(test.name, self.scalars.vector(test.x), self.today)

    def rank(self, test: Rank) -> Mask:
        return predicates.rank(test.name, test.amount, self.scalars.vector(test.x))

    def average(self, test: Average) -> Mask:
        return predicates.average(test.name, test.deviations, self.scalars.vector(test.x))

    def junction(self, junction: Junction) -> Mask:
        join = np.logical_and if junction.name == "AND" else np.logical_or
        masks = [self.mask(part) for part in junction.parts]
        return np.array(join.reduce(masks), bool)

    def negation(self, negation: Not) -> Mask:
        """The non-blank cells that fail; what is not "not blank" is blank."""
        part = negation.part
        if isinstance(part, State) and part.name == "NotBlanks":
            return self.mask(State("Blanks", part.x))
        return self.filled(part) & ~self.mask(part)

    def filled(self, condition: Condition) -> Mask:
        """Rows in which every cell that the first predicate looks at holds something."""
        filled = [self.scalars.vector(cell).codes != BLANK for cell in subject_cells(condition)]
        return np.array(np.logical_and.reduce(filled), bool)

    def formula(self, formula: Formula) -> Mask:
        """The formula as written for the first cell of the subject's column."""
        table = self.scalars.table
        area = table.column_area(self.scalars.column)
        grid = self.scalars.grid or TableGrid(table)
        day = self.today
        now = day if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)
        (mask,) = matching_cells(parse_formula(formula.text), (area,), grid, now)
        return mask[:, 0]


_EVALUATORS: dict[type[Condition], Callable[..., Mask]] = {
    Comparison: _Evaluation.comparison,
    Range: _Evaluation.range,
    TextTest: _Evaluation.text_test,
    State: _Evaluation.state,
    Rank: _Evaluation.rank,
    Average: _Evaluation.average,
    Junction: _Evaluation.junction,
    Not: _Evaluation.negation,
    Formula: _Evaluation.formula,
}

"""Scalars of the condition language, evaluated over all rows of a table at once.

Arithmetic over anything but numbers and dates has no value of use (``INVALID``), so the row is not
selected; an operation that fails is an error, as it is in Excel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from grammar.calc.grid import Grid
from grammar.column_functions import column_value, count_matching
from grammar.conditions import (
    COLUMN_FUNCTIONS,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Date,
    Negative,
    Neighbour,
    Number,
    Reference,
    Scalar,
    Text,
)
from grammar.errors import InvalidRuleError, UnsupportedError
from grammar.ranges import Area
from grammar.row_functions import ROW_CALLS, arithmetic, concatenate, negate
from grammar.table import BLANK, DATE, NUMBER, TEXT, Table
from grammar.values import to_serial
from grammar.vectors import LOOSE, Vector, column_vector, constant, number_vector, text_vector


class Scalars:
    """The scalars of one table: what each is in every row.

    ``column`` stands for the implied cell; ``grid`` gives the cells outside the table that a
    reference may name (without it they are blank).
    """

    def __init__(
        self, table: Table, column: int, today: dt.date | dt.datetime, grid: Grid | None = None
    ) -> None:
        self.table = table
        self.column = column
        self.now = to_serial(today)
        self.grid = grid
        self.count = table.row_count
        self._columns: dict[int, Vector] = {}

    def vector(self, node: Scalar) -> Vector:
        """What a scalar is in every row.

        Raises:
            InvalidRuleError: it names a column that the table does not have.
            UnsupportedError: it leaves a value open.
        """
        reader = _READERS.get(type(node))
        if reader is None:
            raise UnsupportedError("a condition with an open value (?) selects no cells yet")
        return reader(self, node)

    def table_column(self, index: int) -> Vector:
        """The cells of one table column."""
        if not 0 <= index < len(self.table.columns):
            raise InvalidRuleError(
                f"c[{index}] is not in the table, whose columns are c[0] to "
                f"c[{len(self.table.columns) - 1}]"
            )
        if index not in self._columns:
            self._columns[index] = column_vector(self.table.columns[index])
        return self._columns[index]

    def cell(self, node: Cell) -> Vector:
        return self.table_column(self.column)

    def named_column(self, node: Column) -> Vector:
        return self.table_column(node.index)

    def number(self, node: Number) -> Vector:
        return constant(node.value, self.count, NUMBER)

    def text(self, node: Text) -> Vector:
        codes = np.full(self.count, TEXT if node.value else BLANK, np.int8)
        return text_vector([node.value] * self.count, codes)

    def boolean(self, node: Bool) -> Vector:
        return constant(node.value, self.count)

    def date(self, node: Date) -> Vector:
        return constant(to_serial(node.value), self.count, DATE)

    def neighbour(self, node: Neighbour) -> Vector:
        return self.vector(node.column).shifted(node.offset)

    def reference(self, node: Reference) -> Vector:
        """The cell of the table, its header, the grid, or blank."""
        place = Area.parse(node.address)
        column = place.first_column - self.table.first_column
        row = place.first_row - self.table.first_row
        if 0 <= column < len(self.table.columns) and 0 <= row < self.count:
            whole = self.table_column(column)
            rows = np.full(self.count, row)
            return Vector(whole.codes[rows], whole.numbers[rows], whole.texts[rows])
        return self._outside(place, column, row)

    def _outside(self, place: Area, column: int, row: int) -> Vector:
        if self.grid is not None:
            value = self.grid.value(None, place.first_column, place.first_row)
            return constant(value, self.count, LOOSE if type(value) is float else None)
        is_header = self.table.has_header and row == -1
        if is_header and 0 <= column < len(self.table.columns):
            return constant(self.table.columns[column].header or None, self.count)
        return constant(None, self.count)

    def binary(self, node: Binary) -> Vector:
        left, right = self.vector(node.left), self.vector(node.right)
        if node.operator == "&":
            return concatenate(left, right)
        return arithmetic(node.operator, left, right)

    def negative(self, node: Negative) -> Vector:
        return negate(self.vector(node.operand))

    def call(self, node: Call) -> Vector:
        if node.name in COLUMN_FUNCTIONS:
            return self.column_call(node)
        if node.name == "TODAY":
            return constant(float(np.floor(self.now)), self.count, DATE)
        if node.name == "NOW":
            return constant(self.now, self.count, DATE)
        if node.name == "ROW":
            rows = np.arange(self.count, dtype=np.float64) + self.table.first_row
            return number_vector(rows, np.full(self.count, NUMBER, np.int8))
        arguments = [self.vector(argument) for argument in node.arguments]
        return ROW_CALLS[node.name](*arguments)

    def column_call(self, node: Call) -> Vector:
        first, *rest = node.arguments
        if not isinstance(first, Column | Cell):
            raise InvalidRuleError(f"{node.name} looks at a whole column, as {node.name}(c[0])")
        cells = self.vector(first)
        if node.name == "COUNTIF":
            index = first.index if isinstance(first, Column) else self.column
            return count_matching(self.table.columns[index].values, self.vector(rest[0]))
        return column_value(node.name, cells, *(self.vector(argument) for argument in rest))


_READERS: dict[type[Scalar], Callable[..., Vector]] = {
    Cell: Scalars.cell,
    Column: Scalars.named_column,
    Number: Scalars.number,
    Text: Scalars.text,
    Bool: Scalars.boolean,
    Date: Scalars.date,
    Neighbour: Scalars.neighbour,
    Reference: Scalars.reference,
    Binary: Scalars.binary,
    Negative: Scalars.negative,
    Call: Scalars.call,
}

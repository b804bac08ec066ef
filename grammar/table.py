"""A table as the grammar sees it: typed columns with their place on the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grammar.ranges import Area, address
from grammar.values import CellValue, ExcelError, Kind

KIND_CODES = (Kind.BLANK, Kind.NUMBER, Kind.DATE, Kind.TEXT, Kind.BOOL, Kind.ERROR)
"""``TableColumn.codes`` index into this tuple."""
BLANK, NUMBER, DATE, TEXT, BOOL, ERROR = range(6)
_CODES: dict[type, int] = {type(None): BLANK, float: NUMBER, str: TEXT, bool: BOOL} | {
    ExcelError: ERROR
}


def kind_code(value: CellValue, is_date: bool) -> int:
    """The index into :data:`KIND_CODES` of one cell."""
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, float):
        return DATE if is_date else NUMBER
    return TEXT if isinstance(value, str) else ERROR


@dataclass(frozen=True, eq=False)
class TableColumn:
    """One column of a table, header apart.

    ``values`` holds the data cells from top to bottom (numbers always as ``float``); ``dates``
    marks, with the same length, the numbers whose format shows a date.
    """

    header: str
    values: tuple[CellValue, ...]
    dates: tuple[bool, ...]
    number_format: str = "General"

    @classmethod
    def of(
        cls, header: str, values: Sequence[CellValue | int], is_date: bool = False
    ) -> TableColumn:
        """A column of plain values; ``is_date`` says that all of its numbers are dates."""
        cells: tuple[CellValue, ...] = tuple(
            float(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for value in values
        )
        dates = tuple(is_date and type(value) is float for value in cells)
        return cls(header, cells, dates, "yyyy-mm-dd" if is_date else "General")

    @cached_property
    def cells(self) -> NDArray[np.object_]:
        """``(rows,) object``: the values as an array."""
        cells = np.empty(len(self.values), object)
        cells[:] = self.values
        return cells

    @cached_property
    def codes(self) -> NDArray[np.int8]:
        """``(rows,) int8``: the kind of every cell, an index into :data:`KIND_CODES`."""
        count = len(self.values)
        codes = np.fromiter((_CODES.get(type(v), -1) for v in self.values), np.int8, count)
        for row in np.flatnonzero(codes < 0).tolist():
            codes[row] = kind_code(self.values[row], False)
        dates = np.fromiter(self.dates, np.bool_, count)
        codes[dates & (codes == NUMBER)] = DATE
        return codes

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """``(rows,) float64``: numbers and date serials, NaN elsewhere."""
        numbers = np.full(len(self.values), np.nan)
        known = (self.codes == NUMBER) | (self.codes == DATE)
        numbers[known] = self.cells[known].astype(np.float64)
        return numbers

    @cached_property
    def kind(self) -> Kind:
        """The kind of at least nine in ten non-blank, non-error cells, else ``MIXED``."""
        counts = Counter(int(code) for code in self.codes if code not in (BLANK, ERROR))
        if not counts:
            return Kind.ERROR if (self.codes == ERROR).any() else Kind.BLANK
        code, count = counts.most_common(1)[0]
        return KIND_CODES[code] if count >= 0.9 * sum(counts.values()) else Kind.MIXED

    @property
    def error_count(self) -> int:
        return sum(isinstance(value, ExcelError) for value in self.values)


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, and where their first data cell lies.

    ``first_column`` is 0-based and ``first_row`` is the 1-based sheet row of the first data row,
    so the header, where there is one, is in the row above.
    """

    columns: tuple[TableColumn, ...]
    sheet: str = "Sheet1"
    first_column: int = 0
    first_row: int = 2
    has_header: bool = True
    name: str | None = None

    @property
    def row_count(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @property
    def area(self) -> Area:
        """The data cells, header apart (at least one row, so that a rule has a place)."""
        last_row = self.first_row + max(self.row_count, 1) - 1
        last_column = self.first_column + max(len(self.columns), 1) - 1
        return Area(self.first_column, self.first_row, last_column, last_row)

    def column_area(self, index: int) -> Area:
        """The data cells of one column (0-based in the table)."""
        column = self.first_column + index
        return Area(column, self.first_row, column, self.area.last_row)

    def address(self, column: int, row: int) -> str:
        """The sheet address of a data cell by 0-based column and row of the table."""
        return address(self.first_column + column, self.first_row + row)

    def header(self, index: int) -> str:
        """The header of a column, or its letter where it has none."""
        return self.columns[index].header or f"column {self.address(index, 0).rstrip('0123456789')}"

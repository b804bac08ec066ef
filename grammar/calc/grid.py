"""Where the cells of a formula come from, and what a reference to them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from grammar.calc.blocks import Objects
from grammar.formula_tree import Expression
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area, bounding_box
from grammar.table import BLANK, Table
from grammar.values import CellValue


class Grid(Protocol):
    """The cells of a workbook; ``sheet`` ``None`` is the sheet that the formula stands on."""

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row."""
        ...

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects."""
        ...

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        ...

    def sheets(self) -> tuple[str, ...]:
        """The names of all sheets in order."""
        ...

    def defined_name(self, name: str, sheet: str | None) -> Expression | None:
        """The formula of a defined name, relative to cell A1."""
        ...

    def formula(self, sheet: str | None, column: int, row: int) -> str | None:
        """The formula of a cell, where it has one and it is known."""
        ...

    def number_format(self, sheet: str | None, column: int, row: int) -> str:
        """The number format code of a cell."""
        ...


Cells = Mapping[tuple[int, int], CellValue]


@dataclass(frozen=True, eq=False)
class CellGrid:
    """A grid of cells held in memory, one mapping of (column, row) a sheet; the first sheet is
    the one that formulas stand on unless ``sheet`` says otherwise."""

    cells: Mapping[str, Cells]
    names: Mapping[str, Expression] = field(default_factory=dict)
    formulas: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    formats: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    sheet: str | None = None

    def _name_of(self, sheet: str | None) -> str:
        if sheet is None:
            return self.sheet if self.sheet is not None else next(iter(self.cells), "")
        return next((name for name in self.cells if name.lower() == sheet.lower()), sheet)

    def _of(self, sheet: str | None) -> Cells:
        return self.cells.get(self._name_of(sheet), {})

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row."""
        return self._of(sheet).get((column, row))

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects."""
        cells = self._of(sheet)
        values = np.empty((area.height, area.width), object)
        rows = range(area.first_row, area.last_row + 1)
        for offset in range(area.width):
            column = area.first_column + offset
            values[:, offset] = [cells.get((column, row)) for row in rows]
        return values

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        used = [place for place, value in self._of(sheet).items() if value is not None]
        if not used:
            return None
        columns, rows = zip(*used, strict=True)
        return Area(min(columns), min(rows), max(columns), max(rows))

    def sheets(self) -> tuple[str, ...]:
        """The names of all sheets in order."""
        return tuple(self.cells)

    def defined_name(self, name: str, sheet: str | None) -> Expression | None:
        """The formula of a defined name, relative to cell A1."""
        return next((tree for key, tree in self.names.items() if key.lower() == name.lower()), None)

    def formula(self, sheet: str | None, column: int, row: int) -> str | None:
        """The formula of a cell, where it has one and it is known."""
        return self.formulas.get((self._name_of(sheet), column, row))

    def number_format(self, sheet: str | None, column: int, row: int) -> str:
        """The number format code of a cell."""
        return self.formats.get((self._name_of(sheet), column, row), "General")


@dataclass(frozen=True, eq=False)
class TableGrid:
    """The grid of one table alone, its headers in the row above the data."""

    table: Table

    def _is_here(self, sheet: str | None) -> bool:
        return sheet is None or sheet.lower() == self.table.sheet.lower()

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row."""
        index, place = column - self.table.first_column, row - self.table.first_row
        if not self._is_here(sheet) or not 0 <= index < len(self.table.columns):
            return None
        source = self.table.columns[index]
        if place == -1 and self.table.has_header:
            return source.header
        return source.values[place] if 0 <= place < len(source.values) else None

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects."""
        values = np.full((area.height, area.width), None, object)
        common = area.intersection(self.table.area) if self._is_here(sheet) else None
        if common is not None and self.table.row_count:
            first = common.first_row - self.table.first_row
            top = common.first_row - area.first_row
            for column in range(common.first_column, common.last_column + 1):
                cells = self.table.columns[column - self.table.first_column].cells
                below = slice(top, top + common.height)
                values[below, column - area.first_column] = cells[first : first + common.height]
        header = self.table.first_row - 1
        if area.first_row <= header <= area.last_row:
            columns = range(area.first_column, area.last_column + 1)
            values[header - area.first_row] = [self.value(sheet, c, header) for c in columns]
        return values

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        if not self._is_here(sheet):
            return None
        top = self.table.first_row
        used = []
        for column, source in enumerate(self.table.columns, self.table.first_column):
            rows = np.flatnonzero(source.codes != BLANK)
            if self.table.has_header and top > 1:
                used.append(Area(column, top - 1, column, top - 1))
            if rows.size:
                used.append(Area(column, top + int(rows[0]), column, top + int(rows[-1])))
        return bounding_box(tuple(used)) if used else None

    def sheets(self) -> tuple[str, ...]:
        """The name of the table's sheet."""
        return (self.table.sheet,)

    def defined_name(self, name: str, sheet: str | None) -> Expression | None:
        """Nothing: a table alone has no names."""
        return None

    def formula(self, sheet: str | None, column: int, row: int) -> str | None:
        """Nothing: a table holds values."""
        return None

    def number_format(self, sheet: str | None, column: int, row: int) -> str:
        """The number format code of a cell."""
        return "General"


@dataclass(frozen=True)
class Reference:
    """One or more areas of a sheet; ``sheet`` ``None`` is the formula's own."""

    areas: tuple[Area, ...]
    sheet: str | None = None

    @property
    def area(self) -> Area:
        """The first area."""
        return self.areas[0]

    @property
    def is_cell(self) -> bool:
        """Whether it is one single cell."""
        return len(self.areas) == 1 and self.area.width == 1 and self.area.height == 1


def clipped(area: Area, extent: Area | None) -> Area:
    """The area without what lies beyond the used cells, where it runs to the sheet's edge."""
    last_row, last_column = area.last_row, area.last_column
    if last_row == MAX_ROW:
        last_row = max(area.first_row, extent.last_row if extent else 1)
    if last_column == MAX_COLUMN - 1:
        last_column = max(area.first_column, extent.last_column if extent else 0)
    return Area(area.first_column, area.first_row, last_column, last_row)

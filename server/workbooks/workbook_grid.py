"""The cells of a workbook for formulas; a sheet is read when the first formula asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from grammar.calc.blocks import Objects
from grammar.errors import GrammarError, UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.formula_tree import Expression
from grammar.ranges import Area
from grammar.values import CellValue
from server.workbooks.cells import Grid, GridColumn, read_cells, read_strings
from server.workbooks.number_formats import GENERAL, CellFormats, read_formats
from server.workbooks.package import Package

_SHIFT_1904 = 1462.0
_MOST_NAMES = 10_000


@dataclass(eq=False)
class _SheetCells:
    """One sheet: its cells as read, and dense columns of those that were asked for."""

    grid: Grid
    formats: CellFormats
    shift: float
    most: int
    held: int = 0
    columns: dict[int, Objects] = field(default_factory=dict)

    @cached_property
    def used(self) -> Area | None:
        return self.grid.used

    def column(self, index: int) -> Objects:
        """The values of a column from row 1 to its last row in use."""
        if index not in self.columns:
            self.columns[index] = self._dense(self.grid.columns.get(index, GridColumn()))
        return self.columns[index]

    def _dense(self, cells: GridColumn) -> Objects:
        height = int(cells.row_numbers.max()) if len(cells.rows) else 0
        self.held += height
        if self.held > self.most:
            raise UnsupportedError(f"the cells of the sheet lie further apart than {self.most:,}")
        values = np.empty(height, object)
        if not self.shift:
            values[cells.row_numbers.astype(int) - 1] = np.array(cells.values, object)
            return values
        for row, style, value in zip(cells.rows, cells.styles, cells.values, strict=True):
            if type(value) is float and self.formats.is_date(style):
                value += self.shift
            values[row - 1] = value
        return values


class WorkbookGrid:
    """A :class:`grammar.calc.grid.Grid` over a package, which must stay open.

    ``home`` is the sheet that formulas stand on where they name none.
    """

    def __init__(self, package: Package, home: str) -> None:
        self.package = package
        self.home = home
        self._sheets: dict[str, _SheetCells | None] = {}
        self._parsed: dict[str, Expression | None] = {}

    def sheet_cells(self, sheet: str | None = None) -> Grid:
        """The cells of a sheet as they were read."""
        found = self._of(sheet)
        return found.grid if found else Grid()

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row."""
        found = self._of(sheet)
        if found is None:
            return None
        values = found.column(column)
        cell: CellValue = values[row - 1] if row <= len(values) else None
        return cell

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects.

        Raises:
            UnsupportedError: there are more than the bounds allow.
        """
        most = self.package.bounds.cells
        if area.height * area.width > most:
            raise UnsupportedError(f"{area} has more than {most:,} cells")
        block = np.empty((area.height, area.width), object)
        found = self._of(sheet)
        if found is None:
            return block
        for offset in range(area.width):
            part = found.column(area.first_column + offset)[area.first_row - 1 : area.last_row]
            block[: len(part), offset] = part
        return block

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        found = self._of(sheet)
        return found.used if found else None

    def sheets(self) -> tuple[str, ...]:
        """The names of all sheets in order."""
        return tuple(sheet.name for sheet in self.package.sheets)

    def defined_name(self, name: str, sheet: str | None) -> Expression | None:
        """The formula of a defined name, relative to cell A1."""
        name = name.lower()
        if name not in self._parsed:
            try:
                self._parsed[name] = parse_formula(self._names[name])
            except (KeyError, GrammarError):
                self._parsed[name] = None
        return self._parsed[name]

    def formula(self, sheet: str | None, column: int, row: int) -> str | None:
        """Nothing: values are those that were saved."""
        return None

    def number_format(self, sheet: str | None, column: int, row: int) -> str:
        """The number format code of a filled cell."""
        found = self._of(sheet)
        cells = found.grid.columns.get(column) if found else None
        if cells is None:
            return GENERAL
        places = np.flatnonzero(cells.row_numbers == row).tolist()
        return self.formats.code(cells.styles[places[0]]) if places else GENERAL

    @cached_property
    def formats(self) -> CellFormats:
        """Number formats by style index."""
        return read_formats(self.package)

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings."""
        return read_strings(self.package)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        nodes = list(self.package.workbook.iter("{*}definedName"))[:_MOST_NAMES]
        plain = (node for node in nodes if node.get("localSheetId") is None)
        return {str(node.get("name", "")).lower(): "=" + (node.text or "") for node in plain}

    def _of(self, sheet: str | None) -> _SheetCells | None:
        name = (self.home if sheet is None else sheet).lower()
        if name not in self._sheets:
            self._sheets[name] = self._read(name)
        return self._sheets[name]

    def _read(self, name: str) -> _SheetCells | None:
        found = (one for one in self.package.worksheets() if one.name.lower() == name)
        sheet = next(found, None)
        if sheet is None:
            return None
        cells = read_cells(self.package, sheet.part or "", self.strings)
        shift = _SHIFT_1904 if self.package.date1904 else 0.0
        return _SheetCells(cells, self.formats, shift, 4 * self.package.bounds.cells)

"""What a formula is evaluated in: its cell, the day, the grid and the names in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grammar.calc.blocks import Block
from grammar.calc.faults import CellError
from grammar.calc.grid import Grid, Reference, clipped
from grammar.calc.locales import EN_US, Locale
from grammar.formula_tree import Expression
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area
from grammar.values import CellValue, ExcelError, to_serial

KEPT_BLOCKS = 256


@dataclass(frozen=True)
class Lambda:
    """A function value: the names of its parameters and its body."""

    parameters: tuple[str, ...]
    body: Expression
    names: Mapping[str, Value]


Value = CellValue | Block | Reference | Lambda


@dataclass
class Memory:
    """What one evaluation keeps so that nothing is read or counted twice."""

    blocks: dict[tuple[str | None, Area], Block] = field(default_factory=dict)
    columns: dict[tuple[str | None, Area], Block] = field(default_factory=dict)
    extents: dict[str | None, Area | None] = field(default_factory=dict)
    answers: dict[object, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """One place to evaluate a formula in.

    ``column`` (0-based) and ``row`` (1-based) are the cell that the formula stands in, and
    ``shift`` is how far its relative references move: (columns, rows) from the cell that it was
    written for. ``array`` keeps whole arrays as results; without it they give their first cell.
    """

    grid: Grid
    today: dt.datetime | None = None
    row: int = 1
    column: int = 0
    sheet: str | None = None
    array: bool = False
    shift: tuple[int, int] = (0, 0)
    locale: Locale = EN_US
    names: Mapping[str, Value] = field(default_factory=dict)
    depth: int = 0
    memory: Memory = field(default_factory=Memory)

    def at(self, column: int, row: int, shift: tuple[int, int]) -> Context:
        """The same context in another cell."""
        return replace(self, column=column, row=row, shift=shift)

    def with_names(self, names: Mapping[str, Value]) -> Context:
        """The context with more names in force, one level deeper."""
        return replace(self, names={**self.names, **names}, depth=self.depth + 1)

    @property
    def now(self) -> float:
        """Serial of the present moment, or of the one that was injected."""
        return to_serial(self.today or dt.datetime.now())

    @property
    def this_year(self) -> int:
        """The year of the present day."""
        return (self.today or dt.datetime.now()).year

    def place(self, column: int, row: int, fixed_column: bool, fixed_row: bool) -> tuple[int, int]:
        """Where a written reference points from this cell; it wraps at the sheet's edges."""
        columns, rows = self.shift
        if not fixed_column:
            column = (column + columns) % MAX_COLUMN
        if not fixed_row:
            row = (row - 1 + rows) % MAX_ROW + 1
        return column, row

    def sheet_of(self, reference: Reference) -> str | None:
        """The sheet of a reference, by name where one is known."""
        return self.sheet if reference.sheet is None else reference.sheet

    def extent(self, sheet: str | None) -> Area | None:
        """The used area of a sheet, asked for once."""
        if sheet not in self.memory.extents:
            self.memory.extents[sheet] = self.grid.extent(sheet)
        return self.memory.extents[sheet]

    def block(self, reference: Reference) -> Block:
        """The cells of a one-area reference.

        Raises:
            CellError: it has several areas (``#VALUE!``).
        """
        if len(reference.areas) != 1:
            raise CellError(ExcelError.VALUE)
        return self.area_block(self.sheet_of(reference), reference.area)

    def area_block(self, sheet: str | None, area: Area) -> Block:
        """The cells of an area, read once; whole columns end with the used cells."""
        extent = self.extent(sheet)
        area = clipped(area, extent)
        block = self.memory.blocks.get((sheet, area))
        if block is None:
            block = self._read(sheet, area, extent)
            if len(self.memory.blocks) < KEPT_BLOCKS:
                self.memory.blocks[sheet, area] = block
        return block

    def _read(self, sheet: str | None, area: Area, extent: Area | None) -> Block:
        """The area as a part of the used rows of its columns, so that overlaps share work."""
        if extent is None or extent.intersection(area) != area:
            return Block(self.grid.values(sheet, area))
        whole = Area(area.first_column, extent.first_row, area.last_column, extent.last_row)
        base = self.memory.columns.get((sheet, whole))
        if base is None:
            base = self.memory.columns[sheet, whole] = Block(self.grid.values(sheet, whole))
        return base.part(area.first_row - whole.first_row, 0, area.height, area.width)

    def cell(self, reference: Reference) -> CellValue:
        """The value of a reference to a single cell."""
        area = reference.area
        return self.grid.value(self.sheet_of(reference), area.first_column, area.first_row)

    def plain(self, value: Value) -> CellValue | Block:
        """A value with references read: one cell as it is, more as a block.

        Raises:
            CellError: a reference of several areas, or a function value (``#CALC!``).
        """
        if isinstance(value, Reference):
            return self.cell(value) if value.is_cell else self.block(value)
        if isinstance(value, Lambda):
            raise CellError(ExcelError.CALC)
        return value

    def scalar(self, value: Value) -> CellValue:
        """A value as one cell: arrays give their first one."""
        plain = self.plain(value)
        return plain.first if isinstance(plain, Block) else plain

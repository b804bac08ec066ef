"""Steps in the cells that a rule of a workbook looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from grammar.calc.blocks import Objects
from grammar.calc.grid import Grid, clipped
from grammar.conditions import Rank, State
from grammar.conditions import walk as parts_of
from grammar.errors import CellFusionError
from grammar.formula_parser import parse_formula
from grammar.formula_tree import (
    CellRef,
    Expression,
    NameRef,
    NumberLiteral,
    RangeRef,
    children,
    walk,
)
from grammar.ooxml_match import Place, excel_formula
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area, bounding_box
from grammar.values import CellValue
from server.checks.lint_comparisons import seen_from
from server.checks.own_rules import OwnRule, own_rule
from server.checks.steps import neighbours
from server.checks.suites import Case
from server.workbooks.number_formats import shows_date

_MOST_CELLS = 200
"""Cells of a rule that are looked at, and cells in all that are changed."""
_MOST_WORK = 2_000_000
"""Cells of a rule times the steps that are taken for it."""
_FEWEST = 20
_FIRST: Place = (0, 1)
_OnSheet = tuple[str, Place]


@dataclass(frozen=True, eq=False)
class ChangedGrid:
    """A grid with another value in one cell."""

    grid: Grid
    home: str
    sheet: str
    place: Place
    new: CellValue

    def _has(self, sheet: str | None) -> bool:
        return (self.home if sheet is None else sheet).lower() == self.sheet.lower()

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row."""
        if self._has(sheet) and (column, row) == self.place:
            return self.new
        return self.grid.value(sheet, column, row)

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects."""
        found = self.grid.values(sheet, area)
        row, column = self.place[1] - area.first_row, self.place[0] - area.first_column
        if self._has(sheet) and 0 <= row < area.height and 0 <= column < area.width:
            found = found.copy()
            found[row, column] = self.new
        return found

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        return self.grid.extent(sheet)

    def sheets(self) -> tuple[str, ...]:
        """The names of all sheets in order."""
        return self.grid.sheets()

    def defined_name(self, name: str, sheet: str | None) -> Expression | None:
        """The formula of a defined name, relative to cell A1."""
        return self.grid.defined_name(name, sheet)

    def formula(self, sheet: str | None, column: int, row: int) -> str | None:
        """The formula of a cell, where it has one and it is known."""
        return self.grid.formula(sheet, column, row)

    def number_format(self, sheet: str | None, column: int, row: int) -> str:
        """The number format code of a cell."""
        return self.grid.number_format(sheet, column, row)


def stepped_cells(case: Case) -> Iterator[frozenset[Place] | None]:
    """What the rule that a case names by its id selects after every step; ``None`` where it cannot
    be evaluated any more."""
    with own_rule(case) as own:
        for grid in islice(_changed_grids(own), _most_steps(own)):
            try:
                yield own.cells(grid)
            except CellFusionError:
                yield None


def _most_steps(own: OwnRule) -> int:
    return max(_FEWEST, _MOST_WORK // max(1, sum(area.width * area.height for area in _areas(own))))


def _areas(own: OwnRule) -> tuple[Area, ...]:
    extent = own.grid.extent(own.sheet)
    return tuple(clipped(area, extent) for area in own.listed.rule.areas)


def _changed_grids(own: OwnRule) -> Iterator[ChangedGrid]:
    tree = _tree(own)
    nodes = walk(tree) if tree is not None else ()
    numbers = [node.value for node in nodes if isinstance(node, NumberLiteral)]
    also_nothing = any(
        isinstance(part, State | Rank) for part in parts_of(own.listed.rule.condition)
    )
    for sheet, place in islice(dict.fromkeys(_looked_at(own, tree)), _MOST_CELLS):
        value = own.grid.value(sheet, *place)
        is_date = type(value) is float and shows_date(own.grid.number_format(sheet, *place))
        for new in neighbours(value, is_date, numbers, also_nothing):
            yield ChangedGrid(own.grid, own.sheet, sheet, place, new)


def _tree(own: OwnRule) -> Expression | None:
    formula = excel_formula(own.listed.rule)
    return None if formula is None else parse_formula(formula)


def _looked_at(own: OwnRule, tree: Expression | None) -> Iterator[_OnSheet]:
    """The cells that the rule looks at from its first cells; some twice."""
    cells = (place for area in _areas(own) for place in area.cells())
    start = bounding_box(own.listed.rule.areas)
    for place in islice(cells, _MOST_CELLS):
        if tree is None:
            yield own.sheet, place
        else:
            yield from _seen(own, tree, (start.first_column, start.first_row), place)


def _seen(own: OwnRule, tree: Expression, start: Place, place: Place) -> Iterator[_OnSheet]:
    if isinstance(tree, CellRef):
        yield tree.sheet or own.sheet, seen_from(tree, start, place)
    elif isinstance(tree, RangeRef):
        yield from _in_range(own, tree, start, place)
    elif isinstance(tree, NameRef):
        meant = own.grid.defined_name(tree.name, own.sheet)
        if meant is not None and not any(isinstance(node, NameRef) for node in walk(meant)):
            yield from _seen(own, meant, _FIRST, place)
    else:
        for child in children(tree):
            yield from _seen(own, child, start, place)


def _in_range(own: OwnRule, node: RangeRef, start: Place, place: Place) -> Iterator[_OnSheet]:
    sheet = node.start.sheet or own.sheet
    extent = own.grid.extent(sheet)
    (left, top), (right, bottom) = (seen_from(end, start, place) for end in (node.start, node.end))
    if node.whole == "columns":
        top, bottom = 1, MAX_ROW
    if node.whole == "rows":
        left, right = 0, MAX_COLUMN - 1
    if left > right or top > bottom or extent is None:
        return
    inside = Area(left, top, right, bottom).intersection(extent)
    for cell in islice(inside.cells() if inside else (), _MOST_CELLS):
        yield sheet, cell

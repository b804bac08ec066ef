"""Where a sheet's cells stand: column widths, hidden columns, styles of the cells shown.

Source: ECMA-376 part 1, 18.3.1.13 (col), 18.3.1.73 (row), 18.3.1.81 (sheetFormatPr).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from grammar.errors import RangeError
from grammar.ranges import Area
from server.workbooks.package import Package
from server.workbooks.safe_xml import local_name, stream_elements, whole_number

DEFAULT_WIDTH = 9.140625
"""Of a column that no one has touched: eight digits and the padding."""
_DIGIT = 7
"""Pixels of the widest digit of the default font."""

Place = tuple[int, int]


@dataclass
class SheetLayout:
    """Widths in digits by 0-based column; style indices by cell, row and column."""

    shows_zeros: bool = True
    default_width: float = DEFAULT_WIDTH
    widths: dict[int, float] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    cells: dict[Place, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    columns: dict[int, int] = field(default_factory=dict)

    def pixels(self, column: int) -> int:
        """The width of a column on a screen at 96 dots an inch."""
        width = self.widths.get(column, self.default_width)
        return math.trunc((256 * width + math.trunc(128 / _DIGIT)) / 256 * _DIGIT)

    def digits(self, column: int) -> int:
        """How many digits have room in a column, its padding apart."""
        return math.trunc(self.widths.get(column, self.default_width) - 0.7)

    def style(self, place: Place) -> int:
        """The style index of a cell, its row's or column's where it has none of its own."""
        column, row = place
        fallback = self.rows.get(row, self.columns.get(column, 0))
        return self.cells.get(place, fallback)


def read_layout(package: Package, part: str, rows: Collection[int], columns: Area) -> SheetLayout:
    """The layout of a sheet part for some rows, and the columns of an area."""
    layout = SheetLayout()
    last, number = max(rows, default=0), 0
    names = ("sheetView", "sheetFormatPr", "col", "row")
    for node in stream_elements(package.chunks(part), part, names, package.bounds):
        name = local_name(node)
        if name == "sheetView":
            layout.shows_zeros = node.get("showZeros") not in ("0", "false")
        elif name == "sheetFormatPr":
            layout.default_width = _width(node.get("defaultColWidth"), DEFAULT_WIDTH)
        elif name == "col":
            _add_columns(layout, node, columns)
        else:
            number = whole_number(node.get("r")) or number + 1
            if number in rows:
                _add_row(layout, node, number)
            if number >= last:
                break
    return layout


def _add_columns(layout: SheetLayout, node: etree._Element, columns: Area) -> None:
    first, last = whole_number(node.get("min")) - 1, whole_number(node.get("max")) - 1
    bounds = range(max(first, columns.first_column), min(last, columns.last_column) + 1)
    for column in bounds:
        layout.widths[column] = _width(node.get("width"), layout.default_width)
        if node.get("style") is not None:
            layout.columns[column] = whole_number(node.get("style"))
        if node.get("hidden") in ("1", "true"):
            layout.hidden.add(column)


def _add_row(layout: SheetLayout, node: etree._Element, number: int) -> None:
    if node.get("customFormat") in ("1", "true"):
        layout.rows[number] = whole_number(node.get("s"))
    column = -1
    for cell in node.iterchildren("{*}c"):
        column = _column(cell.get("r"), column + 1)
        layout.cells[column, number] = whole_number(cell.get("s"))


def _column(ref: str | None, following: int) -> int:
    """The 0-based column of a cell; one without a reference follows the one before."""
    try:
        return following if ref is None else Area.parse(ref).first_column
    except RangeError:
        return following


def _width(text: str | None, default: float) -> float:
    try:
        width = float(text) if text else default
    except ValueError:
        return default
    return min(max(width, 0.0), 255.0) if math.isfinite(width) else default

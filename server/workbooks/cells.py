"""The cells of a sheet, read in one pass: values as Excel last calculated them, and styles.

Source: ECMA-376 part 1, 18.3.1.4 (cell), 18.3.1.73 (row), 18.4.8 (shared string).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from array import array
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from grammar.errors import HostileWorkbookError
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area, column_index
from grammar.values import ERRORS_BY_TEXT, CellValue, ExcelError, to_serial
from server.workbooks.package import Package
from server.workbooks.safe_xml import local_name, stream_elements, whole_number

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_VERTICAL_SUM = re.compile(
    r"(?:SUM|SUBTOTAL|AGGREGATE)\((?:\d+,)*\$?([A-Z]{1,3})\$?\d+:\$?\1\$?\d+\)", re.IGNORECASE
)
_STRUCTURED_SUM = re.compile(r"SUBTOTAL\(\d+,\s*\w*\[[^\]]+\]\)", re.IGNORECASE)


@dataclass
class GridColumn:
    """The filled cells of one column, in the order of the file."""

    rows: array[int] = field(default_factory=lambda: array("I"))
    styles: array[int] = field(default_factory=lambda: array("I"))
    values: list[CellValue] = field(default_factory=list)

    @property
    def row_numbers(self) -> NDArray[np.uint32]:
        """``(cells,) uint32``: the 1-based row of every filled cell."""
        return np.frombuffer(self.rows, np.uint32) if self.rows else np.empty(0, np.uint32)


@dataclass
class Grid:
    """The filled cells of a sheet by 0-based column; ``sum_rows`` counts sums down a column.

    ``hidden`` are the rows that the sheet does not show, by hand or by a filter.
    """

    columns: dict[int, GridColumn] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden: array[int] = field(default_factory=lambda: array("I"))
    sum_rows: Counter[int] = field(default_factory=Counter)

    @property
    def used(self) -> Area | None:
        """The rectangle around the filled cells, ``None`` for an empty sheet."""
        filled = [(index, column) for index, column in self.columns.items() if column.rows]
        if not filled:
            return None
        top = min(int(column.row_numbers.min()) for _, column in filled)
        bottom = max(int(column.row_numbers.max()) for _, column in filled)
        indices = [index for index, _ in filled]
        return Area(min(indices), top, max(indices), bottom)


@dataclass
class _Reader:
    """What stays the same from cell to cell."""

    package: Package
    part: str
    strings: list[str]
    area: Area | None
    grid: Grid = field(default_factory=Grid)
    letters: dict[str, int] = field(default_factory=dict)
    row: int = 0
    count: int = 0

    def read(self) -> Grid:
        """The grid after the whole part was read."""
        names = ("row", "mergeCell")
        chunks = self.package.chunks(self.part)
        for element in stream_elements(chunks, self.part, names, self.package.bounds):
            if local_name(element) == "row":
                self._read_row(element)
            else:
                self._read_merge(element)
        return self.grid

    def _read_merge(self, element: etree._Element) -> None:
        ref = element.get("ref", "")
        if ":" in ref and len(self.grid.merges) < self.package.bounds.rules:
            self.grid.merges.append(Area.parse(ref))

    def _read_row(self, element: etree._Element) -> None:
        number = element.get("r", "")
        self.row = whole_number(number, MAX_ROW + 1) if number.isdecimal() else self.row + 1
        if not 1 <= self.row <= MAX_ROW:
            raise HostileWorkbookError(
                f"{self.part} names row {number[:20]}; a sheet ends at {MAX_ROW}"
            )
        if element.get("hidden") in ("1", "true"):
            self.grid.hidden.append(self.row)
        area = self.area
        if area is not None and not area.first_row <= self.row <= area.last_row:
            return
        namespace = str(element.tag)[: -len("row")]
        tags = (namespace + "v", namespace + "f", namespace + "is")
        column = -1
        for cell in element:
            column = self._column(cell.get("r"), column + 1)
            text = self._text(cell, tags)
            if text is not None:
                self._add(column, cell.get("s", "0"), self._value(cell.get("t", "n"), text))

    def _text(self, cell: etree._Element, tags: tuple[str, str, str]) -> str | None:
        """What the cell shows or points to; its formula is looked at in passing."""
        value_tag, formula_tag, inline_tag = tags
        text = None
        for node in cell:
            tag = node.tag
            if tag == value_tag:
                text = node.text or ""
            elif tag == formula_tag and node.text and _is_column_sum(node.text):
                self.grid.sum_rows[self.row] += 1
            elif tag == inline_tag:
                text = _plain_text(node)
        return text

    def _add(self, column: int, style: str, value: CellValue) -> None:
        area = self.area
        if value is None or (
            area is not None and not area.first_column <= column <= area.last_column
        ):
            return
        self.count += 1
        if self.count > self.package.bounds.cells:
            raise HostileWorkbookError(
                f"the sheet has more than {self.package.bounds.cells:,} filled cells"
            )
        found = self.grid.columns.get(column)
        if found is None:
            found = self.grid.columns[column] = GridColumn()
        found.rows.append(self.row)
        found.values.append(value)
        found.styles.append(int(style) if style.isdecimal() and len(style) < 8 else 0)

    def _column(self, ref: str | None, following: int) -> int:
        """The 0-based column of a cell; a cell without a reference follows the one before."""
        if ref is None:
            return following
        letters = ref.rstrip("0123456789")
        found = self.letters.get(letters)
        if found is None:
            found = column_index(letters) if letters.isascii() and letters.isalpha() else -1
            if not 0 <= found < MAX_COLUMN or len(letters) > 3:
                raise HostileWorkbookError(f"{self.part} names a cell {ref[:20]!r}, which is none")
            self.letters[letters] = found
        return found

    def _value(self, kind: str, text: str) -> CellValue:
        if kind == "n":
            return _number(text)
        if kind == "s":
            index = int(text) if text.isdecimal() and len(text) < 10 else -1
            return self.strings[index] if 0 <= index < len(self.strings) else None
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return ERRORS_BY_TEXT.get(text.strip(), ExcelError.UNKNOWN)
        if kind == "d":
            return _iso_serial(text)
        return text if kind == "inlineStr" else _unescape(text)


def read_cells(package: Package, part: str, strings: list[str], area: Area | None = None) -> Grid:
    """The filled cells of a sheet part, of an area only where one is given.

    Formulas count with the value that was saved beside them.

    Raises:
        HostileWorkbookError: more cells than the bounds allow, or cells outside a sheet.
    """
    return _Reader(package, part, strings, area).read()


def read_strings(package: Package) -> list[str]:
    """The shared strings in their order, rich text as plain text."""
    part = package.strings_part
    if part is None:
        return []
    chunks = package.chunks(part, package.bounds.strings_bytes)
    return [_plain_text(item) for item in stream_elements(chunks, part, ("si",), package.bounds)]


def _plain_text(item: etree._Element) -> str:
    """The text of a string item; phonetic hints are no part of it."""
    texts = []
    for node in item:
        name = local_name(node)
        if name == "t":
            texts.append(node.text or "")
        elif name == "r":
            texts.extend(part.text or "" for part in node if local_name(part) == "t")
    return _unescape("".join(texts))


def _unescape(text: str) -> str:
    """The text with ``_x000D_`` and the like as characters. Source: ECMA-376 part 1, 22.9.2.19."""
    if "_x" not in text:
        return text
    units = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _number(text: str) -> CellValue:
    try:
        value = float(text)
    except ValueError:
        return text.strip() or None
    return value if math.isfinite(value) else text


def _iso_serial(text: str) -> CellValue:
    try:
        moment = dt.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return text
    return to_serial(moment)


def _is_column_sum(formula: str) -> bool:
    return bool(_VERTICAL_SUM.match(formula) or _STRUCTURED_SUM.match(formula))

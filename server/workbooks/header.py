"""Which row of a block is its header, told from the kinds of cells around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from grammar.ranges import Area
from grammar.values import CellValue, ExcelError, from_serial
from server.workbooks.cells import Grid
from server.workbooks.number_formats import CellFormats

_SAMPLE = 30
"""Rows below a header that are compared with it."""
YEARS = range(1900, 2101)
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f]")
"""Signs that show nothing and that a terminal may take for orders."""
_TOTAL = re.compile(
    r"(?:(?:grand|overall|sub)[\s-]?)?totals?\b.*|sum(?:me)?\s*:?|gesamt\b.*|average\s*:?|mean\s*:?|"
    r"durchschnitt\s*:?|insgesamt\b.*|somme\s*:?|итого\b.*|合計",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TopCell:
    """A filled cell with what its style says."""

    value: CellValue
    style: int
    is_date: bool

    @property
    def is_text(self) -> bool:
        return isinstance(self.value, str) and bool(self.value.strip())


@dataclass
class RowView:
    """Some rows of a grid by row and column."""

    rows: dict[int, dict[int, TopCell]] = field(default_factory=dict)

    @classmethod
    def of(cls, grid: Grid, formats: CellFormats, area: Area) -> RowView:
        """The filled cells of an area."""
        view = cls()
        for index in range(area.first_column, area.last_column + 1):
            column = grid.columns.get(index)
            if column is None:
                continue
            numbers = column.row_numbers
            inside = (numbers >= area.first_row) & (numbers <= area.last_row)
            for place in inside.nonzero()[0]:
                style = column.styles[place]
                cell = TopCell(column.values[place], style, formats.is_date(style))
                view.rows.setdefault(int(numbers[place]), {})[index] = cell
        return view

    def row(self, number: int) -> dict[int, TopCell]:
        """The filled cells of a row by column."""
        return self.rows.get(number, {})


def sample_area(area: Area, first_row: int | None = None) -> Area:
    """The top of an area, as many rows as a decision about its header takes."""
    top = area.first_row if first_row is None else first_row
    last = min(area.last_row, top + _SAMPLE + 10)
    return Area(area.first_column, top, area.last_column, max(last, top))


def is_header(view: RowView, area: Area, row: int) -> bool:
    """Whether a row names the columns of the rows below it, up to the end of the area."""
    cells = {
        index: cell
        for index, cell in view.row(row).items()
        if area.first_column <= index <= area.last_column
    }
    if not cells or any(isinstance(cell.value, ExcelError | bool) for cell in cells.values()):
        return False
    below = range(row + 1, min(area.last_row, row + _SAMPLE) + 1)
    if not below:
        return all(cell.is_text for cell in cells.values()) and len(cells) > 1
    scores = [_score(view, index, cells.get(index), below) for index in _columns(area)]
    total = sum(scores)
    if _is_sequence([cells[index] for index in sorted(cells)]):
        return sum(cell.is_text for cell in cells.values()) >= 1 or total > 0
    if total:
        return total > 0
    return all(cell.is_text for cell in cells.values()) and 2 * len(cells) >= area.width


def _columns(area: Area) -> range:
    return range(area.first_column, area.last_column + 1)


def _score(view: RowView, index: int, cell: TopCell | None, below: Sequence[int]) -> float:
    """How much one column speaks for (positive) or against a header."""
    found = [view.row(row)[index] for row in below if index in view.row(row)]
    if not found or cell is None:
        return -0.25 if found else 0.0
    texts = sum(other.is_text for other in found)
    if not cell.is_text:
        return 0.0 if texts == len(found) else -1.0
    if texts < 0.5 * len(found):
        return 1.0
    if texts == len(found) and any(other.value == cell.value for other in found):
        return -1.0
    return 0.25 if all(other.style != cell.style for other in found) else 0.0


def _is_sequence(cells: Sequence[TopCell]) -> bool:
    """Whether the numbers of a row are years or rising dates, as a header of periods has."""
    numbers = [cell for cell in cells if isinstance(cell.value, float)]
    if len(numbers) < 2 or any(not cell.is_text for cell in cells if cell not in numbers):
        return False
    values = [cell.value for cell in numbers if isinstance(cell.value, float)]
    steps = {round(after - before) for before, after in pairwise(values)}
    if all(cell.is_date for cell in numbers):
        return min(steps) > 0
    return all(value in YEARS for value in values) and steps in ({1}, {-1})


def header_text(cell: TopCell | None) -> str:
    """A header as text: years without a decimal point, dates as ISO, line breaks as blanks."""
    if cell is None or cell.value is None:
        return ""
    if isinstance(cell.value, float):
        if cell.is_date and 0 < cell.value < 2_958_466:
            return from_serial(cell.value).date().isoformat()
        return f"{cell.value:g}" if abs(cell.value) < 1e6 else str(cell.value).removesuffix(".0")
    if isinstance(cell.value, ExcelError):
        return cell.value.value
    return " ".join(_UNSEEN.sub("", str(cell.value)).split())


def is_total(cells: dict[int, TopCell], sums: int) -> bool:
    """Whether a row adds up the rows above it, by its label or by its formulas."""
    labels = [str(cell.value).strip() for _, cell in sorted(cells.items()) if cell.is_text]
    has_number = any(isinstance(cell.value, float) for cell in cells.values())
    named = any(_TOTAL.fullmatch(label) for label in labels[:2])
    return (named and len(labels) <= 2 and has_number) or sums > 0

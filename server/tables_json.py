"""Tables from requests: the values of a range as Office.js gives them.

With ``number_formats`` the values are what the cells hold, and the formats say which numbers are
dates. Without them text is read as Excel reads what a person types, so that a script can send
``"2026-08-01"`` or ``"12%"``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grammar.errors import RangeError
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area
from grammar.table import Table, TableColumn
from grammar.table_json import table_from_rows
from grammar.values import ERRORS_BY_TEXT, CellValue
from server.config import Config
from server.errors import LimitError
from server.schemas import CellJson, TableIn
from server.workbooks.cells import Grid, GridColumn
from server.workbooks.detect import header_rows_at, headers_of
from server.workbooks.header import RowView, sample_area
from server.workbooks.number_formats import GENERAL, CellFormats, shows_date


def table_from_json(source: TableIn, limits: Config) -> Table:
    """The typed table at its place on the sheet; its first row may be the header.

    Raises:
        LimitError: more rows, columns or cells than the service takes.
        RangeError: the address is none, or not of the form of the values.
    """
    _check_size(source.values, limits)
    sheet, area = _placed(source)
    columns = _typed(source) if source.number_formats else _as_typed_in(source.values)
    grid, formats = _grid(columns, area)
    view = RowView.of(grid, formats, sample_area(area))
    rows = header_rows_at(grid, view, area, area.first_row) if area.height > 1 else ()
    first = rows[-1] + 1 if rows else area.first_row
    data = Area(area.first_column, first, area.last_column, max(first, area.last_row))
    headers = headers_of(grid, view, data, rows)
    skipped = first - area.first_row
    return Table(
        tuple(_below(*pair, skipped) for pair in zip(columns, headers, strict=True)),
        sheet=sheet,
        first_column=area.first_column,
        first_row=first,
        has_header=bool(rows),
    )


def describe_table(table: Table) -> dict[str, object]:
    """Where a table was found and how its columns are called."""
    return {
        "sheet": table.sheet,
        "range": str(table.area),
        "has_header": table.has_header,
        "headers": [column.header for column in table.columns],
        "kinds": [column.kind.value for column in table.columns],
        "rows": table.row_count,
    }


def split_address(text: str) -> tuple[str, str]:
    """Sheet and range of ``'My sheet'!A1:B2``; ``Sheet1`` where none is named."""
    name, mark, rest = text.strip().rpartition("!")
    if name.startswith("'") and name.endswith("'") and len(name) > 1:
        name = name[1:-1].replace("''", "'")
    return (name if mark and name else "Sheet1"), rest


def _check_size(values: Sequence[Sequence[CellJson]], limits: Config) -> None:
    rows, columns = len(values), max(map(len, values), default=0)
    for count, most, what in (
        (rows, limits.table_rows, "rows"),
        (columns, limits.table_columns, "columns"),
        (rows * columns, limits.table_cells, "cells"),
    ):
        if count > most:
            raise LimitError(f"the table has {count:,} {what}; at most {most:,} are read")


def _placed(source: TableIn) -> tuple[str, Area]:
    """Sheet and area of the values; an address of one cell is their top left corner."""
    sheet, text = split_address(source.address)
    asked = Area.parse(text)
    height, width = len(source.values), len(source.values[0])
    last_column, last_row = asked.first_column + width - 1, asked.first_row + height - 1
    area = Area(asked.first_column, asked.first_row, last_column, last_row)
    if area.last_column >= MAX_COLUMN or area.last_row > MAX_ROW:
        raise RangeError(f"values of {height} by {width} do not fit on the sheet from {asked}")
    if area != asked and (asked.width, asked.height) != (1, 1):
        raise RangeError(f"{asked} is {asked.height} by {asked.width}; values {height} by {width}")
    return sheet, area


def _typed(source: TableIn) -> list[TableColumn]:
    """The columns as the cells hold them, header included."""
    formats = source.number_formats or []
    pairs = zip(zip(*source.values, strict=True), zip(*formats, strict=True), strict=True)
    return [_column(values, codes) for values, codes in pairs]


def _column(values: Sequence[CellJson], codes: Sequence[str | None]) -> TableColumn:
    cells = tuple(map(_value, values))
    named = [code or GENERAL for code in codes]
    numeric = [isinstance(cell, float) for cell in cells]
    dates = [is_number and shows_date(code) for is_number, code in zip(numeric, named, strict=True)]
    shown = Counter(code for is_number, code in zip(numeric, named, strict=True) if is_number)
    return TableColumn("", cells, tuple(dates), shown.most_common(1)[0][0] if shown else GENERAL)


def _value(raw: CellJson) -> CellValue:
    if isinstance(raw, str):
        return ERRORS_BY_TEXT.get(raw, raw) if raw else None
    return raw


def _as_typed_in(values: Sequence[Sequence[CellJson]]) -> list[TableColumn]:
    """The columns as if a person had typed the values, header included."""
    return list(table_from_rows([[""] * len(values[0]), *values]).columns)


def _grid(columns: Sequence[TableColumn], area: Area) -> tuple[Grid, CellFormats]:
    """The filled cells as a sheet has them; style 1 shows a date."""
    grid = Grid()
    for index, column in enumerate(columns, area.first_column):
        found = grid.columns[index] = GridColumn()
        for row, (value, is_date) in enumerate(zip(column.values, column.dates, strict=True)):
            if value is not None:
                found.rows.append(area.first_row + row)
                found.values.append(value)
                found.styles.append(int(is_date))
    return grid, CellFormats((GENERAL, "yyyy-mm-dd"), (False, True))


def _below(column: TableColumn, header: str, skipped: int) -> TableColumn:
    """The column without its first cells, under its header."""
    cells, dates = column.values[skipped:], column.dates[skipped:]
    return TableColumn(header, cells, dates, column.number_format)

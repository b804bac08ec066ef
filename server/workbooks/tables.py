"""Tables of a workbook: found, typed and placed for the grammar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from grammar.errors import RangeError
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area
from grammar.table import Table, TableColumn
from grammar.values import CellValue
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.cells import Grid, GridColumn, read_cells, read_strings
from server.workbooks.detect import (
    Layout,
    find_layout,
    header_rows_at,
    headers_of,
)
from server.workbooks.header import RowView, is_header, sample_area
from server.workbooks.number_formats import GENERAL, CellFormats, read_formats
from server.workbooks.package import Package, Sheet, Source, open_package
from server.workbooks.safe_xml import child, whole_number

_SHIFT_1904 = 1462.0
"""Days between serial 0 of the two date systems."""


@dataclass(frozen=True)
class TableInfo:
    """A table that a workbook holds; ``area`` are its data cells."""

    sheet: str
    area: Area
    headers: tuple[str, ...]
    has_header: bool
    name: str | None = None


@dataclass(frozen=True)
class _TableObject:
    """One of Excel's own tables, with the rows of its header and totals."""

    name: str
    ref: Area
    header_rows: int
    total_rows: int


def read_table(
    source: Source,
    sheet: str | None = None,
    area: str | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> Table:
    """The table of a sheet, or of a range or named table of it.

    Without a sheet it is the one that shows on opening, or the first one that has cells.

    Raises:
        RangeError: no such sheet or range, or nothing in it.
        UnreadableWorkbookError, HostileWorkbookError: the file cannot be read.
    """
    with open_package(source, bounds) as package:
        reader = _SheetReader(package)
        if area is not None:
            return reader.table_in(area.strip(), sheet)
        if sheet is not None:
            return reader.table_of(package.sheet(sheet))
        for candidate in _by_preference(package):
            if reader.grid(candidate).used is not None:
                return reader.table_of(candidate)
        raise RangeError("the workbook has no filled cell")


def list_tables(source: Source, bounds: Bounds = DEFAULT_BOUNDS) -> tuple[TableInfo, ...]:
    """Excel's own tables of every sheet, and the table found on each sheet that has none."""
    with open_package(source, bounds) as package:
        reader = _SheetReader(package)
        return tuple(info for sheet in package.worksheets() for info in reader.infos(sheet))


def _by_preference(package: Package) -> list[Sheet]:
    active = package.sheets[package.active_sheet].name
    return sorted(package.worksheets(), key=lambda sheet: (sheet.name != active, not sheet.visible))


class _SheetReader:
    """Reads tables of one package; strings and formats are read once."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.strings = read_strings(package)
        self.formats = read_formats(package)
        self._grids: dict[str, Grid] = {}

    def grid(self, sheet: Sheet) -> Grid:
        """The cells of a sheet; only those of the last sheet are kept."""
        part = sheet.part or ""
        if part not in self._grids:
            self._grids = {part: read_cells(self.package, part, self.strings)}
        return self._grids[part]

    def objects(self, sheet: Sheet) -> list[_TableObject]:
        """Excel's own tables of a sheet, the largest first."""
        parts = self.package.related(sheet.part or "", "table")
        found = [_table_object(self.package, part) for part in parts]
        objects = [table for table in found if table is not None]
        return sorted(objects, key=lambda table: -table.ref.width * table.ref.height)

    def table_of(self, sheet: Sheet) -> Table:
        """The table of a sheet: Excel's own, or what the filled cells show."""
        for table in self.objects(sheet):
            if _data_rows(table) > 0:
                return self._object_table(sheet, table)
        layout = find_layout(self.grid(sheet), self.formats)
        if layout is None:
            raise RangeError(f"the sheet {sheet.name!r} is empty; {self._filled_sheets()}")
        return self._table(sheet, layout)

    def table_in(self, text: str, name: str | None) -> Table:
        """The table of a range, or of one of Excel's own tables by its name."""
        text, name = _split_sheet(text, name)
        sheet = self.package.sheet(name) if name is not None else None
        for candidate in [sheet] if sheet else self.package.worksheets():
            for table in self.objects(candidate):
                if table.name.lower() == text.lower():
                    return self._object_table(candidate, table)
        asked = self._area(text)
        sheet = sheet or next(iter(_by_preference(self.package)), None)
        if sheet is None:
            raise RangeError("the workbook has no sheet with cells")
        return self._table(sheet, self._layout_in(sheet, asked))

    def _area(self, text: str) -> Area:
        """The area of a text that names no table."""
        try:
            return Area.parse(text)
        except RangeError as error:
            sheets = self.package.worksheets()
            names = [repr(table.name) for sheet in sheets for table in self.objects(sheet)]
            if not names:
                raise
            raise RangeError(f"{error}, or name a table: {', '.join(names[:20])}") from error

    def infos(self, sheet: Sheet) -> list[TableInfo]:
        """What there is on a sheet."""
        objects = [table for table in self.objects(sheet) if _data_rows(table) > 0]
        layouts = [(table.name, self._object_layout(sheet, table)) for table in objects]
        if not layouts:
            layout = find_layout(self.grid(sheet), self.formats)
            return [_info(sheet, layout, None)] if layout else []
        return [_info(sheet, layout, name) for name, layout in layouts]

    def _filled_sheets(self) -> str:
        sheets = self.package.worksheets()[:20]
        names = [repr(sheet.name) for sheet in sheets if self.grid(sheet).used is not None]
        return f"there are cells in {', '.join(names)}" if names else "so is the whole workbook"

    def _object_layout(self, sheet: Sheet, table: _TableObject) -> Layout:
        grid, ref = self.grid(sheet), table.ref
        first = ref.first_row + table.header_rows
        data = Area(ref.first_column, first, ref.last_column, ref.last_row - table.total_rows)
        rows = (ref.first_row,) if table.header_rows else ()
        view = RowView.of(grid, self.formats, sample_area(ref))
        return Layout(data, rows, headers_of(grid, view, data, rows))

    def _object_table(self, sheet: Sheet, table: _TableObject) -> Table:
        if _data_rows(table) <= 0:
            raise RangeError(f"the table {table.name!r} has no row")
        return self._table(sheet, self._object_layout(sheet, table), table.name)

    def _layout_in(self, sheet: Sheet, asked: Area) -> Layout:
        """The layout of a range that was asked for, with a header inside it or just above."""
        grid = self.grid(sheet)
        used = grid.used
        if used is None:
            raise RangeError(f"the sheet {sheet.name!r} is empty; {self._filled_sheets()}")
        area = asked.intersection(used)
        if area is None:
            raise RangeError(f"{asked} of {sheet.name!r} is empty; its cells lie in {used}")
        area = _restored(asked, area)
        top = max(1, area.first_row - 1)
        view = RowView.of(grid, self.formats, sample_area(area, top))
        rows = header_rows_at(grid, view, area, area.first_row) if area.height > 1 else ()
        if not rows and top < area.first_row and is_header(view, area, top):
            rows = header_rows_at(grid, view, _from_row(area, top), top)[-1:]
        inside = rows and rows[-1] >= area.first_row
        data = _from_row(area, rows[-1] + 1) if inside else area
        return Layout(data, rows, headers_of(grid, view, data, rows))

    def _table(self, sheet: Sheet, layout: Layout, name: str | None = None) -> Table:
        grid, data = self.grid(sheet), layout.data
        most = self.package.bounds.cells
        if data.height * data.width > most:
            raise RangeError(f"{data} has more than {most:,} cells; name a smaller range")
        columns = []
        for place, header in enumerate(layout.headers):
            cells = grid.columns.get(data.first_column + place, GridColumn())
            columns.append(self._column(header, cells, data))
        return Table(
            columns=tuple(columns),
            sheet=sheet.name,
            first_column=data.first_column,
            first_row=data.first_row,
            has_header=bool(layout.header_rows) and layout.header_rows[-1] == data.first_row - 1,
            name=name,
        )

    def _column(self, header: str, cells: GridColumn, data: Area) -> TableColumn:
        height = data.height
        values: list[CellValue] = [None] * height
        dates = [False] * height
        styles: Counter[int] = Counter()
        shift = _SHIFT_1904 if self.package.date1904 else 0.0
        for row, style, value in zip(cells.rows, cells.styles, cells.values, strict=True):
            place = row - data.first_row
            if not 0 <= place < height:
                continue
            if type(value) is float:
                styles[style] += 1
                if self.formats.is_date(style):
                    dates[place] = True
                    value += shift
            values[place] = value
        return TableColumn(header, tuple(values), tuple(dates), _format(self.formats, styles))


def _format(formats: CellFormats, styles: Counter[int]) -> str:
    return formats.code(styles.most_common(1)[0][0]) if styles else GENERAL


def _split_sheet(text: str, sheet: str | None) -> tuple[str, str | None]:
    """Range and sheet of ``'My sheet'!A1:B2``."""
    name, mark, rest = text.rpartition("!")
    if not mark:
        return text, sheet
    if name.startswith("'") and name.endswith("'"):
        name = name[1:-1].replace("''", "'")
    if sheet is not None and sheet.lower() != name.lower():
        raise RangeError(f"{text} does not lie on the sheet {sheet!r}")
    return rest, name


def _restored(asked: Area, clipped: Area) -> Area:
    """The asked columns and first row where they are bounded, the rest clipped to the cells."""
    whole_rows = asked.first_column == 0 and asked.last_column == MAX_COLUMN - 1
    whole_columns = asked.first_row == 1 and asked.last_row == MAX_ROW
    return Area(
        clipped.first_column if whole_rows else asked.first_column,
        clipped.first_row if whole_columns else asked.first_row,
        clipped.last_column if whole_rows else min(asked.last_column, clipped.last_column),
        clipped.last_row,
    )


def _from_row(area: Area, first: int) -> Area:
    return Area(area.first_column, first, area.last_column, area.last_row)


def _info(sheet: Sheet, layout: Layout, name: str | None) -> TableInfo:
    return TableInfo(sheet.name, layout.data, layout.headers, bool(layout.header_rows), name)


def _data_rows(table: _TableObject) -> int:
    return table.ref.height - table.header_rows - table.total_rows


def _table_object(package: Package, part: str) -> _TableObject | None:
    root = package.tree(part)
    ref = root.get("ref")
    columns = child(root, "tableColumns")
    if not ref or columns is None or child(columns, "tableColumn") is None:
        return None
    counts = (root.get("headerRowCount", "1"), root.get("totalsRowCount", "0"))
    header_rows, total_rows = map(whole_number, counts)
    name = root.get("displayName") or root.get("name") or ""
    return _TableObject(name, Area.parse(ref), header_rows, total_rows)

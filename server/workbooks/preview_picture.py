"""A preview as data: captions, columns and rows of effective cells, ready to be drawn."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from grammar.conditions import columns_of
from grammar.ranges import Area, column_letters
from grammar.rules import RuleSet
from grammar.table import Table
from server.workbooks.cell_styles import CellStyles, Look, read_cell_styles
from server.workbooks.display import LONGEST, clean
from server.workbooks.effective import EffectiveCell, Layer, effective_cell
from server.workbooks.layers import NewRule, SheetContext, read_layers
from server.workbooks.preview_rows import Gap, choose_columns, choose_rows
from server.workbooks.scales import Scale
from server.workbooks.sheet_layout import SheetLayout, read_layout

_ABOVE = 2
"""Rows shown above the header: titles stand there."""
NARROWEST, WIDEST = 24, 320
_PADDING = 12
_SIGN = 7.4
"""Pixels of a digit."""
_FITTED = 190
"""Up to here a column that no one has set a width for grows with its text."""
_FEWEST_DIGITS = 6


@dataclass(frozen=True)
class Caption:
    """What a new rule says, on which cells, and how many of them it holds for."""

    label: str
    explanation: str
    area: str
    count: int
    look: Look
    scale: Scale | None = None

    def __str__(self) -> str:
        cells = f"{self.count:,} cell{'' if self.count == 1 else 's'}"
        return f"{self.explanation} — {cells} of {self.area}"


@dataclass(frozen=True)
class PictureColumn:
    """A column shown, ``pixels`` wide; ``skipped`` columns are left out before it."""

    index: int
    letters: str
    pixels: int
    skipped: int = 0


@dataclass(frozen=True)
class Span:
    """Over how many shown columns and rows a merged cell reaches."""

    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class PictureRow:
    """A row shown; a cell hidden by a merged one is ``None``."""

    number: int
    cells: tuple[EffectiveCell | None, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Picture:
    """All that a preview shows; ``existing`` are the sheet's own rules that reach into it."""

    sheet: str
    captions: tuple[Caption, ...]
    columns: tuple[PictureColumn, ...]
    rows: tuple[PictureRow | Gap, ...]
    existing: tuple[NewRule, ...] = ()
    notes: tuple[str, ...] = ()
    header_row: int | None = None


def build_picture(
    context: SheetContext, rules: RuleSet, new: dict[str, NewRule], notes: Sequence[str] = ()
) -> Picture:
    """The preview of a sheet on which the new rules stand already."""
    table = context.table
    area = _whole(table)
    layers, faults = read_layers(context, new, area)
    rows = _rows(context, layers)
    numbers = [row for row in rows if isinstance(row, int)]
    layout = read_layout(
        context.package, context.package.sheet(table.sheet).part or "", set(numbers), area
    )
    styles = read_cell_styles(context.package, context.grid.formats)
    drawn = _Drawn(context, layers, layout, styles)
    shown = range(area.first_column, area.last_column + 1)
    cells = {number: [drawn.cell(column, number) for column in shown] for number in numbers}
    widths = {
        column: drawn.width(column, [line[place] for line in cells.values()])
        for place, column in enumerate(shown)
        if column not in layout.hidden
    }
    columns = _columns(widths or {area.first_column: NARROWEST}, rules, table)
    merges = _merges(context, [column.index for column in columns], numbers, _hidden(context))
    return Picture(
        sheet=clean(table.sheet, 60),
        captions=tuple(_caption(layer) for layer in layers if layer.is_new),
        columns=columns,
        rows=tuple(
            row if isinstance(row, Gap) else _row(row, cells[row], columns, merges, area)
            for row in rows
        ),
        existing=tuple(NewRule(x.label, clean(x.explanation)) for x in layers if not x.is_new),
        notes=(
            *notes,
            *_hidden_notes(context, layers, layout.hidden),
            *(clean(fault) for fault in faults),
        ),
        header_row=table.first_row - 1 if table.has_header and table.first_row > 1 else None,
    )


def _whole(table: Table) -> Area:
    """The table with its header and the titles above it."""
    area = table.area
    top = max(1, area.first_row - 1 - _ABOVE)
    return Area(area.first_column, top, area.last_column, area.last_row)


def _rows(context: SheetContext, layers: Sequence[Layer]) -> list[int | Gap]:
    table = context.table
    top = _first_filled(context)
    new = [layer for layer in layers if layer.is_new]
    matched = {row for layer in new for _, row in layer.places}
    if all(layer.scale is not None for layer in new):
        matched.update(range(table.first_row, table.area.last_row + 1))
    head: list[int | Gap] = list(range(top, table.first_row))
    hidden = _hidden(context)
    kept = [row for row in head if row not in hidden]
    return kept + choose_rows(table.first_row, table.area.last_row, matched, hidden)


def _hidden(context: SheetContext) -> set[int]:
    """The rows of the table and above it that the sheet does not show."""
    area = _whole(context.table)
    rows = context.grid.sheet_cells(context.sheet).hidden
    return {row for row in rows if area.first_row <= row <= area.last_row}


def _first_filled(context: SheetContext) -> int:
    """The first row to show: the header, with filled rows that stand right above it."""
    area = context.table.area
    top = max(1, area.first_row - 1 if context.table.has_header else area.first_row)
    for row in range(top - 1, max(0, top - 1 - _ABOVE), -1):
        line = Area(area.first_column, row, area.last_column, row)
        cells = context.grid.values(context.sheet, line).ravel()
        if any(cell is not None for cell in cells):
            top = row
    return top


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What the cells of a sheet are drawn from."""

    context: SheetContext
    layers: Sequence[Layer]
    layout: SheetLayout
    styles: CellStyles

    def cell(self, column: int, row: int) -> EffectiveCell:
        """The cell as the rules leave it."""
        value = self.context.grid.value(self.context.sheet, column, row)
        look = self.styles.look(self.layout.style((column, row)))
        longest = min(max(self.layout.digits(column), _FEWEST_DIGITS), LONGEST)
        drawn = effective_cell((column, row), value, look, self.layers, longest)
        is_blank = value == 0.0 and type(value) is float and not self.layout.shows_zeros
        return replace(drawn, text="") if is_blank else drawn

    def width(self, column: int, cells: Sequence[EffectiveCell]) -> int:
        """Pixels of a column, wide enough for its numbers; one without a width fits its text."""
        own = self.layout.pixels(column)
        is_own = column in self.layout.widths
        numbers = [_pixels(cell) for cell in cells if cell.align != "left"]
        texts = [min(_pixels(cell), _FITTED) for cell in cells if not is_own]
        return min(max(NARROWEST, own, *numbers, *texts), WIDEST)


def _pixels(cell: EffectiveCell) -> int:
    """Roughly the room that a cell needs."""
    icon = 20 if cell.icon else 0
    return round(len(cell.text) * _SIGN * cell.look.size / 11) + icon + _PADDING


def _columns(widths: dict[int, int], rules: RuleSet, table: Table) -> tuple[PictureColumn, ...]:
    named = [index for rule in rules.rules for index in columns_of(rule.condition)]
    named += [index for rule in rules.rules for index in rule.target.columns]
    chosen = choose_columns(widths, [table.first_column + index for index in named])
    previous, columns = min(widths) - 1, []
    for column in chosen:
        skipped = sum(previous < other < column for other in widths)
        columns.append(PictureColumn(column, column_letters(column), widths[column], skipped))
        previous = column
    return tuple(columns)


def _row(
    number: int,
    cells: Sequence[EffectiveCell],
    columns: Sequence[PictureColumn],
    merges: dict[tuple[int, int], Span | None],
    area: Area,
) -> PictureRow:
    places = [(column.index, number) for column in columns]
    shown = tuple(
        None if merges.get(place, Span()) is None else cells[place[0] - area.first_column]
        for place in places
    )
    return PictureRow(number, shown, tuple(merges.get(place) or Span() for place in places))


def _merges(
    context: SheetContext, columns: Sequence[int], rows: Sequence[int], hidden: Collection[int]
) -> dict[tuple[int, int], Span | None]:
    """Spans of merged cells by their first cell, and ``None`` for every cell that they cover."""
    found: dict[tuple[int, int], Span | None] = {}
    gone = sorted(hidden)
    for merge in context.grid.sheet_cells(context.sheet).merges:
        across = [c for c in columns if merge.first_column <= c <= merge.last_column]
        down = [r for r in rows if merge.first_row <= r <= merge.last_row]
        left_out = bisect(gone, down[-1]) - bisect(gone, down[0]) if down else 0
        is_whole = bool(across and down) and down[-1] - down[0] - left_out == len(down) - 1
        if is_whole and (across[0], down[0]) == (merge.first_column, merge.first_row):
            found.update(((column, row), None) for column in across for row in down)
            found[across[0], down[0]] = Span(len(across), len(down))
    return found


def _hidden_notes(
    context: SheetContext, layers: Sequence[Layer], columns: Collection[int]
) -> Iterator[str]:
    """What the sheet hides of the table, and so the preview too."""
    area = context.table.area
    rows = {row for row in _hidden(context) if row >= area.first_row}
    if rows:
        new = (layer.places for layer in layers if layer.is_new)
        matching = rows.intersection(row for places in new for _, row in places)
        share = f", {len(matching):,} of them with a match" if matching else ""
        yield f"{_counted(len(rows), 'row')} hidden in the sheet{share}"
    if columns:
        names = ", ".join(map(column_letters, sorted(columns)[:20]))
        yield f"{_counted(len(columns), 'column')} hidden in the sheet: {names}"


def _counted(count: int, name: str) -> str:
    return f"1 {name} is" if count == 1 else f"{count:,} {name}s are"


def _caption(layer: Layer) -> Caption:
    style = layer.rule.style
    look = Look(
        fill=style.fill,
        font=style.font or "#000000",
        bold=bool(style.bold),
        italic=bool(style.italic),
        underline=bool(style.underline),
        strike=bool(style.strike),
        borders=(style.border,) * 4,
    )
    areas = clean(layer.rule.sqref, 60)
    return Caption(layer.label, clean(layer.explanation), areas, layer.count, look, layer.scale)

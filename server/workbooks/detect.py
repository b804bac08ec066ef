"""Where the table of a sheet lies: blocks of filled cells, titles above, totals below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from grammar.ranges import Area
from server.workbooks.cells import Grid
from server.workbooks.header import YEARS, RowView, header_text, is_header, is_total, sample_area
from server.workbooks.number_formats import CellFormats

_RUNS = 20
"""Blocks of rows that are looked at, the fullest first."""
_GAP = 2
"""Blank rows or columns that a table may have inside."""
_TITLES = 12
"""Rows above a header that may hold titles and notes."""


@dataclass(frozen=True)
class Layout:
    """A table's place: its data cells, the rows of its header (if any) and its header texts."""

    data: Area
    header_rows: tuple[int, ...]
    headers: tuple[str, ...]


def find_layout(grid: Grid, formats: CellFormats) -> Layout | None:
    """The layout of the largest table of a sheet, ``None`` for an empty one."""
    block = _largest_block(grid)
    if block is None:
        return None
    view = RowView.of(grid, formats, sample_area(block))
    block, first = _without_titles(grid, view, block)
    header_rows = header_rows_at(grid, view, block, first)
    start = header_rows[-1] + 1 if header_rows else first
    data = Area(block.first_column, start, block.last_column, max(block.last_row, start))
    data = without_totals(grid, formats, data)
    return Layout(data, header_rows, headers_of(grid, view, data, header_rows))


def header_rows_at(grid: Grid, view: RowView, block: Area, first: int) -> tuple[int, ...]:
    """The rows of the header that begins in a row, none where the row holds data."""
    group = _is_group(grid, block, first) and is_header(view, block, first + 1)
    if not group and not is_header(view, block, first):
        return ()
    if group or (first + 1 < block.last_row and _continues_header(grid, view, block, first + 1)):
        return (first, first + 1)
    if first > 1 and _is_group(grid, block, first - 1):
        return (first - 1, first)
    return (first,)


def headers_of(
    grid: Grid, view: RowView, data: Area, header_rows: tuple[int, ...]
) -> tuple[str, ...]:
    """The header of every column; the rows of a header are joined, merged ones spread."""
    if header_rows and header_rows[0] not in view.rows:
        view = RowView.of(grid, CellFormats(), _rows(data, header_rows[0], header_rows[-1]))
    spread: dict[tuple[int, int], str] = {}
    for merge in grid.merges if len(header_rows) > 1 else ():
        text = header_text(view.row(merge.first_row).get(merge.first_column))
        if merge.first_row in header_rows[:-1] and merge.height == 1:
            spread |= {(merge.first_row, index): text for index in _columns(merge)}
    headers = []
    for index in _columns(data):
        texts = (
            spread.get((row, index)) or header_text(view.row(row).get(index)) for row in header_rows
        )
        headers.append(" ".join(dict.fromkeys(text for text in texts if text)))
    return tuple(headers)


def without_totals(grid: Grid, formats: CellFormats, data: Area) -> Area:
    """The area without the rows at its end that add up the ones above."""
    tail = RowView.of(grid, formats, _rows(data, max(data.first_row, data.last_row - 8)))
    last = data.last_row
    while last > data.first_row:
        cells = tail.row(last)
        if cells and not is_total(cells, grid.sum_rows[last]):
            break
        if not cells and not any(row in tail.rows for row in range(data.first_row, last)):
            break
        last -= 1
    if last == data.first_row and grid.sum_rows[last]:
        return data
    return _rows(data, data.first_row, last)


def _columns(area: Area) -> range:
    return range(area.first_column, area.last_column + 1)


def _rows(area: Area, first: int, last: int | None = None) -> Area:
    """The same columns, other rows."""
    return Area(area.first_column, first, area.last_column, area.last_row if last is None else last)


def _is_group(grid: Grid, block: Area, row: int) -> bool:
    """Whether a row has cells merged over some columns of the block, but not over all."""
    widths = [
        common.width
        for merge in grid.merges
        if merge.first_row == row
        and merge.last_row == row
        and (common := merge.intersection(block)) is not None
    ]
    return any(1 < width < block.width for width in widths)


def _continues_header(grid: Grid, view: RowView, block: Area, row: int) -> bool:
    """Whether a header goes on in a row: it has texts over every column of numbers."""
    if any(merge.first_row < row <= merge.last_row for merge in grid.merges):
        return is_header(view, block, row)
    below = range(row + 1, min(block.last_row, row + 12) + 1)
    over_numbers = []
    for index in _columns(block):
        cells = [view.row(number)[index] for number in below if index in view.row(number)]
        numbers = [cell for cell in cells if isinstance(cell.value, float)]
        if len(cells) > 2 and len(numbers) > 0.8 * len(cells):
            over_numbers.append(view.row(row).get(index))
    return bool(over_numbers) and all(cell is not None and cell.is_text for cell in over_numbers)


def _without_titles(grid: Grid, view: RowView, block: Area) -> tuple[Area, int]:
    """The block and its first row that is no title: a line of text above the first full row."""
    limit = min(block.last_row, block.first_row + _TITLES)
    counts = {row: len(view.row(row)) for row in range(block.first_row, limit + 1)}
    widest = max(counts.values())
    for row in range(block.first_row, limit):
        full = counts[row] >= max(2, 0.5 * widest) and not _is_note(view, row)
        if full or widest == 1 or _is_group(grid, block, row):
            return _trimmed(grid, block, row), row
    return block, block.first_row


def _is_note(view: RowView, row: int) -> bool:
    """Whether a row holds a label with its value, as *Start date* and a day, above a header."""
    own, below = view.row(row), view.row(row + 1)
    names_more = len(below) > len(own) and all(cell.is_text for cell in below.values())
    return names_more and any(
        isinstance(cell.value, float)
        and cell.value not in YEARS
        and (label := own.get(index - 1)) is not None
        and label.is_text
        for index, cell in own.items()
    )


def _trimmed(grid: Grid, block: Area, first: int) -> Area:
    """The block without the outer columns that have cells in its titles only."""
    if first == block.first_row:
        return block
    filled = [index for index in _columns(block) if _count(grid, index, first, block.last_row)]
    return Area(min(filled), first, max(filled), block.last_row) if filled else block


def _count(grid: Grid, index: int, first: int, last: int) -> int:
    column = grid.columns.get(index)
    if column is None:
        return 0
    numbers = column.row_numbers
    return int(((numbers >= first) & (numbers <= last)).sum())


def _largest_block(grid: Grid) -> Area | None:
    """The rectangle of the fullest block, over small gaps where both sides are alike."""
    runs = _row_runs(grid)
    blocks: list[tuple[int, Area]] = []
    for first, last in runs:
        blocks.extend(_islands(grid, first, last))
    if not blocks:
        return None
    _, best = max(blocks, key=lambda pair: (pair[0], -pair[1].first_row, -pair[1].first_column))
    return _extended(grid, best, [area for _, area in blocks])


def _row_runs(grid: Grid) -> list[tuple[int, int]]:
    """First and last row of the fullest runs of rows without a blank one between."""
    columns = [column.row_numbers for column in grid.columns.values() if column.rows]
    if not columns:
        return []
    counts = np.bincount(np.concatenate(columns).astype(np.int64))
    filled = np.flatnonzero(counts)
    starts = filled[np.flatnonzero(np.diff(filled, prepend=-9) > 1)]
    ends = filled[np.flatnonzero(np.diff(filled, append=filled[-1] + 9) > 1)]
    weights = np.add.reduceat(counts, starts) if len(starts) else np.empty(0)
    fullest = np.argsort(-weights, kind="stable")[:_RUNS]
    return sorted((int(starts[place]), int(ends[place])) for place in fullest)


def _islands(grid: Grid, first: int, last: int) -> list[tuple[int, Area]]:
    """Count and rectangle of each group of columns that blank columns set apart."""
    spans = [
        (index, inside)
        for index in sorted(grid.columns)
        if len(inside := _inside(grid, index, first, last))
    ]
    groups: list[list[tuple[int, NDArray[np.uint32]]]] = []
    for span in spans:
        if groups and span[0] == groups[-1][-1][0] + 1:
            groups[-1].append(span)
        else:
            groups.append([span])
    islands = [_island(group) for group in groups]
    merged = islands[:1]
    for before, after in pairwise(islands):
        if _alike(before[1], after[1]) and not _repeats(grid, merged[-1][1], after[1]):
            merged[-1] = (merged[-1][0] + after[0], _around(merged[-1][1], after[1]))
        else:
            merged.append(after)
    return merged


def _inside(grid: Grid, index: int, first: int, last: int) -> NDArray[np.uint32]:
    numbers = grid.columns[index].row_numbers
    return numbers[(numbers >= first) & (numbers <= last)]


def _island(group: list[tuple[int, NDArray[np.uint32]]]) -> tuple[int, Area]:
    top = min(int(rows.min()) for _, rows in group)
    bottom = max(int(rows.max()) for _, rows in group)
    return sum(len(rows) for _, rows in group), Area(group[0][0], top, group[-1][0], bottom)


def _alike(left: Area, right: Area) -> bool:
    """Whether two islands are one table with blank columns inside: the same rows, a small gap."""
    gap = right.first_column - left.last_column - 1
    return (left.first_row, left.last_row) == (right.first_row, right.last_row) and gap <= _GAP


def _repeats(grid: Grid, left: Area, right: Area) -> bool:
    """Whether the first row of an island has a text of the other's: two tables of one form."""
    first, second = (
        {
            cell.value
            for cell in RowView.of(grid, CellFormats(), _rows(area, area.first_row, area.first_row))
            .row(area.first_row)
            .values()
            if cell.is_text
        }
        for area in (left, right)
    )
    return bool(first & second)


def _around(one: Area, other: Area) -> Area:
    return Area(
        min(one.first_column, other.first_column),
        min(one.first_row, other.first_row),
        max(one.last_column, other.last_column),
        max(one.last_row, other.last_row),
    )


def _extended(grid: Grid, best: Area, blocks: list[Area]) -> Area:
    """The block with those below it that go on in the same columns after a blank row or two."""
    view = RowView.of(grid, CellFormats(), sample_area(best))
    for block in sorted(blocks, key=lambda area: area.first_row):
        gap = block.first_row - best.last_row - 1
        inside = best.first_column <= block.first_column and block.last_column <= best.last_column
        if not 0 < gap <= _GAP or not inside or block.width < 0.6 * best.width:
            continue
        below = RowView.of(grid, CellFormats(), sample_area(block))
        if not is_header(below, block, block.first_row) and is_header(view, best, best.first_row):
            best = _around(best, block)
    return best

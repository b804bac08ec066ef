"""Which rows and columns of a sheet a preview shows: those that matter, within a budget."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

MOST_ROWS = 40
"""Data rows that a preview shows at most."""
MOST_PIXELS = 1500
"""Width of all columns of a preview together."""
_CONTEXT = 1
"""Rows without a match shown on either side of one with a match."""
_WITHOUT_MATCHES = 12


@dataclass(frozen=True)
class Gap:
    """Rows that are left out, how many of them with a match."""

    count: int
    matching: int = 0

    def __str__(self) -> str:
        rows = f"{self.count:,} row{'' if self.count == 1 else 's'}"
        if not self.matching:
            return f"… {rows} without a match …"
        share = "all" if self.matching == self.count else f"{self.matching:,}"
        return f"… {rows} more, {share} with a match …"


def choose_rows(first: int, last: int, matched: Collection[int]) -> list[int | Gap]:
    """Row numbers from ``first`` to ``last`` in order, with a gap for every stretch left out."""
    if last - first < MOST_ROWS:
        return list(range(first, last + 1))
    wanted: set[int] = set()
    for row in sorted(matched):
        around = range(max(first, row - _CONTEXT), min(last, row + _CONTEXT) + 1)
        if len(wanted.union(around)) > MOST_ROWS:
            break
        wanted.update(around)
    if not wanted:
        wanted.update(range(first, first + _WITHOUT_MATCHES))
    return list(_with_gaps(sorted(wanted), first, last, matched))


def _with_gaps(
    rows: Sequence[int], first: int, last: int, matched: Collection[int]
) -> Iterator[int | Gap]:
    previous = first - 1
    for row in [*rows, last + 1]:
        if row == previous + 2:
            yield previous + 1  # a gap of one row is no shorter than the row
        elif row > previous + 1:
            left_out = sum(previous < one < row for one in matched)
            yield Gap(row - previous - 1, left_out)
        if row <= last:
            yield row
        previous = row


def choose_columns(widths: dict[int, int], wanted: Sequence[int]) -> list[int]:
    """Columns in order that fit the width of a preview, the wanted ones first of all."""
    chosen: set[int] = set()
    room = MOST_PIXELS
    for column in dict.fromkeys([*wanted, *sorted(widths)]):
        if column in widths and (not chosen or widths[column] <= room):
            chosen.add(column)
            room -= widths[column]
    return sorted(chosen)

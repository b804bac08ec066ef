"""Which rows and columns of a sheet a preview shows: those that matter, within a budget."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

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


def choose_rows(
    first: int, last: int, matched: Collection[int], hidden: Collection[int] = ()
) -> list[int | Gap]:
    """Row numbers from ``first`` to ``last`` in order, with a gap for every stretch left out.

    Rows that the sheet hides are no rows of the preview either.
    """
    shown = np.setdiff1d(np.arange(first, last + 1), np.fromiter(hidden, np.int64, len(hidden)))
    found = np.isin(shown, np.fromiter(matched, np.int64, len(matched)))
    chosen = _places(len(shown), np.flatnonzero(found).tolist())
    return [one if isinstance(one, Gap) else int(shown[one]) for one in chosen]


def _places(count: int, matched: Sequence[int]) -> Sequence[int | Gap]:
    """The places shown of so many rows, by the places of those with a match."""
    if count <= MOST_ROWS:
        return range(count)
    wanted: set[int] = set()
    for row in matched:
        around = range(max(0, row - _CONTEXT), min(count - 1, row + _CONTEXT) + 1)
        if len(wanted.union(around)) > MOST_ROWS:
            break
        wanted.update(around)
    return list(_with_gaps(sorted(wanted or range(_WITHOUT_MATCHES)), count, matched))


def _with_gaps(rows: Sequence[int], count: int, matched: Sequence[int]) -> Iterator[int | Gap]:
    previous = -1
    for row in [*rows, count]:
        if row == previous + 2:
            yield previous + 1  # a gap of one row is no shorter than the row
        elif row > previous + 1:
            left_out = sum(previous < one < row for one in matched)
            yield Gap(row - previous - 1, left_out)
        if row < count:
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

"""A1 addresses and rectangles of a sheet: 0-based columns, 1-based rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grammar.errors import RangeError

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_AREA = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,7})?(?::\$?([A-Za-z]{1,3})?\$?(\d{1,7})?)?")


def column_letters(index: int) -> str:
    """Letters of a 0-based column: 0 is ``A``, 27 is ``AB``."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """0-based column of its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def address(column: int, row: int) -> str:
    """``D4`` of 0-based column 3 and 1-based row 4."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, order=True)
class Area:
    """A rectangle: 0-based columns and 1-based rows, ends included."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int

    @classmethod
    def parse(cls, text: str) -> Area:
        """The area of ``B2``, ``A1:F200``, ``B:D`` or ``3:7``, ``$`` ignored.

        Raises:
            RangeError: the text is no range of a sheet.
        """
        match = _AREA.fullmatch(text.strip())
        if not match or not any(match.groups()):
            raise RangeError(f"{text!r} is no range; write it as A1:F200")
        left, top, right, bottom = match.groups()
        if ":" not in text:
            right, bottom = left, top
            if left is None or top is None:
                raise RangeError(f"{text!r} is no range; write it as A1:F200")
        if bool(left) != bool(right) or bool(top) != bool(bottom):
            raise RangeError(f"{text!r} is no range; write it as A1:F200")
        columns = sorted((column_index(left or "A"), column_index(right or "XFD")))
        rows = sorted((int(top or 1), int(bottom or MAX_ROW)))
        if rows[0] < 1 or rows[1] > MAX_ROW or columns[1] >= MAX_COLUMN:
            raise RangeError(f"{text!r} lies outside a sheet, which ends at XFD1048576")
        return cls(columns[0], rows[0], columns[1], rows[1])

    def __str__(self) -> str:
        first = address(self.first_column, self.first_row)
        last = address(self.last_column, self.last_row)
        return first if first == last else f"{first}:{last}"

    @property
    def width(self) -> int:
        return self.last_column - self.first_column + 1

    @property
    def height(self) -> int:
        return self.last_row - self.first_row + 1

    def intersection(self, other: Area) -> Area | None:
        """The common rectangle, or ``None``."""
        left = max(self.first_column, other.first_column)
        right = min(self.last_column, other.last_column)
        top = max(self.first_row, other.first_row)
        bottom = min(self.last_row, other.last_row)
        return Area(left, top, right, bottom) if left <= right and top <= bottom else None

    def cells(self) -> Iterator[tuple[int, int]]:
        """(0-based column, 1-based row) of every cell, row by row."""
        for row in range(self.first_row, self.last_row + 1):
            for column in range(self.first_column, self.last_column + 1):
                yield column, row


def parse_sqref(text: str) -> tuple[Area, ...]:
    """The areas of a space-separated ``sqref``. Source: ECMA-376 part 1, 18.18.76."""
    return tuple(Area.parse(part) for part in text.split())


def bounding_box(areas: tuple[Area, ...]) -> Area:
    """The smallest rectangle around all areas; its top-left cell anchors a rule's formulas."""
    return Area(
        min(area.first_column for area in areas),
        min(area.first_row for area in areas),
        max(area.last_column for area in areas),
        max(area.last_row for area in areas),
    )

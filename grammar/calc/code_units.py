"""Places in text as Excel counts them: in UTF-16 units, two for a character such as an emoji.

``LEN``, ``MID``, ``FIND``, ``SEARCH`` and ``REPLACE`` count so; ``LEFT``, ``RIGHT`` and the newer
functions count characters. Source: Microsoft, "Compatibility Versions" (version 1, that of every
workbook which names none).
"""

from __future__ import annotations

_LAST_OF_ONE = "\uffff"


def unit_count(text: str) -> int:
    """How many units a text has."""
    return len(text) if text.isascii() else len(text) + sum(c > _LAST_OF_ONE for c in text)


def first_character(text: str, units: int) -> int:
    """The index of the character that holds the unit after so many; the length beyond the end."""
    if text.isascii():
        return min(units, len(text))
    for index, character in enumerate(text):
        units -= 2 if character > _LAST_OF_ONE else 1
        if units < 0:
            return index
    return len(text)


def cut(text: str, start: int, count: int) -> tuple[int, int]:
    """The characters, from and up to an index, that units from ``start`` (0-based) on touch."""
    if text.isascii() or count <= 0:
        first = first_character(text, start)
        return first, min(first + max(count, 0), len(text))
    first = first_character(text, start)
    last = first_character(text, start + count - 1)
    return first, min(last + 1, len(text))

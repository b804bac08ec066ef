"""Text functions that count bytes: East Asian characters take two.

Excel counts so where the default language is written with such characters; elsewhere these
functions are those without the ``B``, which for all other characters they are here, too.
"""

from __future__ import annotations

import unicodedata

from grammar.calc.faults import CellError
from grammar.calc.functions_text import at_least, find, search
from grammar.calc.registry import excel
from grammar.values import ExcelError


def width(character: str) -> int:
    """How many bytes a character takes, 1 or 2."""
    wide = ord(character) > 0xFF and unicodedata.east_asian_width(character) in "WFA"
    return 2 if wide else 1


def byte_length(text: str) -> int:
    """How many bytes a text takes."""
    return len(text) if text.isascii() else sum(width(character) for character in text)


def byte_slice(text: str, start: int, count: int) -> str:
    """Bytes from a 0-based place on; half a character is a space."""
    result, place = "", 0
    for character in text:
        end = place + width(character)
        inside = min(end, start + count) - max(place, start)
        if inside == end - place:
            result += character
        elif inside > 0:
            result += " "
        place = end
    return result


@excel("LENB", "t")
def lenb(text: str) -> int:
    """How many bytes."""
    return byte_length(text)


@excel("LEFTB", "t", "i")
def leftb(text: str, count: int = 1) -> str:
    """The first bytes."""
    return byte_slice(text, 0, at_least(count, 0))


@excel("RIGHTB", "t", "i")
def rightb(text: str, count: int = 1) -> str:
    """The last bytes."""
    size = byte_length(text)
    return byte_slice(text, max(0, size - at_least(count, 0)), size)


@excel("MIDB", "tii")
def midb(text: str, start: int, count: int) -> str:
    """Bytes from a place on."""
    return byte_slice(text, at_least(start, 1) - 1, at_least(count, 0))


@excel("REPLACEB", "tiit")
def replaceb(text: str, start: int, count: int, new: str) -> str:
    """The text with another in place of some bytes."""
    first, size = at_least(start, 1) - 1, byte_length(text)
    return byte_slice(text, 0, first) + new + byte_slice(text, first + at_least(count, 0), size)


def _character_start(text: str, start: int) -> int:
    """1-based character that a 1-based byte belongs to."""
    if start < 1 or start > byte_length(text) + 1:
        raise CellError(ExcelError.VALUE)
    place = 1
    for index, character in enumerate(text, 1):
        place += width(character)
        if start < place:
            return index
    return len(text) + 1


@excel("FINDB", "tt", "i")
def findb(wanted: str, text: str, start: int = 1) -> int:
    """The byte where a text first stands in another, case matters."""
    place = find(wanted, text, _character_start(text, start))
    return byte_length(text[: place - 1]) + 1


@excel("SEARCHB", "tt", "i")
def searchb(wanted: str, text: str, start: int = 1) -> int:
    """The byte where a text first stands in another; a ``?`` is one byte."""
    if wanted.startswith("?"):
        single = [i for i, c in enumerate(text, 1) if width(c) == 1]
        first = _character_start(text, start)
        place = next((i for i in single if i >= first), 0)
        return byte_length(text[: at_least(place, 1) - 1]) + 1
    place = search(wanted, text, _character_start(text, start))
    return byte_length(text[: place - 1]) + 1

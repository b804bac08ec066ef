"""The text that a cell shows: its value by its number format, safe to draw.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (number formats).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from grammar.calc.coercion import general
from grammar.calc.faults import CellError
from grammar.calc.number_format import format_number, format_text, parse_format
from grammar.values import CellValue, ExcelError

GENERAL = "General"
LONGEST = 11
"""Signs that the General format uses at most for a number in a cell."""
_SMALLEST = 1e-4
"""What is smaller and does not fit is written with an exponent."""
MOST_SIGNS = 400
"""Signs of one cell that a preview ever holds; a cell may have 32,767."""

_COLOURS = {
    "black": "#000000",
    "blue": "#0000FF",
    "cyan": "#00FFFF",
    "green": "#00FF00",
    "magenta": "#FF00FF",
    "red": "#FF0000",
    "white": "#FFFFFF",
    "yellow": "#FFFF00",
}
_OVERFLOW = "#" * 8
"""What Excel shows for a date before 1900 or after 9999."""


@dataclass(frozen=True)
class Shown:
    """The text of a cell, and the colour that its number format asks for."""

    text: str
    colour: str | None = None


def shown(value: CellValue, code: str = GENERAL, longest: int = LONGEST) -> Shown:
    """What a cell shows, on one line and without signs that would change the picture.

    The General format rounds a fraction to ``longest`` signs, which a narrow column has room for.
    """
    if isinstance(value, ExcelError):
        return Shown(value.value)
    if isinstance(value, bool):
        return Shown("TRUE" if value else "FALSE")
    if value is None:
        return Shown("")
    try:
        return _formatted(value, code, longest)
    except CellError:
        return _unformatted(value, code)


def _unformatted(value: float | str, code: str) -> Shown:
    """What is shown where a format fails: hashes for no date, else the value as it is."""
    if isinstance(value, str):
        return Shown(clean(value))
    try:
        parse_format(code)
    except CellError:
        return Shown(_general(value))
    return Shown(_OVERFLOW)


def _formatted(value: float | str, code: str, longest: int) -> Shown:
    if isinstance(value, str):
        return Shown(clean(format_text(value[: MOST_SIGNS + 1], code or GENERAL)))
    if code.lower() in ("", "general", "@"):
        return Shown(_general(value, longest))
    text = format_number(value, code)
    return Shown(clean(text), _colour(value, code))


def _general(number: float, longest: int = LONGEST) -> str:
    """The General format of a cell; whole numbers keep up to eleven digits."""
    text = general(number)
    if len(text) <= longest or (len(text) <= LONGEST and text.lstrip("-").isdigit()):
        return text
    for digits in range(longest if abs(number) >= _SMALLEST else 0, 0, -1):
        text = general(float(f"{number:.{digits}g}"))
        if len(text.lstrip("-")) <= longest and "E" not in text:
            return text
    mantissa, _, exponent = f"{number:.5e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def _colour(number: float, code: str) -> str | None:
    sections = parse_format(code)
    place = 1 if number < 0 and len(sections) > 1 else 0
    place = 2 if number == 0 and len(sections) > 2 else place
    words = (token.text.lower() for token in sections[place].tokens if token.kind == "bracket")
    return next((_COLOURS[word] for word in words if word in _COLOURS), None)


def clean(text: str, limit: int = MOST_SIGNS) -> str:
    """The text on one line: control signs as spaces, direction marks out, the end elided."""
    kept = "".join(map(_sign, text[: limit + 1]))
    return kept[: limit - 1] + "…" if len(kept) > limit else kept


def _sign(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    category = unicodedata.category(sign)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return ""
    return "\ufffd" if category in ("Cs", "Cn") else sign

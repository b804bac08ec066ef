"""One kind of cell value read as another, as Excel does it.

Source: ECMA-376 part 1, 18.17.2.5 (implicit type conversion) and Microsoft's help on ``VALUE``.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from grammar.calc.faults import CellError
from grammar.calc.locales import EN_US, Locale
from grammar.calc.text_dates import read_moment
from grammar.values import CellValue, ExcelError

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<ahead>%)?\s*(?P<sign>[+-])?\s*(?P<currency>[$¥€£])?\s*(?P<inner>[+-])?\s*"
    r"(?P<whole>\d+(?:,\d{3,})+|\d*)(?P<fraction>\.\d*)?(?P<exponent>[eE][+-]?\d+)?"
    r"\s*(?P<percent>%)?\s*€?(?P<close>\))?"
)
_FRACTION = re.compile(r"([+-])?(\d+) (\d+)/(\d+)")
LONGEST_FIXED = 20
"""Numbers whose plain digits are longer turn to text with an exponent."""


def narrow(text: str) -> str:
    """The text with full-width letters, digits and signs as plain ones."""
    return text if text.isascii() else text.translate(_WIDE)


@lru_cache(maxsize=16384)
def read_number(text: str, locale: Locale = EN_US, this_year: int | None = None) -> float | None:
    """The number that a text reads as: plain, percent, currency, fraction, date or time."""
    text = narrow(text).strip()
    if not text:
        return None
    plain = _plain_number(text)
    if plain is not None:
        return plain
    return read_moment(text, locale, this_year or datetime.now().year)


def _plain_number(text: str) -> float | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _mixed_fraction(text)
    part = match.groupdict()
    digits = (part["whole"] or "").replace(",", "") + (part["fraction"] or "")
    negative = "-" in ((part["sign"] or "") + (part["inner"] or ""))
    if not any(c.isdigit() for c in digits) or bool(part["open"]) != bool(part["close"]):
        return None
    if part["ahead"] and part["percent"]:
        return None
    if (part["sign"] and part["inner"]) or (part["open"] and (part["sign"] or part["inner"])):
        return None
    value = float(digits + (part["exponent"] or "")) / (
        100 if part["percent"] or part["ahead"] else 1
    )
    return None if value == float("inf") else -value if negative or part["open"] else value


def _mixed_fraction(text: str) -> float | None:
    match = _FRACTION.fullmatch(text)
    if match is None or int(match.group(4)) == 0:
        return None
    value = int(match.group(2)) + int(match.group(3)) / int(match.group(4))
    return -value if match.group(1) == "-" else value


def to_number(value: CellValue, locale: Locale = EN_US) -> float:
    """The number of any value; blank is 0, TRUE is 1.

    Raises:
        CellError: the value is an error, or text that is no number (``#VALUE!``).
    """
    if type(value) is float:
        return value
    if value is None:
        return 0.0
    if isinstance(value, str):
        number = read_number(value, locale)
        if number is None:
            raise CellError(ExcelError.VALUE)
        return number
    if isinstance(value, ExcelError):
        raise CellError(value)
    return float(value)


def to_bool(value: CellValue) -> bool:
    """The truth of any value; a number is true unless 0.

    Raises:
        CellError: the value is an error, or text other than TRUE and FALSE (``#VALUE!``).
    """
    if isinstance(value, ExcelError):
        raise CellError(value)
    if isinstance(value, str):
        word = value.strip().upper()
        if word not in ("TRUE", "FALSE"):
            raise CellError(ExcelError.VALUE)
        return word == "TRUE"
    return bool(value)


def to_text(value: CellValue) -> str:
    """The text that ``&`` makes of any value.

    Raises:
        CellError: the value is an error.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, ExcelError):
        raise CellError(value)
    return ("TRUE" if value else "FALSE") if isinstance(value, bool) else general(value)


def general(number: float) -> str:
    """A number in the General format with up to 15 digits: ``0.5``, ``1E+21``."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    mantissa, _, exponent = f"{number:.14e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    fixed = format(Decimal(f"{mantissa}e{exponent}"), "f")
    if len(fixed.lstrip("-")) <= LONGEST_FIXED:
        return fixed
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"


def fold(text: str) -> str:
    """The text as lookups and criteria compare it: without case, width and kana type."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in plain)

"""Tables from rows of plain values, as the benchmark's JSON holds them.

The benchmark writes most cells as text (``"619.5"``, ``"12%"``, ``"03/04/2026"``). They are read
as Excel reads what a person types, save that codes (``"007"``) and integers stay what they are.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.parser import ParserError, parse

from grammar.table import Table, TableColumn
from grammar.values import ERRORS_BY_TEXT, CellValue, to_serial

_CURRENCY = "$€£¥₹"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[.,]{0,2}\s+)?"
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?\s*(?:[ap]\.?m\.?|Z|[+-]\d\d:?\d\d)?)?"
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+]?)\s*(?P<money>[{_CURRENCY}]?)\s*(?P<sign2>-?)"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?P<power>[eE][-+]?\d{1,3})?"
    rf"\s*(?P<percent>%?)\s*(?P<money2>[{_CURRENCY}]?)(?P<close>\))?"
)
_ISO_DATE = re.compile(rf"\d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}{_TIME}", re.IGNORECASE)
_LOCAL_DATE = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:(?P<mark>[-.])(\d{{1,2}})(?P=mark)\d{{4}}"
    rf"|/(\d{{1,2}})/(?:\d{{4}}|\d{{2}})){_TIME}",
    re.IGNORECASE,
)
_NAMED_DATE = re.compile(
    rf"{_WEEKDAY}(?:\d{{1,2}}(?:st|nd|rd|th)?[-\s./]*{_MONTH}[-\s,./]+(?:\d{{4}}|'?\d{{2}})"
    rf"|{_MONTH}\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_BOOLS = {"true": True, "false": False}
_LONGEST_NUMBER = 15
"""Digits that a float keeps; a longer run of digits is a code."""


NO_COLUMN = Table((TableColumn.of("", [None]),), has_header=False)
"""What a request without a table is about: one column, nothing known of it."""


@dataclass(frozen=True)
class _Cell:
    """One cell as it was read, with the number format that its text shows."""

    value: CellValue
    number_format: str = "General"
    is_date: bool = False


def table_from_rows(rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> Table:
    """The table whose first row holds the headers; a header row alone gives no column."""
    body = rows[1:]
    if not body:
        return Table(columns=(), sheet=sheet)
    width = max(len(row) for row in rows)
    columns = (_column([_at(row, index) for row in rows]) for index in range(width))
    return Table(columns=tuple(columns), sheet=sheet)


def read_value(raw: object) -> CellValue:
    """The value of one cell that stands alone, read as in a table."""
    return _read(raw, day_first=False).value


def _at(row: Sequence[object], index: int) -> object:
    return row[index] if index < len(row) else None


def _column(cells: Sequence[object]) -> TableColumn:
    header, *body = cells
    day_first = _is_day_first(body)
    read = [_read(raw, day_first) for raw in body]
    shown = Counter(cell.number_format for cell in read if type(cell.value) is float)
    return TableColumn(
        header="" if header is None else str(header).strip(),
        values=tuple(cell.value for cell in read),
        dates=tuple(cell.is_date for cell in read),
        number_format=shown.most_common(1)[0][0] if shown else "General",
    )


def _is_day_first(cells: Sequence[object]) -> bool:
    """Whether ``03/04/2026`` is the third of April in this column.

    Dots are written by those who put the day first; else some day past the 12th has to show it.
    """
    found = [_LOCAL_DATE.fullmatch(cell.strip()) for cell in cells if isinstance(cell, str)]
    matches = [match for match in found if match]
    if matches and all(match["mark"] == "." for match in matches):
        return True
    pairs = [(int(match[1]), int(match[3] or match[4])) for match in matches]
    return any(first > 12 for first, _ in pairs) and all(second <= 12 for _, second in pairs)


def _read(raw: object, day_first: bool) -> _Cell:
    if raw is None or isinstance(raw, bool):
        return _Cell(raw)
    if isinstance(raw, int | float):
        return _Cell(float(raw) if math.isfinite(raw) else str(raw))
    if isinstance(raw, dt.date):
        return _Cell(to_serial(raw), "yyyy-mm-dd", is_date=True)
    return _read_text(str(raw), day_first)


def _read_text(text: str, day_first: bool) -> _Cell:
    """What typing the text into a cell would give."""
    plain = text.strip()
    if not text:
        return _Cell(None)
    if plain.lower() in _BOOLS:
        return _Cell(_BOOLS[plain.lower()])
    if plain in ERRORS_BY_TEXT:
        return _Cell(ERRORS_BY_TEXT[plain])
    return _read_number(plain) or _read_date(plain, day_first) or _Cell(text)


def _read_number(text: str) -> _Cell | None:
    match = _NUMBER.fullmatch(text) if len(text) < 64 else None
    if not match or bool(match["open"]) != bool(match["close"]) or _is_code(match["digits"]):
        return None
    negative = bool(match["open"]) + (match["sign"] == "-") + bool(match["sign2"])
    if negative > 1 or (match["money"] and match["money2"]):
        return None
    digits = match["digits"].replace(",", "") + (match["power"] or "")
    value = float(digits + "e-2") if match["percent"] and not match["power"] else float(digits)
    if match["percent"] and match["power"]:
        value /= 100
    if not math.isfinite(value):
        return None
    return _Cell(-value if negative else value, _number_format(match))


def _is_code(digits: str) -> bool:
    """Whether a run of digits names something: a leading zero, or more than a float can keep."""
    if "." in digits or "," in digits:
        return digits.startswith("00")
    return len(digits) > _LONGEST_NUMBER or (len(digits) > 1 and digits[0] == "0")


def _number_format(match: re.Match[str]) -> str:
    decimals = "0.00" if "." in match["digits"] else "0"
    if match["percent"]:
        return decimals + "%"
    money = match["money"] or match["money2"]
    if money:
        return f"{money}#,##{decimals}"
    return f"#,##{decimals}" if "," in match["digits"] else "General"


def _read_date(text: str, day_first: bool) -> _Cell | None:
    if len(text) > 40 or not any(character.isdigit() for character in text):
        return None
    iso = _ISO_DATE.fullmatch(text)
    if not iso and not _LOCAL_DATE.fullmatch(text) and not _NAMED_DATE.fullmatch(text):
        return None
    try:
        moment = parse(text.replace("'", ""), dayfirst=day_first and not iso)
    except (ParserError, OverflowError, ValueError):
        return None
    serial = to_serial(moment)
    if serial < 1:
        return None
    return _Cell(serial, "yyyy-mm-dd" if serial.is_integer() else "yyyy-mm-dd hh:mm", is_date=True)

"""Text that reads as a date or a time, as Excel reads what is typed into a cell."""

from __future__ import annotations

import re
from collections.abc import Callable

from grammar.calc.locales import Locale
from grammar.calc.serials import valid_serial

MONTHS = (
    "january february march april may june july august september october november december"
).split()
_ERAS = {
    "m": 1867,
    "明治": 1867,
    "t": 1911,
    "大正": 1911,
    "s": 1925,
    "昭和": 1925,
    "h": 1988,
    "平成": 1988,
    "r": 2018,
    "令和": 2018,
}
_TIME = re.compile(
    r"(?P<h>\d{1,4}):(?P<m>\d{1,4})?(?::(?P<s>\d{1,4})(?P<f>\.\d*)?)?(?:\s+(?P<half>[ap]m?))?"
    r"|(?P<h2>\d{1,2})\s+(?P<half2>[ap]m?)"
    r"|(?P<h3>\d{1,2})時(?:(?P<m3>\d{1,2})分(?:(?P<s3>\d{1,2})秒)?)?"
)
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)
_NUMERIC = re.compile(r"(\d{1,4})(?P<sep>[-/])(\d{1,2}(?!\d)|\d{4}$)(?:(?P=sep)(\d{1,4}))?")
_DAY_NAME = re.compile(rf"(\d{{1,2}})[-/ ]?({_NAMES})(?:[-/ ,]\s*(\d{{4}}|\d{{2}}))?")
_NAME_DAY = re.compile(rf"({_NAMES})[-/ ](\d{{1,2}})(?:,\s*|[-/ ])(\d{{4}}|\d{{2}})")
_NAME_NUMBER = re.compile(rf"({_NAMES})[-/ ](\d{{4}}|\d{{1,2}})")
_YEAR_NAME_DAY = re.compile(rf"(\d{{4}})[-/ ]({_NAMES})[-/ ](\d{{1,2}})")
_CJK = re.compile(r"(\d{4}|\d{2})年(\d{1,2})月(\d{1,2})日")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和)(\d{1,2})年(\d{1,2})月(\d{1,2})日"
    r"|([mtshr])(\d{1,2})[./-](\d{1,2})[./-](\d{1,2})"
)


def read_moment(text: str, locale: Locale, this_year: int) -> float | None:
    """Serial of a date, a time or a date followed by a time; ``None`` where it is neither."""
    text = text.strip().lower()
    time = read_time(text)
    if time is not None:
        return time
    date = read_date(text, locale, this_year)
    if date is not None:
        return date
    head, _, tail = _split_time(text)
    date, time = read_date(head, locale, this_year), read_time(tail)
    return None if date is None or time is None else date + time


def _split_time(text: str) -> tuple[str, str, str]:
    """A date and a time beside it; the time starts at the last blank before a colon."""
    position = text.rfind(" ", 0, text.find(":")) if ":" in text else -1
    return (text[:position].strip(), " ", text[position + 1 :]) if position > 0 else ("", "", "")


def read_time(text: str) -> float | None:
    """Fraction of a day of ``13:30``, ``1:30:05 pm`` or ``7 am``; over 1 past 24 hours."""
    match = _TIME.fullmatch(text.strip().lower())
    if match is None:
        return None
    part = match.groupdict()
    hours, minutes, seconds = (
        int(part[a] or part[b] or 0) for a, b in (("h", "h3"), ("m", "m3"), ("s", "s3"))
    )
    half = part["half"] or part["half2"]
    hours = int(part["h2"] or hours)
    if half and not 0 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    if sum(limit for limit in (hours > 9999, minutes > 59, seconds > 59)) > 1:
        return None
    return (hours * 3600 + minutes * 60 + seconds + float(part["f"] or 0)) / 86400


def read_date(text: str, locale: Locale, this_year: int) -> float | None:
    """Serial of a date without a time, or ``None``."""
    for pattern, reader in _READERS:
        match = pattern.fullmatch(text)
        if match is not None:
            serial = reader(match, locale, this_year)
            return None if serial is None else float(serial)
    return None


def full_year(year: str | None, this_year: int) -> int:
    """Two digits mean 1930 to 2029; none mean this year."""
    if year is None:
        return this_year
    value = int(year)
    return value if len(year) > 2 else value + (2000 if value < 30 else 1900)


def _numeric(match: re.Match[str], locale: Locale, this_year: int) -> int | None:
    first, second, third = match.group(1), match.group(3), match.group(4)
    if third is None:
        return _two_parts(first, second, locale, this_year)
    if len(first) > 2 or locale.date_order == "ymd":
        year, month, day = first, second, third
    elif locale.date_order == "mdy" and int(first) <= 12:
        month, day, year = first, second, third
    elif locale.date_order == "dmy":
        day, month, year = first, second, third
    else:
        year, month, day = first, second, third
    if len(day) > 2 or len(year) == 3:
        return None
    return valid_serial(full_year(year, this_year), int(month), int(day))


def _two_parts(first: str, second: str, locale: Locale, this_year: int) -> int | None:
    if len(first) == 4:
        return valid_serial(int(first), int(second), 1)
    if len(second) == 4:
        return valid_serial(int(second), int(first), 1)
    if len(first) == 3 or len(second) == 3:
        return None
    month, day = (second, first) if locale.date_order == "dmy" else (first, second)
    return valid_serial(this_year, int(month), int(day))


def month_number(name: str) -> int:
    """1 to 12 of a month's English name or its first three letters."""
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))


def _day_name(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    day, name, year = match.groups()
    return valid_serial(full_year(year, this_year), month_number(name), int(day))


def _name_day(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    name, day, year = match.groups()
    return valid_serial(full_year(year, this_year), month_number(name), int(day))


def _name_number(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    name, number = match.groups()
    if len(number) == 4:
        return valid_serial(int(number), month_number(name), 1)
    day = valid_serial(this_year, month_number(name), int(number))
    return day or valid_serial(full_year(number, this_year), month_number(name), 1)


def _year_name_day(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    year, name, day = match.groups()
    return valid_serial(int(year), month_number(name), int(day))


def _cjk(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    year, month, day = match.groups()
    return valid_serial(full_year(year, this_year), int(month), int(day))


def _era(match: re.Match[str], _: Locale, this_year: int) -> int | None:
    era, year, month, day = (part for part in match.groups() if part is not None)
    return valid_serial(_ERAS[era] + int(year), int(month), int(day))


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Locale, int], int | None]], ...] = (
    (_NUMERIC, _numeric),
    (_DAY_NAME, _day_name),
    (_NAME_DAY, _name_day),
    (_NAME_NUMBER, _name_number),
    (_YEAR_NAME_DAY, _year_name_day),
    (_CJK, _cjk),
    (_ERA, _era),
)

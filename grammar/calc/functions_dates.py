"""Dates and times."""

from __future__ import annotations

import math

from grammar.calc.coercion import narrow, to_number
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.registry import as_block, excel
from grammar.calc.serials import (
    check_serial,
    date_serial,
    iso_week,
    month_days,
    month_start,
    seconds_of,
    shift_months,
    weekday,
    year_month_day,
)
from grammar.calc.text_dates import read_moment
from grammar.values import CellValue, ExcelError


@excel("TODAY", context=True)
def today(context: Context) -> int:
    """The present day."""
    return math.floor(context.now)


@excel("NOW", context=True)
def now(context: Context) -> float:
    """The present moment."""
    return context.now


@excel("DATE", "iii")
def date(year: int, month: int, day: int) -> int:
    """The serial of a date; years below 1900 count from 1900."""
    if not 0 <= year <= 9999:
        raise CellError(ExcelError.NUM)
    return date_serial(year + 1900 if year < 1900 else year, month, day)


@excel("TIME", "iii")
def time(hours: int, minutes: int, seconds: int) -> float:
    """The fraction of a day."""
    if max(hours, minutes, seconds) > 32767:
        raise CellError(ExcelError.NUM)
    moment = (hours * 3600 + minutes * 60 + seconds) / 86400
    if moment < 0:
        raise CellError(ExcelError.NUM)
    return moment - math.floor(moment)


@excel("YEAR", "n")
def year_(serial: float) -> int:
    """The year."""
    return year_month_day(serial)[0]


@excel("MONTH", "n")
def month_(serial: float) -> int:
    """The month."""
    return year_month_day(serial)[1]


@excel("DAY", "n")
def day_(serial: float) -> int:
    """The day of the month."""
    return year_month_day(serial)[2]


def _seconds(serial: float) -> int:
    check_serial(serial)
    return seconds_of(serial)


@excel("HOUR", "n")
def hour(serial: float) -> int:
    """The hour."""
    return _seconds(serial) // 3600


@excel("MINUTE", "n")
def minute(serial: float) -> int:
    """The minute."""
    return _seconds(serial) // 60 % 60


@excel("SECOND", "n")
def second(serial: float) -> int:
    """The second."""
    return _seconds(serial) % 60


_WEEK_STARTS = {1: 1, 2: 2, 11: 2, 12: 3, 13: 4, 14: 5, 15: 6, 16: 7, 17: 1}


@excel("WEEKDAY", "n", "i")
def weekday_(serial: float, kind: int = 1) -> int:
    """The number of the day in its week."""
    day = weekday(check_serial(serial))
    if kind == 3:
        return (day - 2) % 7
    if kind not in _WEEK_STARTS:
        raise CellError(ExcelError.NUM)
    return (day - _WEEK_STARTS[kind]) % 7 + 1


@excel("WEEKNUM", "n", "i")
def weeknum(serial: float, kind: int = 1) -> int:
    """The number of the week that holds a day."""
    whole = check_serial(serial)
    if kind == 21:
        return iso_week(whole)
    if kind not in _WEEK_STARTS:
        raise CellError(ExcelError.NUM)
    first = month_start(year_month_day(whole)[0], 1)
    offset = (weekday(first) - _WEEK_STARTS[kind]) % 7
    return (whole - first + offset) // 7 + 1


@excel("ISOWEEKNUM", "n")
def isoweeknum(serial: float) -> int:
    """The number of the ISO week."""
    return iso_week(check_serial(serial))


@excel("EDATE", "ni")
def edate(serial: float, months: int) -> int:
    """The same day so many months later."""
    return shift_months(serial, months)


@excel("EOMONTH", "ni")
def eomonth(serial: float, months: int) -> int:
    """The last day of the month so many months later."""
    year, month, _ = year_month_day(serial)
    start = month_start(year, month + months)
    year, month, _ = year_month_day(start)
    return start + month_days(year, month) - 1


@excel("DAYS", "nn")
def days(end: float, start: float) -> int:
    """Days from the second date to the first."""
    return check_serial(end) - check_serial(start)


@excel("DAYS360", "nn", "b")
def days360(start: float, end: float, european: bool = False) -> int:
    """Days between dates in a year of twelve months of 30 days."""
    (y1, m1, d1), (y2, m2, d2) = year_month_day(start), year_month_day(end)
    if european:
        d1, d2 = min(d1, 30), min(d2, 30)
    else:
        d1 = 30 if d1 == month_days(y1, m1) else d1
        if d2 == month_days(y2, m2) and d2 == 31:
            if d1 < 30:
                m2, d2 = m2 + 1, 1
            else:
                d2 = 30
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


@excel("DATEDIF", "nnt")
def datedif(start: float, end: float, unit: str) -> int:
    """Whole years, months or days between two dates."""
    first, last = check_serial(start), check_serial(end)
    if first > last:
        raise CellError(ExcelError.NUM)
    (y1, m1, d1), (y2, m2, d2) = year_month_day(first), year_month_day(last)
    months = (y2 - y1) * 12 + m2 - m1 - (d2 < d1)
    unit = unit.upper()
    if unit == "MD":
        return d2 - d1 if d2 >= d1 else last - (month_start(y2, m2 - 1) + d1 - 1)
    if unit == "YD":
        same = shift_months(first, (months // 12) * 12)
        return last - same
    answers = {"Y": months // 12, "M": months, "D": last - first, "YM": months % 12}
    if unit not in answers:
        raise CellError(ExcelError.NUM)
    return answers[unit]


def _thirty(start: int, end: int, european: bool) -> float:
    (y1, m1, d1), (y2, m2, d2) = year_month_day(start), year_month_day(end)
    if european:
        d1, d2 = min(d1, 30), min(d2, 30)
    else:
        last1 = m1 == 2 and d1 == month_days(y1, 2)
        if last1 and m2 == 2 and d2 == month_days(y2, 2):
            d2 = 30
        d1 = 30 if last1 else d1
        d2 = 30 if d2 == 31 and d1 >= 30 else d2
        d1 = min(d1, 30)
    return ((y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1) / 360


def _actual(start: int, end: int) -> float:
    (y1, m1, d1), (y2, m2, d2) = year_month_day(start), year_month_day(end)
    if y1 == y2 or (y2 == y1 + 1 and (m1, d1) >= (m2, d2)):
        leap = [y for y in (y1, y2) if month_days(y, 2) == 29]
        inside = any(start <= month_start(y, 3) - 1 <= end for y in leap)
        full = 366 if (y1 == y2 and leap) or inside else 365
        return (end - start) / full
    years = y2 - y1 + 1
    average = (month_start(y2 + 1, 1) - month_start(y1, 1)) / years
    return (end - start) / average


@excel("YEARFRAC", "nn", "i")
def yearfrac(start: float, end: float, basis: int = 0) -> float:
    """The fraction of a year between two dates."""
    first, last = sorted((check_serial(start), check_serial(end)))
    if not 0 <= basis <= 4:
        raise CellError(ExcelError.NUM)
    if basis in (0, 4):
        return _thirty(first, last, basis == 4)
    return _actual(first, last) if basis == 1 else (last - first) / (360 if basis == 2 else 365)


def _holidays(context: Context, value: Value) -> frozenset[int]:
    if value is None:
        return frozenset()
    cells = as_block(context, value).flat()
    return frozenset(
        check_serial(to_number(cell, context.locale)) for cell in cells if cell is not None
    )


_WEEKENDS = {1: (7, 1), 2: (1, 2), 3: (2, 3), 4: (3, 4), 5: (4, 5), 6: (5, 6), 7: (6, 7)}


def _weekend(value: CellValue, context: Context) -> frozenset[int]:
    """The days off, 1 for Sunday to 7 for Saturday."""
    if isinstance(value, str):
        if len(value) != 7 or set(value) - {"0", "1"}:
            raise CellError(ExcelError.VALUE)
        return frozenset((i + 1) % 7 + 1 for i, mark in enumerate(value) if mark == "1")
    number = 1 if value is None else int(to_number(value, context.locale))
    if 11 <= number <= 17:
        return frozenset({number - 10})
    if number not in _WEEKENDS:
        raise CellError(ExcelError.NUM)
    return frozenset(_WEEKENDS[number])


def _count_days(first: int, last: int, off: frozenset[int], holidays: frozenset[int]) -> int:
    weeks, rest = divmod(last - first + 1, 7)
    counted = weeks * (7 - len(off))
    counted += sum(weekday(first + i) not in off for i in range(rest))
    return counted - sum(first <= h <= last and weekday(h) not in off for h in holidays)


def _networkdays(start: float, end: float, off: frozenset[int], holidays: frozenset[int]) -> int:
    first, last = check_serial(start), check_serial(end)
    if first <= last:
        return _count_days(first, last, off, holidays)
    return -_count_days(last, first, off, holidays)


@excel("NETWORKDAYS", "nn", "r", context=True)
def networkdays(context: Context, start: float, end: float, holidays: Value = None) -> int:
    """Working days between two dates, both included."""
    return _networkdays(start, end, frozenset({1, 7}), _holidays(context, holidays))


@excel("NETWORKDAYS.INTL", "nn", "vr", context=True)
def networkdays_intl(
    context: Context, start: float, end: float, weekend: CellValue = None, holidays: Value = None
) -> int:
    """Working days between two dates with a weekend of one's own."""
    off = _weekend(weekend, context)
    return _networkdays(start, end, off, _holidays(context, holidays))


def _workday(start: float, count: int, off: frozenset[int], holidays: frozenset[int]) -> int:
    if len(off) == 7:
        raise CellError(ExcelError.VALUE)
    day, step = check_serial(start), 1 if count > 0 else -1
    weeks = max(0, abs(count) // (7 - len(off)) - len(holidays) - 1)
    if weeks:
        moved = day + step * weeks * 7
        low, high = (day + 1, moved) if step > 0 else (moved, day - 1)
        count -= step * _count_days(low, high, off, holidays)
        day = check_serial(moved)
    while count:
        day = check_serial(day + step)
        if weekday(day) not in off and day not in holidays:
            count -= step
    return day


@excel("WORKDAY", "ni", "r", context=True)
def workday(context: Context, start: float, count: int, holidays: Value = None) -> int:
    """The working day so many working days later."""
    return _workday(start, count, frozenset({1, 7}), _holidays(context, holidays))


@excel("WORKDAY.INTL", "ni", "vr", context=True)
def workday_intl(
    context: Context, start: float, count: int, weekend: CellValue = None, holidays: Value = None
) -> int:
    """The working day so many working days later with a weekend of one's own."""
    return _workday(start, count, _weekend(weekend, context), _holidays(context, holidays))


def _moment(context: Context, value: CellValue) -> float:
    text = narrow(value).strip() if isinstance(value, str) else ""
    moment = read_moment(text, context.locale, context.this_year) if text else None
    if moment is None:
        raise CellError(ExcelError.VALUE)
    return moment


@excel("DATEVALUE", "v", context=True)
def datevalue(context: Context, value: CellValue) -> int:
    """The day that a text reads as."""
    return math.floor(_moment(context, value))


@excel("TIMEVALUE", "v", context=True)
def timevalue(context: Context, value: CellValue) -> float:
    """The time of day that a text reads as."""
    moment = _moment(context, value)
    return moment - math.floor(moment)

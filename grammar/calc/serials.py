"""Dates as serial numbers, with the 1900 date system's own February 29th.

Source: ECMA-376 part 1, 18.17.4.1 (date conversion).
"""

from __future__ import annotations

import calendar
import datetime as dt
import math

from grammar.calc.faults import CellError
from grammar.values import ExcelError

LAST_SERIAL = 2958465
"""9999-12-31."""
_EPOCH = dt.date(1899, 12, 30)
_ONE_DAY = 86400


def month_start(year: int, month: int) -> int:
    """Serial of the first day of a month; months outside 1 to 12 carry into the year.

    Raises:
        CellError: outside the years 1900 to 9999 (``#NUM!``).
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1900 <= year <= 9999:
        raise CellError(ExcelError.NUM)
    days = (dt.date(year, month, 1) - _EPOCH).days
    return days - 1 if days < 61 else days


def date_serial(year: int, month: int, day: int) -> int:
    """Serial of a date as ``DATE`` counts it, days and months may overflow.

    Raises:
        CellError: outside the years 1900 to 9999 (``#NUM!``).
    """
    serial = month_start(year, month) + day - 1
    return check_serial(serial)


def check_serial(serial: float) -> int:
    """The whole day of a serial.

    Raises:
        CellError: before 1900 or after 9999 (``#NUM!``).
    """
    if not 0 <= serial < LAST_SERIAL + 1:
        raise CellError(ExcelError.NUM)
    return math.floor(serial)


def year_month_day(serial: float) -> tuple[int, int, int]:
    """Year, month and day of a serial; 0 is January 0th and 60 February 29th, 1900."""
    whole = check_serial(serial)
    if whole == 60:
        return 1900, 2, 29
    if whole == 0:
        return 1900, 1, 0
    date = _EPOCH + dt.timedelta(days=whole + 1 if whole < 60 else whole)
    return date.year, date.month, date.day


def valid_serial(year: int, month: int, day: int) -> int | None:
    """Serial of a date of the calendar, or ``None`` where there is no such day."""
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= month_days(year, month)):
        return None
    return date_serial(year, month, day)


def month_days(year: int, month: int) -> int:
    """Days of a month, 29 for the February of 1900."""
    return 29 if (year, month) == (1900, 2) else calendar.monthrange(year, month)[1]


def seconds_of(serial: float) -> int:
    """Whole seconds since midnight, rounded as Excel shows them."""
    return round((serial - math.floor(serial)) * _ONE_DAY) % _ONE_DAY


def weekday(serial: float) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (math.floor(serial) - 1) % 7 + 1


def shift_months(serial: float, months: int) -> int:
    """The same day so many months later, the last one of a shorter month."""
    year, month, day = year_month_day(serial)
    start = month_start(year, month + months)
    year, month, _ = year_month_day(start)
    return start + min(day, month_days(year, month)) - 1


def iso_week(serial: float) -> int:
    """Week of the year, weeks start on Monday and the first holds a Thursday."""
    thursday = math.floor(serial) - (math.floor(serial) - 2) % 7 + 3
    if thursday < 1:
        return 52
    year, _, _ = year_month_day(thursday)
    return (thursday - month_start(year, 1)) // 7 + 1

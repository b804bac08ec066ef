"""What a cell can hold, as Excel sees it.

A cell holds nothing (``None``), a ``bool``, a ``float``, a ``str`` or an :class:`ExcelError`.
Dates are numbers: days since 1899-12-30, with the time of day as the fraction.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum

EPOCH = dt.datetime(1899, 12, 30)
"""Serial 0 of the 1900 date system, right for every date from 1900-03-01 on."""


class ExcelError(Enum):
    """The error values of a cell. Source: ECMA-376 part 1, 18.17.3."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    GETTING_DATA = "#GETTING_DATA"
    SPILL = "#SPILL!"
    CALC = "#CALC!"
    FIELD = "#FIELD!"
    BLOCKED = "#BLOCKED!"
    CONNECT = "#CONNECT!"
    UNKNOWN = "#UNKNOWN!"


ERRORS_BY_TEXT = {error.value: error for error in ExcelError}

CellValue = None | bool | float | str | ExcelError


class Kind(Enum):
    """The type of one cell, or of a column where its non-blank cells agree."""

    BLANK = "blank"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    BOOL = "bool"
    ERROR = "error"
    MIXED = "mixed"


def to_serial(moment: dt.date | dt.datetime) -> float:
    """Days since 1899-12-30, the time of day as the fraction."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)
    return (moment.replace(tzinfo=None) - EPOCH) / dt.timedelta(days=1)


def from_serial(serial: float) -> dt.datetime:
    """The moment of a serial number, rounded to the second.

    Raises:
        OverflowError: outside the years 1 to 9999.
    """
    return EPOCH + dt.timedelta(seconds=round(serial * 86400))

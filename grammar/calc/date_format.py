"""Dates and times as text by the tokens of a format code.

Source: ECMA-376 part 1, 18.8.31 (number format codes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from grammar.calc.faults import CellError
from grammar.calc.serials import LAST_SERIAL, weekday, year_month_day
from grammar.calc.text_dates import MONTHS
from grammar.values import ExcelError

_DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()
_KANJI_DAYS = "日月火水木金土"
_ERAS = (
    (43586, 2018, "R", "令", "令和"),
    (32516, 1988, "H", "平", "平成"),
    (9856, 1925, "S", "昭", "昭和"),
    (4595, 1911, "T", "大", "大正"),
    (0, 1867, "M", "明", "明治"),
)


class AnyToken(Protocol):
    """A kind and a text."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


def is_date_token(kind: str, text: str) -> bool:
    """Whether a token of a format code shows part of a date or time."""
    if kind == "bracket":
        return bool(text) and set(text.lower()) in ({"h"}, {"m"}, {"s"})
    return kind in ("date", "half")


def format_moment(serial: float, tokens: Sequence[AnyToken]) -> str:
    """The moment of a serial as tokens show it.

    Raises:
        CellError: after the year 9999 (``#VALUE!``).
    """
    if serial >= LAST_SERIAL + 1:
        raise CellError(ExcelError.VALUE)
    moment = _Moment(serial, tokens)
    return "".join(moment.show(index, token) for index, token in enumerate(tokens))


class _Moment:
    """A serial taken apart, rounded to the smallest part that the tokens show."""

    def __init__(self, serial: float, tokens: Sequence[AnyToken]) -> None:
        self.tokens = tokens
        self.half = any(token.kind == "half" for token in tokens)
        seconds = [t.text for t in tokens if t.kind == "date" and t.text[0] in "sS"]
        self.decimals = max((text.count("0") for text in seconds), default=0)
        unit = 10**self.decimals
        ticks = round(serial * 86400 * unit)
        self.ticks, self.unit = ticks, unit
        whole = ticks // (86400 * unit)
        self.seconds = ticks % (86400 * unit) // unit
        self.fraction = ticks % unit
        self.year, self.month, self.day = year_month_day(min(whole, LAST_SERIAL))
        self.serial = whole

    def show(self, index: int, token: AnyToken) -> str:
        text = token.text.lower()
        if token.kind == "half":
            before = self.seconds < 43200
            shown = token.text.split("/")[0 if before else 1]
            return shown.upper() if text == "am/pm" else shown
        if token.kind == "bracket":
            return self._elapsed(text)
        if token.kind == "date":
            return self._minutes(text) if self._is_minute(index) else self._part(text)
        if token.kind in ("fill",):
            return ""
        return " " if token.kind == "space" else token.text

    def _is_minute(self, index: int) -> bool:
        """Whether an ``m`` stands for minutes: after hours or before seconds."""
        if self.tokens[index].text.lower() not in ("m", "mm"):
            return False
        parts = [
            (i, t.text.lower()) for i, t in enumerate(self.tokens) if is_date_token(t.kind, t.text)
        ]
        at = [i for i, _ in parts].index(index)
        before = parts[at - 1][1] if at else ""
        after = parts[at + 1][1] if at + 1 < len(parts) else ""
        return before.startswith("h") or after.startswith("s")

    def _minutes(self, text: str) -> str:
        return str(self.seconds // 60 % 60).zfill(len(text))

    def _elapsed(self, text: str) -> str:
        sizes = {"h": 3600, "m": 60, "s": 1}
        if text[:1] not in sizes:
            return ""
        return str(self.ticks // self.unit // sizes[text[0]]).zfill(len(text))

    def _part(self, text: str) -> str:
        letter = text[0]
        if letter == "s":
            shown = str(self.seconds % 60).zfill(min(len(text.partition(".")[0]), 2))
            tail = str(self.fraction).zfill(self.decimals)
            return f"{shown}.{tail}" if "." in text else shown
        if letter == "h":
            hours = self.seconds // 3600
            hours = (hours % 12 or 12) if self.half else hours
            return str(hours).zfill(min(len(text), 2))
        if letter in "ge":
            return self._era(text)
        return self._calendar(letter, len(text))

    def _calendar(self, letter: str, length: int) -> str:
        if letter == "y":
            return f"{self.year:04}" if length > 2 else f"{self.year % 100:02}"
        if letter == "b":
            return f"{self.year + 543:04}" if length > 2 else f"{(self.year + 543) % 100:02}"
        if letter == "m":
            name = MONTHS[self.month - 1].capitalize()
            names = {3: name[:3], 4: name, 5: name[0]}
            return names.get(length, str(self.month).zfill(min(length, 2)))
        day = weekday(self.serial)
        if letter == "a":
            return _KANJI_DAYS[day - 1] + ("曜日" if length > 3 else "")
        names = {1: str(self.day), 2: f"{self.day:02}", 3: _DAYS[day - 1][:3]}
        return names.get(length, _DAYS[day - 1])

    def _era(self, text: str) -> str:
        _, base, *names = next(era for era in _ERAS if math.floor(self.serial) >= era[0])
        if text[0] == "g":
            return str(names[min(len(text), 3) - 1])
        return str(self.year - int(base)).zfill(len(text))

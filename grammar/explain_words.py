"""Scalars in words: names of columns, numbers as their column shows them, dates, arithmetic."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from grammar.conditions import (
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Date,
    Negative,
    Neighbour,
    Number,
    Reference,
    Scalar,
    Text,
)
from grammar.printer import number_text
from grammar.table import Table, TableColumn
from grammar.values import Kind, from_serial

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

_LAST_SERIAL = 2_958_466
_PLAIN_HEADER = re.compile(r"[^\W\d_][^\"\n]{0,59}")
_CURRENCY = re.compile(r"\[\$([$€£¥₹]?)[^\]]*\]|([$€£¥₹])")
_SINGLE = {
    "AVERAGE": "the average of {}",
    "MEDIAN": "the median of {}",
    "MIN": "the lowest {}",
    "MAX": "the highest {}",
    "SUM": "the total of {}",
    "COUNT": "the number of values in {}",
    "STDEV": "the standard deviation of {}",
    "LEN": "the length of {}",
    "LOWER": "{} in lower case",
    "UPPER": "{} in upper case",
    "TRIM": "{} without spaces around it",
    "ABS": "the absolute value of {}",
    "INT": "{} rounded down",
    "YEAR": "the year of {}",
    "MONTH": "the month of {}",
    "DAY": "the day of the month of {}",
    "WEEKDAY": "the weekday of {}",
    "ROW": "the row number of {}",
}
_ALONE = {"TODAY": "today", "NOW": "now", "ROW": "the row number"}
_OF_TODAY = {
    "YEAR": "the current year",
    "MONTH": "the current month",
    "DAY": "today's day of the month",
    "WEEKDAY": "today's weekday",
}
_DOUBLE = {
    "ROUND": "{} rounded to {} decimals",
    "MOD": "the remainder of {} divided by {}",
    "COUNTIF": "the number of times that {1} is in {0}",
}
_OPERATORS = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "^": "to the power of",
}


@dataclass(frozen=True)
class Phrase(Scalar):
    """Words that stand for a value which the language cannot say.

    ``months`` is the distance of a day that the words name by its distance from another.
    """

    text: str
    months: float = 0


@dataclass(frozen=True)
class Noun:
    """What a sentence is about; ``plural`` says that its verb is ``are``."""

    text: str
    plural: bool = False


@dataclass(frozen=True, eq=False)
class Wording:
    """Words for scalars, with the headers and number formats of a table where there is one.

    ``cell`` is the column (0-based) that a condition means where it names none.
    """

    table: Table | None = None
    cell: int | None = None

    def column(self, scalar: Scalar) -> TableColumn | None:
        """The table's column that a scalar names, itself or in a neighbouring row."""
        index = self._index(scalar)
        if self.table is None or index is None or index >= len(self.table.columns):
            return None
        return self.table.columns[index]

    def is_date(self, scalar: Scalar) -> bool:
        """Whether the scalar is a day."""
        match scalar:
            case Date() | Call("TODAY" | "NOW"):
                return True
            case Call("MIN" | "MAX" | "MEDIAN" | "AVERAGE" | "PERCENTILE", (first, *_)):
                return self.is_date(first)
            case Phrase(_, months) if months:
                return True
            case Binary("+", left, right):
                return self.is_date(left) != self.is_date(right)
            case Binary("-", left, right):
                return self.is_date(left) and not self.is_span(scalar)
        column = self.column(scalar)
        return column is not None and column.kind is Kind.DATE

    def is_span(self, scalar: Scalar) -> bool:
        """Whether the scalar counts the days from one day to another."""
        match scalar:
            case Binary("-", Call("TODAY"), other) | Binary("-", other, Call("TODAY")):
                return not isinstance(other, Number | Call) or self.is_date(other)
            case Binary("-", left, right):
                return self.is_date(left) and self.is_date(right)
        return False

    def name(self, scalar: Column | Cell) -> str:
        """The header of a column, quoted where it would not read as a name."""
        column = self.column(scalar)
        if column is None or self.table is None:
            return "the value" if isinstance(scalar, Cell) else f"column {scalar.index + 1}"
        header = " ".join(self.table.header(self._index(scalar) or 0).split())
        return header if _PLAIN_HEADER.fullmatch(header) else quote(header)

    def noun(self, scalar: Scalar) -> Noun:
        """A scalar as the subject of a sentence."""
        match scalar:
            case Call("LEFT" | "RIGHT" | "MID"):
                text = self.value(scalar)
                return Noun(text, plural="characters" in text)
            case Binary("-", left, right) if self.is_span(scalar):
                return Noun("the number of days " + self._days_between(left, right))
        return Noun(self.value(scalar))

    def value(self, scalar: Scalar, like: Scalar | None = None) -> str:
        """A scalar in words; a number is written as the column of ``like`` shows its numbers."""
        match scalar:
            case Column() | Cell():
                return self.name(scalar)
            case Number(number, percent):
                return self._number(number, percent, like)
            case Call():
                return self._call(scalar)
            case Binary():
                return self._binary(scalar)
            case Neighbour(Column() as column, offset):
                return f"{self.name(column)} in the row {'above' if offset < 0 else 'below'}"
            case Negative(operand):
                return f"minus {self._grouped(operand)}"
        return _literal(scalar)

    def _index(self, scalar: Scalar) -> int | None:
        match scalar:
            case Column(index) | Neighbour(Column(index)):
                return index
            case Cell():
                return self.cell
        return None

    def _number(self, number: float, percent: bool, like: Scalar | None) -> str:
        if percent:
            return percent_text(number)
        if like is None:
            return number_text(number)
        if self.is_date(like) and 1 <= number < _LAST_SERIAL:
            return date_text(from_serial(number))
        column = self.column(like)
        return formatted(number, column.number_format) if column else number_text(number)

    def _call(self, call: Call) -> str:
        match call.name, call.arguments:
            case _, () if call.name in _ALONE:
                return _ALONE[call.name]
            case _, (Call("TODAY"),) if call.name in _OF_TODAY:
                return _OF_TODAY[call.name]
            case "PERCENTILE", (column, Number(share)):
                return f"the {ordinal(share * 100)} percentile of {self.value(column)}"
            case (("LEFT" | "RIGHT" | "MID"), _):
                return self._part_of_text(call)
            case "ABS", (Binary("-", left, right),):
                return f"the difference between {self.value(left)} and {self.value(right)}"
            case ("MIN" | "MAX") as extreme, (Phrase(text),):
                return f"the {'lowest' if extreme == 'MIN' else 'highest'} value in {text}"
            case _, (one,) if call.name in _SINGLE:
                return _SINGLE[call.name].format(self._grouped(one))
            case _, (one, two) if call.name in _DOUBLE:
                return _DOUBLE[call.name].format(self._grouped(one), self.value(two))
        arguments = ", ".join(map(self.value, call.arguments))
        return f"{call.name}({arguments})"

    def _part_of_text(self, call: Call) -> str:
        text = self._grouped(call.arguments[0])
        match call.name, call.arguments[1:]:
            case "MID", (Number(start), Number(count)):
                last = number_text(start + count - 1)
                if count == 1:
                    return f"character {last} of {text}"
                return f"characters {number_text(start)} to {last} of {text}"
            case "MID", (start, count):
                return (
                    f"the {self.value(count)} characters of {text} from place {self.value(start)}"
                )
        side = "first" if call.name == "LEFT" else "last"
        count = call.arguments[1] if len(call.arguments) > 1 else Number(1)
        if count == Number(1):
            return f"the {side} character of {text}"
        return f"the {side} {self.value(count)} characters of {text}"

    def _binary(self, scalar: Binary) -> str:
        left, right = scalar.left, scalar.right
        if self.is_span(scalar):
            return "the days " + self._days_between(left, right)
        if scalar.operator in "+-" and self.is_date(left) and not self.is_date(right):
            return self._shifted_day(left, right, scalar.operator == "+")
        if scalar.operator == "&":
            return f"{self.value(left)} followed by {self.value(right)}"
        if scalar.operator == "*" and isinstance(right, Number):
            left, right = right, left
        if scalar.operator == "*" and isinstance(left, Number) and left.percent:
            return f"{percent_text(left.value)} of {self._grouped(right)}"
        return f"{self._grouped(left)} {_OPERATORS[scalar.operator]} {self._grouped(right)}"

    def _shifted_day(self, day: Scalar, by: Scalar, later: bool) -> str:
        match by:
            case Number(count) if count < 0:
                return self._shifted_day(day, Number(-count), not later)
            case Number(count) if day == Call("TODAY"):
                return relative_day(count if later else -count)
        days = f"{self._grouped(by)} day{'' if by == Number(1) else 's'}"
        if day == Call("TODAY"):
            return f"{days} {'from today' if later else 'ago'}"
        return f"{days} {'after' if later else 'before'} {self.value(day)}"

    def _days_between(self, left: Scalar, right: Scalar) -> str:
        if left == Call("TODAY"):
            return f"since {self.value(right)}"
        if right == Call("TODAY"):
            return f"until {self.value(left)}"
        return f"from {self.value(right)} to {self.value(left)}"

    def _grouped(self, scalar: Scalar) -> str:
        """The value, in brackets where arithmetic inside arithmetic would be misread."""
        text = self.value(scalar)
        return f"({text})" if isinstance(scalar, Binary) and not self.is_date(scalar) else text


def _literal(scalar: Scalar) -> str:
    match scalar:
        case Text(value):
            return quote(value)
        case Bool(value):
            return "TRUE" if value else "FALSE"
        case Date(value):
            return date_text(value)
        case Reference(address):
            return f"cell {address.replace('$', '')}"
        case Phrase(text):
            return text
    return "…"


def quote(text: str) -> str:
    """Text in double quotes and on one line, shortened where it would fill the sentence."""
    text = " ".join(text.splitlines())
    return f'"{text if len(text) <= 80 else text[:77] + "…"}"'


def percent_text(share: float) -> str:
    """``0.1`` as ``10%``."""
    return f"{number_text(round(share * 100, 10))}%"


def date_text(day: dt.date) -> str:
    """``1 August 2026``, with the time where there is one."""
    text = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    if isinstance(day, dt.datetime) and (day.hour or day.minute):
        return f"{text} {day:%H:%M}"
    return text


def relative_day(offset: float) -> str:
    """A day by its distance from today: ``tomorrow``, ``30 days ago``."""
    if offset in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[int(offset) + 1]
    return f"{number_text(abs(offset))} days {'from today' if offset > 0 else 'ago'}"


def formatted(number: float, number_format: str) -> str:
    """A number as a column of this format shows it, without rounding it."""
    if "%" in number_format:
        return percent_text(number)
    plain = number_text(abs(number))
    if "#,##" in number_format and "e" not in plain:
        whole, dot, rest = plain.partition(".")
        plain = f"{int(whole):,}{dot}{rest}"
    currency = _CURRENCY.search(number_format)
    if currency:
        symbol = currency[1] or currency[2] or ""
        plain += "0" * bool(re.fullmatch(r".*\.\d", plain))
        first = not re.search(r"[0#?]", number_format[: currency.start()])
        plain = symbol + plain if first else f"{plain} {symbol}".rstrip()
    return f"-{plain}" if number < 0 else plain


def ordinal(number: float) -> str:
    """``1st``, ``22nd``, ``90th``."""
    text = number_text(round(number, 10))
    if "." in text or text[-2:-1] == "1":
        return f"{text}th"
    return text + {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")

"""Functions of formulas in words: ``the value for Name in column 2 of Sheet2!A:B``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grammar.explain_criteria import COMPARED, criterion_verb, plural
from grammar.explain_words import ordinal
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    CellRef,
    Expression,
    FunctionCall,
    Missing,
    NumberLiteral,
    Parenthesis,
    RangeRef,
    TextLiteral,
    Unary,
)

Tell = Callable[[Expression], str]
TODAY = FunctionCall("TODAY", ())
_TEMPLATES = {
    "COUNTBLANK": "the number of blank cells in {}",
    "PRODUCT": "the product of {}",
    "MODE": "the most frequent value in {}",
    "MODE.SNGL": "the most frequent value in {}",
    "VAR": "the variance of {}",
    "VAR.S": "the variance of {}",
    "PERCENTRANK": "the percentage rank of {1} in {0}",
    "PERCENTRANK.INC": "the percentage rank of {1} in {0}",
    "NETWORKDAYS": "the number of working days from {} to {}",
    "NETWORKDAYS.INTL": "the number of working days from {} to {}",
    "WORKDAY": "{1} working days after {0}",
    "DAYS": "the number of days from {1} to {0}",
    "YEARFRAC": "the number of years from {} to {}",
    "WEEKNUM": "the week number of {}",
    "ISOWEEKNUM": "the week number of {}",
    "HOUR": "the hour of {}",
    "MINUTE": "the minute of {}",
    "SECOND": "the second of {}",
    "MATCH": "the place of {} in {}",
    "XMATCH": "the place of {} in {}",
    "PROPER": "{} in title case",
    "CODE": "the character code of {}",
    "SQRT": "the square root of {}",
    "SIGN": "the sign of {}",
    "LN": "the natural logarithm of {}",
    "LOG10": "the logarithm of {}",
    "ROUNDUP": "{} rounded up to {} decimals",
    "ROUNDDOWN": "{} rounded down to {} decimals",
    "TRUNC": "{} without its decimals",
    "CEILING": "{} rounded up to a multiple of {}",
    "CEILING.MATH": "{} rounded up to a multiple of {}",
    "FLOOR": "{} rounded down to a multiple of {}",
    "FLOOR.MATH": "{} rounded down to a multiple of {}",
    "MROUND": "{} rounded to a multiple of {}",
    "INDIRECT": "the cell that {} names",
    "ROWS": "the number of rows of {}",
    "COLUMNS": "the number of columns of {}",
    "COLUMN": "the column number of {}",
    "SEARCH": "the place of {0} in {1}",
    "FIND": "the place of {0} in {1}",
    "REPT": "{} repeated {} times",
    "TIMEVALUE": "the time {}",
}
_OF_TODAY = {
    "WEEKNUM": "the current week number",
    "ISOWEEKNUM": "the current week number",
    "HOUR": "the current hour",
}
_NEAR = ([BoolLiteral(True)], [NumberLiteral(1, "1")])
_UNITS = {"D": "days", "M": "months", "Y": "years"}
_SHOWN = {
    "D": "day of the month",
    "DDD": "weekday",
    "DDDD": "weekday",
    "M": "month",
    "MMM": "month",
    "MMMM": "month",
    "YYYY": "year",
    "MMYYYY": "month and year",
    "MMMYYYY": "month and year",
    "YYYYMM": "month and year",
}
_WHERE = {
    "SUMIF": "the total of",
    "SUMIFS": "the total of",
    "AVERAGEIF": "the average of",
    "AVERAGEIFS": "the average of",
    "MAXIFS": "the highest value of",
    "MINIFS": "the lowest value of",
}
ROWS = "the number of rows"
_CHOSEN = {"SUM": "total", "AVERAGE": "average", "MIN": "lowest value", "MAX": "highest value"}
_OF_SEVERAL = {
    "SUM": "total",
    "PRODUCT": "product",
    "MIN": "lowest",
    "MAX": "highest",
    "AVERAGE": "average",
}
_VISIBLE = {1: "average", 2: "count", 3: "number", 4: "highest", 5: "lowest", 9: "total"}


def bare_name(call: FunctionCall) -> str:
    """The function's name in upper case without the prefix of later versions."""
    return call.name.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")


@dataclass(frozen=True, eq=False)
class FunctionWords:
    """Says functions; ``value`` puts a part of the formula into words, ``tell`` a question."""

    value: Tell
    tell: Tell

    def describe(self, call: FunctionCall) -> str | None:
        """What the function gives as a noun, ``None`` where it is to stay as it is written."""
        name, arguments = bare_name(call), call.arguments
        special = self._of_today(name, arguments) or self._special(name, arguments)
        if special:
            return special
        template = _TEMPLATES.get(name)
        if template is None or not arguments or Missing() in arguments:
            return None
        words = [self.value(argument) for argument in arguments]
        slots = max(template.count("{"), 1)
        return template.format(*words) if len(words) >= slots else None

    def _of_today(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        is_today = arguments[:1] in ((TODAY,), (FunctionCall("NOW", ()),))
        return _OF_TODAY.get(name) if is_today else None

    def _special(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        ways = self._lookup, self._conditions, self._statistic, self._day, self._text
        return next((found for way in ways if (found := way(name, arguments))), None)

    def _lookup(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        match name, arguments:
            case (("VLOOKUP" | "HLOOKUP"), (wanted, table, place, *rest)):
                return self._looked_up(name, wanted, table, place, rest)
            case (("XLOOKUP" | "LOOKUP"), (wanted, keys, values, *_)):
                return self._found(values, keys, wanted, name == "LOOKUP")
            case "INDEX", (values, row, *rest):
                return self._indexed(values, row, rest)
            case "OFFSET", (start, NumberLiteral() | Unary() as rows, NumberLiteral(0)):
                return self._offset(start, rows)
        return None

    def _conditions(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        match name, arguments:
            case "COUNTIF", (where, criterion):
                return self._counted(where, criterion)
            case (("SUMIF" | "AVERAGEIF"), (where, criterion, *values)):
                return self._conditional(name, values[0] if values else None, (where, criterion))
            case "COUNTIFS", (_, _, *_):
                return f"{ROWS} where {self._pairs(arguments)}"
            case (("SUMIFS" | "AVERAGEIFS" | "MAXIFS" | "MINIFS"), (values, *pairs)) if pairs:
                return self._conditional(name, values, tuple(pairs))
            case "SUMPRODUCT", _:
                return self._products(arguments)
            case (("SUM" | "AVERAGE" | "MIN" | "MAX"), (FunctionCall() as inner,)):
                return self._chosen(name, inner)
        return None

    def _statistic(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        match name, arguments:
            case ("SUM" | "PRODUCT" | "MIN" | "MAX" | "AVERAGE") as how, (_, _, *_):
                return f"the {_OF_SEVERAL[how]} of {self._series(arguments)}"
            case (("SUBTOTAL" | "AGGREGATE"), (NumberLiteral(kind), *_, where)):
                return self._visible(int(kind) % 100, where)
            case (("RANK" | "RANK.EQ" | "RANK.AVG"), (x, where, NumberLiteral(order))) if order:
                return f"the rank of {self.value(x)} from the lowest in {self._column(x, where)}"
            case (("RANK" | "RANK.EQ" | "RANK.AVG"), (x, where, *_)):
                return f"the rank of {self.value(x)} in {self._column(x, where)}"
            case (("QUARTILE" | "QUARTILE.INC"), (where, NumberLiteral(number))):
                return f"the {ordinal(number)} quartile of {self.value(where)}"
        return None

    def _day(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        match name, arguments:
            case "DATEDIF", (start, end, TextLiteral(unit)) if unit.upper() in _UNITS:
                return f"the number of {_UNITS[unit.upper()]} {self._between(start, end)}"
            case "YEARFRAC", (start, end, *_):
                return f"the number of years {self._between(start, end)}"
            case (("NETWORKDAYS" | "NETWORKDAYS.INTL"), (start, end, *_)):
                return f"the number of working days {self._between(start, end)}"
            case "EOMONTH", (day, months):
                return self._end_of_month(day, months)
            case "DATE", (year, month, day):
                parts = (self.value(part) for part in (year, month, day))
                return "the date of year {}, month {} and day {}".format(*parts)
            case "TIME", (NumberLiteral(hour), NumberLiteral(minute), NumberLiteral(second)):
                seconds = f":{int(second):02}" if second else ""
                return f"{int(hour)}:{int(minute):02}{seconds}"
        return None

    def _text(self, name: str, arguments: tuple[Expression, ...]) -> str | None:
        match name, arguments:
            case "TEXT", (x, TextLiteral(code)):
                shown = _SHOWN.get(re.sub(r"[^A-Z]", "", code.upper()))
                if shown:
                    today = f"the current {shown}" if x == TODAY else None
                    return today or f"the {shown} of {self.value(x)}"
                return f'{self.value(x)} shown as "{code}"'
            case "SUBSTITUTE", (x, TextLiteral(" "), TextLiteral("")):
                return f"{self.value(x)} without spaces"
            case "SUBSTITUTE", (x, old, TextLiteral("")):
                return f"{self.value(x)} without {self.value(old)}"
            case "SUBSTITUTE", (x, old, new):
                return f"{self.value(x)} with {self.value(new)} in place of {self.value(old)}"
            case (("CONCATENATE" | "CONCAT"), (_, _, *_)):
                return " followed by ".join(map(self.value, arguments))
        return None

    def _between(self, start: Expression, end: Expression) -> str:
        if end == TODAY:
            return f"since {self.value(start)}"
        if start == TODAY:
            return f"until {self.value(end)}"
        return f"from {self.value(start)} to {self.value(end)}"

    def _end_of_month(self, day: Expression, months: Expression) -> str:
        month = "this month" if day == TODAY else f"the month of {self.value(day)}"
        match months:
            case NumberLiteral(0):
                return f"the last day of {month}"
            case Unary("-", NumberLiteral(1)):
                return f"the last day of the month before {month}"
            case NumberLiteral(1):
                return f"the last day of the month after {month}"
        return f"the last day of the month {self.value(months)} months after {month}"

    def _series(self, parts: tuple[Expression, ...]) -> str:
        *first, last = map(self.value, parts)
        return f"{', '.join(first)} and {last}"

    def _visible(self, kind: int, where: Expression) -> str | None:
        area = self.value(where)
        if kind not in _VISIBLE:
            return None
        how = "number of" if kind in (2, 3) else f"{_VISIBLE[kind]} of the"
        return f"the {how} visible values in {area}"

    def _offset(self, start: Expression, rows: Expression) -> str | None:
        match rows:
            case Unary("-", NumberLiteral(count)):
                side = "above"
            case NumberLiteral(count):
                side = "below"
            case _:
                return None
        rows_text = "row" if count == 1 else "rows"
        return f"the cell {int(count)} {rows_text} {side} {self.value(start)}"

    def _looked_up(
        self,
        name: str,
        wanted: Expression,
        table: Expression,
        place: Expression,
        rest: list[Expression],
    ) -> str:
        lane = "column" if name == "VLOOKUP" else "row"
        number = self.value(place)
        number = number if isinstance(place, NumberLiteral) else f"({number})"
        near = " or the nearest below it" if rest[:1] in ([], *_NEAR) else ""
        return f"the value for {self.value(wanted)}{near} in {lane} {number} of {self.value(table)}"

    def _found(
        self, values: Expression, keys: Expression, wanted: Expression, near: bool = False
    ) -> str:
        rest = " or the nearest below it" if near else ""
        place = f"{self.value(wanted)}{rest} in {self.value(keys)}"
        return f"the value in {self.value(values)} for {place}"

    def _indexed(self, values: Expression, row: Expression, rest: list[Expression]) -> str | None:
        match row, rest:
            case FunctionCall(_, (wanted, keys, *_)), [] if bare_name(row) in ("MATCH", "XMATCH"):
                return self._found(values, keys, wanted)
            case _, []:
                return f"value number {self.value(row)} of {self.value(values)}"
            case _, [column]:
                places = f"row {self.value(row)} and column {self.value(column)}"
                return f"the value in {places} of {self.value(values)}"
        return None

    def criterion(self, tree: Expression, many: bool = False) -> str:
        """What a criterion asks of a cell: ``">5"`` says ``is more than 5``."""
        match tree:
            case TextLiteral(text):
                verb = criterion_verb(text)
            case BinaryOperation("&", TextLiteral(sign), value) if sign in COMPARED:
                verb = COMPARED[sign].format(self.value(value))
            case NumberLiteral() | BoolLiteral():
                verb = f"is {self.value(tree)}"
            case _:
                verb = f"is the same as {self.value(tree)}"
        return plural(verb) if many else verb

    def _counted(self, where: Expression, criterion: Expression) -> str:
        if not isinstance(criterion, CellRef):
            asked = self.criterion(criterion, many=True)
            return f"the number of cells in {self.value(where)} that {asked}"
        return f"the number of times that {self.value(criterion)} is in {self.value(where)}"

    def _pairs(self, pairs: tuple[Expression, ...]) -> str:
        asked = [
            self._own_row(where, criterion) or f"{self.value(where)} {self.criterion(criterion)}"
            for where, criterion in zip(pairs[::2], pairs[1::2], strict=False)
        ]
        *first, last = asked
        return f"{', '.join(first)} and {last}" if first else last

    def _column(self, x: Expression, where: Expression) -> str:
        name = self.value(where)
        return "its column" if name == self.value(x) else name

    def _own_row(self, where: Expression, cell: Expression) -> str | None:
        """What a column has to be that is compared with its own cell."""
        name = self.value(where)
        return f"{name} is the same as in this row" if name == self.value(cell) else None

    def _asked(self, test: Expression) -> str:
        match test:
            case BinaryOperation("=", where, cell):
                return self._own_row(where, cell) or self.tell(test)
        return self.tell(test)

    def _conditional(
        self, name: str, values: Expression | None, pairs: tuple[Expression, ...]
    ) -> str:
        if values is None or values == pairs[0]:
            asked = self.criterion(pairs[1], many=True)
            return f"{_WHERE[name]} the values in {self.value(pairs[0])} that {asked}"
        return f"{_WHERE[name]} {self.value(values)} where {self._pairs(pairs)}"

    def _chosen(self, name: str, inner: FunctionCall) -> str | None:
        """``MIN(IF(column="x", other))``."""
        match bare_name(inner), inner.arguments:
            case "IF", (test, values):
                what = f"the {_CHOSEN[name]} of {self.value(values)}"
                return f"{what} where {self.tell(test)}"
        return None

    def _products(self, arguments: tuple[Expression, ...]) -> str | None:
        """``SUMPRODUCT``: questions say which rows, values what is added up."""
        factors = [factor for argument in arguments for factor in _factors(argument)]
        tests = [factor for factor in factors if is_question(factor)]
        values = [factor for factor in factors if not is_question(factor)]
        if any(not isinstance(value, RangeRef | CellRef | NumberLiteral) for value in values):
            return None
        where = f" where {' and '.join(map(self._asked, tests))}" if tests else ""
        if not values:
            return f"{ROWS}{where}"
        return f"the total of {' times '.join(map(self.value, values))}{where}"


def is_question(tree: Expression) -> bool:
    """Whether a part of a formula compares something."""
    return isinstance(tree, BinaryOperation) and tree.operator in COMPARED


def _factors(tree: Expression) -> list[Expression]:
    """What is multiplied in a term, without parentheses and the signs that make numbers."""
    match tree:
        case Parenthesis(inner) | Unary("-", Unary("-", inner)):
            return _factors(inner)
        case BinaryOperation("*", left, right):
            return _factors(left) + _factors(right)
    return [tree]

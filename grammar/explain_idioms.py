"""Comparisons that people say with words of their own: ``falls on a Sunday``."""

from __future__ import annotations

from grammar.conditions import Binary, Call, Cell, Column, Comparison, Neighbour, Number, Scalar
from grammar.explain_clause import Clause
from grammar.explain_words import MONTHS, WEEKDAYS, Wording
from grammar.printer import number_text

COMPARED = {
    "GreaterThan": "is more than {}",
    "GreaterThanEqual": "is at least {}",
    "LessThan": "is less than {}",
    "LessThanEqual": "is at most {}",
    "Equals": "is the same as {}",
    "NotEquals": "differs from {}",
}
"""Verbs against a value that is no literal."""

_COUNTS = {
    "GreaterThan": "has more than {}",
    "GreaterThanEqual": "has at least {}",
    "LessThan": "has fewer than {}",
    "LessThanEqual": "has at most {}",
    "Equals": "has exactly {}",
    "NotEquals": "does not have exactly {}",
}
_PARITY = {0: "is even", 1: "is odd"}


def idiom(test: Comparison, wording: Wording) -> Clause | None:
    """Comparisons that people say with words of their own."""
    match test.x, test.value:
        case Column(index), Neighbour(Column(other), offset) if index == other:
            row = f"the row {'above' if offset < 0 else 'below'}"
            verb = COMPARED[test.name].format(row if test.name == "NotEquals" else f"in {row}")
            return Clause(wording.noun(test.x), verb)
        case x, Call(("MAX" | "MIN") as extreme, (same,)) if x == same and test.name == "Equals":
            high, low = ("latest", "earliest") if wording.is_date(x) else ("highest", "lowest")
            return Clause(wording.noun(x), f"is the {high if extreme == 'MAX' else low}")
        case Binary("-", Call("TODAY"), day), Number(days) if test.name.startswith("Greater"):
            if wording.is_date(day) or isinstance(day, Column | Cell):
                verb = f"is {_at_least(test)} {_days_count(days)} ago"
                return Clause(wording.noun(day), verb)
        case Call() as call, Number(number):
            return _function_against(test, call, number, wording)
        case Call(("YEAR" | "MONTH") as part, (day,)), Call(same, (Call("TODAY"),)):
            if part == same and test.name in ("Equals", "NotEquals"):
                return _signed(test, day, f"falls in the current {part.lower()}", wording)
        case Call("INT" | "ROUND", (inner, *_)), x if inner == x and test.name == "Equals":
            return Clause(wording.noun(x), "is a whole number")
    return None


def _function_against(
    test: Comparison, call: Call, number: float, wording: Wording
) -> Clause | None:
    """A function's result against a number."""
    match call.name, call.arguments:
        case "COUNTIF", (column, value):
            return _occurrence(test, column, value, number, wording)
        case "LEN", (text,):
            count = f"{number_text(number)} character{'' if number == 1 else 's'}"
            return Clause(wording.noun(text), _COUNTS[test.name].format(count))
        case "WEEKDAY", (day, Number(2)) if _is_weekend(test.name, number):
            return Clause(wording.noun(day), "falls on a weekend")
    if test.name in ("Equals", "NotEquals"):
        return _function_equals(test, number, wording)
    return None


def _is_weekend(name: str, number: float) -> bool:
    return (name, number) in (("GreaterThan", 5), ("GreaterThanEqual", 6))


def _at_least(test: Comparison) -> str:
    return "more than" if test.name == "GreaterThan" else "at least"


def _days_count(days: float) -> str:
    return f"{number_text(days)} day{'' if days == 1 else 's'}"


def _occurrence(
    test: Comparison, column: Scalar, value: Scalar, number: float, wording: Wording
) -> Clause | None:
    """``COUNTIF`` of a column's own value, as people count duplicates."""
    if column != value:
        return None
    match test.name, number:
        case ("GreaterThan", 1) | ("GreaterThanEqual", 2):
            return Clause(wording.noun(value), "appears more than once")
        case ("Equals", 1):
            return Clause(wording.noun(value), "appears only once")
    how = _COUNTS[test.name].removeprefix("has ").format(number_text(number))
    if test.name == "NotEquals":
        return None
    return Clause(wording.noun(value), f"appears {how} time{'' if number == 1 else 's'}")


def _function_equals(test: Comparison, number: float, wording: Wording) -> Clause | None:
    match test.x:
        case Call("MOD", (x, Number(2))) if number in (0, 1):
            return _signed(test, x, _PARITY[int(number)], wording)
        case Call("MOD", (x, Number(divisor))) if number == 0:
            return _signed(test, x, f"is a multiple of {number_text(divisor)}", wording)
        case Call("MONTH", (day,)) if number in range(1, 13):
            return _signed(test, day, f"falls in {MONTHS[int(number) - 1]}", wording)
        case Call("YEAR", (day,)):
            return _signed(test, day, f"falls in {number_text(number)}", wording)
        case Call("DAY", (day,)):
            verb = f"falls on day {number_text(number)} of the month"
            return _signed(test, day, verb, wording)
        case Call("WEEKDAY", (day, *start)):
            return _weekday(test, day, start, number, wording)
    return None


def _weekday(
    test: Comparison, day: Scalar, start: list[Scalar], number: float, wording: Wording
) -> Clause | None:
    """``WEEKDAY`` counts from Sunday as 1, or from Monday as 1 where its second argument is 2."""
    if number not in range(1, 8) or start not in ([], [Number(1)], [Number(2)]):
        return None
    index = int(number) - (0 if start == [Number(2)] else 1)
    return _signed(test, day, f"falls on a {WEEKDAYS[index % 7]}", wording)


def _signed(test: Comparison, x: Scalar, verb: str, wording: Wording) -> Clause:
    found = Clause(wording.noun(x), verb)
    return found.negated() if test.name == "NotEquals" else found

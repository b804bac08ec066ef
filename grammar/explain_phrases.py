"""One predicate as subject and verb: ``Weight`` + ``is 40 or more``."""

from __future__ import annotations

from grammar.conditions import (
    Average,
    Binary,
    Bool,
    Call,
    Comparison,
    Condition,
    Hole,
    Number,
    Range,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
)
from grammar.explain_clause import Clause
from grammar.explain_idioms import COMPARED, idiom
from grammar.explain_words import Phrase, Wording
from grammar.printer import number_text

_NUMBERS = COMPARED | {
    "GreaterThanEqual": "is {} or more",
    "LessThanEqual": "is {} or less",
    "Equals": "is {}",
    "NotEquals": "is not {}",
}
_DAYS = _NUMBERS | {
    "GreaterThan": "is after {}",
    "GreaterThanEqual": "is on or after {}",
    "LessThan": "is before {}",
    "LessThanEqual": "is on or before {}",
}
_AGO = _DAYS | {
    "GreaterThan": "is later than {}",
    "GreaterThanEqual": "is {} or later",
    "LessThan": "is more than {}",
    "LessThanEqual": "is at least {}",
}
_AHEAD = _DAYS | {
    "GreaterThan": "is more than {}",
    "GreaterThanEqual": "is at least {}",
    "LessThan": "is earlier than {}",
    "LessThanEqual": "is {} or earlier",
}
_TEXTS = _NUMBERS | {
    "GreaterThan": "comes after {} in the alphabet",
    "GreaterThanEqual": "is {} or comes after it in the alphabet",
    "LessThan": "comes before {} in the alphabet",
    "LessThanEqual": "is {} or comes before it in the alphabet",
}
_TEXT_TESTS = {
    "TextEquals": "is {}",
    "TextContains": "contains {}",
    "TextNotContains": "does not contain {}",
    "TextStartsWith": "starts with {}",
    "TextEndsWith": "ends with {}",
}
_STATES = {
    "Blanks": "is blank",
    "NotBlanks": "is not blank",
    "Errors": "is an error",
    "NoErrors": "is not an error",
    "Duplicates": "appears more than once",
    "Uniques": "appears only once",
    "Yesterday": "is yesterday",
    "Today": "is today",
    "Tomorrow": "is tomorrow",
    "Last7Days": "is in the last 7 days",
    "LastWeek": "is last week",
    "ThisWeek": "is this week",
    "NextWeek": "is next week",
    "LastMonth": "is last month",
    "ThisMonth": "is this month",
    "NextMonth": "is next month",
    "ColorScale": "is coloured by how large it is",
    "DataBar": "gets a bar as long as it is large",
    "IconSet": "gets an icon by how large it is",
}


def clause(condition: Condition, wording: Wording) -> Clause:
    """Subject and verb of a condition that joins no others."""
    match condition:
        case Comparison():
            return idiom(condition, wording) or _comparison(condition, wording)
        case Range(name, x, low, high):
            return _range(name == "NotBetween", x, low, high, wording)
        case TextTest(name, x, value):
            is_same = name == "TextEquals" and not _is_literal(value)
            verb = "is the same as {}" if is_same else _TEXT_TESTS[name]
            verb = verb.format(wording.value(value, x))
        case Rank(name, x, amount):
            verb = _rank(name, amount, wording.is_date(x))
        case Average(name, x, deviations):
            verb = _average(name == "AboveAverage", deviations)
        case State(name, x):
            verb = _STATES[name]
        case _:
            raise TypeError(f"no predicate: {condition!r}")
    return Clause(wording.noun(x), verb)


def day_offset(scalar: Scalar) -> float | None:
    """Days from today of ``TODAY()``, ``TODAY() + n`` and ``TODAY() - n``, else ``None``."""
    match scalar:
        case Call("TODAY"):
            return 0
        case Binary("+", Call("TODAY"), Number(days)) | Binary("+", Number(days), Call("TODAY")):
            return days
        case Binary("-", Call("TODAY"), Number(days)):
            return -days
    return None


def within_days(low: Scalar, high: Scalar) -> str | None:
    """``within the next 10 days`` for a range of days that starts or ends today."""
    offsets = day_offset(low), day_offset(high)
    match offsets:
        case (None, _) | (_, None):
            return None
        case (0, days) if days is not None and days > 0:
            return "within the next " + _days(days)
        case (days, 0) if days is not None and days < 0:
            return "within the last " + _days(-days)
    return None


def _days(count: float) -> str:
    return "day" if count == 1 else f"{number_text(count)} days"


def _comparison(test: Comparison, wording: Wording) -> Clause:
    subject = wording.noun(test.x)
    offset = day_offset(test.value)
    value = wording.value(test.value, test.x)
    distance = _distance(test.value, wording) if offset is None else offset
    if abs(distance) > 1:
        verbs = _AGO if distance < 0 else _AHEAD
    elif wording.is_date(test.value) or (wording.is_date(test.x) and _is_literal(test.value)):
        verbs = _DAYS
    elif isinstance(test.value, Text):
        verbs = _TEXTS
    else:
        verbs = _NUMBERS if _is_literal(test.value) else COMPARED
    return Clause(subject, verbs[test.name].format(value))


def _distance(value: Scalar, wording: Wording) -> float:
    """Days or months between a day and the one that it is told from; 0 where it is told by date."""
    match value:
        case Phrase(_, months):
            return 2 * months
        case Binary("+" | "-" as sign, day, other) if wording.is_date(day):
            is_day = wording.is_date(value) and not wording.is_date(other)
            return (2 if sign == "+" else -2) * is_day
    return 0


def _is_literal(scalar: Scalar) -> bool:
    return isinstance(scalar, Number | Text | Bool | Hole)


def _range(is_outside: bool, x: Scalar, low: Scalar, high: Scalar, wording: Wording) -> Clause:
    days = within_days(low, high)
    verb = f"is between {wording.value(low, x)} and {wording.value(high, x)}"
    found = Clause(wording.noun(x), f"is {days}" if days else verb)
    return found.negated() if is_outside else found


def _rank(name: str, amount: float, is_date: bool) -> str:
    is_top = name.startswith("Top")
    if name.endswith("Percent"):
        return f"is in the {'top' if is_top else 'bottom'} {number_text(amount)}%"
    highest, lowest = ("latest", "earliest") if is_date else ("highest", "lowest")
    extreme = highest if is_top else lowest
    return f"is the {extreme}" if amount == 1 else f"is one of the {number_text(amount)} {extreme}"


def _average(is_above: bool, deviations: float) -> str:
    side = "above" if is_above else "below"
    if not deviations:
        return f"is {side} average"
    plural = "" if deviations == 1 else "s"
    return f"is more than {number_text(deviations)} standard deviation{plural} {side} average"

"""Which rows a single predicate selects.

Numbers are compared with numbers, dates with dates and text with text; blanks, errors, booleans
and values of another type are selected only by predicates that name them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable

import numpy as np

from grammar.column_functions import deviation
from grammar.conditions import SCALES, Bool, Comparison, Range, Scalar
from grammar.table import BLANK, BOOL, DATE, ERROR, TEXT
from grammar.values import to_serial
from grammar.vectors import (
    INVALID,
    LOOSE,
    Mask,
    Numbers,
    Vector,
    number_keys,
    number_signs,
    row_by_row,
    same_kind_numbers,
    text_signs,
)

SIGN_TESTS: dict[str, Callable[[Numbers], Mask]] = {
    "GreaterThan": lambda signs: signs > 0,
    "GreaterThanEqual": lambda signs: signs >= 0,
    "LessThan": lambda signs: signs < 0,
    "LessThanEqual": lambda signs: signs <= 0,
    "Equals": lambda signs: signs == 0,
    "NotEquals": lambda signs: signs != 0,
}


def compare(test: Comparison, x: Vector, value: Vector) -> Mask:
    """Rows of ``GreaterThan`` and its kin; booleans only where the condition names one."""
    holds = SIGN_TESTS[test.name]
    selected = same_kind_numbers(x, value) & holds(number_signs(x.numbers, value.numbers))
    text = (x.codes == TEXT) & (value.codes == TEXT)
    if text.any():
        selected[text] = holds(text_signs(x.texts[text], value.texts[text]))
    if names_boolean(test.x, test.value) and test.name in ("Equals", "NotEquals"):
        both = (x.codes == BOOL) & (value.codes == BOOL)
        selected[both] = holds(x.numbers - value.numbers)[both]
    return selected


def names_boolean(*scalars: Scalar) -> bool:
    """Whether a condition says ``TRUE`` or ``FALSE`` itself."""
    return any(isinstance(scalar, Bool) for scalar in scalars)


def within(test: Range, x: Vector, low: Vector, high: Vector) -> Mask:
    """Rows of ``Between`` and ``NotBetween``, with the bounds in either order."""
    selected = np.zeros(len(x), bool)
    numbers = same_kind_numbers(x, low) & same_kind_numbers(x, high)
    text = (x.codes == TEXT) & (low.codes == TEXT) & (high.codes == TEXT)
    for rows, signs, side in ((numbers, number_signs, "numbers"), (text, text_signs, "texts")):
        cells, first, last = (getattr(part, side)[rows] for part in (x, low, high))
        inside = signs(cells, first) * signs(cells, last) <= 0
        selected[rows] = inside if test.name == "Between" else ~inside
    return selected


def text_test(name: str, x: Vector, value: Vector) -> Mask:
    """Rows whose text contains, starts with … another text; wildcards are plain characters."""
    filled = value.texts.astype(bool)
    rows = (x.codes == TEXT) & (value.codes == TEXT) & filled
    return row_by_row(_TEXT_TESTS[name], x.texts, value.texts, rows)


def _lowered(test: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    return lambda text, wanted: test(text.lower(), wanted.lower())


_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "TextEquals": _lowered(lambda text, wanted: text == wanted),
    "TextContains": _lowered(lambda text, wanted: wanted in text),
    "TextNotContains": _lowered(lambda text, wanted: wanted not in text),
    "TextStartsWith": _lowered(lambda text, wanted: text.startswith(wanted)),
    "TextEndsWith": _lowered(lambda text, wanted: text.endswith(wanted)),
}


def state(name: str, x: Vector, today: dt.date | dt.datetime) -> Mask:
    """Rows of predicates without a value: blanks, errors, duplicates, dates, scales."""
    if name in SCALES:
        return x.numeric
    if name in ("Duplicates", "Uniques"):
        return _by_frequency(name, x)
    if name in _STATES:
        return _STATES[name](x)
    first, last = period(name, today)
    days = np.floor(np.where(np.isfinite(x.numbers), x.numbers, -1))
    dated = (x.codes == DATE) | (x.codes == LOOSE)
    inside: Mask = dated & (days >= first) & (days < last)
    return inside


def _is_blank(x: Vector) -> Mask:
    blank: Mask = x.codes == BLANK
    worded = x.codes == TEXT
    texts = x.texts[worded].tolist()
    empty = {text for text in set(texts) if not text.strip(" ")}
    if empty:
        blank[worded] = [text in empty for text in texts]
    return blank


_STATES: dict[str, Callable[[Vector], Mask]] = {
    "Blanks": _is_blank,
    "NotBlanks": lambda x: ~_is_blank(x) & (x.codes != INVALID),
    "Errors": lambda x: x.codes == ERROR,
    "NoErrors": lambda x: ~_is_blank(x) & (x.codes != ERROR) & (x.codes != INVALID),
}


def _by_frequency(name: str, x: Vector) -> Mask:
    """Numbers, dates and texts by how often they occur; text ``'5'`` is not the number 5."""
    selected = np.zeros(len(x), bool)
    worded = x.codes == TEXT
    texts = np.array([text.lower() for text in x.texts[worded].tolist()], object)
    for rows, keys in ((x.numeric, number_keys(x.numbers[x.numeric])), (worded, texts)):
        counts = Counter(keys.tolist())
        often = np.array([counts[key] > 1 for key in keys.tolist()], bool)
        selected[rows] = often if name == "Duplicates" else ~often
    return selected


def period(name: str, today: dt.date | dt.datetime) -> tuple[float, float]:
    """The first day of a period and the day after its last, as serials; weeks start on Sunday."""
    day = math.floor(to_serial(today))
    sunday = day - (day - 1) % 7
    month = 12 * today.year + today.month - 1
    periods = {
        "Yesterday": (day - 1, day),
        "Today": (day, day + 1),
        "Tomorrow": (day + 1, day + 2),
        "Last7Days": (day - 6, day + 1),
        "LastWeek": (sunday - 7, sunday),
        "ThisWeek": (sunday, sunday + 7),
        "NextWeek": (sunday + 7, sunday + 14),
        "LastMonth": (_first_of(month - 1), _first_of(month)),
        "ThisMonth": (_first_of(month), _first_of(month + 1)),
        "NextMonth": (_first_of(month + 1), _first_of(month + 2)),
    }
    return periods[name]


def _first_of(month: int) -> float:
    return to_serial(dt.date(month // 12, month % 12 + 1, 1))


def rank_count(name: str, amount: float, total: int) -> int:
    """How many of ``total`` numbers a rank takes: all there are at most, of a percentage one at
    least."""
    if name.endswith("Percent"):
        wanted = max(math.floor(total * amount / 100), 1) if amount > 0 else 0
    else:
        wanted = math.floor(amount)
    return max(min(wanted, total), 0)


def rank(name: str, amount: float, x: Vector) -> Mask:
    """The greatest or least numbers and dates; ties with the last one belong to them."""
    ordered = np.sort(x.numbers[x.numeric])
    count = rank_count(name, amount, len(ordered))
    if not count:
        return np.zeros(len(x), bool)
    is_top = name.startswith("Top")
    limit = ordered[-count] if is_top else ordered[count - 1]
    signs = number_signs(x.numbers, np.full(len(x), limit))
    return x.numeric & (signs >= 0 if is_top else signs <= 0)


def average(name: str, deviations: float, x: Vector) -> Mask:
    """Numbers and dates beyond the mean by some standard deviations (of a sample)."""
    numbers = x.numbers[x.numeric]
    if len(numbers) < (2 if deviations else 1):
        return np.zeros(len(x), bool)
    distance = deviations * deviation(numbers) if deviations else 0.0
    is_above = name == "AboveAverage"
    limit = float(np.mean(numbers)) + (distance if is_above else -distance)
    signs = number_signs(x.numbers, np.full(len(x), limit))
    return x.numeric & (signs > 0 if is_above else signs < 0)

"""Arithmetic and the functions of a row's values, on vectors."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

from grammar.calc.code_units import cut, unit_count
from grammar.calc.coercion import general
from grammar.table import DATE, ERROR, NUMBER, TEXT
from grammar.values import from_serial
from grammar.vectors import INVALID, LOOSE, Codes, Mask, Numbers, Vector, number_vector, text_vector


def arithmetic(operator: str, left: Vector, right: Vector) -> Vector:
    """``left operator right`` for ``+ - * / ^``; a date and a number of days make a date."""
    with np.errstate(all="ignore"):
        numbers = _OPERATORS[operator](left.numbers, right.numbers)
    return number_vector(numbers, _result_codes(operator, left, right))


def negate(operand: Vector) -> Vector:
    """``-operand``, a plain number."""
    return number_vector(-operand.numbers, _codes(NUMBER, operand.numeric, operand))


def concatenate(left: Vector, right: Vector) -> Vector:
    """``left & right``: texts, and numbers as their plain digits."""
    codes = _codes(TEXT, _wordy(left) & _wordy(right), left, right)
    pairs = zip(_spelled(left), _spelled(right), strict=True)
    return text_vector((first + second for first, second in pairs), codes)


def _divide(left: Numbers, right: Numbers) -> Numbers:
    return np.where(right == 0, np.nan, left / right)


def _power(left: Numbers, right: Numbers) -> Numbers:
    undefined = (left == 0) & (right <= 0)
    return np.where(undefined, np.nan, np.power(left, right))


_OPERATORS: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "^": _power,
}


def _result_codes(operator: str, left: Vector, right: Vector) -> Codes:
    codes = _codes(NUMBER, left.numeric & right.numeric, left, right)
    first, second = left.codes == DATE, right.codes == DATE
    if operator == "+":
        dated = first ^ second
    elif operator == "-":
        dated = first & ~second
    else:
        dated = np.zeros(len(left), bool)
    codes[dated & (codes == NUMBER)] = DATE
    loose = (left.codes == LOOSE) | (right.codes == LOOSE)
    if operator in "+-":
        codes[loose & ((codes == NUMBER) | (codes == DATE))] = LOOSE
    return codes


def _codes(code: int, valid: Mask, *operands: Vector) -> Codes:
    """``code`` where valid, an error where an operand is one, else ``INVALID``."""
    codes = np.where(valid, code, INVALID).astype(np.int8)
    for operand in operands:
        codes[operand.codes == ERROR] = ERROR
    return codes


def _wordy(vector: Vector) -> Mask:
    wordy: Mask = (vector.codes == TEXT) | (vector.codes == NUMBER) | (vector.codes == LOOSE)
    return wordy


def _spelled(vector: Vector) -> list[str]:
    pairs = zip(vector.texts, vector.numbers, vector.numeric, strict=True)
    return [general(float(number)) if numeric else text for text, number, numeric in pairs]


def _len(text: Vector) -> Vector:
    lengths = np.array([unit_count(word) for word in _spelled(text)], np.float64)
    return number_vector(lengths, _codes(NUMBER, _wordy(text), text))


def _of_text(change: Callable[[str], str]) -> Callable[[Vector], Vector]:
    def apply(text: Vector) -> Vector:
        return text_vector(map(change, _spelled(text)), _codes(TEXT, _wordy(text), text))

    return apply


def trim(text: str) -> str:
    """The text without outer spaces, and one space for several inside."""
    return " ".join(word for word in text.split(" ") if word)


def _whole(vector: Vector) -> list[int]:
    """Counts rounded down to whole numbers; those that cannot be are -1."""
    usable = vector.numeric & (np.abs(vector.numbers) < 1e9)
    return [int(number) for number in np.floor(np.where(usable, vector.numbers, -1))]


def _pieces(
    text: Vector, piece: Callable[..., str], counts: tuple[Vector, ...], least: tuple[int, ...]
) -> Vector:
    """A piece of every text, an error where a count is below its least."""
    valid, wholes = _wordy(text), [_whole(count) for count in counts]
    for count in counts:
        valid &= count.numeric
    codes = _codes(TEXT, valid, text, *counts)
    for whole, lowest in zip(wholes, least, strict=True):
        codes[(codes == TEXT) & (np.array(whole, int) < lowest)] = ERROR
    kept = ([max(n, low) for n in whole] for whole, low in zip(wholes, least, strict=True))
    return text_vector((piece(*row) for row in zip(_spelled(text), *kept, strict=True)), codes)


def _left(text: Vector, *count: Vector) -> Vector:
    return _pieces(text, lambda word, length=1: word[:length], count, (0,) * len(count))


def _right(text: Vector, *count: Vector) -> Vector:
    def end(word: str, length: int = 1) -> str:
        return word[max(len(word) - length, 0) :]

    return _pieces(text, end, count, (0,) * len(count))


def _mid(text: Vector, start: Vector, count: Vector) -> Vector:
    def middle(word: str, first: int, length: int) -> str:
        begin, end = cut(word, first - 1, length)
        return word[begin:end]

    return _pieces(text, middle, (start, count), (1, 0))


def _keeping_kind(change: Callable[[Numbers], Numbers]) -> Callable[[Vector], Vector]:
    def apply(x: Vector) -> Vector:
        codes = _codes(NUMBER, x.numeric, x)
        codes[x.numeric] = x.codes[x.numeric]
        return number_vector(change(x.numbers), codes)

    return apply


def _round(x: Vector, digits: Vector) -> Vector:
    codes = _codes(NUMBER, x.numeric & digits.numeric, x, digits)
    kept = codes == NUMBER
    codes[kept] = x.codes[kept]
    places = [int(place) if ok else 0 for place, ok in zip(digits.numbers, kept, strict=True)]
    rounded = [
        round_half_up(float(number), place) if ok else np.nan
        for number, place, ok in zip(x.numbers, places, kept, strict=True)
    ]
    return number_vector(np.array(rounded, np.float64), codes)


def round_half_up(number: float, digits: int) -> float:
    """Excel's ``ROUND``: halves away from zero, of the 15 digits that Excel keeps."""
    if not -300 < digits < 300:
        return number if digits > 0 else 0.0
    exact = Decimal(f"{number:.14e}")
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _WIDE_CONTEXT))


def _mod(x: Vector, divisor: Vector) -> Vector:
    with np.errstate(all="ignore"):
        numbers = x.numbers - divisor.numbers * np.floor(x.numbers / divisor.numbers)
    numbers = np.where(divisor.numbers == 0, np.nan, numbers)
    return number_vector(numbers, _codes(NUMBER, x.numeric & divisor.numeric, x, divisor))


def _calendar(name: str) -> Callable[[Vector], Vector]:
    def apply(x: Vector) -> Vector:
        dated = (x.codes == DATE) | (x.codes == LOOSE)
        pairs = zip(x.numbers, dated, strict=True)
        numbers = [_date_part(name, float(serial)) if ok else np.nan for serial, ok in pairs]
        return number_vector(np.array(numbers, np.float64), _codes(NUMBER, dated, x))

    return apply


def _date_part(name: str, serial: float) -> float:
    if not 0 <= serial < 2958466:
        return np.nan
    return float(getattr(from_serial(np.floor(serial)), name))


def _weekday(x: Vector, *kind: Vector) -> Vector:
    dated = (x.codes == DATE) | (x.codes == LOOSE)
    valid = dated & kind[0].numeric if kind else dated
    first = _WEEK_STARTS
    numbers = [
        _day_of_week(float(serial), first.get(int(kind[0].numbers[row]) if kind else 1))
        if valid[row]
        else np.nan
        for row, serial in enumerate(x.numbers)
    ]
    return number_vector(np.array(numbers, np.float64), _codes(NUMBER, valid, x, *kind))


def _day_of_week(serial: float, start: tuple[int, int] | None) -> float:
    if start is None or not 0 <= serial < 2958466:
        return np.nan
    offset, least = start
    return (int(serial) - offset) % 7 + least


_WEEK_STARTS = {1: (1, 1), 2: (2, 1), 3: (2, 0)} | {10 + k: (1 + k, 1) for k in range(1, 8)}
"""``WEEKDAY``'s second argument → the serial modulo 7 of the first day, and its number."""

_WIDE_CONTEXT = Context(prec=700)
ROW_CALLS: dict[str, Callable[..., Vector]] = {
    "LEN": _len,
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "LOWER": _of_text(str.lower),
    "UPPER": _of_text(str.upper),
    "TRIM": _of_text(trim),
    "ABS": _keeping_kind(np.abs),
    "INT": _keeping_kind(np.floor),
    "ROUND": _round,
    "MOD": _mod,
    "YEAR": _calendar("year"),
    "MONTH": _calendar("month"),
    "DAY": _calendar("day"),
    "WEEKDAY": _weekday,
}
"""The functions of a row's values, by name, on vectors."""

"""Combinatorics, numerals, bits and the rarer trigonometry."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of
from grammar.calc.functions_math import trigonometric
from grammar.calc.registry import excel
from grammar.values import ExcelError

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROMAN = (("M", 1000), ("D", 500), ("C", 100), ("L", 50), ("X", 10), ("V", 5), ("I", 1))
_SUBTRACT = {
    0: ("CM", "CD", "XC", "XL", "IX", "IV"),
    1: ("LM", "LD", "VC", "VL"),
    2: ("XM", "XD", "IC", "IL"),
    3: ("VM", "VD"),
    4: ("IM", "ID"),
}
_VALUES = dict(_ROMAN)


@excel("FACTDOUBLE", "n")
def factdouble(number: float) -> float:
    """The product of every second number up to one."""
    whole = math.trunc(number)
    if whole < -1:
        raise CellError(ExcelError.NUM)
    return float(math.prod(range(whole, 0, -2)))


@excel("COMBINA", "ii")
def combina(count: int, chosen: int) -> float:
    """How many ways to choose with repetition."""
    if count < 0 or chosen < 0 or (count == 0 and chosen > 0):
        raise CellError(ExcelError.NUM)
    return float(math.comb(count + chosen - 1, chosen)) if count else 1.0


@excel("PERMUTATIONA", "ii")
def permutationa(count: int, chosen: int) -> float:
    """How many ways to line up with repetition."""
    if count < 0 or chosen < 0:
        raise CellError(ExcelError.NUM)
    return float(count**chosen)


@excel("MULTINOMIAL", "r", repeat="r", context=True)
def multinomial(context: Context, *arguments: Value) -> float:
    """The factorial of a sum over the product of factorials."""
    wholes = [math.trunc(number) for number in numbers_of(context, arguments)]
    if any(whole < 0 for whole in wholes):
        raise CellError(ExcelError.NUM)
    result, total = 1, 0
    for whole in wholes:
        total += whole
        result *= math.comb(total, whole)
    return float(result)


@excel("BASE", "ii", "i")
def base(number: int, radix: int, width: int = 0) -> str:
    """A number in another base."""
    if not 0 <= number < 2**53 or not 2 <= radix <= 36 or not 0 <= width <= 255:
        raise CellError(ExcelError.NUM)
    return _to_base(number, radix).zfill(width)


def _to_base(number: int, radix: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, radix)
        digits = _DIGITS[rest] + digits
    return digits or "0"


@excel("DECIMAL", "ti")
def decimal(text: str, radix: int) -> float:
    """The number of a text in another base."""
    if not 2 <= radix <= 36:
        raise CellError(ExcelError.NUM)
    return float(_from_base(text.strip(), radix))


def _from_base(text: str, radix: int) -> int:
    try:
        return int(text, radix) if text else 0
    except ValueError:
        raise CellError(ExcelError.NUM) from None


def _converter(radix: int) -> tuple[Callable[[str], float], Callable[..., str]]:
    """Functions from and to ten digits of a base, negative ones as complements."""
    limit = radix**10

    def read(text: str) -> float:
        if len(text) > 10 or text.startswith(("-", "+")):
            raise CellError(ExcelError.NUM)
        number = _from_base(text, radix)
        return float(number - limit if number >= limit // 2 else number)

    def write(number: int, width: int | None = None) -> str:
        if not -(limit // 2) <= number < limit // 2 or (width is not None and width < 1):
            raise CellError(ExcelError.NUM)
        digits = _to_base(number % limit, radix)
        if width is not None and number >= 0 and len(digits) > width:
            raise CellError(ExcelError.NUM)
        return digits if number < 0 else digits.zfill(width or 0)

    return read, write


for _name, _radix in (("BIN", 2), ("OCT", 8), ("HEX", 16)):
    _read, _write = _converter(_radix)
    excel(f"{_name}2DEC", "t")(_read)
    excel(f"DEC2{_name}", "i", "i")(_write)


def _bits(name: str, combine: Callable[[int, int], int]) -> None:
    def call(left: int, right: int) -> float:
        if not (0 <= left < 2**48 and 0 <= right < 2**48):
            raise CellError(ExcelError.NUM)
        return float(combine(left, right))

    excel(name, "ii")(call)


_bits("BITAND", lambda left, right: left & right)
_bits("BITOR", lambda left, right: left | right)
_bits("BITXOR", lambda left, right: left ^ right)


@excel("DELTA", "n", "n")
def delta(left: float, right: float = 0.0) -> int:
    """1 where two numbers are equal, else 0."""
    return int(left == right)


@excel("GESTEP", "n", "n")
def gestep(number: float, step: float = 0.0) -> int:
    """1 where a number reaches a step, else 0."""
    return int(number >= step)


@excel("ROMAN", "i", "v")
def roman(number: int, form: float | bool = 0.0) -> str:
    """A number in Roman numerals, the shorter the higher the form."""
    level = (0 if form else 4) if isinstance(form, bool) else int(form or 0)
    if not 0 <= number <= 3999 or not 0 <= level <= 4:
        raise CellError(ExcelError.VALUE)
    pairs = [pair for key in range(level + 1) for pair in _SUBTRACT[key]]
    values = dict(_ROMAN) | {pair: _VALUES[pair[1]] - _VALUES[pair[0]] for pair in pairs}
    numerals = ""
    for sign, value in sorted(values.items(), key=lambda item: -item[1]):
        count, number = divmod(number, value)
        numerals += sign * count
    return numerals


@excel("ARABIC", "t")
def arabic(text: str) -> int:
    """The number of Roman numerals."""
    match = re.fullmatch(r"(-?)([MDCLXVI]*)", text.strip().upper())
    if match is None:
        raise CellError(ExcelError.VALUE)
    values = [_VALUES[sign] for sign in match.group(2)]
    total = sum(
        -value if any(value < later for later in values[place + 1 : place + 2]) else value
        for place, value in enumerate(values)
    )
    return -total if match.group(1) else total


def _from_zero(call: Callable[[float], float]) -> Callable[[float], float]:
    """A function that has a pole at 0."""

    def checked(number: float) -> float:
        if number == 0:
            raise CellError(ExcelError.DIV0)
        return call(number)

    return checked


def _sech(number: float) -> float:
    return 1 / math.cosh(number) if abs(number) < 700 else 0.0


def _csch(number: float) -> float:
    return 1 / math.sinh(number) if abs(number) < 700 else 0.0


def _acoth(number: float) -> float:
    if abs(number) <= 1:
        raise CellError(ExcelError.NUM)
    return math.atanh(1 / number)


trigonometric("cot", _from_zero(lambda x: 1 / math.tan(x)))
trigonometric("csc", _from_zero(lambda x: 1 / math.sin(x)))
trigonometric("csch", _from_zero(_csch))
trigonometric("coth", _from_zero(lambda x: 1 / math.tanh(x)))
trigonometric("sech", _sech)
trigonometric("acot", lambda x: math.pi / 2 - math.atan(x))
trigonometric("acoth", _acoth)

"""Arithmetic, rounding and trigonometry."""

from __future__ import annotations

import math
from collections.abc import Callable

from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of
from grammar.calc.operators import power
from grammar.calc.registry import excel
from grammar.values import ExcelError


def round_half_away(number: float, digits: int) -> float:
    """The number rounded to decimals as people do, halves away from 0."""
    return _scaled(number, digits, lambda x: math.floor(x + 0.5))


def _scaled(number: float, digits: int, whole: Callable[[float], int]) -> float:
    """Rounding of the absolute value by ``whole``, at 15 significant digits."""
    if number == 0 or digits > 300 or not math.isfinite(number):
        return number
    if digits < -308:
        return 0.0
    scale = 10.0 ** abs(digits)
    scaled = abs(number) * scale if digits >= 0 else abs(number) / scale
    if scaled >= 1e15:
        return number
    scaled = float(f"{scaled:.14e}")
    result = whole(scaled) / scale if digits >= 0 else whole(scaled) * scale
    return math.copysign(result, number)


@excel("ROUND", "ni")
def round_(number: float, digits: int) -> float:
    """Rounded, halves away from 0."""
    return round_half_away(number, digits)


@excel("ROUNDUP", "ni")
def roundup(number: float, digits: int) -> float:
    """Rounded away from 0."""
    return _scaled(number, digits, math.ceil)


@excel("ROUNDDOWN", "ni")
def rounddown(number: float, digits: int) -> float:
    """Rounded towards 0."""
    return _scaled(number, digits, math.floor)


@excel("TRUNC", "n", "i")
def trunc(number: float, digits: int = 0) -> float:
    """Cut towards 0."""
    return _scaled(number, digits, math.floor)


@excel("INT", "n")
def int_(number: float) -> float:
    """The next whole number below."""
    return float(math.floor(number))


@excel("ABS", "n")
def abs_(number: float) -> float:
    """Without its sign."""
    return abs(number)


@excel("SIGN", "n")
def sign(number: float) -> int:
    """-1, 0 or 1."""
    return (number > 0) - (number < 0)


@excel("MOD", "nn")
def mod(number: float, divisor: float) -> float:
    """The rest of a division, with the divisor's sign."""
    if divisor == 0:
        raise CellError(ExcelError.DIV0)
    if abs(number / divisor) >= 1125900000000 * 2:
        raise CellError(ExcelError.NUM)
    rest = number - divisor * math.floor(number / divisor)
    return 0.0 if rest == divisor else rest


@excel("QUOTIENT", "nn")
def quotient(number: float, divisor: float) -> int:
    """The whole part of a division."""
    if divisor == 0:
        raise CellError(ExcelError.DIV0)
    return math.trunc(number / divisor)


@excel("POWER", "nn")
def power_(base: float, exponent: float) -> float:
    """A power."""
    return power(base, exponent)


@excel("SQRT", "n")
def sqrt(number: float) -> float:
    """The square root."""
    return math.sqrt(_from(number, 0))


@excel("SQRTPI", "n")
def sqrtpi(number: float) -> float:
    """The square root of a multiple of pi."""
    return math.sqrt(_from(number, 0) * math.pi)


def _from(number: float, lowest: float, strictly: bool = False) -> float:
    if number < lowest or (strictly and number == lowest):
        raise CellError(ExcelError.NUM)
    return number


@excel("EXP", "n")
def exp(number: float) -> float:
    """e to a power."""
    return math.exp(number)


@excel("LN", "n")
def ln(number: float) -> float:
    """The natural logarithm."""
    return math.log(_from(number, 0, strictly=True))


@excel("LOG10", "n")
def log10(number: float) -> float:
    """The decimal logarithm."""
    return math.log10(_from(number, 0, strictly=True))


@excel("LOG", "n", "n")
def log(number: float, base: float = 10.0) -> float:
    """The logarithm to a base."""
    _from(number, 0, strictly=True)
    if _from(base, 0, strictly=True) == 1:
        raise CellError(ExcelError.DIV0)
    if base in (2.0, 10.0):
        return math.log2(number) if base == 2 else math.log10(number)
    return math.log(number) / math.log(base)


@excel("PI")
def pi() -> float:
    """Pi."""
    return math.pi


def _stepped(number: float, step: float, whole: Callable[[float], int]) -> float:
    """The multiple of a step that ``whole`` chooses, unharmed by the last binary digit."""
    ratio = float(f"{number / step:.14e}")
    return whole(ratio) * step


@excel("CEILING", "nn")
def ceiling(number: float, step: float) -> float:
    """The next multiple away from 0, for a positive step upwards."""
    if number == 0 or step == 0:
        return 0.0
    if number > 0 > step:
        raise CellError(ExcelError.NUM)
    return _stepped(number, step, math.ceil)


@excel("FLOOR", "nn")
def floor(number: float, step: float) -> float:
    """The next multiple towards 0, for a positive step downwards."""
    if step == 0 and number != 0:
        raise CellError(ExcelError.DIV0)
    if number == 0:
        return 0.0
    if number > 0 > step:
        raise CellError(ExcelError.NUM)
    return _stepped(number, step, math.floor)


@excel("CEILING.MATH", "n", "nn")
def ceiling_math(number: float, step: float = 1.0, mode: float = 0.0) -> float:
    """The next multiple upwards, for negative numbers away from 0 where a mode says so."""
    if step == 0 or number == 0:
        return 0.0
    away = number < 0 and mode != 0
    return _stepped(number, abs(step), math.floor if away else math.ceil)


@excel("FLOOR.MATH", "n", "nn")
def floor_math(number: float, step: float = 1.0, mode: float = 0.0) -> float:
    """The next multiple downwards, for negative numbers towards 0 where a mode says so."""
    if step == 0 or number == 0:
        return 0.0
    towards = number < 0 and mode != 0
    return _stepped(number, abs(step), math.ceil if towards else math.floor)


@excel("CEILING.PRECISE ISO.CEILING", "n", "n")
def ceiling_precise(number: float, step: float = 1.0) -> float:
    """The next multiple upwards."""
    return ceiling_math(number, step)


@excel("FLOOR.PRECISE", "n", "n")
def floor_precise(number: float, step: float = 1.0) -> float:
    """The next multiple downwards."""
    return floor_math(number, step)


@excel("MROUND", "nn")
def mround(number: float, step: float) -> float:
    """The nearest multiple."""
    if number == 0 or step == 0:
        return 0.0
    if (number > 0) != (step > 0):
        raise CellError(ExcelError.NUM)
    return math.floor(number / step + 0.5) * step


@excel("EVEN", "n")
def even(number: float) -> float:
    """The next even number away from 0."""
    return math.copysign(math.ceil(abs(number) / 2) * 2, number)


@excel("ODD", "n")
def odd(number: float) -> float:
    """The next odd number away from 0."""
    return math.copysign(math.ceil((abs(number) - 1) / 2) * 2 + 1, number) if number else 1.0


def _wholes(context: Context, arguments: tuple[Value, ...]) -> list[int]:
    numbers = [math.trunc(number) for number in numbers_of(context, arguments)]
    if any(number < 0 or number >= 2**53 for number in numbers):
        raise CellError(ExcelError.NUM)
    return numbers


@excel("GCD", "r", repeat="r", context=True)
def gcd(context: Context, *arguments: Value) -> int:
    """The greatest common divisor."""
    return math.gcd(*_wholes(context, arguments))


@excel("LCM", "r", repeat="r", context=True)
def lcm(context: Context, *arguments: Value) -> int:
    """The least common multiple."""
    return math.lcm(*_wholes(context, arguments))


@excel("FACT", "n")
def fact(number: float) -> float:
    """The factorial of the whole part."""
    if number > 170:
        raise CellError(ExcelError.NUM)
    return float(math.factorial(math.trunc(_from(number, 0))))


@excel("COMBIN", "ii")
def combin(count: int, chosen: int) -> float:
    """How many ways to choose some of a number of things."""
    if count < 0 or chosen < 0 or chosen > count:
        raise CellError(ExcelError.NUM)
    return float(math.comb(count, chosen))


@excel("PERMUT", "ii")
def permut(count: int, chosen: int) -> float:
    """How many ways to line up some of a number of things."""
    if count <= 0 or chosen < 0 or chosen > count:
        raise CellError(ExcelError.NUM)
    return float(math.perm(count, chosen))


@excel("SERIESSUM", "nnnr", context=True)
def seriessum(context: Context, x: float, start: float, step: float, factors: Value) -> float:
    """The sum of a power series."""
    numbers = numbers_of(context, (factors,))
    terms: list[float] = numbers.tolist()
    return sum(f * math.pow(x, start + i * step) for i, f in enumerate(terms))


@excel("RADIANS", "n")
def radians(degrees_: float) -> float:
    """An angle in radians."""
    return math.radians(degrees_)


@excel("DEGREES", "n")
def degrees(radians_: float) -> float:
    """An angle in degrees."""
    return math.degrees(radians_)


@excel("ATAN2", "nn")
def atan2(x: float, y: float) -> float:
    """The angle of a point."""
    if x == 0 and y == 0:
        raise CellError(ExcelError.DIV0)
    return math.atan2(y, x)


def trigonometric(name: str, call: Callable[[float], float]) -> None:
    """Enters a function of an angle or a ratio; outside its domain it gives ``#NUM!``."""

    def safe(number: float) -> float:
        try:
            return call(number)
        except ValueError:
            raise CellError(ExcelError.NUM) from None

    safe.__doc__ = f"The {name} of a number."
    excel(name.upper(), "n")(safe)


for _name in "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split():
    trigonometric(_name, getattr(math, _name))
trigonometric("sec", lambda number: 1 / math.cos(number))

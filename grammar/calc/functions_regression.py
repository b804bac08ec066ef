"""Two samples side by side, and the shape of one."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from grammar.calc.blocks import Block, Numbers
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import mean, numbers_of, paired_numbers, total
from grammar.calc.registry import excel
from grammar.values import ExcelError


def _moments(x: Numbers, y: Numbers) -> tuple[float, float, float]:
    """The sums of squares of x and y and of their products, from the means."""
    dx, dy = x - mean(x), y - mean(y)
    return total(dx * dx), total(dy * dy), total(dx * dy)


def _divided(above: float, below: float) -> float:
    if below == 0:
        raise CellError(ExcelError.DIV0)
    return above / below


def _two(name: str, summarise: Callable[[Numbers, Numbers], float], doc: str) -> None:
    def call(context: Context, first: Value, second: Value) -> float:
        left, right = paired_numbers(context, first, second)
        return summarise(left, right)

    call.__doc__ = doc
    excel(name, "rr", context=True)(call)


def correlation(x: Numbers, y: Numbers) -> float:
    """Pearson's coefficient.

    Raises:
        CellError: one of the two does not vary (``#DIV/0!``).
    """
    sxx, syy, sxy = _moments(x, y)
    return _divided(sxy, math.sqrt(sxx * syy))


def slope(y: Numbers, x: Numbers) -> float:
    """The slope of the line of least squares.

    Raises:
        CellError: x does not vary (``#DIV/0!``).
    """
    sxx, _, sxy = _moments(x, y)
    return _divided(sxy, sxx)


def intercept(y: Numbers, x: Numbers) -> float:
    """Where the line of least squares meets the axis."""
    return mean(y) - slope(y, x) * mean(x)


def _standard_error(y: Numbers, x: Numbers) -> float:
    sxx, syy, sxy = _moments(x, y)
    if x.size < 3:
        raise CellError(ExcelError.DIV0)
    return math.sqrt((syy - _divided(sxy * sxy, sxx)) / (x.size - 2))


_two("CORREL PEARSON", correlation, "Pearson's coefficient of correlation.")
_two("RSQ", lambda y, x: correlation(y, x) ** 2, "Its square.")
_two("SLOPE", slope, "The slope of the line through points.")
_two("INTERCEPT", intercept, "Where the line through points meets the axis.")
_two("STEYX", _standard_error, "The standard error of the line through points.")
_two("COVAR COVARIANCE.P", lambda x, y: _divided(_moments(x, y)[2], x.size), "The covariance.")
_two("COVARIANCE.S", lambda x, y: _divided(_moments(x, y)[2], x.size - 1), "That of a sample.")


@excel("FORECAST FORECAST.LINEAR", "nrr", context=True)
def forecast(context: Context, x: float, known_y: Value, known_x: Value) -> float:
    """The height of the line through points at x."""
    ys, xs = paired_numbers(context, known_y, known_x)
    return intercept(ys, xs) + slope(ys, xs) * x


@excel("SKEW", "r", repeat="r", context=True)
def skew(context: Context, *arguments: Value) -> float:
    """The skewness of a sample."""
    numbers = numbers_of(context, arguments)
    n = numbers.size
    if n < 3:
        raise CellError(ExcelError.DIV0)
    away = numbers - mean(numbers)
    deviation = math.sqrt(total(away**2) / (n - 1))
    return _divided(total(away**3) * n, (n - 1) * (n - 2) * deviation**3)


@excel("KURT", "r", repeat="r", context=True)
def kurt(context: Context, *arguments: Value) -> float:
    """The excess kurtosis of a sample."""
    numbers = numbers_of(context, arguments)
    n = numbers.size
    if n < 4:
        raise CellError(ExcelError.DIV0)
    away = numbers - mean(numbers)
    fourth = _divided(total(away**4), (total(away**2) / (n - 1)) ** 2)
    below = (n - 1) * (n - 2) * (n - 3)
    return fourth * n * (n + 1) / below - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


@excel("FREQUENCY", "rr", context=True)
def frequency(context: Context, values: Value, bounds: Value) -> Block:
    """How many numbers lie up to each bound, and beyond the last."""
    numbers = np.sort(numbers_of(context, (values,)))
    limits = numbers_of(context, (bounds,))
    order = np.argsort(limits, kind="stable")
    below = np.searchsorted(numbers, limits[order], "right")
    counts = np.empty(limits.size + 1)
    counts[order] = np.diff(below, prepend=0)
    counts[-1] = numbers.size - (below[-1] if below.size else 0)
    return Block.of_numbers(counts.reshape(-1, 1))


@excel("STANDARDIZE", "nnn")
def standardize(x: float, middle: float, deviation: float) -> float:
    """How many deviations from the mean."""
    return (x - middle) / _above_zero(deviation)


def _above_zero(number: float) -> float:
    if number <= 0:
        raise CellError(ExcelError.NUM)
    return number


@excel("NORM.DIST NORMDIST", "nnnb")
def norm_dist(x: float, middle: float, deviation: float, cumulative: bool) -> float:
    """The normal distribution."""
    normal = NormalDist(middle, _above_zero(deviation))
    return _below(normal, x) if cumulative else normal.pdf(x)


def _below(normal: NormalDist, x: float) -> float:
    return 0.5 * math.erfc((normal.mean - x) / (normal.stdev * math.sqrt(2)))


@excel("NORM.S.DIST", "nb")
def norm_s_dist(x: float, cumulative: bool) -> float:
    """The standard normal distribution."""
    return norm_dist(x, 0.0, 1.0, cumulative)


@excel("NORMSDIST", "n")
def normsdist(x: float) -> float:
    """The standard normal distribution up to x."""
    return norm_dist(x, 0.0, 1.0, True)


@excel("NORM.INV NORMINV", "nnn")
def norm_inv(share: float, middle: float, deviation: float) -> float:
    """The number below which a share of a normal distribution lies."""
    if not 0 < share < 1:
        raise CellError(ExcelError.NUM)
    normal = NormalDist(0.0, 1.0)
    x = normal.inv_cdf(share)
    x -= (_below(normal, x) - share) / normal.pdf(x)
    return middle + x * _above_zero(deviation)


@excel("NORM.S.INV NORMSINV", "n")
def norm_s_inv(share: float) -> float:
    """The number below which a share of the standard normal distribution lies."""
    return norm_inv(share, 0.0, 1.0)

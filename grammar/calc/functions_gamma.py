"""The gamma function and the distributions of its family: gamma and chi-squared."""

from __future__ import annotations

import math
from collections.abc import Callable

from grammar.calc.faults import CellError
from grammar.calc.registry import excel
from grammar.calc.special_functions import gamma_lower, gamma_upper, inverse
from grammar.values import ExcelError

MOST_FREEDOM = 1e10


def need(holds: bool) -> None:
    """Nothing, where an argument is in its range.

    Raises:
        CellError: it is not (``#NUM!``).
    """
    if not holds:
        raise CellError(ExcelError.NUM)


def need_freedom(*degrees: int) -> None:
    """Nothing, where all degrees of freedom are in their range.

    Raises:
        CellError: one is not (``#NUM!``).
    """
    need(all(1 <= degree <= MOST_FREEDOM for degree in degrees))


def quantile(chance: float, lower: Callable[[float], float]) -> float:
    """Where a distribution that starts at 0 reaches a chance from 0 up to, not including, 1."""
    need(0 <= chance < 1)
    return inverse(lower, chance, 0.0, math.inf) if chance else 0.0


def upper_quantile(chance: float, upper: Callable[[float], float]) -> float:
    """Where so much of a distribution that starts at 0 lies above."""
    need(0 < chance <= 1)
    return inverse(lambda x: -upper(x), -chance, 0.0, math.inf) if chance < 1 else 0.0


@excel("GAMMA", "n")
def gamma(x: float) -> float:
    """The gamma function."""
    need(x > 0 or x != math.floor(x))
    return math.gamma(x)


@excel("GAMMALN GAMMALN.PRECISE", "n")
def gamma_log(x: float) -> float:
    """The logarithm of the gamma function."""
    need(x > 0)
    return math.lgamma(x)


@excel("GAMMA.DIST GAMMADIST", "nnnb")
def gamma_distribution(x: float, shape: float, scale: float, cumulative: bool) -> float:
    """The gamma distribution."""
    need(x >= 0 and shape > 0 and scale > 0)
    if cumulative:
        return gamma_lower(shape, x / scale)
    if x == 0:
        need(shape >= 1)
        return 1 / scale if shape == 1 else 0.0
    exponent = (shape - 1) * math.log(x / scale) - x / scale - math.lgamma(shape)
    return math.exp(exponent) / scale


@excel("GAMMA.INV GAMMAINV", "nnn")
def gamma_inverse(chance: float, shape: float, scale: float) -> float:
    """The value below which so much of a gamma distribution lies."""
    need(shape > 0 and scale > 0)
    return scale * quantile(chance, lambda x: gamma_lower(shape, x))


@excel("CHISQ.DIST", "nib")
def chi_squared(x: float, freedom: int, cumulative: bool) -> float:
    """The chi-squared distribution."""
    need(x >= 0)
    need_freedom(freedom)
    return gamma_distribution(x, freedom / 2, 2.0, cumulative)


@excel("CHISQ.DIST.RT CHIDIST", "ni")
def chi_squared_above(x: float, freedom: int) -> float:
    """How much of a chi-squared distribution lies above."""
    need(x >= 0)
    need_freedom(freedom)
    return gamma_upper(freedom / 2, x / 2)


@excel("CHISQ.INV", "ni")
def chi_squared_inverse(chance: float, freedom: int) -> float:
    """The value below which so much of a chi-squared distribution lies."""
    need_freedom(freedom)
    return 2 * quantile(chance, lambda x: gamma_lower(freedom / 2, x))


@excel("CHISQ.INV.RT CHIINV", "ni")
def chi_squared_inverse_above(chance: float, freedom: int) -> float:
    """The value above which so much of a chi-squared distribution lies."""
    need_freedom(freedom)
    return 2 * upper_quantile(chance, lambda x: gamma_upper(freedom / 2, x))

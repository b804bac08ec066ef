"""The distributions of the beta family: beta, F, Student's t, negative binomial."""

from __future__ import annotations

import math

from grammar.calc.functions_gamma import need, need_freedom, quantile, upper_quantile
from grammar.calc.registry import excel
from grammar.calc.special_functions import beta_log, beta_lower, beta_upper, inverse


@excel("BETA.DIST", "nnnb", "nn")
def beta_distribution(
    x: float, a: float, b: float, cumulative: bool, low: float = 0.0, high: float = 1.0
) -> float:
    """The beta distribution between two bounds."""
    need(a > 0 and b > 0 and low < high and low <= x <= high)
    share = (x - low) / (high - low)
    if cumulative:
        return beta_lower(a, b, share)
    need(0 < share < 1 or (a >= 1 and b >= 1))
    density = share ** (a - 1) * (1 - share) ** (b - 1) / math.exp(beta_log(a, b))
    return float(density / (high - low))


@excel("BETADIST", "nnn", "nn")
def beta_cumulative(x: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> float:
    """The cumulative beta distribution."""
    return beta_distribution(x, a, b, True, low, high)


@excel("BETA.INV BETAINV", "nnn", "nn")
def beta_inverse(chance: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value below which so much of a beta distribution lies."""
    need(a > 0 and b > 0 and low < high and 0 < chance < 1)
    share = inverse(lambda x: beta_lower(a, b, x), chance, 0.0, 1.0)
    return low + share * (high - low)


def _f_share(x: float, first: int, second: int) -> float:
    return first * x / (first * x + second)


@excel("F.DIST", "niib")
def f_distribution(x: float, first: int, second: int, cumulative: bool) -> float:
    """The F distribution."""
    need(x >= 0)
    need_freedom(first, second)
    if cumulative:
        return beta_lower(first / 2, second / 2, _f_share(x, first, second))
    if x == 0:
        need(first > 1)
        return 1.0 if first == 2 else 0.0
    half, other = first / 2, second / 2
    exponent = half * math.log(first / second) + (half - 1) * math.log(x)
    exponent -= (half + other) * math.log1p(first * x / second) + beta_log(half, other)
    return math.exp(exponent)


@excel("F.DIST.RT FDIST", "nii")
def f_above(x: float, first: int, second: int) -> float:
    """How much of an F distribution lies above."""
    need(x >= 0)
    need_freedom(first, second)
    return beta_upper(first / 2, second / 2, _f_share(x, first, second))


@excel("F.INV", "nii")
def f_inverse(chance: float, first: int, second: int) -> float:
    """The value below which so much of an F distribution lies."""
    need_freedom(first, second)
    return quantile(chance, lambda x: f_distribution(x, first, second, True))


@excel("F.INV.RT FINV", "nii")
def f_inverse_above(chance: float, first: int, second: int) -> float:
    """The value above which so much of an F distribution lies."""
    need_freedom(first, second)
    return upper_quantile(chance, lambda x: f_above(x, first, second))


def t_both_sides(x: float, freedom: float) -> float:
    """How much of a t distribution lies beyond ``x`` on both sides; freedom may be a fraction."""
    return beta_lower(freedom / 2, 0.5, freedom / (freedom + x * x))


@excel("T.DIST", "nib")
def t_distribution(x: float, freedom: int, cumulative: bool) -> float:
    """Student's t distribution."""
    need_freedom(freedom)
    if cumulative:
        beyond = t_both_sides(x, freedom) / 2
        return beyond if x < 0 else 1 - beyond
    exponent = -(freedom + 1) / 2 * math.log1p(x * x / freedom) - beta_log(0.5, freedom / 2)
    return math.exp(exponent) / math.sqrt(freedom)


@excel("T.DIST.RT", "ni")
def t_above(x: float, freedom: int) -> float:
    """How much of a t distribution lies above."""
    need_freedom(freedom)
    beyond = t_both_sides(x, freedom) / 2
    return beyond if x >= 0 else 1 - beyond


@excel("T.DIST.2T", "ni")
def t_beyond(x: float, freedom: int) -> float:
    """How much of a t distribution lies beyond on both sides."""
    need(x >= 0)
    need_freedom(freedom)
    return t_both_sides(x, freedom)


@excel("TDIST", "nii")
def t_tails(x: float, freedom: int, tails: int) -> float:
    """How much of a t distribution lies beyond, on one side or both."""
    need(x >= 0 and tails in (1, 2))
    need_freedom(freedom)
    return t_both_sides(x, freedom) * tails / 2


@excel("T.INV", "ni")
def t_inverse(chance: float, freedom: int) -> float:
    """The value below which so much of a t distribution lies."""
    need(0 < chance < 1)
    if chance == 0.5:
        return 0.0
    beyond = t_inverse_both_sides(2 * min(chance, 1 - chance), freedom)
    return beyond if chance > 0.5 else -beyond


@excel("T.INV.2T TINV", "ni")
def t_inverse_both_sides(chance: float, freedom: int) -> float:
    """The value beyond which so much of a t distribution lies on both sides."""
    need_freedom(freedom)
    return upper_quantile(chance, lambda x: t_both_sides(x, freedom))


@excel("NEGBINOM.DIST", "iinb")
def negative_binomial(failures: int, successes: int, chance: float, cumulative: bool) -> float:
    """The chance of so many failures, or of no more, before so many successes."""
    need(failures >= 0 and successes >= 1 and 0 <= chance <= 1)
    if cumulative:
        return beta_lower(successes, failures + 1, chance)
    if chance in (0, 1):
        return float(chance == 1 and failures == 0)
    ways = -beta_log(failures + 1, successes) - math.log(failures + successes)
    return math.exp(ways + successes * math.log(chance) + failures * math.log1p(-chance))


@excel("NEGBINOMDIST", "iin")
def negative_binomial_exact(failures: int, successes: int, chance: float) -> float:
    """The chance of exactly so many failures before so many successes."""
    return negative_binomial(failures, successes, chance, False)

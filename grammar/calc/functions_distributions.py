"""Distributions that have a closed form."""

from __future__ import annotations

import math
from statistics import NormalDist

from grammar.calc.coercion import to_number
from grammar.calc.faults import CellError
from grammar.calc.locales import EN_US
from grammar.calc.registry import excel
from grammar.values import CellValue, ExcelError

MOST = 10_000
"""Larger counts are not summed up."""


def _need(holds: bool) -> None:
    if not holds:
        raise CellError(ExcelError.NUM)


@excel("BINOM.DIST BINOMDIST", "iinb")
def binom(hits: int, trials: int, chance: float, cumulative: bool) -> float:
    """The chance of so many hits, or of no more."""
    _need(0 <= hits <= trials <= MOST and 0 <= chance <= 1)
    first = 0 if cumulative else hits
    return math.fsum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) if trials < 1000 else
        math.exp(math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1))
        * chance**k * (1 - chance) ** (trials - k)
        for k in range(first, hits + 1)
    )  # fmt: skip


@excel("POISSON.DIST POISSON", "inb")
def poisson(events: int, mean: float, cumulative: bool) -> float:
    """The chance of so many events, or of no more."""
    _need(0 <= events <= MOST and mean >= 0)
    if mean == 0:
        return 1.0 if cumulative or events == 0 else 0.0
    first = 0 if cumulative else events
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(first, events + 1)
    )


@excel("EXPON.DIST EXPONDIST", "nnb")
def expon(x: float, rate: float, cumulative: bool) -> float:
    """The exponential distribution."""
    _need(x >= 0 and rate > 0)
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


@excel("WEIBULL.DIST WEIBULL", "nnnb")
def weibull(x: float, shape: float, scale: float, cumulative: bool) -> float:
    """The Weibull distribution."""
    _need(x >= 0 and shape > 0 and scale > 0)
    power = (x / scale) ** shape
    if cumulative:
        return -math.expm1(-power)
    if x == 0:
        return 0.0
    return float(shape / scale * (x / scale) ** (shape - 1) * math.exp(-power))


@excel("LOGNORM.DIST", "nnnb")
def lognorm(x: float, mean: float, deviation: float, cumulative: bool) -> float:
    """The lognormal distribution."""
    _need(x > 0 and deviation > 0)
    place = (math.log(x) - mean) / deviation
    if cumulative:
        return 0.5 * math.erfc(-place / math.sqrt(2))
    return math.exp(-place * place / 2) / (x * deviation * math.sqrt(2 * math.pi))


@excel("LOGNORMDIST", "nnn")
def lognormdist(x: float, mean: float, deviation: float) -> float:
    """The cumulative lognormal distribution."""
    return lognorm(x, mean, deviation, True)


@excel("LOGNORM.INV LOGINV", "nnn")
def lognorm_inverse(chance: float, mean: float, deviation: float) -> float:
    """The value below which so much of a lognormal distribution lies."""
    _need(0 < chance < 1 and deviation > 0)
    return math.exp(mean + deviation * NormalDist().inv_cdf(chance))


@excel("HYPGEOM.DIST", "iiiib")
def hypgeom(hits: int, drawn: int, good: int, whole: int, cumulative: bool) -> float:
    """The chance of so many hits, or of no more, without putting back."""
    _need(hits >= 0 and 0 < drawn <= whole <= MOST and 0 < good <= whole)
    first = 0 if cumulative else hits
    last = min(hits, drawn, good)
    ways = sum(
        math.comb(good, k) * math.comb(whole - good, drawn - k) for k in range(first, last + 1)
    )
    return ways / math.comb(whole, drawn)


@excel("HYPGEOMDIST", "iiii")
def hypgeomdist(hits: int, drawn: int, good: int, whole: int) -> float:
    """The chance of exactly so many hits without putting back."""
    return hypgeom(hits, drawn, good, whole, False)


@excel("BINOM.INV CRITBINOM", "inn")
def binom_inverse(trials: int, chance: float, wanted: float) -> float:
    """The least number of hits that is not exceeded with a chance."""
    _need(0 <= trials <= MOST and 0 < chance < 1 and 0 < wanted < 1)
    low, high = 0, trials
    while low < high:
        middle = (low + high) // 2
        if binom(middle, trials, chance, True) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


@excel("BINOM.DIST.RANGE", "ini", "i")
def binom_range(trials: int, chance: float, first: int, last: int | None = None) -> float:
    """The chance of a number of hits from one to another."""
    last = first if last is None else last
    _need(0 <= first <= last <= trials)
    return math.fsum(binom(hits, trials, chance, False) for hits in range(first, last + 1))


@excel("PHI", "n")
def phi(x: float) -> float:
    """The density of the standard normal distribution."""
    return NormalDist().pdf(x)


@excel("GAUSS", "n")
def gauss(x: float) -> float:
    """How much of the standard normal distribution lies between its mean and a value."""
    return math.erf(x / math.sqrt(2)) / 2


@excel("FISHER", "n")
def fisher(x: float) -> float:
    """The Fisher transformation."""
    _need(-1 < x < 1)
    return math.atanh(x)


@excel("FISHERINV", "n")
def fisher_inverse(y: float) -> float:
    """What the Fisher transformation came from."""
    return math.tanh(y)


@excel("ERF", "v", "v")
def erf(low: CellValue, high: CellValue = None) -> float:
    """The error function, or its difference between two values."""
    first = _number(low)
    return math.erf(first) if high is None else math.erf(_number(high)) - math.erf(first)


def _number(value: CellValue) -> float:
    """A number or text that reads as one; a boolean is an error here."""
    if isinstance(value, bool):
        raise CellError(ExcelError.VALUE)
    return to_number(value, EN_US)


@excel("ERF.PRECISE", "n")
def erf_precise(x: float) -> float:
    """The error function."""
    return math.erf(x)


@excel("ERFC ERFC.PRECISE", "n")
def erfc(x: float) -> float:
    """What the error function lacks to 1."""
    return math.erfc(x)

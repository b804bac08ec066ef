"""Tests of hypotheses and confidence intervals."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from grammar.calc.blocks import NUMBER, Block, Numbers
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of, variance
from grammar.calc.functions_beta import f_above, t_both_sides, t_inverse_both_sides
from grammar.calc.functions_gamma import chi_squared_above, need
from grammar.calc.registry import as_block, excel
from grammar.values import ExcelError

_PAIRED, _ALIKE, _UNLIKE = 1, 2, 3
_SURE = 1e-7


def _numbers(context: Context, value: Value) -> Numbers:
    return numbers_of(context, (as_block(context, value),))


def _need_more_than(count: int, *samples: Numbers) -> None:
    if any(sample.size <= count for sample in samples):
        raise CellError(ExcelError.DIV0)


def paired(context: Context, first: Value, second: Value) -> tuple[Numbers, Numbers]:
    """The pairs of two arrays of one size in which both are numbers.

    Raises:
        CellError: the sizes differ (``#N/A``), or a cell is an error.
    """
    one, two = as_block(context, first), as_block(context, second)
    if one.values.size != two.values.size:
        raise CellError(ExcelError.NA)
    _refuse_errors(one, two)
    both = (one.codes.ravel() == NUMBER) & (two.codes.ravel() == NUMBER)
    return one.numbers.ravel()[both], two.numbers.ravel()[both]


def _refuse_errors(*blocks: Block) -> None:
    for block in blocks:
        if block.first_error is not None:
            raise CellError(block.first_error)


@excel("T.TEST TTEST", "rrii", context=True)
def t_test(context: Context, first: Value, second: Value, tails: int, kind: int) -> float:
    """How likely two samples have the same mean: paired, of one variance or of two."""
    need(tails in (1, 2) and kind in (_PAIRED, _ALIKE, _UNLIKE))
    if kind == _PAIRED:
        one, two = paired(context, first, second)
        _need_more_than(1, one)
        error = variance(one - two, True) / one.size
        freedom = one.size - 1.0
    else:
        one, two = _numbers(context, first), _numbers(context, second)
        _need_more_than(1, one, two)
        error, freedom = _two_samples(one, two, kind)
    distance = abs(float(np.mean(one) - np.mean(two))) / math.sqrt(error)
    return t_both_sides(distance, freedom) * tails / 2


def _two_samples(one: Numbers, two: Numbers, kind: int) -> tuple[float, float]:
    """The variance of the difference of two means, and its degrees of freedom."""
    first, second = variance(one, True), variance(two, True)
    if kind == _ALIKE:
        freedom = one.size + two.size - 2.0
        pooled = ((one.size - 1) * first + (two.size - 1) * second) / freedom
        return pooled * (1 / one.size + 1 / two.size), freedom
    parts = first / one.size, second / two.size
    below = parts[0] ** 2 / (one.size - 1) + parts[1] ** 2 / (two.size - 1)
    return sum(parts), sum(parts) ** 2 / below


@excel("F.TEST FTEST", "rr", context=True)
def f_test(context: Context, first: Value, second: Value) -> float:
    """How likely two samples have the same variance."""
    one, two = _numbers(context, first), _numbers(context, second)
    _need_more_than(1, one, two)
    spread, other = variance(one, True), variance(two, True)
    if not spread or not other:
        raise CellError(ExcelError.DIV0)
    above = f_above(spread / other, one.size - 1, two.size - 1)
    return 2 * min(above, 1 - above)


@excel("CHISQ.TEST CHITEST", "rr", context=True)
def chi_squared_test(context: Context, actual: Value, expected: Value) -> float:
    """How likely counts come from what was expected."""
    found, wanted = as_block(context, actual), as_block(context, expected)
    if found.shape != wanted.shape or found.values.size < 2:
        raise CellError(ExcelError.NA)
    one, two = paired(context, found, wanted)
    if (two == 0).any():
        raise CellError(ExcelError.DIV0)
    need(bool((two > 0).all()))
    rows, columns = found.shape
    freedom = (rows - 1) * (columns - 1) if min(rows, columns) > 1 else rows * columns - 1
    return chi_squared_above(float(((one - two) ** 2 / two).sum()), freedom)


@excel("Z.TEST ZTEST", "rn", "n", context=True)
def z_test(context: Context, sample: Value, mean: float, deviation: float | None = None) -> float:
    """How likely a sample's mean would be larger, were this the true one."""
    numbers = _numbers(context, sample)
    if not numbers.size:
        raise CellError(ExcelError.NA)
    if deviation is None:
        _need_more_than(1, numbers)
        deviation = math.sqrt(variance(numbers, True))
        if not deviation:
            raise CellError(ExcelError.DIV0)
    need(deviation > 0)
    distance = (float(np.mean(numbers)) - mean) / (deviation / math.sqrt(numbers.size))
    return 0.5 * math.erfc(distance / math.sqrt(2))


@excel("PROB", "rrn", "n", context=True)
def probability(
    context: Context, values: Value, chances: Value, low: float, high: float | None = None
) -> float:
    """The chance of the values from one to another."""
    x, weights = paired(context, values, chances)
    total = float(weights.sum())
    need(bool(((weights > 0) & (weights <= 1)).all()) and abs(total - 1) < _SURE)
    chosen = x == low if high is None else (x >= low) & (x <= high)
    return float(weights[chosen].sum())


@excel("CONFIDENCE CONFIDENCE.NORM", "nni")
def confidence(risk: float, deviation: float, size: int) -> float:
    """Half the width of a mean's confidence interval, by the normal distribution."""
    need(0 < risk < 1 and deviation > 0 and size >= 1)
    return NormalDist().inv_cdf(1 - risk / 2) * deviation / math.sqrt(size)


@excel("CONFIDENCE.T", "nni")
def confidence_t(risk: float, deviation: float, size: int) -> float:
    """Half the width of a mean's confidence interval, by the t distribution."""
    need(0 < risk < 1 and deviation > 0 and size >= 1)
    if size == 1:
        raise CellError(ExcelError.DIV0)
    return t_inverse_both_sides(risk, size - 1) * deviation / math.sqrt(size)

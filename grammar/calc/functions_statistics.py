"""Ranks, percentiles and the functions that choose among aggregates."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from grammar.calc.blocks import ERROR, NUMBER, Block, Numbers
from grammar.calc.coercion import to_number
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import (
    blocks_of,
    mean,
    median,
    mode,
    numbers_of,
    product,
    total,
    variance,
)
from grammar.calc.grid import Reference
from grammar.calc.registry import excel
from grammar.values import CellValue, ExcelError


def _for_numbers(context: Context, wanted: Value, answer: Callable[[float], float]) -> Value:
    """The answer for one number, or for each of an array of them."""
    plain = context.plain(wanted)
    if not isinstance(plain, Block):
        return answer(to_number(plain, context.locale))
    cells: list[CellValue] = []
    for cell in plain.flat():
        try:
            cells.append(answer(to_number(cell, context.locale)))
        except CellError as fault:
            cells.append(fault.error)
    return Block.of_list(cells, plain.shape)


def sorted_numbers(context: Context, value: Value) -> Numbers:
    """The numbers of a range or array in ascending order, sorted once for a range."""
    key = ("sorted", context.sheet_of(value), value.areas) if isinstance(value, Reference) else None
    found: Numbers | None = context.memory.answers.get(key) if key else None
    if found is None:
        found = np.sort(numbers_of(context, (value,)))
        if key and len(context.memory.answers) < 4096:
            context.memory.answers[key] = found
    return found


def _nth(numbers: Numbers, place: float) -> float:
    if not 1 <= place <= numbers.size:
        raise CellError(ExcelError.NUM)
    return float(numbers[int(place) - 1])


@excel("LARGE", "rr", context=True)
def large(context: Context, values: Value, place: Value) -> Value:
    """The k-th largest number; a broken k is rounded up."""
    numbers = sorted_numbers(context, values)[::-1]
    return _for_numbers(context, place, lambda k: _nth(numbers, math.ceil(k)))


@excel("SMALL", "rr", context=True)
def small(context: Context, values: Value, place: Value) -> Value:
    """The k-th smallest number; a broken k is cut."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, place, lambda k: _nth(numbers, k))


def percentile_inclusive(numbers: Numbers, share: float) -> float:
    """The percentile between the smallest (0) and the largest (1), interpolated.

    Raises:
        CellError: no numbers, or the share lies outside 0 to 1 (``#NUM!``).
    """
    if not numbers.size or not 0 <= share <= 1:
        raise CellError(ExcelError.NUM)
    return _interpolate(numbers, share * (numbers.size - 1))


def percentile_exclusive(numbers: Numbers, share: float) -> float:
    """The percentile by n + 1 parts.

    Raises:
        CellError: the share lies outside 1/(n+1) to n/(n+1) (``#NUM!``).
    """
    place = share * (numbers.size + 1)
    if not numbers.size or not 1 <= place <= numbers.size:
        raise CellError(ExcelError.NUM)
    return _interpolate(numbers, place - 1)


def _interpolate(numbers: Numbers, place: float) -> float:
    low = math.floor(place)
    high = min(low + 1, numbers.size - 1)
    return float(numbers[low] + (numbers[high] - numbers[low]) * (place - low))


@excel("PERCENTILE PERCENTILE.INC", "rr", context=True)
def percentile(context: Context, values: Value, share: Value) -> Value:
    """The percentile, both ends included."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, share, lambda p: percentile_inclusive(numbers, p))


@excel("PERCENTILE.EXC", "rr", context=True)
def percentile_exc(context: Context, values: Value, share: Value) -> Value:
    """The percentile, both ends excluded."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, share, lambda p: percentile_exclusive(numbers, p))


def _quarter(number: float) -> float:
    whole = math.trunc(number)
    if not 0 <= whole <= 4:
        raise CellError(ExcelError.NUM)
    return whole / 4


@excel("QUARTILE QUARTILE.INC", "rr", context=True)
def quartile(context: Context, values: Value, part: Value) -> Value:
    """The quartile, both ends included."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, part, lambda q: percentile_inclusive(numbers, _quarter(q)))


@excel("QUARTILE.EXC", "rr", context=True)
def quartile_exc(context: Context, values: Value, part: Value) -> Value:
    """The quartile, both ends excluded."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, part, lambda q: percentile_exclusive(numbers, _quarter(q)))


def _rank(context: Context, number: Value, values: Value, order: CellValue, average: bool) -> Value:
    if not isinstance(values, Reference):
        raise CellError(values if isinstance(values, ExcelError) else ExcelError.VALUE)
    if isinstance(order, str):
        raise CellError(ExcelError.VALUE)
    ascending = to_number(order) != 0
    numbers = sorted_numbers(context, values)

    def place(wanted: float) -> float:
        low = int(np.searchsorted(numbers, wanted, "left"))
        high = int(np.searchsorted(numbers, wanted, "right"))
        if low == high:
            raise CellError(ExcelError.NA)
        first = low + 1 if ascending else numbers.size - high + 1
        return first + (high - low - 1) / 2 if average else float(first)

    return _for_numbers(context, number, place)


@excel("RANK RANK.EQ", "rr", "v", context=True)
def rank(context: Context, number: Value, values: Value, order: CellValue = 0.0) -> Value:
    """The place of a number among others, 1 for the largest; ties share the best place."""
    return _rank(context, number, values, order, False)


@excel("RANK.AVG", "rr", "v", context=True)
def rank_avg(context: Context, number: Value, values: Value, order: CellValue = 0.0) -> Value:
    """The place of a number among others; ties share the mean place."""
    return _rank(context, number, values, order, True)


def _share(numbers: Numbers, wanted: float, digits: int, exclusive: bool) -> float:
    if digits < 1 or not numbers.size:
        raise CellError(ExcelError.NUM)
    if not numbers[0] <= wanted <= numbers[-1]:
        raise CellError(ExcelError.NA)
    below = int(np.searchsorted(numbers, wanted, "left"))
    place = float(below)
    if numbers[below] != wanted:
        low, high = float(numbers[below - 1]), float(numbers[below])
        place = below - 1 + (wanted - low) / (high - low)
    if exclusive:
        share = (place + 1) / (numbers.size + 1)
    else:
        share = place / (numbers.size - 1) if numbers.size > 1 else 1.0
    scale = 10.0**digits
    return math.floor(share * scale + 1e-9) / scale


@excel("PERCENTRANK PERCENTRANK.INC", "rr", "i", context=True)
def percentrank(context: Context, values: Value, number: Value, digits: int = 3) -> Value:
    """The share of the range below a number, both ends included."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, number, lambda x: _share(numbers, x, digits, False))


@excel("PERCENTRANK.EXC", "rr", "i", context=True)
def percentrank_exc(context: Context, values: Value, number: Value, digits: int = 3) -> Value:
    """The share of the range below a number, both ends excluded."""
    numbers = sorted_numbers(context, values)
    return _for_numbers(context, number, lambda x: _share(numbers, x, digits, True))


@excel("TRIMMEAN", "rn", context=True)
def trimmean(context: Context, values: Value, share: float) -> float:
    """The mean without a share of the smallest and largest."""
    numbers = sorted_numbers(context, values)
    if not 0 <= share < 1 or not numbers.size:
        raise CellError(ExcelError.NUM)
    cut = int(numbers.size * share / 2)
    return mean(numbers[cut : numbers.size - cut])


_CHOICES: dict[int, Callable[[Numbers], float]] = {
    1: mean,
    4: lambda n: float(n.max()) if n.size else 0.0,
    5: lambda n: float(n.min()) if n.size else 0.0,
    6: product,
    7: lambda n: math.sqrt(variance(n, True)),
    8: lambda n: math.sqrt(variance(n, False)),
    9: total,
    10: lambda n: variance(n, True),
    11: lambda n: variance(n, False),
    12: median,
    13: mode,
}
_RANKED: dict[int, Callable[[Numbers, float], float]] = {
    14: lambda n, k: _nth(n[::-1], math.ceil(k)),
    15: _nth,
    16: percentile_inclusive,
    17: lambda n, k: percentile_inclusive(n, _quarter(k)),
    18: percentile_exclusive,
    19: lambda n, k: percentile_exclusive(n, _quarter(k)),
}


def _summary(context: Context, which: int, arguments: tuple[Value, ...], skip: bool) -> float:
    blocks = [block for argument in arguments for block in blocks_of(context, argument)]
    if which in (2, 3):
        codes = [block.codes for block in blocks]
        if which == 2:
            return float(sum((code == NUMBER).sum() for code in codes))
        return float(sum(((c != 0) & ~(skip & (c == ERROR))).sum() for c in codes))
    if which not in _CHOICES:
        raise CellError(ExcelError.VALUE)
    return _CHOICES[which](_kept_numbers(blocks, skip))


def _kept_numbers(blocks: list[Block], skip: bool) -> Numbers:
    for block in blocks:
        if block.first_error is not None and not skip:
            raise CellError(block.first_error)
    return np.concatenate([block.only_numbers for block in blocks])


@excel("SUBTOTAL", "ir", repeat="r", context=True)
def subtotal(context: Context, which: int, *arguments: Value) -> float:
    """An aggregate by number; no row counts as hidden."""
    number = which - 100 if which > 100 else which
    if not 1 <= number <= 11 or not all(isinstance(a, Reference) for a in arguments):
        raise CellError(ExcelError.VALUE)
    return _summary(context, number, arguments, False)


@excel("AGGREGATE", "iir", repeat="r", context=True)
def aggregate(context: Context, which: int, options: int, *arguments: Value) -> float:
    """An aggregate by number that may leave errors out; no row counts as hidden."""
    if not 0 <= options <= 7:
        raise CellError(ExcelError.VALUE)
    skip = options in (2, 3, 6, 7)
    if which not in _RANKED:
        return _summary(context, which, arguments, skip)
    if len(arguments) != 2:
        raise CellError(ExcelError.VALUE)
    numbers = np.sort(_kept_numbers(blocks_of(context, arguments[0]), skip))
    return _RANKED[which](numbers, to_number(context.scalar(arguments[1]), context.locale))

"""Sums, counts, extremes and the like over any number of arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from grammar.calc.blocks import BLANK, NUMBER, Block, Numbers
from grammar.calc.coercion import read_number, to_number
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError


def blocks_of(context: Context, value: Value) -> list[Block]:
    """The blocks of a reference (one an area) or an array."""
    if isinstance(value, Reference):
        sheet = context.sheet_of(value)
        return [context.area_block(sheet, area) for area in value.areas]
    return [as_block(context, value)]


def numbers_of(context: Context, arguments: Iterable[Value]) -> Numbers:
    """The numbers among arguments: in cells only true numbers, given directly all that reads so.

    Raises:
        CellError: the first error among them, or text given directly (``#VALUE!``).
    """
    parts: list[Numbers] = []
    for argument in arguments:
        if isinstance(argument, Reference | Block):
            for block in blocks_of(context, argument):
                if block.first_error is not None:
                    raise CellError(block.first_error)
                parts.append(block.only_numbers)
        else:
            number = to_number(context.scalar(argument), context.locale)
            parts.append(np.array([number]))
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0)


def total(numbers: Numbers) -> float:
    """The sum, exact but for one rounding."""
    try:
        if numbers.size > 64 and bool((numbers == np.floor(numbers)).all()):
            plain = float(numbers.sum())
            return plain if float(np.abs(numbers).sum()) < 2**53 else math.fsum(numbers)
        return math.fsum(numbers)
    except OverflowError:
        raise CellError(ExcelError.NUM) from None


def _aggregate(name: str, summarise: Callable[[Numbers], float], doc: str) -> None:
    def call(context: Context, *arguments: Value) -> float:
        return summarise(numbers_of(context, arguments))

    call.__doc__ = doc
    excel(name, "r", repeat="r", context=True)(call)


def mean(numbers: Numbers) -> float:
    """The mean.

    Raises:
        CellError: there is no number (``#DIV/0!``).
    """
    if not numbers.size:
        raise CellError(ExcelError.DIV0)
    return total(numbers) / numbers.size


def squares(numbers: Numbers) -> float:
    """The sum of squared distances from the mean."""
    return total((numbers - mean(numbers)) ** 2)


def variance(numbers: Numbers, sample: bool) -> float:
    """The variance of a sample or of a whole population.

    Raises:
        CellError: too few numbers (``#DIV/0!``).
    """
    if numbers.size < 1 + sample:
        raise CellError(ExcelError.DIV0)
    return squares(numbers) / (numbers.size - sample)


def median(numbers: Numbers) -> float:
    """The median.

    Raises:
        CellError: there is no number (``#NUM!``).
    """
    if not numbers.size:
        raise CellError(ExcelError.NUM)
    return float(np.median(numbers))


def mode(numbers: Numbers) -> float:
    """The number seen most often, the first of several.

    Raises:
        CellError: none comes twice (``#N/A``).
    """
    values, first, counts = np.unique(numbers, return_index=True, return_counts=True)
    if not values.size or counts.max() < 2:
        raise CellError(ExcelError.NA)
    often = counts == counts.max()
    return float(numbers[first[often].min()])


def product(numbers: Numbers) -> float:
    """The product, 0 of nothing."""
    with np.errstate(over="ignore"):
        return float(np.prod(numbers)) if numbers.size else 0.0


def _positive_mean(numbers: Numbers, fold: Callable[[Numbers], float]) -> float:
    if not numbers.size or bool((numbers <= 0).any()):
        raise CellError(ExcelError.NUM)
    return fold(numbers)


_aggregate("SUM", total, "The sum.")
_aggregate("AVERAGE", mean, "The mean.")
_aggregate("MIN", lambda n: float(n.min()) if n.size else 0.0, "The smallest, 0 of nothing.")
_aggregate("MAX", lambda n: float(n.max()) if n.size else 0.0, "The largest, 0 of nothing.")
_aggregate("PRODUCT", product, "The product.")
_aggregate("SUMSQ", lambda n: total(n**2), "The sum of squares.")
_aggregate("MEDIAN", median, "The median.")
_aggregate("MODE MODE.SNGL", mode, "The number seen most often.")
_aggregate("VAR VAR.S", lambda n: variance(n, True), "The variance of a sample.")
_aggregate("VARP VAR.P", lambda n: variance(n, False), "The variance of a population.")
_aggregate("STDEV STDEV.S", lambda n: math.sqrt(variance(n, True)), "The deviation of a sample.")
_aggregate("STDEVP STDEV.P", lambda n: math.sqrt(variance(n, False)), "The deviation of all.")
_aggregate("DEVSQ", squares, "The sum of squared deviations.")
_aggregate("AVEDEV", lambda n: mean(np.abs(n - mean(n))), "The mean deviation.")
_aggregate(
    "GEOMEAN",
    lambda n: _positive_mean(n, lambda p: math.exp(float(np.log(p).mean()))),
    "The geometric mean.",
)
_aggregate(
    "HARMEAN", lambda n: _positive_mean(n, lambda p: p.size / total(1 / p)), "The harmonic mean."
)


@excel("COUNT", "r", repeat="r", context=True)
def count(context: Context, *arguments: Value) -> int:
    """How many numbers there are; text given directly counts where it reads as one."""
    found = 0
    for argument in arguments:
        if isinstance(argument, Reference | Block):
            found += sum(int((b.codes == NUMBER).sum()) for b in blocks_of(context, argument))
        else:
            found += _counts(context.scalar(argument), context)
    return found


def _counts(value: CellValue, context: Context) -> bool:
    if isinstance(value, str):
        return read_number(value, context.locale) is not None
    return not isinstance(value, ExcelError)


@excel("COUNTA", "r", repeat="r", context=True)
def counta(context: Context, *arguments: Value) -> int:
    """How many arguments and cells are not blank."""
    found = 0
    for argument in arguments:
        if isinstance(argument, Reference | Block):
            found += sum(int((b.codes != BLANK).sum()) for b in blocks_of(context, argument))
        else:
            found += 1
    return found


def loose_numbers(context: Context, arguments: Iterable[Value]) -> Numbers:
    """The numbers as the ``A`` functions count them: in cells TRUE is 1, text and FALSE are 0."""
    parts: list[Numbers] = []
    for argument in arguments:
        if not isinstance(argument, Reference | Block):
            parts.append(np.array([to_number(context.scalar(argument), context.locale)]))
            continue
        for block in blocks_of(context, argument):
            if block.first_error is not None:
                raise CellError(block.first_error)
            counted = block.codes != BLANK
            parts.append(np.nan_to_num(block.numbers[counted]))
    return np.concatenate(parts)


def _loose(name: str, summarise: Callable[[Numbers], float], doc: str) -> None:
    def call(context: Context, *arguments: Value) -> float:
        return summarise(loose_numbers(context, arguments))

    call.__doc__ = doc
    excel(name, "r", repeat="r", context=True)(call)


_loose("AVERAGEA", mean, "The mean, text and FALSE count 0.")
_loose("MAXA", lambda n: float(n.max()) if n.size else 0.0, "The largest, text counts 0.")
_loose("MINA", lambda n: float(n.min()) if n.size else 0.0, "The smallest, text counts 0.")
_loose("STDEVA", lambda n: math.sqrt(variance(n, True)), "The deviation of a sample.")
_loose("STDEVPA", lambda n: math.sqrt(variance(n, False)), "The deviation of all.")
_loose("VARA", lambda n: variance(n, True), "The variance of a sample.")
_loose("VARPA", lambda n: variance(n, False), "The variance of all.")


@excel("SUMPRODUCT", "r", repeat="r", context=True)
def sumproduct(context: Context, *arguments: Value) -> float:
    """The sum of products of what stands at the same places; all but numbers count 0."""
    blocks = [as_block(context, argument) for argument in arguments]
    if len({block.shape for block in blocks}) > 1:
        raise CellError(ExcelError.VALUE)
    for block in blocks:
        if block.first_error is not None:
            raise CellError(block.first_error)
    if len(blocks) == 1:
        return total(blocks[0].only_numbers)
    counted = [np.where(block.codes == NUMBER, block.numbers, 0.0) for block in blocks]
    return total(np.prod(counted, axis=0).ravel())


def paired_numbers(context: Context, left: Value, right: Value) -> tuple[Numbers, Numbers]:
    """The numbers of two ranges at places where both have one.

    Raises:
        CellError: they differ in size (``#N/A``), or one holds an error.
    """
    first, second = as_block(context, left), as_block(context, right)
    if first.values.size != second.values.size:
        raise CellError(ExcelError.NA)
    for block in (first, second):
        if block.first_error is not None:
            raise CellError(block.first_error)
    both = (first.codes.ravel() == NUMBER) & (second.codes.ravel() == NUMBER)
    return first.numbers.ravel()[both], second.numbers.ravel()[both]


@excel("SUMX2MY2", "rr", context=True)
def sumx2my2(context: Context, left: Value, right: Value) -> float:
    """The sum of differences of squares."""
    x, y = paired_numbers(context, left, right)
    return total(x**2 - y**2)


@excel("SUMX2PY2", "rr", context=True)
def sumx2py2(context: Context, left: Value, right: Value) -> float:
    """The sum of sums of squares."""
    x, y = paired_numbers(context, left, right)
    return total(x**2 + y**2)


@excel("SUMXMY2", "rr", context=True)
def sumxmy2(context: Context, left: Value, right: Value) -> float:
    """The sum of squared differences."""
    x, y = paired_numbers(context, left, right)
    return total((x - y) ** 2)

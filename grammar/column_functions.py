"""Functions over a whole column: ``AVERAGE(c[2])``, ``COUNTIF(c[0], c[0])``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from grammar.calc.blocks import Block
from grammar.calc.criteria import Criterion
from grammar.calc.locales import EN_US
from grammar.table import DATE, ERROR, NUMBER, TEXT
from grammar.values import CellValue, ExcelError
from grammar.vectors import INVALID, LOOSE, Numbers, Vector, constant, number_vector

_KEEPING_DATES = ("AVERAGE", "MEDIAN", "MIN", "MAX", "PERCENTILE")


def column_value(name: str, cells: Vector, *arguments: Vector) -> Vector:
    """One number for all rows, of the column's numbers and dates alone.

    It is a date where all of them are dates and the function keeps the unit, and may be one where
    some are. Without enough numbers it is an error.
    """
    numbers = cells.numbers[cells.numeric]
    if name == "PERCENTILE":
        return _percentile(numbers, arguments[0], _code(name, cells))
    value = _AGGREGATES[name](numbers)
    if not np.isfinite(value):
        return constant(ExcelError.DIV0, len(cells))
    return constant(float(value), len(cells), _code(name, cells))


def column_code(name: str, present: Collection[int]) -> int:
    """The kind of a function's value, by the kinds of cells in the column."""
    if DATE not in present or name not in _KEEPING_DATES:
        return NUMBER
    return LOOSE if NUMBER in present else DATE


def _code(name: str, cells: Vector) -> int:
    return column_code(name, set(cells.codes.tolist()))


def _or_zero(function: Callable[[Numbers], float]) -> Callable[[Numbers], float]:
    return lambda numbers: function(numbers) if len(numbers) else 0.0


def _or_nan(function: Callable[[Numbers], float], least: int = 1) -> Callable[[Numbers], float]:
    return lambda numbers: function(numbers) if len(numbers) >= least else np.nan


def deviation(numbers: Numbers) -> float:
    """Excel's ``STDEV``, of a sample."""
    return float(np.std(numbers, ddof=1))


_AGGREGATES: dict[str, Callable[[Numbers], float]] = {
    "AVERAGE": _or_nan(lambda numbers: float(np.mean(numbers))),
    "MEDIAN": _or_nan(lambda numbers: float(np.median(numbers))),
    "MIN": _or_zero(lambda numbers: float(np.min(numbers))),
    "MAX": _or_zero(lambda numbers: float(np.max(numbers))),
    "SUM": _or_zero(lambda numbers: float(np.sum(numbers))),
    "COUNT": lambda numbers: float(len(numbers)),
    "STDEV": _or_nan(deviation, 2),
}


def _percentile(numbers: Numbers, share: Vector, code: int) -> Vector:
    shares = np.where(share.numeric, share.numbers, np.nan)
    usable = (shares >= 0) & (shares <= 1) & (len(numbers) > 0)
    values = np.full(len(share), np.nan)
    if usable.any():
        distinct, places = np.unique(shares[usable], return_inverse=True)
        values[usable] = np.quantile(numbers, distinct)[places]
    codes = np.where(share.numeric, code, INVALID).astype(np.int8)
    codes[share.codes == ERROR] = ERROR
    return number_vector(values, codes)


def count_matching(cells: Sequence[CellValue], criterion: Vector) -> Vector:
    """``COUNTIF(cells, criterion)``, with Excel's criteria: ``'>5'``, ``'a*'``, a value."""
    block = Block.of_list(cells, (len(cells), 1))
    counts: dict[float | str, float] = {}
    numbers = np.full(len(criterion), np.nan)
    usable = criterion.numeric | (criterion.codes == TEXT)
    for row in np.flatnonzero(usable):
        numeric = criterion.codes[row] != TEXT
        wanted = float(criterion.numbers[row]) if numeric else str(criterion.texts[row])
        if wanted not in counts:
            counts[wanted] = float(Criterion.parse(wanted, EN_US).mask(block).sum())
        numbers[row] = counts[wanted]
    codes = np.where(usable, NUMBER, INVALID).astype(np.int8)
    codes[criterion.codes == ERROR] = ERROR
    return number_vector(numbers, codes)

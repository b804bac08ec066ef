"""The database functions: a table, a field and a range of criteria."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from grammar.calc.blocks import BLANK, ERROR, NUMBER, Block, Mask, Numbers
from grammar.calc.context import Context, Value
from grammar.calc.criteria import Criterion
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import mean, product, total, variance
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError


def _column(table: Block, field: CellValue) -> int:
    """0-based column of a field's name or number.

    Raises:
        CellError: there is none (``#VALUE!``).
    """
    if isinstance(field, ExcelError):
        raise CellError(field)
    if isinstance(field, str):
        names = [str(cell).lower() for cell in table.values[0]]
        if field.lower() in names:
            return names.index(field.lower())
    elif isinstance(field, float) and 1 <= field < table.shape[1] + 1:
        return int(field) - 1
    raise CellError(ExcelError.VALUE)


def _criterion(value: CellValue, context: Context) -> Criterion:
    """A criterion of a database: plain text matches what begins with it."""
    if isinstance(value, str) and value and value[0] not in "<>=":
        return Criterion(
            "=", value + "*" if not _is_number(value, context) else value, context.locale
        )
    return Criterion.parse(value, context.locale)


def _is_number(value: str, context: Context) -> bool:
    return not isinstance(Criterion.parse(value, context.locale).operand, str)


def _chosen(table: Block, criteria: Block, context: Context) -> Mask:
    """Which rows below the headers meet one row of criteria.

    Raises:
        CellError: the criteria have no row below their headers (``#VALUE!``).
    """
    height = table.shape[0] - 1
    if criteria.shape[0] < 2 or height < 0:
        raise CellError(ExcelError.VALUE)
    chosen = np.zeros(height, np.bool_)
    for row in criteria.rows()[1:]:
        met = np.ones(height, np.bool_)
        for name, wanted in zip(criteria.values[0], row, strict=True):
            if wanted is not None and isinstance(name, str):
                met &= _meets(table, name, _criterion(wanted, context))
        chosen |= met
    return chosen


def _meets(table: Block, name: str, criterion: Criterion) -> Mask:
    """Which rows meet a criterion in a column, none where there is no such column."""
    try:
        column = table.part(1, _column(table, name), table.shape[0] - 1, 1)
    except CellError:
        return np.zeros(table.shape[0] - 1, np.bool_)
    return criterion.mask(column)[:, 0]


def _cells(context: Context, database: Value, field: Value, criteria: Value) -> Block:
    """The chosen cells of the field, one column; all chosen rows where no field is named."""
    table, rules = as_block(context, database), as_block(context, criteria)
    chosen = _chosen(table, rules, context)
    wanted = context.plain(field)
    if isinstance(wanted, Block):
        raise CellError(ExcelError.VALUE)
    column = 0 if wanted is None else _column(table, wanted)
    return Block(table.values[1:, column : column + 1][chosen])


def _numbers(block: Block) -> Numbers:
    if not block.values.size:
        return np.empty(0)
    if block.first_error is not None:
        raise CellError(block.first_error)
    return block.only_numbers


def _database(name: str, summarise: Callable[[Numbers], float], doc: str) -> None:
    def call(context: Context, database: Value, field: Value, criteria: Value) -> float:
        return summarise(_numbers(_cells(context, database, field, criteria)))

    call.__doc__ = doc
    excel(name, "rrr", context=True)(call)


_database("DSUM", total, "The sum.")
_database("DAVERAGE", mean, "The mean.")
_database("DMAX", lambda n: float(n.max()) if n.size else 0.0, "The largest.")
_database("DMIN", lambda n: float(n.min()) if n.size else 0.0, "The smallest.")
_database("DPRODUCT", product, "The product.")
_database("DSTDEV", lambda n: math.sqrt(variance(n, True)), "The deviation of a sample.")
_database("DSTDEVP", lambda n: math.sqrt(variance(n, False)), "The deviation of all.")
_database("DVAR", lambda n: variance(n, True), "The variance of a sample.")
_database("DVARP", lambda n: variance(n, False), "The variance of all.")


@excel("DCOUNT", "rrr", context=True)
def dcount(context: Context, database: Value, field: Value, criteria: Value) -> int:
    """How many chosen cells hold numbers; without a field, how many rows are chosen."""
    cells = _cells(context, database, field, criteria)
    if field is None:
        return cells.shape[0]
    return int((cells.codes == NUMBER).sum()) if cells.values.size else 0


@excel("DCOUNTA", "rrr", context=True)
def dcounta(context: Context, database: Value, field: Value, criteria: Value) -> int:
    """How many chosen cells are not blank."""
    cells = _cells(context, database, field, criteria)
    if field is None:
        return cells.shape[0]
    return int((cells.codes != BLANK).sum()) if cells.values.size else 0


@excel("DGET", "rrr", context=True)
def dget(context: Context, database: Value, field: Value, criteria: Value) -> CellValue:
    """The one chosen cell."""
    cells = _cells(context, database, field, criteria)
    if cells.shape[0] != 1:
        raise CellError(ExcelError.NUM if cells.shape[0] else ExcelError.VALUE)
    if cells.codes[0, 0] == ERROR:
        raise CellError(cells.values[0, 0])
    return cells.first

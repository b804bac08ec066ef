"""Functions whose results are arrays, and those that call function values."""

from __future__ import annotations

from functools import cmp_to_key

import numpy as np

from grammar.calc.blocks import Block, common_shape, spread
from grammar.calc.coercion import to_bool
from grammar.calc.comparison import compare, rank
from grammar.calc.context import Context, Lambda, Value
from grammar.calc.evaluator import call_lambda
from grammar.calc.faults import CellError
from grammar.calc.functions_lookup import index_key
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError

MAX_CELLS = 1_048_576
"""Cells that one array may have."""


@excel("TRANSPOSE", "r", context=True)
def transpose(context: Context, source: Value) -> Block:
    """Rows as columns."""
    return Block(as_block(context, source).values.T)


@excel("SEQUENCE", "i", "inn")
def sequence(height: int, width: int = 1, start: float = 1.0, step: float = 1.0) -> Block:
    """Numbers in even steps, row by row."""
    if height < 1 or width < 1:
        raise CellError(ExcelError.CALC if 0 in (height, width) else ExcelError.VALUE)
    if height * width > MAX_CELLS:
        raise CellError(ExcelError.VALUE)
    numbers = start + step * np.arange(height * width, dtype=np.float64)
    return Block.of_numbers(numbers.reshape(height, width))


@excel("FILTER", "rr", "r", context=True)
def filter_(context: Context, source: Value, keep: Value, otherwise: Value = None) -> Value:
    """The rows or columns for which a condition holds."""
    block, condition = as_block(context, source), as_block(context, keep)
    if condition.first_error is not None:
        raise CellError(condition.first_error)
    chosen = np.array([to_bool(cell) for cell in condition.flat()])
    if condition.shape == (block.shape[0], 1):
        values = block.values[chosen, :]
    elif condition.shape == (1, block.shape[1]):
        values = block.values[:, chosen]
    else:
        raise CellError(ExcelError.VALUE)
    if values.size:
        return Block(values)
    return ExcelError.CALC if otherwise is None else otherwise


def _lines(block: Block, by_column: bool) -> list[list[CellValue]]:
    return Block(block.values.T).rows() if by_column else block.rows()


def _from_lines(lines: list[list[CellValue]], by_column: bool) -> Block:
    if not lines:
        raise CellError(ExcelError.CALC)
    block = Block.of_rows(lines)
    return Block(block.values.T) if by_column else block


@excel("UNIQUE", "r", "bb", context=True)
def unique(context: Context, source: Value, by_column: bool = False, once: bool = False) -> Block:
    """The distinct rows or columns, or those that come only once."""
    lines = _lines(as_block(context, source), by_column)
    keys = [tuple(index_key(cell) for cell in line) for line in lines]
    counts: dict[object, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    seen: set[object] = set()
    kept: list[list[CellValue]] = []
    for key, line in zip(keys, lines, strict=True):
        if key not in seen and (not once or counts[key] == 1):
            kept.append(line)
        seen.add(key)
    return _from_lines(kept, by_column)


def _order(left: CellValue, right: CellValue) -> int:
    """-1, 0 or 1 of a sort: numbers, text, booleans, errors, blanks last."""
    first, second = _sort_rank(left), _sort_rank(right)
    if first != second or first > 2:
        return (first > second) - (first < second)
    return compare(left, right)


def _sort_rank(value: CellValue) -> int:
    if value is None:
        return 4
    return 3 if isinstance(value, ExcelError) else rank(value)


def _sorted(
    lines: list[list[CellValue]], keys: list[tuple[list[CellValue], int]]
) -> list[list[CellValue]]:
    def order(left: int, right: int) -> int:
        for column, direction in keys:
            result = _order(column[left], column[right])
            blank = column[left] is None or column[right] is None
            if result:
                return result if blank else result * direction
        return 0

    return [lines[place] for place in sorted(range(len(lines)), key=cmp_to_key(order))]


@excel("SORT", "r", "iib", context=True)
def sort(
    context: Context, source: Value, column: int = 1, direction: int = 1, by_column: bool = False
) -> Block:
    """The rows, or columns, in order of one of their cells."""
    lines = _lines(as_block(context, source), by_column)
    if not 1 <= column <= len(lines[0]) or direction not in (1, -1):
        raise CellError(ExcelError.VALUE)
    return _from_lines(
        _sorted(lines, [([line[column - 1] for line in lines], direction)]), by_column
    )


@excel("SORTBY", "rr", "r", repeat="rr", context=True)
def sortby(context: Context, source: Value, *pairs: Value) -> Block:
    """The rows in order of other columns."""
    block = as_block(context, source)
    keys: list[tuple[list[CellValue], int]] = []
    for index in range(0, len(pairs), 2):
        column = as_block(context, pairs[index]).flat()
        given = context.scalar(pairs[index + 1]) if index + 1 < len(pairs) else 1.0
        if len(column) != block.shape[0] or given not in (1.0, -1.0):
            raise CellError(ExcelError.VALUE)
        keys.append((column, 1 if given == 1.0 else -1))
    return Block.of_rows(_sorted(block.rows(), keys))


def _function(value: Value) -> Lambda:
    if not isinstance(value, Lambda):
        raise CellError(value if isinstance(value, ExcelError) else ExcelError.VALUE)
    return value


@excel("MAP", "rr", repeat="r", context=True)
def map_(context: Context, *arguments: Value) -> Block:
    """The results of a function for the cells of arrays."""
    function = _function(arguments[-1])
    blocks = [as_block(context, argument) for argument in arguments[:-1]]
    shape = common_shape(blocks)
    lists = [spread(block, shape).flat() for block in blocks]
    cells = [
        context.scalar(call_lambda(function, list(group), context))
        for group in zip(*lists, strict=True)
    ]
    return Block.of_list(cells, shape)


def _by(context: Context, source: Value, function: Value, by_column: bool) -> list[CellValue]:
    called = _function(function)
    cells: list[CellValue] = []
    for line in _lines(as_block(context, source), by_column):
        part = Block.of_rows([line])
        argument = Block(part.values.T) if by_column else part
        cells.append(context.scalar(call_lambda(called, [argument], context)))
    return cells


@excel("BYROW", "rr", context=True)
def byrow(context: Context, source: Value, function: Value) -> Block:
    """The results of a function for every row."""
    cells = _by(context, source, function, False)
    return Block.of_list(cells, (len(cells), 1))


@excel("BYCOL", "rr", context=True)
def bycol(context: Context, source: Value, function: Value) -> Block:
    """The results of a function for every column."""
    cells = _by(context, source, function, True)
    return Block.of_list(cells, (1, len(cells)))


@excel("REDUCE", "rrr", context=True)
def reduce_(context: Context, start: Value, source: Value, function: Value) -> Value:
    """The last of the results that a function gives cell by cell."""
    result, called = start, _function(function)
    for cell in as_block(context, source).flat():
        result = call_lambda(called, [result, cell], context)
    return result


@excel("SCAN", "rrr", context=True)
def scan(context: Context, start: Value, source: Value, function: Value) -> Block:
    """All the results that a function gives cell by cell."""
    result, called, block = start, _function(function), as_block(context, source)
    cells: list[CellValue] = []
    for cell in block.flat():
        result = call_lambda(called, [result, cell], context)
        cells.append(context.scalar(result))
    return Block.of_list(cells, block.shape)


@excel("MAKEARRAY", "iir", context=True)
def makearray(context: Context, height: int, width: int, function: Value) -> Block:
    """The results of a function for every row and column."""
    called = _function(function)
    if height < 1 or width < 1 or height * width > MAX_CELLS:
        raise CellError(ExcelError.VALUE)
    cells = [
        context.scalar(call_lambda(called, [float(row), float(column)], context))
        for row in range(1, height + 1)
        for column in range(1, width + 1)
    ]
    return Block.of_list(cells, (height, width))


@excel("ISOMITTED", "r")
def isomitted(value: Value) -> bool:
    """Whether an argument was left out."""
    return value is None

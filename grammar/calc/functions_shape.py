"""Functions that cut, stack and reshape arrays."""

from __future__ import annotations

import numpy as np

from grammar.calc.blocks import Block
from grammar.calc.coercion import to_number
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError


def _slice(size: int, count: int | None, take: bool) -> slice:
    if count is None:
        return slice(None)
    if take:
        return slice(0, count) if count >= 0 else slice(max(0, size + count), size)
    return slice(count, size) if count >= 0 else slice(0, max(0, size + count))


def _cut(context: Context, source: Value, counts: tuple[CellValue, CellValue], take: bool) -> Block:
    block = as_block(context, source)
    whole = [None if c is None else int(c) for c in counts if not isinstance(c, str | ExcelError)]
    values = block.values[
        _slice(block.shape[0], whole[0], take), _slice(block.shape[1], whole[1], take)
    ]
    if not values.size:
        raise CellError(ExcelError.CALC)
    return Block(values)


@excel("TAKE", "rv", "v", context=True)
def take(context: Context, source: Value, rows: CellValue, columns: CellValue = None) -> Block:
    """The first rows and columns, the last ones for negative numbers."""
    return _cut(context, source, (rows, columns), True)


@excel("DROP", "rv", "v", context=True)
def drop(context: Context, source: Value, rows: CellValue, columns: CellValue = None) -> Block:
    """All but the first rows and columns."""
    return _cut(context, source, (rows, columns), False)


def _stack(context: Context, parts: tuple[Value, ...], axis: int) -> Block:
    blocks = [as_block(context, part) for part in parts]
    size = max(block.shape[1 - axis] for block in blocks)
    padded = []
    for block in blocks:
        missing = size - block.shape[1 - axis]
        gap = (block.shape[0], missing) if axis == 0 else (missing, block.shape[1])
        filler = np.full(gap, ExcelError.NA, object)
        padded.append(np.concatenate([block.values, filler], axis=1 - axis))
    return Block(np.concatenate(padded, axis=axis))


@excel("VSTACK", "r", repeat="r", context=True)
def vstack(context: Context, *parts: Value) -> Block:
    """Arrays below each other."""
    return _stack(context, parts, 0)


@excel("HSTACK", "r", repeat="r", context=True)
def hstack(context: Context, *parts: Value) -> Block:
    """Arrays beside each other."""
    return _stack(context, parts, 1)


@excel("TOCOL", "r", context=True)
def tocol(context: Context, source: Value) -> Block:
    """All cells in one column."""
    return Block(as_block(context, source).values.reshape(-1, 1))


@excel("TOROW", "r", context=True)
def torow(context: Context, source: Value) -> Block:
    """All cells in one row."""
    return Block(as_block(context, source).values.reshape(1, -1))


def _picked(context: Context, block: Block, places: tuple[Value, ...], axis: int) -> Block:
    size = block.shape[axis]
    wanted = [int(number) for number in numbers_of(context, places)]
    if any(place == 0 or abs(place) > size for place in wanted):
        raise CellError(ExcelError.VALUE)
    indices = [place - 1 if place > 0 else size + place for place in wanted]
    return Block(np.take(block.values, indices, axis=axis))


@excel("CHOOSECOLS", "rr", repeat="r", context=True)
def choosecols(context: Context, source: Value, *places: Value) -> Block:
    """Columns by their numbers, from the end for negative ones."""
    return _picked(context, as_block(context, source), places, 1)


@excel("CHOOSEROWS", "rr", repeat="r", context=True)
def chooserows(context: Context, source: Value, *places: Value) -> Block:
    """Rows by their numbers, from the end for negative ones."""
    return _picked(context, as_block(context, source), places, 0)


@excel("EXPAND", "rv", "ve", context=True)
def expand(
    context: Context,
    source: Value,
    height: CellValue,
    width: CellValue = None,
    filler: CellValue = ExcelError.NA,
) -> Block:
    """The array with more rows and columns."""
    block = as_block(context, source)
    shape = tuple(
        own if wanted is None else int(to_number(wanted, context.locale))
        for own, wanted in zip(block.shape, (height, width), strict=True)
    )
    if shape[0] < block.shape[0] or shape[1] < block.shape[1]:
        raise CellError(ExcelError.VALUE)
    values = np.full(shape, filler, object)
    values[: block.shape[0], : block.shape[1]] = block.values
    return Block(values)


def _wrap(context: Context, source: Value, size: int, filler: CellValue) -> Block:
    block = as_block(context, source)
    if 1 not in block.shape:
        raise CellError(ExcelError.VALUE)
    if size < 1:
        raise CellError(ExcelError.NUM)
    cells = block.flat()
    lines = [cells[start : start + size] for start in range(0, len(cells), size)]
    return Block.of_rows([line + [filler] * (size - len(line)) for line in lines])


@excel("WRAPROWS", "ri", "e", context=True)
def wraprows(
    context: Context, source: Value, size: int, filler: CellValue = ExcelError.NA
) -> Block:
    """A line of cells broken into rows."""
    return _wrap(context, source, size, filler)


@excel("WRAPCOLS", "ri", "e", context=True)
def wrapcols(
    context: Context, source: Value, size: int, filler: CellValue = ExcelError.NA
) -> Block:
    """A line of cells broken into columns."""
    return Block(_wrap(context, source, size, filler).values.T)


@excel("MMULT", "rr", context=True)
def mmult(context: Context, left: Value, right: Value) -> Block:
    """The product of two matrices of numbers."""
    first, second = as_block(context, left), as_block(context, right)
    if first.shape[1] != second.shape[0] or (first.codes != 1).any() or (second.codes != 1).any():
        raise CellError(ExcelError.VALUE)
    return Block.of_numbers(first.numbers @ second.numbers)

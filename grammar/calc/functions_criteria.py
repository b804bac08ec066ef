"""COUNTIF and its family."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grammar.calc.blocks import (
    BLANK,
    ERROR,
    NUMBER,
    TEXT,
    Block,
    Mask,
    Numbers,
    common_shape,
    spread,
)
from grammar.calc.context import Context, Value
from grammar.calc.criteria import Criterion, Tally
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import excel
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area
from grammar.values import CellValue, ExcelError

FEW = 16
"""Criteria that are counted one by one; for more the cells are counted beforehand."""


def range_argument(value: Value) -> Reference:
    """The one-area reference that the function insists on.

    Raises:
        CellError: it is something else.
    """
    if isinstance(value, ExcelError):
        raise CellError(value)
    if not isinstance(value, Reference) or len(value.areas) != 1:
        raise CellError(ExcelError.VALUE)
    return value


def _each(context: Context, criterion: Value, answer: Callable[[CellValue], CellValue]) -> Value:
    """The answer for one criterion, or for each of an array of them."""
    return _for_criteria(context, (criterion,), lambda criteria: answer(criteria[0]))


def met(context: Context, reference: Reference, criterion: CellValue) -> Mask:
    """Which cells of a range meet a criterion, worked out once for both."""
    key = ("met", context.sheet_of(reference), reference.area, type(criterion), criterion)
    found: Mask | None = context.memory.answers.get(key)
    if found is None:
        found = Criterion.parse(criterion, context.locale).mask(context.block(reference))
        if len(context.memory.answers) < 4096:
            context.memory.answers[key] = found
    return found


def _beyond(context: Context, reference: Reference, criterion: CellValue) -> int:
    """How many cells beyond the used ones a whole column adds, where blanks meet the criterion."""
    area = reference.area
    block = context.block(reference)
    rest = area.width * area.height - block.shape[0] * block.shape[1]
    blank = Block.of_rows([[None]])
    return rest if rest and Criterion.parse(criterion, context.locale).mask(blank)[0, 0] else 0


@excel("COUNTIF", "rr", context=True)
def countif(context: Context, cells: Value, criterion: Value) -> Value:
    """How many cells meet a criterion."""
    reference = range_argument(cells)
    tally: Tally | None = None
    if isinstance(plain := context.plain(criterion), Block) and max(plain.shape) > FEW:
        tally = Tally.of(context.block(reference), context.locale)

    def count(cell: CellValue) -> float:
        quick = tally.count(cell) if tally is not None else None
        if quick is not None:
            return float(quick)
        return float(met(context, reference, cell).sum()) + _beyond(context, reference, cell)

    return _each(context, criterion, count)


def anchored(context: Context, reference: Reference, shape: tuple[int, int]) -> Block:
    """The cells of a range's top-left cell on, in the shape of another range."""
    left, top = reference.area.first_column, reference.area.first_row
    right = min(left + shape[1] - 1, MAX_COLUMN - 1)
    bottom = min(top + shape[0] - 1, MAX_ROW)
    block = Block(context.grid.values(context.sheet_of(reference), Area(left, top, right, bottom)))
    if block.shape != shape:
        raise CellError(ExcelError.VALUE)
    return block


def chosen_numbers(values: Block, mask: Mask) -> Numbers:
    """The numbers among chosen cells.

    Raises:
        CellError: one of the chosen cells is an error.
    """
    errors = values.values[mask & (values.codes == ERROR)]
    if errors.size:
        raise CellError(errors[0])
    numbers: Numbers = values.numbers[mask & (values.codes == NUMBER)]
    return numbers


def _mean(numbers: Numbers) -> float:
    if not numbers.size:
        raise CellError(ExcelError.DIV0)
    return float(numbers.mean())


def _one_criterion(
    context: Context,
    cells: Value,
    criterion: Value,
    values: Value,
    summarise: Callable[[Numbers], float],
) -> Value:
    reference = range_argument(cells)
    shape = context.block(reference).shape
    if values is None:
        source = context.block(reference)
    else:
        source = anchored(context, range_argument(values), shape)
    return _each(
        context,
        criterion,
        lambda cell: summarise(chosen_numbers(source, met(context, reference, cell))),
    )


@excel("SUMIF", "rr", "r", context=True)
def sumif(context: Context, cells: Value, criterion: Value, values: Value = None) -> Value:
    """The sum of the values beside the cells that meet a criterion."""
    return _one_criterion(context, cells, criterion, values, lambda n: float(n.sum()))


@excel("AVERAGEIF", "rr", "r", context=True)
def averageif(context: Context, cells: Value, criterion: Value, values: Value = None) -> Value:
    """The mean of the values beside the cells that meet a criterion."""
    return _one_criterion(context, cells, criterion, values, _mean)


def _all_met(
    context: Context, shape: tuple[int, int] | None, pairs: tuple[Value, ...]
) -> Callable[[tuple[CellValue, ...]], Mask]:
    references = [range_argument(value) for value in pairs[::2]]
    shapes = {(r.area.height, r.area.width) for r in references}
    if len(shapes | ({shape} if shape else set())) > 1:
        raise CellError(ExcelError.VALUE)

    def together(criteria: tuple[CellValue, ...]) -> Mask:
        masks = [met(context, r, c) for r, c in zip(references, criteria, strict=True)]
        height = min(mask.shape[0] for mask in masks)
        result: Mask = np.logical_and.reduce([mask[:height] for mask in masks])
        return result

    return together


def _for_criteria(
    context: Context, criteria: tuple[Value, ...], answer: Callable[..., CellValue]
) -> Value:
    """The answer for the criteria; one array among them gives an array of answers."""
    plain = [context.plain(criterion) for criterion in criteria]
    blocks = [value for value in plain if isinstance(value, Block)]
    if not blocks:
        return answer(tuple(plain))
    shape = common_shape(blocks)
    count = shape[0] * shape[1]
    lists = [spread(v, shape).flat() if isinstance(v, Block) else [v] * count for v in plain]
    known: dict[object, CellValue] = {}
    cells: list[CellValue] = []
    for current in zip(*lists, strict=True):
        key = tuple((type(cell), cell) for cell in current)
        if key not in known:
            known[key] = _answer(answer, current)
        cells.append(known[key])
    return Block.of_list(cells, shape)


def _answer(answer: Callable[..., CellValue], criteria: tuple[CellValue, ...]) -> CellValue:
    try:
        return answer(criteria)
    except CellError as fault:
        return fault.error


@excel("COUNTIFS", "rr", repeat="rr", context=True)
def countifs(context: Context, *pairs: Value) -> Value:
    """How many places meet all criteria."""
    together = _all_met(context, None, pairs)
    return _for_criteria(context, pairs[1::2], lambda criteria: float(together(criteria).sum()))


def _several_criteria(
    context: Context, values: Value, pairs: tuple[Value, ...], summarise: Callable[[Numbers], float]
) -> Value:
    reference = range_argument(values)
    shape = (reference.area.height, reference.area.width)
    together = _all_met(context, shape, pairs)
    block = context.block(reference)

    def answer(criteria: tuple[CellValue, ...]) -> CellValue:
        mask = together(criteria)
        height = min(mask.shape[0], block.shape[0])
        part = block if height == block.shape[0] else block.part(0, 0, height, block.shape[1])
        return summarise(chosen_numbers(part, mask[:height]))

    return _for_criteria(context, pairs[1::2], answer)


@excel("SUMIFS", "rrr", repeat="rr", context=True)
def sumifs(context: Context, values: Value, *pairs: Value) -> Value:
    """The sum of the values where all criteria are met."""
    return _several_criteria(context, values, pairs, lambda n: float(n.sum()))


@excel("AVERAGEIFS", "rrr", repeat="rr", context=True)
def averageifs(context: Context, values: Value, *pairs: Value) -> Value:
    """The mean of the values where all criteria are met."""
    return _several_criteria(context, values, pairs, _mean)


@excel("MAXIFS", "rrr", repeat="rr", context=True)
def maxifs(context: Context, values: Value, *pairs: Value) -> Value:
    """The largest value where all criteria are met, 0 where there is none."""
    return _extreme(context, values, pairs, lambda n: float(n.max()) if n.size else 0.0)


@excel("MINIFS", "rrr", repeat="rr", context=True)
def minifs(context: Context, values: Value, *pairs: Value) -> Value:
    """The smallest value where all criteria are met, 0 where there is none."""
    return _extreme(context, values, pairs, lambda n: float(n.min()) if n.size else 0.0)


def _extreme(
    context: Context, values: Value, pairs: tuple[Value, ...], summarise: Callable[[Numbers], float]
) -> Value:
    """As the other summaries, but any error among the values is the result."""
    error = context.block(range_argument(values)).first_error
    if error is not None:
        raise CellError(error)
    return _several_criteria(context, values, pairs, summarise)


@excel("COUNTBLANK", "r", context=True)
def countblank(context: Context, cells: Value) -> float:
    """How many cells are blank or hold the empty text."""
    reference = range_argument(cells)
    block = context.block(reference)
    ids, known = block.folded_ids
    empty = (block.codes == BLANK) | ((block.codes == TEXT) & (ids == known.get("", -2)))
    area = reference.area
    return float(np.count_nonzero(empty) + area.width * area.height - empty.size)

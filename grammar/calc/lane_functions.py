"""Functions on arrays that hold one value for every cell of an area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grammar.calc.blocks import (
    BLANK,
    BOOL,
    ERROR,
    NUMBER,
    TEXT,
    Block,
    Codes,
    Mask,
    Objects,
    object_array,
)
from grammar.calc.code_units import unit_count
from grammar.calc.coercion import to_bool, to_text
from grammar.calc.context import Context, Value
from grammar.calc.criteria import has_wildcards
from grammar.calc.faults import CellError
from grammar.calc.functions_logical import argument_truths
from grammar.calc.registry import FUNCTIONS, element_by_element
from grammar.formula_tree import Expression, Missing
from grammar.values import CellValue, ExcelError


class NotVectorisableError(Exception):
    """A part of a formula that has no array form; it is evaluated cell by cell instead."""


@dataclass(frozen=True)
class LaneArgument:
    """A part of a formula and its values: a block that spreads over the area where it moves
    from cell to cell, or else one value for all cells. ``is_reference`` says that the values
    were read from cells, ``unsure`` that they may have been."""

    node: Expression
    value: Value
    moving: bool = False
    is_reference: bool = False
    unsure: bool = False


Special = Callable[[Context, list[LaneArgument]], Block]


EACH: dict[str, frozenset[int]] = {
    "COUNTIF": frozenset({1}),
    "SUMIF": frozenset({1}),
    "AVERAGEIF": frozenset({1}),
    "COUNTIFS": frozenset(range(1, 254, 2)),
    "SUMIFS": frozenset(range(2, 254, 2)),
    "AVERAGEIFS": frozenset(range(2, 254, 2)),
    "MAXIFS": frozenset(range(2, 254, 2)),
    "MINIFS": frozenset(range(2, 254, 2)),
    "MATCH": frozenset({0}),
    "VLOOKUP": frozenset({0}),
    "HLOOKUP": frozenset({0}),
    "LOOKUP": frozenset({0}),
    "XMATCH": frozenset({0}),
    "RANK": frozenset({0}),
    "RANK.EQ": frozenset({0}),
    "RANK.AVG": frozenset({0}),
    "LARGE": frozenset({1}),
    "SMALL": frozenset({1}),
}
"""Which reference arguments of a function take one value after the other."""


def _moving_block(argument: LaneArgument) -> Block:
    if not isinstance(argument.value, Block):
        raise NotVectorisableError
    return argument.value


def single_block(context: Context, argument: LaneArgument) -> Block:
    """An argument as a block: its own where it moves, else one cell.

    Raises:
        NotVectorisableError: it is an array in every cell.
    """
    if argument.moving:
        return _moving_block(argument)
    try:
        plain = context.plain(argument.value)
    except CellError as fault:
        plain = fault.error
    if isinstance(plain, Block):
        raise NotVectorisableError
    return Block.of_rows([[plain]])


def truth_of(block: Block, from_cells: bool) -> tuple[Mask, Mask, Objects]:
    """Truth, which cells count, and the errors (``None`` elsewhere) of logical arguments."""
    codes = block.codes
    truth = (codes <= BOOL) & (block.numbers != 0)
    counted = (codes == NUMBER) | (codes == BOOL)
    errors = np.full(block.shape, None, object)
    mask = codes == ERROR
    errors[mask] = block.values[mask]
    if from_cells:
        return truth, counted, errors
    counted |= codes == BLANK
    for place in np.argwhere(codes == TEXT):
        at = tuple(place)
        try:
            truth[at] = to_bool(block.values[at])
            counted[at] = True
        except CellError as fault:
            errors[at] = fault.error
    return truth, counted, errors


def _logical(
    context: Context, arguments: list[LaneArgument], join: Callable[[Mask, Mask], Mask], start: bool
) -> Block:
    """Truth values joined argument by argument; the first error wins."""
    if any(argument.unsure for argument in arguments):
        raise NotVectorisableError
    parts = [_logical_part(context, argument, join, start) for argument in arguments]
    shape = np.broadcast_shapes(*(part[0].shape for part in parts))
    truth, counted = np.array([[start]]), np.array([[False]])
    errors = np.full(shape, None, object)
    for own, counts, faults in parts:
        truth = np.where(counts, join(truth, own), truth)
        counted = counted | counts
        fresh = np.broadcast_to(faults.astype(np.bool_), shape) & ~errors.astype(np.bool_)
        errors[fresh] = np.broadcast_to(faults, shape)[fresh]
    nothing = np.broadcast_to(~counted, shape) & ~errors.astype(np.bool_)
    errors[nothing] = ExcelError.VALUE
    return joined_blocks(truth, errors, (shape[0], shape[1]))


def _logical_part(
    context: Context, argument: LaneArgument, join: Callable[[Mask, Mask], Mask], start: bool
) -> tuple[Mask, Mask, Objects]:
    if argument.moving:
        return truth_of(_moving_block(argument), argument.is_reference)
    nothing = np.full((1, 1), None, object)
    try:
        found = argument_truths(context, argument.value)
    except CellError as fault:
        nothing[0, 0] = fault.error
        found = []
    result = np.array([[start]])
    for truth in found:
        result = join(result, np.array([[truth]]))
    return result, np.array([[bool(found)]]), nothing


def joined_blocks(truth: Mask, errors: Objects, shape: tuple[int, int]) -> Block:
    """Booleans with error values where there are any."""
    errors = np.broadcast_to(errors, shape)
    failed = errors.astype(np.bool_)
    if not failed.any():
        return Block.of_mask(np.broadcast_to(truth, shape))
    values = np.broadcast_to(truth, shape).astype(object)
    values[failed] = errors[failed]
    return Block(values)


def _and(context: Context, arguments: list[LaneArgument]) -> Block:
    return _logical(context, arguments, np.logical_and, True)


def _or(context: Context, arguments: list[LaneArgument]) -> Block:
    return _logical(context, arguments, np.logical_or, False)


def _xor(context: Context, arguments: list[LaneArgument]) -> Block:
    return _logical(context, arguments, np.logical_xor, False)


def _not(context: Context, arguments: list[LaneArgument]) -> Block:
    block = single_block(context, arguments[0])
    if block.plain:
        return Block.of_mask(block.numbers == 0)
    return element_by_element(FUNCTIONS["NOT"], context, "b", [block])


def _branch(context: Context, argument: LaneArgument) -> Objects:
    if isinstance(argument.node, Missing):
        return object_array([0.0], (1, 1))
    return single_block(context, argument).values


def _if(context: Context, arguments: list[LaneArgument]) -> Block:
    condition = single_block(context, arguments[0])
    truth, _, errors = truth_of(condition, False)
    yes = _branch(context, arguments[1])
    no = _branch(context, arguments[2]) if len(arguments) > 2 else object_array([False], (1, 1))
    chosen = np.where(truth, yes, no)
    errors = np.broadcast_to(errors, chosen.shape)
    failed = errors.astype(np.bool_)
    chosen[failed] = errors[failed]
    return Block(chosen)


def _catch(context: Context, arguments: list[LaneArgument], only: ExcelError | None) -> Block:
    block = single_block(context, arguments[0])
    caught = block.codes == ERROR
    if only is not None:
        caught[caught] = [value is only for value in block.values[caught]]
    other = single_block(context, arguments[1])
    return Block(np.where(caught, other.values, block.values))


def _iferror(context: Context, arguments: list[LaneArgument]) -> Block:
    return _catch(context, arguments, None)


def _ifna(context: Context, arguments: list[LaneArgument]) -> Block:
    return _catch(context, arguments, ExcelError.NA)


def _asks(test: Callable[[Codes], Mask]) -> Special:
    """A function that only asks for the kind of a value."""

    def ask(context: Context, arguments: list[LaneArgument]) -> Block:
        return Block.of_mask(test(single_block(context, arguments[0]).codes))

    return ask


def _finder(name: str, key: Callable[[str], str], wild: bool) -> Special:
    """``SEARCH`` and ``FIND`` of one text in the texts of many cells."""

    def find(context: Context, arguments: list[LaneArgument]) -> Block:
        blocks = [single_block(context, argument) for argument in arguments]
        wanted = None if arguments[0].moving else blocks[0].first
        simple = isinstance(wanted, str) and not (wild and (has_wildcards(wanted) or "~" in wanted))
        if len(blocks) > 2 or not simple or not arguments[1].moving:
            function = FUNCTIONS[name]
            letters = function.letters(len(blocks))
            return element_by_element(function, context, letters, list(blocks))
        return _find_text(key(str(wanted)), blocks[1], key)

    return find


def _find_text(wanted: str, block: Block, key: Callable[[str], str]) -> Block:
    cells: list[CellValue] = []
    for cell in block.values.ravel():
        if isinstance(cell, ExcelError):
            cells.append(cell)
            continue
        text = key(cell if isinstance(cell, str) else to_text(cell))
        index = text.find(wanted)
        cells.append(unit_count(text[:index]) + 1.0 if index >= 0 else ExcelError.VALUE)
    return Block.of_list(cells, block.shape)


SPECIAL: dict[str, Special] = {
    "AND": _and,
    "OR": _or,
    "XOR": _xor,
    "NOT": _not,
    "IF": _if,
    "IFERROR": _iferror,
    "IFNA": _ifna,
    "ISBLANK": _asks(lambda codes: codes == BLANK),
    "ISNUMBER": _asks(lambda codes: codes == NUMBER),
    "ISTEXT": _asks(lambda codes: codes == TEXT),
    "ISNONTEXT": _asks(lambda codes: codes != TEXT),
    "ISLOGICAL": _asks(lambda codes: codes == BOOL),
    "ISERROR": _asks(lambda codes: codes == ERROR),
    "SEARCH": _finder("SEARCH", str.lower, True),
    "FIND": _finder("FIND", str, False),
}

"""The operators of formulas on single values and, element by element, on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grammar.calc.blocks import (
    BLANK,
    ERROR,
    TEXT,
    Block,
    Mask,
    Numbers,
    Operand,
    common_shape,
    fits,
    object_array,
    spread,
)
from grammar.calc.coercion import to_number, to_text
from grammar.calc.comparison import COMPARISONS, compare
from grammar.calc.faults import CellError
from grammar.calc.locales import Locale
from grammar.formula_tree import BinaryOperation, Expression
from grammar.values import CellValue, ExcelError

LAST = {"+": "last +", "-": "last -"}
"""The signs of additions and subtractions that are the last thing a formula does."""
_LOST_BITS = 50
"""A result that is so many binary places smaller than what it comes from counts as 0."""


def power(base: float, exponent: float) -> float:
    """``base ^ exponent``; odd roots of negative numbers are negative.

    Raises:
        CellError: 0^0 and even roots of negative numbers (``#NUM!``), 0 to a negative
            (``#DIV/0!``).
    """
    if base == 0 and exponent <= 0:
        raise CellError(ExcelError.NUM if exponent == 0 else ExcelError.DIV0)
    try:
        if base < 0 and abs(exponent) < 1 and abs(1 / exponent) % 2 == 1:
            return -math.pow(-base, exponent)
        result = math.pow(base, exponent)
    except (OverflowError, ValueError):
        raise CellError(ExcelError.NUM) from None
    return result


def divide(left: float, right: float) -> float:
    """``left / right``.

    Raises:
        CellError: the right one is 0 (``#DIV/0!``).
    """
    if right == 0:
        raise CellError(ExcelError.DIV0)
    return left / right


def last_operation(tree: Expression) -> Expression:
    """The tree, its outermost addition or subtraction marked as the last thing that it does.

    Excel takes the result of that one for 0 where it is next to nothing, and keeps that of any
    other: ``=0.5-0.4-0.1`` is 0 and ``=(0.5-0.4-0.1)`` is not.
    Source: Microsoft, "Floating-point arithmetic may give inaccurate results in Excel".
    """
    if isinstance(tree, BinaryOperation) and tree.operator in LAST:
        return replace(tree, operator=LAST[tree.operator])
    return tree


def last_sum(left: float, right: float) -> float:
    """``left + right``, 0 where binary fractions alone keep the two from cancelling out."""
    total = left + right
    larger = max(abs(left), abs(right))
    lost = math.frexp(larger)[1] - math.frexp(total)[1]
    return 0.0 if math.isfinite(total) and lost >= _LOST_BITS else total


def _last_sums(left: Numbers, right: Numbers) -> Numbers:
    total = left + right
    larger = np.maximum(np.abs(left), np.abs(right))
    lost = np.frexp(larger)[1] - np.frexp(total)[1]
    return np.where(lost >= _LOST_BITS, 0.0, total)


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": divide,
    "^": power,
    LAST["+"]: last_sum,
    LAST["-"]: lambda left, right: last_sum(left, -right),
}
_ON_ARRAYS: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    LAST["+"]: _last_sums,
    LAST["-"]: lambda left, right: _last_sums(left, -right),
}
_RANKS = np.array([0.0, 0.0, 2.0, 1.0, 3.0])
"""The place of each code in the order numbers, text, booleans."""
_COMPARE_ARRAYS: dict[str, Callable[[Numbers, Numbers], Mask]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def binary_scalar(
    sign: str, left: CellValue, right: CellValue, locale: Locale
) -> bool | float | str | ExcelError:
    """``left sign right`` of two single values."""
    try:
        if sign in COMPARISONS:
            return COMPARISONS[sign](compare(left, right), 0)
        if sign == "&":
            return to_text(left) + to_text(right)
        first = to_number(left, locale)
        result = ARITHMETIC[sign](first, to_number(right, locale))
    except CellError as fault:
        return fault.error
    return result if math.isfinite(result) else ExcelError.NUM


def binary(sign: str, left: Operand, right: Operand, locale: Locale) -> Operand:
    """``left sign right``; arrays spread over each other."""
    if not isinstance(left, Block):
        if not isinstance(right, Block):
            return binary_scalar(sign, left, right, locale)
        left = Block.of_rows([[left]])
    elif not isinstance(right, Block):
        right = Block.of_rows([[right]])
    shape = common_shape((left, right))
    if not (fits(left, shape) and fits(right, shape)):
        left, right = spread(left, shape), spread(right, shape)
    fast = _fast(sign, left, right)
    return fast if fast is not None else _mixed(sign, left, right, shape, locale)


def _fast(sign: str, left: Block, right: Block) -> Block | None:
    """The result where numpy gives the same as the scalar rule, else ``None``."""
    if sign in _ON_ARRAYS and left.plain and right.plain:
        return _fast_arithmetic(sign, left.numbers, right.numbers)
    if sign in ("=", "<>"):
        found = _fast_text_equality(sign, left, right)
        if found is not None:
            return found
    if sign in _COMPARE_ARRAYS:
        result, hard = _compare_kinds(sign, left, right)
        return Block.of_mask(result) if not hard.any() else None
    return None


def _fast_arithmetic(sign: str, left: Numbers, right: Numbers) -> Block | None:
    with np.errstate(all="ignore"):
        result = _ON_ARRAYS[sign](left, right)
    return Block.of_numbers(result) if np.isfinite(result).all() else None


def _compare_numbers(sign: str, left: Numbers, right: Numbers) -> Mask:
    """Comparison at 15 digits: near ties are settled by the scalar rule."""
    result = _COMPARE_ARRAYS[sign](left, right)
    near = np.abs(left - right) <= 1e-14 * np.maximum(np.abs(left), np.abs(right))
    near &= left != right
    if near.any():
        first, second = np.broadcast_arrays(left, right)
        result = result.copy()
        pairs = zip(first[near], second[near], strict=True)
        result[near] = [COMPARISONS[sign](compare(float(a), float(b)), 0) for a, b in pairs]
    return result


def _fast_text_equality(sign: str, left: Block, right: Block) -> Block | None:
    """Equality of an array with one text, blanks and numbers among its cells allowed."""
    if left.shape == (1, 1):
        left, right = right, left
    text = right.first if right.shape == (1, 1) else None
    if not isinstance(text, str) or bool((left.codes == ERROR).any()):
        return None
    ids, known = left.lower_ids
    equal = ids == known.get(text.lower(), -2)
    if text == "":
        equal |= left.codes == BLANK
    return Block.of_mask(equal if sign == "=" else ~equal)


def _compare_kinds(sign: str, left: Block, right: Block) -> tuple[Mask, Mask]:
    """Comparison by kind and number, and which pairs (texts, errors) it does not settle."""
    first, second = _RANKS[left.codes], _RANKS[right.codes]
    alike = (first == second) | (left.codes == BLANK) | (right.codes == BLANK)
    texts = (left.codes == TEXT) | (right.codes == TEXT)
    hard: Mask = (left.codes == ERROR) | (right.codes == ERROR) | (alike & texts)
    if not alike.any():
        return _COMPARE_ARRAYS[sign](first, second), hard
    with np.errstate(invalid="ignore"):
        by_number = _compare_numbers(sign, left.numbers, right.numbers)
    result: Mask = np.where(alike, by_number, _COMPARE_ARRAYS[sign](first, second))
    return result, hard


def _mixed(sign: str, left: Block, right: Block, shape: tuple[int, int], locale: Locale) -> Block:
    """The result where kinds are mixed: by numpy as far as it goes, other pairs one by one."""
    first = np.broadcast_to(left.values, shape)
    second = np.broadcast_to(right.values, shape)
    if sign not in _COMPARE_ARRAYS:
        pairs = zip(first.ravel(), second.ravel(), strict=True)
        return Block(object_array((binary_scalar(sign, a, b, locale) for a, b in pairs), shape))
    result, hard = _compare_kinds(sign, left, right)
    values = result.astype(object)
    pairs = zip(first[hard], second[hard], strict=True)
    cells = [binary_scalar(sign, a, b, locale) for a, b in pairs]
    values[hard] = object_array(cells, (len(cells), 1))[:, 0]
    return Block(values)


def unary(sign: str, operand: Operand, locale: Locale) -> Operand:
    """``-x``, ``x%`` or ``+x``, which leaves every value as it is."""
    if sign == "+":
        return operand
    factor = (-1.0, "*") if sign == "-" else (100.0, "/")
    return binary(factor[1], operand, factor[0], locale)

"""The operators of formulas on single values and, element by element, on arrays."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np

from grammar.calc.blocks import (
    BLANK,
    BOOL,
    ERROR,
    NUMBER,
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
from grammar.values import CellValue, ExcelError


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


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": divide,
    "^": power,
}
_ON_ARRAYS: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
}
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
    if left.plain and right.plain:
        if sign in _ON_ARRAYS:
            return _fast_arithmetic(sign, left.numbers, right.numbers)
        if sign in _COMPARE_ARRAYS and _no_bools(left) and _no_bools(right):
            return Block.of_mask(_compare_numbers(sign, left.numbers, right.numbers))
    if sign in ("=", "<>"):
        return _fast_text_equality(sign, left, right)
    return None


def _no_bools(block: Block) -> bool:
    return not bool((block.codes == BOOL).any())


def _fast_arithmetic(sign: str, left: Numbers, right: Numbers) -> Block | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
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


def _mixed(sign: str, left: Block, right: Block, shape: tuple[int, int], locale: Locale) -> Block:
    """The result where kinds are mixed: number pairs by numpy, all other pairs one by one."""
    easy = _easy_pairs(sign, left, right)
    first = np.broadcast_to(left.values, shape)
    second = np.broadcast_to(right.values, shape)
    if easy is None or np.count_nonzero(easy) < easy.size // 8:
        pairs = zip(first.ravel(), second.ravel(), strict=True)
        return Block(object_array((binary_scalar(sign, a, b, locale) for a, b in pairs), shape))
    easy = np.broadcast_to(easy, shape)
    values = np.empty(shape, object)
    numbers = [np.broadcast_to(block.numbers, shape)[easy] for block in (left, right)]
    values[easy] = _compare_numbers(sign, numbers[0], numbers[1]).astype(object)
    pairs = zip(first[~easy], second[~easy], strict=True)
    values[~easy] = object_array(
        (binary_scalar(sign, a, b, locale) for a, b in pairs), (int((~easy).sum()), 1)
    )[:, 0]
    return Block(values)


def _easy_pairs(sign: str, left: Block, right: Block) -> Mask | None:
    if sign not in _COMPARE_ARRAYS:
        return None
    easy: Mask = (left.codes <= NUMBER) & (right.codes <= NUMBER)
    return easy


def unary(sign: str, operand: Operand, locale: Locale) -> Operand:
    """``-x``, ``x%`` or ``+x``, which leaves every value as it is."""
    if sign == "+":
        return operand
    factor = (-1.0, "*") if sign == "-" else (100.0, "/")
    return binary(factor[1], operand, factor[0], locale)

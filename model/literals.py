"""What a slot's literal becomes where it is used, by the column that it is compared with."""

from __future__ import annotations

import numpy as np

from grammar.conditions import Binary, Bool, Date, Negative, Number, Scalar, Text
from grammar.table import NUMBER, Table
from grammar.values import Kind
from model.linking import Linked, Slot

_PERCENT_SCALE = 1.5
"""Columns within ±150 % of fractions are read as percents where their format or spread says so."""


def is_fraction(table: Table, column: int | None) -> bool:
    """Whether a column holds fractions of one, shown or spoken of as percents."""
    if column is None or column >= len(table.columns):
        return False
    own = table.columns[column]
    if "%" in own.number_format:
        return True
    numbers = own.numbers[own.codes == NUMBER]
    if own.kind is not Kind.NUMBER or not len(numbers) or np.abs(numbers).max() > _PERCENT_SCALE:
        return False
    return bool((numbers != np.round(numbers)).mean() > 0.5)


def adapt(slot: Slot, linked: Linked, column: int | None) -> Scalar:
    """The slot's literal as a number or percent of ``column``."""
    literal = slot.literal
    if not isinstance(literal, Number) or column is None:
        return literal
    fractions = is_fraction(linked.table, column)
    if literal.percent and not fractions and _is_plain_number(linked.table, column):
        return Number(round(literal.value * 100, 10))
    if not literal.percent and fractions and abs(literal.value) > _PERCENT_SCALE:
        return Number(round(literal.value / 100, 14), percent=True)
    return literal


def _is_plain_number(table: Table, column: int) -> bool:
    return column < len(table.columns) and table.columns[column].kind is Kind.NUMBER


def spelling(slot: Slot, linked: Linked) -> Text:
    """The slot as text: a number is the text that the request spells."""
    if isinstance(slot.literal, Text):
        return slot.literal
    if slot.start is None:
        return Text(str(constant(slot.literal)))
    return Text(linked.utterance[slot.start : slot.end].strip())


def constant(scalar: Scalar) -> float | None:
    """The value of a scalar without columns or functions, else ``None``."""
    match scalar:
        case Number(value):
            return value
        case Negative(operand):
            inner = constant(operand)
            return None if inner is None else -inner
        case Binary(operator, left, right):
            return _compute(operator, constant(left), constant(right))
    return None


def _compute(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    results = {"+": left + right, "-": left - right, "*": left * right}
    if operator == "/":
        return left / right
    return results.get(operator)


def same_literal(left: Scalar, right: Scalar) -> bool:
    """Whether two literals mean the same: numbers by value, text without case."""
    one, other = constant(left), constant(right)
    if one is not None and other is not None:
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    if isinstance(left, Text) and isinstance(right, Text):
        return left.value.strip().lower() == right.value.strip().lower()
    return isinstance(left, Date | Bool) and left == right

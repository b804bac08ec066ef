"""Comparisons of a cell with a literal that a formula makes, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grammar.formula_tree import (
    BinaryOperation,
    CellRef,
    Expression,
    FunctionCall,
    NumberLiteral,
    Parenthesis,
    TextLiteral,
    Unary,
    walk,
)
from grammar.functions import bare_name
from grammar.ooxml_match import Place
from grammar.ranges import MAX_COLUMN, MAX_ROW

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "<>": "<>"}


@dataclass(frozen=True)
class LiteralTest:
    """``reference operator value`` as a formula says it, turned round where it says it so."""

    reference: CellRef
    operator: str
    value: float | str


def tests_in(tree: Expression) -> Iterator[LiteralTest]:
    """Every comparison of a cell with a literal, wherever it stands."""
    for node in walk(tree):
        test = _test(node)
        if test is not None:
            yield test


def required_tests(tree: Expression) -> Iterator[LiteralTest]:
    """The comparisons that have to hold where the formula holds."""
    tree = _bare(tree)
    if isinstance(tree, FunctionCall) and bare_name(tree.name) == "AND":
        for argument in tree.arguments:
            yield from required_tests(argument)
    test = _test(tree)
    if test is not None:
        yield test


def contradictory(tests: Iterable[LiteralTest]) -> CellRef | None:
    """A cell of which no number can pass all tests, and no text either."""
    by_cell: dict[CellRef, list[LiteralTest]] = {}
    for test in tests:
        by_cell.setdefault(test.reference, []).append(test)
    return next((cell for cell, some in by_cell.items() if _is_impossible(some)), None)


def seen_from(reference: CellRef, anchor: Place, place: Place) -> Place:
    """The cell that a reference written for the anchor names in another cell of the rule."""
    column, row = reference.column, reference.row
    if not reference.absolute_column:
        column = (column + place[0] - anchor[0]) % MAX_COLUMN
    if not reference.absolute_row:
        row = (row - 1 + place[1] - anchor[1]) % MAX_ROW + 1
    return column, row


def _test(node: Expression) -> LiteralTest | None:
    if not isinstance(node, BinaryOperation) or node.operator not in _MIRRORED:
        return None
    left, right = _bare(node.left), _bare(node.right)
    if isinstance(left, CellRef) and (value := _literal(right)) is not None:
        return LiteralTest(left, node.operator, value)
    if isinstance(right, CellRef) and (value := _literal(left)) is not None:
        return LiteralTest(right, _MIRRORED[node.operator], value)
    return None


def _bare(node: Expression) -> Expression:
    while isinstance(node, Parenthesis):
        node = node.inner
    return node


def _literal(node: Expression) -> float | str | None:
    if isinstance(node, NumberLiteral | TextLiteral):
        return node.value
    if isinstance(node, Unary) and isinstance(node.operand, NumberLiteral):
        factor = {"-": -1.0, "+": 1.0, "%": 0.01}.get(node.operator)
        return None if factor is None else factor * node.operand.value
    return None


def _is_impossible(tests: list[LiteralTest]) -> bool:
    """Whether the bounds leave nothing; text passes a lower bound, so an upper one is needed."""
    low, high, strict = -math.inf, math.inf, False
    for test in tests:
        if isinstance(test.value, str):
            return False
        if test.operator in (">", ">=", "=") and test.value >= low:
            strict = (strict and test.value == low) or test.operator == ">"
            low = test.value
    for test in tests:
        bound = float(test.value)
        if test.operator in ("<", "<=", "="):
            if bound < low or (bound == low and (strict or test.operator == "<")):
                return True
            high = min(high, bound)
    return high < low

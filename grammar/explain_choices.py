"""Formulas with choices in them, rewritten for reading: every IF asks at the top."""

from __future__ import annotations

from grammar.calc.comparison import matches
from grammar.explain_criteria import COMPARED
from grammar.explain_functions import bare_name
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    Expression,
    FunctionCall,
    NumberLiteral,
    Parenthesis,
    TextLiteral,
)

_FALSE, _TRUE = BoolLiteral(False), BoolLiteral(True)
_Literal = NumberLiteral | TextLiteral | BoolLiteral


def unfolded(tree: Expression) -> Expression:
    """A question with its choices as ``IF``, ``IF(a,b,c)>3`` as ``IF(a,b>3,c>3)``, and without
    parts that are always true or never."""
    match tree:
        case BinaryOperation(operator, left, right) if operator in COMPARED:
            return _compared(operator, left, right)
        case FunctionCall():
            return _call(tree)
    return tree


def _call(call: FunctionCall) -> Expression:
    match bare_name(call), call.arguments:
        case "IFS", (test, value, *rest):
            return _if(test, value, _call(FunctionCall("IFS", tuple(rest))) if rest else _FALSE)
        case "SWITCH", (x, case, value, *rest):
            test = BinaryOperation("=", x, case)
            if len(rest) > 1:
                return _if(test, value, _call(FunctionCall("SWITCH", (x, *rest))))
            return _if(test, value, rest[0] if rest else _FALSE)
        case "XOR", (one, two):
            first = FunctionCall("AND", (one, FunctionCall("NOT", (two,))))
            second = FunctionCall("AND", (FunctionCall("NOT", (one,)), two))
            return FunctionCall("OR", (first, second))
        case (("AND" | "OR") as name, parts):
            return _joined(name, [unfolded(part) for part in parts])
    return call


def _joined(name: str, parts: list[Expression]) -> Expression:
    neutral = _TRUE if name == "AND" else _FALSE
    kept = tuple(part for part in parts if part != neutral)
    if not kept:
        return neutral
    return FunctionCall(name, kept) if len(kept) > 1 else kept[0]


def _compared(operator: str, left: Expression, right: Expression) -> Expression:
    one, two = _bare(left), _bare(right)
    for place, side in enumerate((one, two)):
        parts = _choice(side)
        if parts:
            test, *values = parts
            pairs = [(value, two) if place == 0 else (one, value) for value in values]
            return _if(test, *(_compared(operator, *pair) for pair in pairs))
    if isinstance(one, _Literal) and isinstance(two, _Literal):
        return BoolLiteral(matches(operator, one.value, two.value))
    return BinaryOperation(operator, left, right)


def _choice(tree: Expression) -> tuple[Expression, Expression, Expression] | None:
    """Test and both values of a choice."""
    found = _call(tree) if isinstance(tree, FunctionCall) else tree
    if not isinstance(found, FunctionCall) or bare_name(found) != "IF":
        return None
    match found.arguments:
        case (test, value):
            return test, value, _FALSE
        case (test, value, other):
            return test, value, other
    return None


def _if(test: Expression, value: Expression, other: Expression) -> Expression:
    if value == other:
        return value
    return FunctionCall("IF", (test, value, other))


def _bare(tree: Expression) -> Expression:
    while isinstance(tree, Parenthesis):
        tree = tree.inner
    return tree

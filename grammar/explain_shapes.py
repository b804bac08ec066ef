"""Shapes of formulas that reading looks for: questions, certain outcomes, needless detours."""

from __future__ import annotations

from collections.abc import Callable

from grammar.explain_criteria import COMPARED
from grammar.explain_functions import TODAY, bare_name
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    Expression,
    FunctionCall,
    NumberLiteral,
    Parenthesis,
    TextLiteral,
)

TESTS = {
    "ISNUMBER": "is a number",
    "ISTEXT": "is text",
    "ISNONTEXT": "is not text",
    "ISLOGICAL": "is TRUE or FALSE",
    "ISFORMULA": "contains a formula",
    "ISODD": "is odd",
    "ISEVEN": "is even",
    "ISREF": "is a reference",
}
STATES = {
    "ISBLANK": "Blanks",
    "ISERROR": "Errors",
    "ISERR": "Errors",
    "ISNA": "Errors",
}
_NUMBERS = (
    *("SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "LEN"),
    *("COUNTBLANK", "AVERAGE", "MIN", "MAX", "MOD", "ABS", "ROUND", "INT", "ROW", "COLUMN"),
)


def asks(tree: Expression) -> bool:
    """Whether an operand is itself a question, as in ``(A1>5)*(B1="x")``."""
    match tree:
        case Parenthesis(inner):
            return asks(inner)
        case BinaryOperation(operator):
            return operator in COMPARED
        case FunctionCall():
            name = bare_name(tree)
            return name in ("AND", "OR", "NOT") or name in TESTS or name in STATES
    return False


def gives_number(tree: Expression) -> bool:
    return isinstance(tree, FunctionCall) and bare_name(tree) in _NUMBERS


def without_case(call: FunctionCall) -> Expression:
    """The argument of ``UPPER`` and its kin, which a comparison ignores."""
    changes_case = bare_name(call) in ("UPPER", "LOWER", "PROPER") and len(call.arguments) == 1
    return call.arguments[0] if changes_case else call


def without_days(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """``x+30`` beside ``TODAY()`` as ``x`` beside ``TODAY()-30``."""
    match left, right:
        case BinaryOperation("+" | "-" as sign, x, NumberLiteral() as days), FunctionCall() if (
            right == TODAY
        ):
            return x, BinaryOperation("-" if sign == "+" else "+", right, days)
    return left, right


def is_literal(tree: Expression) -> bool:
    return isinstance(tree, NumberLiteral | TextLiteral | BoolLiteral)


def is_true(tree: Expression) -> bool:
    return tree == BoolLiteral(True) or (isinstance(tree, NumberLiteral) and tree.value == 1)


def is_false(tree: Expression) -> bool:
    if isinstance(tree, TextLiteral):
        return not tree.value
    return tree == BoolLiteral(False) or (isinstance(tree, NumberLiteral) and tree.value == 0)


def is_plain_if(rest: list[Expression]) -> bool:
    """Whether the arguments after the test only spell out what it says."""
    checks: tuple[Callable[[Expression], bool], ...] = (is_true, is_false)
    if len(rest) == 1:
        return is_true(rest[0]) or is_false(rest[0])
    return all(check(tree) for check, tree in zip(checks, rest, strict=False)) and len(rest) < 3


def trimmed(tree: Expression) -> Expression:
    is_trim = isinstance(tree, FunctionCall) and bare_name(tree) == "TRIM"
    return tree.arguments[0] if is_trim and isinstance(tree, FunctionCall) else tree


def counts(rest: list[Expression], text: str) -> bool:
    """Whether the length asked for is that of the text."""
    match rest:
        case []:
            return len(text) == 1
        case [NumberLiteral(number)]:
            return number == len(text)
        case [FunctionCall(name, (TextLiteral(measured),))] if name.upper() == "LEN":
            return measured == text
    return False

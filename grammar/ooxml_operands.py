"""Operands of rules in a workbook as scalars of our language, where it has them."""

from __future__ import annotations

import datetime as dt

from grammar.conditions import (
    ROW_FUNCTIONS,
    Binary,
    Bool,
    Call,
    Date,
    Negative,
    Number,
    Reference,
    Scalar,
    Text,
)
from grammar.errors import GrammarError
from grammar.formula_parser import parse_formula
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    CellRef,
    Expression,
    FunctionCall,
    NumberLiteral,
    Parenthesis,
    TextLiteral,
    Unary,
)
from grammar.ranges import column_letters


def read_operand(formula: str) -> Scalar | None:
    """The scalar that an operand says, or ``None`` where our language has no such value.

    Relative references have none: what they name changes from cell to cell.
    """
    try:
        return _scalar(parse_formula(formula))
    except GrammarError:
        return None


def _scalar(tree: Expression) -> Scalar | None:
    match tree:
        case NumberLiteral(value):
            return Number(value)
        case TextLiteral(value):
            return Text(value)
        case BoolLiteral(value):
            return Bool(value)
        case Parenthesis(inner) | Unary("+", inner):
            return _scalar(inner)
        case CellRef(column, row, True, True, None):
            return Reference(f"${column_letters(column)}${row}")
        case Unary("%", NumberLiteral(value)):
            return Number(value / 100, percent=True)
        case Unary("-", operand):
            return _negative(_scalar(operand))
        case BinaryOperation(operator, left, right) if operator in "+-*/^&":
            return _binary(operator, _scalar(left), _scalar(right))
        case FunctionCall(name, arguments):
            return _call(name.upper(), tuple(map(_scalar, arguments)))
    return None


def _negative(operand: Scalar | None) -> Scalar | None:
    if isinstance(operand, Number):
        return Number(-operand.value, operand.percent)
    return None if operand is None else Negative(operand)


def _binary(operator: str, left: Scalar | None, right: Scalar | None) -> Scalar | None:
    return None if left is None or right is None else Binary(operator, left, right)


def _call(name: str, arguments: tuple[Scalar | None, ...]) -> Scalar | None:
    known = tuple(argument for argument in arguments if argument is not None)
    if len(known) < len(arguments):
        return None
    if name == "DATE":
        return _date(known)
    low, high = ROW_FUNCTIONS.get(name, (0, -1))
    return Call(name, known) if low <= len(known) <= high and name != "ROW" else None


def _date(parts: tuple[Scalar, ...]) -> Date | None:
    match parts:
        case (Number(year), Number(month), Number(day)):
            try:
                return Date(dt.date(int(year), int(month), int(day)))
            except (ValueError, OverflowError):
                return None
    return None

"""Condition tree → canonical text; ``parse_condition(print_condition(x)) == x``."""

from __future__ import annotations

from grammar.conditions import (
    Average,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Formula,
    Hole,
    Junction,
    Negative,
    Neighbour,
    Not,
    Number,
    Range,
    Rank,
    Reference,
    Scalar,
    State,
    Text,
    TextTest,
)

_PRECEDENCE = {"&": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4}
_SIGN = 5


def print_condition(condition: Condition) -> str:
    """The canonical text of a condition."""
    match condition:
        case Junction(name, parts):
            return f"{name}({', '.join(map(print_condition, parts))})"
        case Not(part):
            return f"NOT({print_condition(part)})"
        case Formula(text):
            return f"Formula({quote(text)})"
        case Comparison(name, x, value) | TextTest(name, x, value):
            return _predicate(name, x, print_scalar(value))
        case Range(name, x, low, high):
            return _predicate(name, x, print_scalar(low), print_scalar(high))
        case Rank(name, x, amount):
            return _predicate(name, x, number_text(amount))
        case Average(name, x, deviations):
            return _predicate(name, x, *([number_text(deviations)] if deviations else []))
        case State(name, x):
            return _predicate(name, x)
    raise TypeError(f"no condition: {condition!r}")


def _predicate(name: str, x: Scalar, *values: str) -> str:
    subject = [] if isinstance(x, Cell) else [print_scalar(x)]
    return f"{name}({', '.join([*subject, *values])})"


def print_scalar(scalar: Scalar, precedence: int = 0) -> str:
    """The text of a scalar, in parentheses where it binds looser than ``precedence``."""
    match scalar:
        case Binary(operator, left, right):
            own = _PRECEDENCE[operator]
            text = f"{print_scalar(left, own)} {operator} {print_scalar(right, own + 1)}"
            return f"({text})" if own < precedence else text
        case Negative(operand):
            return f"-{print_scalar(operand, _SIGN)}"
        case Neighbour(column, offset):
            return f"{'PREV' if offset < 0 else 'NEXT'}({print_scalar(column)})"
        case Call(name, arguments):
            return f"{name}({', '.join(map(print_scalar, arguments))})"
    return _print_leaf(scalar)


def _print_leaf(scalar: Scalar) -> str:
    match scalar:
        case Column(index):
            return f"c[{index}]"
        case Number(value, percent):
            return f"{number_text(round(value * 100, 12))}%" if percent else number_text(value)
        case Text(value):
            return quote(value)
        case Bool(value):
            return "TRUE" if value else "FALSE"
        case Date(value):
            return f"DATE({value.year},{value.month},{value.day})"
        case Reference(address):
            return address
        case Hole(column):
            return "c[?]" if column else "?"
    raise TypeError(f"no scalar that can be written: {scalar!r}")


def quote(text: str) -> str:
    """A text literal: in single quotes, a quote inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def number_text(value: float) -> str:
    """The shortest spelling of a number, without exponent where it stays short."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value).replace("e+", "e")

"""What kind of value a scalar gives over a table, and what cannot be compared or reckoned."""

from __future__ import annotations

from grammar.conditions import (
    Average,
    Binary,
    Bool,
    Call,
    Column,
    Comparison,
    Condition,
    Date,
    Negative,
    Neighbour,
    Node,
    Number,
    Range,
    Rank,
    Scalar,
    Text,
    TextTest,
    walk,
)
from grammar.table import Table
from grammar.values import Kind

_LITERALS = {Number: Kind.NUMBER, Negative: Kind.NUMBER, Date: Kind.DATE, Text: Kind.TEXT}
_DAYS = ("TODAY", "NOW")
_TEXTS = ("LEFT", "RIGHT", "MID", "LOWER", "UPPER", "TRIM")
_SAME = ("AVERAGE", "MEDIAN", "MIN", "MAX", "PERCENTILE", "ABS", "ROUND", "INT")
"""Functions whose result is of the kind of their first argument."""
_PLAIN = (Kind.NUMBER, Kind.DATE, Kind.TEXT, Kind.BOOL)
"""Kinds that are told apart; what is blank, mixed or an error may be anything."""


def kind_of(scalar: Scalar, table: Table) -> Kind | None:
    """The kind of a scalar's values, ``None`` where that is not known."""
    match scalar:
        case Column(index) | Neighbour(_, Column(index)):
            kind = table.columns[index].kind if index < len(table.columns) else None
            return kind if kind in _PLAIN else None
        case Bool():
            return Kind.BOOL
        case Binary(operator, left, right):
            return _reckoned(operator, kind_of(left, table), kind_of(right, table))
        case Call(name, arguments):
            return _called(name, arguments, table)
    return _LITERALS.get(type(scalar))


def _called(name: str, arguments: tuple[Scalar, ...], table: Table) -> Kind | None:
    if name in _DAYS:
        return Kind.DATE
    if name in _TEXTS:
        return Kind.TEXT
    return kind_of(arguments[0], table) if name in _SAME and arguments else Kind.NUMBER


def _reckoned(operator: str, left: Kind | None, right: Kind | None) -> Kind | None:
    """The kind of arithmetic: days between dates are a number, a date and days are a date."""
    if operator == "&":
        return Kind.TEXT
    dates = (left, right).count(Kind.DATE)
    return Kind.DATE if dates == 1 and operator in "+-" else Kind.NUMBER


def is_mistyped(condition: Condition, table: Table) -> bool:
    """Whether some part of a condition compares or reckons with what does not go together."""
    return any(clashes(part, table) for part in walk(condition))


def clashes(part: Node, table: Table) -> bool:
    """Whether a node compares or reckons with what does not go together, or orders texts."""
    match part:
        case Comparison(name, x, value):
            orders = name not in ("Equals", "NotEquals") and kind_of(x, table) is Kind.TEXT
            return orders or _differ(x, (value,), table)
        case Range(_, x, low, high):
            return kind_of(x, table) is Kind.TEXT or _differ(x, (low, high), table)
        case TextTest(_, x, value):
            no_text = kind_of(x, table) in (Kind.NUMBER, Kind.DATE, Kind.BOOL)
            return no_text or kind_of(value, table) in (Kind.NUMBER, Kind.DATE, Kind.BOOL)
        case Rank(_, x, _) | Average(_, x, _):
            return kind_of(x, table) in (Kind.TEXT, Kind.BOOL)
        case Binary(operator, left, right) if operator != "&":
            return _cannot_reckon(operator, kind_of(left, table), kind_of(right, table))
    return False


def _differ(x: Scalar, values: tuple[Scalar, ...], table: Table) -> bool:
    kinds = {kind_of(each, table) for each in (x, *values)} - {None}
    return len(kinds) > 1


def _cannot_reckon(operator: str, left: Kind | None, right: Kind | None) -> bool:
    kinds = (left, right)
    if Kind.TEXT in kinds or Kind.BOOL in kinds:
        return True
    return Kind.DATE in kinds and (operator not in "+-" or (operator == "+" and left is right))

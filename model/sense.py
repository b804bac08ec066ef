"""Conditions that no person means, whatever the request says."""

from __future__ import annotations

from grammar.conditions import (
    Average,
    Binary,
    Call,
    Cell,
    Column,
    Comparison,
    Condition,
    Hole,
    Junction,
    Node,
    Range,
    Rank,
    Scalar,
    State,
    TextTest,
    walk,
)
from grammar.rules import RuleSet
from model.literals import constant

_DAYS = ("TODAY", "NOW")
_TEXT_CALLS = ("LEFT", "RIGHT", "MID", "LOWER", "UPPER", "TRIM")


def makes_sense(rules: RuleSet) -> bool:
    """Whether every part tests cells, and none says the same thing twice."""
    return not any(_is_senseless(part) for rule in rules.rules for part in walk(rule.condition))


def _is_senseless(part: Node) -> bool:
    match part:
        case TextTest(_, x, value):
            return x == value or not _has_cells(x) or not _is_text(value)
        case Comparison(_, x, value):
            return x == value
        case State(_, x) | Rank(_, x, _) | Average(_, x, _):
            return not _has_cells(x)
        case Range(_, x, low, high):
            return low == high or x in (low, high)
        case Junction(_, parts):
            return len(set[Condition](parts)) < len(parts)
        case Binary(operator, left, right):
            return _is_idle(operator, left, right)
    return False


def _has_cells(x: Scalar) -> bool:
    return any(isinstance(part, Cell | Column | Hole) for part in walk(x))


def _is_text(value: Scalar) -> bool:
    """Whether a value can be the text that cells are compared with."""
    if isinstance(value, Call):
        return value.name in _TEXT_CALLS
    return not isinstance(value, Binary) or value.operator == "&"


def _is_idle(operator: str, left: Scalar, right: Scalar) -> bool:
    """Whether arithmetic multiplies numbers or days that stand there, or ends in 0 or 1."""
    plain = [constant(side) is not None for side in (left, right)]
    if operator in "*/^" and any(_is_day(side) for side in (left, right)):
        return True
    if operator == "*" and all(plain):
        return True
    return operator in "-/" and left == right and not plain[0]


def _is_day(side: Scalar) -> bool:
    return isinstance(side, Call) and side.name in _DAYS

"""Conditions that no person means, whatever the request says."""

from __future__ import annotations

from grammar.conditions import (
    Binary,
    Comparison,
    Condition,
    Junction,
    Node,
    Range,
    TextTest,
    walk,
)
from grammar.rules import RuleSet
from model.literals import constant


def makes_sense(rules: RuleSet) -> bool:
    """Whether no part compares something with itself or says the same thing twice."""
    return not any(_is_senseless(part) for rule in rules.rules for part in walk(rule.condition))


def _is_senseless(part: Node) -> bool:
    match part:
        case Comparison(_, x, value) | TextTest(_, x, value):
            return x == value
        case Range(_, x, low, high):
            return low == high or x in (low, high)
        case Junction(_, parts):
            return len(set[Condition](parts)) < len(parts)
        case Binary(operator, left, right):
            return operator in "-/" and left == right and constant(left) is None
    return False

"""Rules with their columns renamed, as tables lose and swap columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

from grammar.conditions import Column, Condition, Scalar
from grammar.rules import Target
from model.corpus.notation import SpokenRule

_Node = TypeVar("_Node", bound=Condition | Scalar)


def move_columns(node: _Node, places: Mapping[int, int]) -> _Node:
    """The tree with every column at its new place."""
    if isinstance(node, Column):
        return replace(node, index=places[node.index])
    changed: dict[str, object] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Condition | Scalar):
            changed[field.name] = move_columns(value, places)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(move_columns(part, places) for part in value)
    return replace(node, **changed) if changed else node


def move_rule(rule: SpokenRule, places: Mapping[int, int]) -> SpokenRule:
    """The rule with every column at its new place."""
    target = rule.target
    if target.columns:
        target = Target("columns", tuple(places[index] for index in target.columns))
    return SpokenRule(move_columns(rule.condition, places), target, rule.style)

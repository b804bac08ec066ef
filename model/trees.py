"""Trees with some of their leaves exchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from grammar.conditions import Column, Condition, Hole, Node, Scalar

_Node = TypeVar("_Node", bound=Condition | Scalar)


def exchange(node: _Node, leaf: Callable[[Node], Node | None]) -> _Node:
    """The tree with ``leaf(part)`` in place of every part for which that is not ``None``."""
    other = leaf(node)
    if other is not None:
        return other  # type: ignore[return-value] # a condition for a condition, a scalar likewise
    changed: dict[str, object] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Condition | Scalar):
            changed[field.name] = exchange(value, leaf)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(exchange(part, leaf) for part in value)
    return replace(node, **changed) if changed else node


def move_columns(node: _Node, places: Mapping[int, int]) -> _Node:
    """The tree with every column at its new place."""
    return exchange(
        node, lambda part: Column(places[part.index]) if isinstance(part, Column) else None
    )


def fill_holes(node: _Node, column: Column) -> _Node:
    """The tree with ``column`` wherever a column is left open."""
    return exchange(node, lambda part: column if isinstance(part, Hole) and part.column else None)

"""When two rule sets say the same: after normal forms, or by the cells that they select."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from grammar.conditions import (
    Binary,
    Bool,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Junction,
    Negative,
    Node,
    Not,
    Number,
    Range,
    Rank,
    State,
    Text,
    TextTest,
    columns_of,
    selects_cells,
    walk,
)
from grammar.errors import GrammarError
from grammar.evaluate import matches
from grammar.rules import Rule
from grammar.subjects import subject_column
from grammar.table import Table
from model.encode import normal_form
from model.literals import constant
from model.trees import exchange


def same_condition(one: Condition, other: Condition) -> bool:
    """Whether two conditions are the same text after normal forms.

    Where one of them leaves its subject out, columns are not compared.
    """
    if not _names_columns(one) or not _names_columns(other):
        one, other = without_columns(one), without_columns(other)
    return normal(one) == normal(other)


def _names_columns(condition: Condition) -> bool:
    return any(isinstance(part, Column) for part in walk(condition))


def without_columns(condition: Condition) -> Condition:
    """The condition with its subject left out, where it names one column only."""
    if len(columns_of(condition)) > 1:
        return condition
    return exchange(condition, lambda part: Cell() if isinstance(part, Column) else None)


def normal(condition: Condition) -> Condition:
    """One form for spellings that mean the same: order, case, percents, folded arithmetic."""
    return exchange(condition, _normal_part)


def _normal_part(node: Node) -> Node | None:
    match node:
        case Junction(name, parts):
            flat = {repr(part): part for part in _flat(name, parts)}
            ordered = sorted(flat.items())
            inner = tuple(part for _, part in ordered)
            return Junction(name, inner) if len(inner) > 1 else inner[0]
        case Not(State("Blanks", x)):
            return State("NotBlanks", exchange(x, _normal_part))
        case Not(TextTest("TextContains", x, value)):
            return normal(TextTest("TextNotContains", x, value))
        case Comparison(name, x, Text() as value) if name in ("Equals", "NotEquals"):
            test = TextTest("TextEquals", x, value)
            return normal(test) if name == "Equals" else Not(normal(test))
        case Range(_, _, low, high) if (_value(low) or 0) > (_value(high) or 0):
            return normal(replace(node, low=high, high=low))
        case Rank(name, x, amount):
            return Rank(name, exchange(x, _normal_part), round(amount, 9))
        case Text(value):
            return Text(value.strip().lower())
        case Bool() | Date() | Column():
            return node
    return _normal_number(node)


def _flat(name: str, parts: tuple[Condition, ...]) -> Iterator[Condition]:
    """The normal forms of a junction's parts, junctions of the same name opened up."""
    for part in map(normal, parts):
        yield from part.parts if isinstance(part, Junction) and part.name == name else (part,)


def _value(node: Node) -> float | None:
    return constant(node) if isinstance(node, Number | Negative | Binary) else None


def _normal_number(node: Node) -> Node | None:
    value = _value(node)
    if value is not None:
        return Number(round(value, 9))
    if isinstance(node, Binary):
        operator, left, right = normal_form(node)
        parts = exchange(left, _normal_part), exchange(right, _normal_part)
        if operator == "+":
            parts = tuple(sorted(parts, key=repr))  # type: ignore[assignment] # still two parts
        return Binary(operator, *parts)
    return None


def same_rules(one: tuple[Rule, ...], other: tuple[Rule, ...], style: bool = False) -> bool:
    """Whether two lists of rules have the same conditions and targets (and styles), in order."""
    return len(one) == len(other) and all(
        same_condition(a.condition, b.condition)
        and a.target == b.target
        and (not style or a.style == b.style)
        for a, b in zip(one, other, strict=True)
    )


def same_cells(
    one: tuple[Rule, ...], other: tuple[Rule, ...], table: Table, today: dt.date
) -> bool:
    """Whether two lists of rules select the same cells of a table, rule by rule."""
    return len(one) == len(other) and all(
        _same_place(a, b, table) and _selects_alike(a.condition, b.condition, table, today)
        for a, b in zip(one, other, strict=True)
    )


def footprint(
    rules: tuple[Rule, ...], table: Table, today: dt.date
) -> tuple[tuple[frozenset[int], object], ...]:
    """What rules colour of a table: equal for two that nobody could tell apart on it."""
    return tuple((_columns(rule, table), _selected(rule.condition, table, today)) for rule in rules)


def _selected(condition: Condition, table: Table, today: dt.date) -> object:
    """The rows that a condition selects; itself where it selects none by itself."""
    mask = _mask(condition, table, today) if selects_cells(condition) else None
    return normal(condition) if mask is None else mask.tobytes()


def _same_place(one: Rule, other: Rule, table: Table) -> bool:
    """Whether two rules colour the same columns; a condition that names none looks at any."""
    if not _names_columns(one.condition) or not _names_columns(other.condition):
        return one.target == other.target
    return _columns(one, table) == _columns(other, table)


def _columns(rule: Rule, table: Table) -> frozenset[int]:
    """The columns that a rule colours."""
    if rule.target.kind == "row":
        return frozenset(range(len(table.columns)))
    return frozenset(rule.target.columns or (subject_column(rule.condition, table),))


def _selects_alike(one: Condition, other: Condition, table: Table, today: dt.date) -> bool:
    if same_condition(one, other):
        return True
    if not selects_cells(one) or not selects_cells(other):
        return False
    masks = _mask(one, table, today), _mask(other, table, today)
    return masks[0] is not None and masks[1] is not None and bool((masks[0] == masks[1]).all())


def _mask(condition: Condition, table: Table, today: dt.date) -> NDArray[np.bool_] | None:
    try:
        return np.asarray(matches(condition, table, today=today), np.bool_)
    except (GrammarError, ArithmeticError, ValueError):
        return None

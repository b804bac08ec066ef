"""Columns that say yes or no, told in the other ways in which tables say it.

``yes`` and ``no``, ``Y`` and ``N``, TRUE and FALSE, 1 and 0, a mark or nothing: the request stays,
the cells and the rules change together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from grammar.conditions import (
    Bool,
    Column,
    Comparison,
    Condition,
    Node,
    Not,
    Number,
    State,
    Text,
    TextTest,
    columns_of,
    walk,
)
from grammar.table import Table, TableColumn
from grammar.values import CellValue
from model.corpus.notation import SpokenRule
from model.trees import exchange

Form = tuple[CellValue, CellValue]
"""What stands for yes and for no; ``None`` is an empty cell."""
YES, NO = ("yes", "y", "true"), ("no", "n", "false")
TEXTS: tuple[Form, ...] = (("yes", "no"), ("Yes", "No"), ("Y", "N"), ("y", "n"), ("YES", "NO"))
OTHERS: tuple[Form, ...] = ((True, False), (True, False), (1.0, 0.0), ("x", None), ("✓", None))
MARKS = ("x", "✓")
_SAID = re.compile(r"\b(yes|no|y|n|true|false|blank|empty)\b", re.I)


def flag_columns(table: Table) -> list[int]:
    """Places of the columns whose texts are all a yes or a no."""
    return [place for place, column in enumerate(table.columns) if _is_flag(column)]


def _is_flag(column: TableColumn) -> bool:
    texts = {value.lower() for value in column.values if isinstance(value, str)}
    others = any(value is not None and not isinstance(value, str) for value in column.values)
    return not others and bool(texts) and texts <= {*YES, *NO}


def retell(
    say: str, table: Table, rules: Sequence[SpokenRule], rng: random.Random
) -> tuple[Table, tuple[SpokenRule, ...]]:
    """Table and rules with every such column told in one of the ways, or left as it is."""
    told = tuple(rules)
    for place in flag_columns(table):
        form = rng.choice(TEXTS if _SAID.search(say) else (*TEXTS, *OTHERS))
        changed = [_retold(rule, place, form) for rule in told]
        if rng.random() < 0.7 and all(changed):
            table = _with(table, place, form)
            told = tuple(rule for rule in changed if rule)
    return table, told


def _with(table: Table, place: int, form: Form) -> Table:
    old = table.columns[place]
    values = tuple(_cell(value, form) for value in old.values)
    columns = list(table.columns)
    columns[place] = replace(TableColumn.of(old.header, values), number_format=old.number_format)
    return replace(table, columns=tuple(columns))


def _cell(value: CellValue, form: Form) -> CellValue:
    return form[str(value).lower() in NO] if isinstance(value, str) else value


def _retold(rule: SpokenRule, place: int, form: Form) -> SpokenRule | None:
    """The rule on the changed column; ``None`` where a mark or nothing cannot say what it means."""

    def leaf(node: Node) -> Node | None:
        if isinstance(node, TextTest) and node.x == Column(place) and isinstance(node.value, Text):
            return _test(Column(place), form[node.value.value.lower() in NO])
        return None

    if form[1] is None and any(_is_state(part, place) for part in walk(rule.condition)):
        return None
    return replace(rule, condition=exchange(rule.condition, leaf))


def _is_state(part: Node, place: int) -> bool:
    """Whether a part means something else once the column's no is an empty cell."""
    own = isinstance(part, State) and part.x == Column(place)
    return own or (isinstance(part, Not) and place in columns_of(part.part))


def _test(column: Column, value: CellValue) -> Condition:
    if value is None or value in MARKS:
        return State("Blanks" if value is None else "NotBlanks", column)
    if isinstance(value, str):
        return TextTest("TextEquals", column, Text(value))
    literal = Bool(value) if isinstance(value, bool) else Number(float(value == 1))
    return Comparison("Equals", column, literal)

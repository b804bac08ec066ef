"""Which column a condition looks at, where it does not say so itself."""

from __future__ import annotations

import re

from grammar.conditions import (
    AVERAGES,
    DATE_PERIODS,
    RANKS,
    SCALES,
    Bool,
    Call,
    Cell,
    Column,
    Condition,
    Date,
    Formula,
    Neighbour,
    Node,
    Number,
    Scalar,
    Text,
    children,
    columns_of,
    walk,
)
from grammar.ranges import column_index
from grammar.rules import CELLS, Target
from grammar.table import Table, TableColumn
from grammar.values import CellValue, Kind

_COLUMN_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.!$])\$?([A-Za-z]{1,3})\$?\d{1,7}(?![A-Za-z0-9_(])")
_NUMERIC = (Kind.NUMBER, Kind.DATE)
_KINDS: dict[str, tuple[Kind, ...]] = {
    **dict.fromkeys((*RANKS, *AVERAGES, *SCALES), _NUMERIC),
    **dict.fromkeys(DATE_PERIODS, (Kind.DATE,)),
}


def subject_column(condition: Condition, table: Table) -> int:
    """The 0-based column that a condition looks at first: ``x`` of its first predicate.

    Where that is left out, it is the first column that the predicate fits: one that holds the text
    asked for, else one of the right kind, else the first.
    """
    first = next((part for part in walk(condition) if hasattr(part, "x")), None)
    if first is None:
        return _formula_column(condition, table)
    named = columns_of(first.x)
    if named:
        return named[0]
    if any(isinstance(part, Cell) for part in walk(first.x)):
        return _fitting_column(first, table)
    return next(iter(columns_of(condition)), 0)


def plain_target(target: Target, condition: Condition, table: Table) -> Target:
    """The target; ``cells`` where it names just the column that the condition looks at."""
    own = target.columns == (subject_column(condition, table),)
    return CELLS if own and target.kind == "columns" else target


def subject_cells(condition: Condition) -> tuple[Scalar, ...]:
    """The cells in what the first predicate looks at: those that ``NOT`` wants to be filled."""
    first = next((part for part in walk(condition) if hasattr(part, "x")), None)
    parts = () if first is None else walk(first.x)
    cells = (part for part in parts if isinstance(part, Column | Cell | Neighbour))
    columns = map(Column, columns_of(condition)[:1])
    return tuple(dict.fromkeys(cells)) or tuple(columns) or (Cell(),)


def _formula_column(condition: Condition, table: Table) -> int:
    """The table column of the first reference in a formula, strings and other sheets apart."""
    text = next((part.text for part in walk(condition) if isinstance(part, Formula)), "")
    bare = re.sub(r"'[^']*'!\S+|\"[^\"]*\"", " ", text)
    for match in _COLUMN_REFERENCE.finditer(bare):
        index = column_index(match.group(1)) - table.first_column
        if 0 <= index < len(table.columns):
            return index
    return 0


def _fitting_column(predicate: Node, table: Table) -> int:
    scores = [_fit(predicate, column) for column in table.columns]
    return scores.index(max(scores)) if scores else 0


def _fit(predicate: Node, column: TableColumn) -> int:
    """2 where the column holds the very text asked for, 1 where it is of the right kind, else 0."""
    texts = [part.value.lower() for part in children(predicate) if isinstance(part, Text)]
    if texts:
        return 2 * _holds(column, texts) or int(column.kind is Kind.TEXT)
    name = getattr(predicate, "name", "")
    if name in ("Errors", "Blanks"):
        return int(_has_state(name, column))
    return int(column.kind in _kinds(name, predicate))


def _holds(column: TableColumn, texts: list[str]) -> bool:
    words = {value.lower() for value in column.values if isinstance(value, str)}
    return any(text in word for text in texts for word in words)


def _has_state(name: str, column: TableColumn) -> bool:
    if name == "Errors":
        return column.error_count > 0
    return any(_is_blank(value) for value in column.values)


def _is_blank(value: CellValue) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(" "))


def _kinds(name: str, predicate: Node) -> tuple[Kind, ...]:
    """The kinds of column that the predicate's values are compared with."""
    if name in _KINDS:
        return _KINDS[name]
    for part in walk(predicate):
        if isinstance(part, Date) or (isinstance(part, Call) and part.name in ("TODAY", "NOW")):
            return (Kind.DATE,)
        if isinstance(part, Bool):
            return (Kind.BOOL,)
    is_number = any(isinstance(part, Number) for part in walk(predicate))
    return (Kind.NUMBER,) if is_number else tuple(Kind)

"""What to ask back, and the readings that a request without a value could have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from grammar.conditions import (
    Average,
    Column,
    Comparison,
    Condition,
    Hole,
    Junction,
    Not,
    Range,
    Rank,
    Scalar,
    Text,
    TextTest,
    has_holes,
    walk,
)
from grammar.rules import Rule, RuleSet
from grammar.table import NUMBER, Table
from grammar.values import Kind
from model.kinds import is_mistyped
from model.literals import constant
from model.trees import fill_holes

NO_FORMAT = "This does not sound like a conditional format: which cells should stand out, and when?"
UNSURE = "Which column do you mean, and which of its cells should stand out?"
UNSURE_OF = "Which cells of {} should stand out, or do you mean another column?"
_MORE = ("GreaterThan", "GreaterThanEqual")
_LESS = ("LessThan", "LessThanEqual")
_MOST_READINGS = 4
_MOST_NAMES = 6
_MOST_TEXTS = 12
"""Distinct texts of a column that can still be offered as readings."""


def question_for(rules: RuleSet | None, table: Table) -> str:
    """One sentence that asks for what the rules leave open."""
    if rules is None:
        return NO_FORMAT
    for rule in rules.rules:
        for part in walk(rule.condition):
            if isinstance(part, Comparison | TextTest | Range | Rank) and has_holes(part):
                return _ask(part, table)
    tested = (part.x for rule in rules.rules for part in walk(rule.condition) if hasattr(part, "x"))
    columns = [x.index for x in tested if isinstance(x, Column) and x.index < len(table.columns)]
    return UNSURE_OF.format(table.header(columns[0])) if columns else UNSURE


def _ask(part: Condition, table: Table) -> str:
    x = getattr(part, "x", None)
    if not isinstance(x, Column) or x.index >= len(table.columns):
        return _ask_column(part, table)
    name = table.header(x.index)
    if isinstance(part, Comparison):
        return f"{_ask_threshold(part.name, name)}{_example(table, x.index)}?"
    if isinstance(part, Range):
        return f"Between which two values of {name}{_example(table, x.index)}?"
    return f"Which text should {name} have{_example(table, x.index)}?"


def _ask_column(part: Condition, table: Table) -> str:
    """Which column is meant; where it can be but one, what else is open."""
    columns = _columns(table)
    if len(columns) != 1:
        names = ", ".join(map(table.header, columns[:_MOST_NAMES])) or "none has a name"
        return f"Which column do you mean ({names})?"
    own = fill_holes(part, Column(columns[0]))
    is_open = has_holes(own) and isinstance(getattr(own, "x", None), Column)
    return _ask(own, table) if is_open else UNSURE_OF.format(table.header(columns[0]))


def _ask_threshold(predicate: str, name: str) -> str:
    if predicate in _MORE:
        return f"Above which value should {name} stand out"
    if predicate in _LESS:
        return f"Below which value should {name} stand out"
    return f"Which value of {name} should stand out"


def with_only_column(rules: RuleSet, table: Table) -> RuleSet:
    """The rules with the table's column where one is left open, if there is but one."""
    if len(table.columns) != 1:
        return rules
    closed = (
        replace(rule, condition=fill_holes(rule.condition, Column(0))) for rule in rules.rules
    )
    return RuleSet(tuple(closed))


def _columns(table: Table) -> list[int]:
    """The columns of numbers and dates; all where there are none."""
    kinds = (Kind.NUMBER, Kind.DATE)
    numeric = [index for index, column in enumerate(table.columns) if column.kind in kinds]
    return numeric or list(range(len(table.columns)))


def _example(table: Table, index: int) -> str:
    column = table.columns[index]
    if column.kind is not Kind.NUMBER:
        return ""
    numbers = column.numbers[column.codes == NUMBER]
    return f" (it runs from {numbers.min():g} to {numbers.max():g})" if len(numbers) else ""


def readings(rules: RuleSet, table: Table) -> Iterator[RuleSet]:
    """Complete rules that a single rule with a hole could stand for."""
    if len(rules.rules) != 1:
        return
    rule = rules.rules[0]
    for index, condition in enumerate(_filled(rule.condition, table)):
        if index == _MOST_READINGS:
            return
        yield RuleSet((Rule(condition, rule.target, rule.style, rule.stop_if_true),))


def is_unsettled(rules: RuleSet, table: Table) -> bool:
    """Whether rules leave something open, other than a column of which but one can be meant."""
    parts = (part for rule in rules.rules for part in walk(rule.condition))
    holes = [part for part in parts if isinstance(part, Hole)]
    is_column = all(hole.column for hole in holes)
    return bool(holes) and not (is_column and len(list(readings(rules, table))) == 1)


def _filled(condition: Condition, table: Table) -> Iterator[Condition]:
    if isinstance(condition, Junction | Not):
        return
    if any(isinstance(part, Hole) and part.column for part in walk(condition)):
        filled = [fill_holes(condition, Column(index)) for index in range(len(table.columns))]
        fitting = [each for each in filled if not has_holes(each) and not is_mistyped(each, table)]
        yield from sorted(fitting, key=lambda each: not _is_within(each, table))
    elif isinstance(condition, Comparison) and isinstance(condition.value, Hole):
        yield from _extremes(condition.name, condition.x)
    elif isinstance(condition, TextTest) and isinstance(condition.value, Hole):
        yield from (replace(condition, value=Text(text)) for text in _texts(condition.x, table))


def _texts(x: Scalar, table: Table) -> list[str]:
    """The texts of a column, the commonest first; none where it has many."""
    if not isinstance(x, Column) or x.index >= len(table.columns):
        return []
    counts = Counter(v for v in table.columns[x.index].values if isinstance(v, str) and v.strip())
    return [text for text, _ in counts.most_common()] if len(counts) <= _MOST_TEXTS else []


def _is_within(condition: Condition, table: Table) -> bool:
    """Whether the numbers that a column is compared with lie among its own."""
    x = getattr(condition, "x", None)
    if not isinstance(x, Column):
        return True
    column = table.columns[x.index]
    numbers = column.numbers[column.codes == NUMBER]
    scalars = [part for part in walk(condition) if isinstance(part, Scalar)]
    said = [value for part in scalars if (value := constant(part)) is not None]
    return not said or (len(numbers) > 0 and numbers.min() <= min(said) <= numbers.max())


def _extremes(name: str, x: Scalar) -> Iterator[Condition]:
    if name in _MORE:
        yield from (Average("AboveAverage", x), Rank("TopPercent", x, 10), Rank("Top", x, 10))
    elif name in _LESS:
        yield from (
            Average("BelowAverage", x),
            Rank("BottomPercent", x, 10),
            Rank("Bottom", x, 10),
        )

"""The condition language as frozen trees (see ``docs/language.md``).

A condition is built of predicates over scalars. ``Cell`` is the value that a predicate looks at
when the text leaves it out: the cell that the rule is drawn on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from grammar.errors import InvalidRuleError


@dataclass(frozen=True)
class Scalar:
    """An expression with one value a row."""


@dataclass(frozen=True)
class Cell(Scalar):
    """The formatted cell itself, where a condition names no column."""


@dataclass(frozen=True)
class Column(Scalar):
    """``c[i]``, column ``index`` of the table, counted from 0."""

    index: int


@dataclass(frozen=True)
class Number(Scalar):
    """A number; ``percent`` remembers that it was written as ``10%`` (value 0.1)."""

    value: float
    percent: bool = False


@dataclass(frozen=True)
class Text(Scalar):
    value: str


@dataclass(frozen=True)
class Bool(Scalar):
    value: bool


@dataclass(frozen=True)
class Date(Scalar):
    value: dt.date


@dataclass(frozen=True)
class Reference(Scalar):
    """One cell of the sheet by absolute address, as ``$B$6``."""

    address: str


@dataclass(frozen=True)
class Hole(Scalar):
    """``?`` or ``c[?]``: a value, or a column, that the request needs and does not name."""

    column: bool = False


@dataclass(frozen=True)
class Neighbour(Scalar):
    """``PREV(c[i])`` (``offset`` -1) or ``NEXT(c[i])`` (+1): the same column, another row."""

    column: Column | Hole
    offset: int


@dataclass(frozen=True)
class Binary(Scalar):
    """``left operator right`` with an operator of ``+ - * / ^ &``."""

    operator: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True)
class Negative(Scalar):
    """``-operand``; a negative literal is a ``Number``."""

    operand: Scalar


@dataclass(frozen=True)
class Call(Scalar):
    """A function of the language, by upper-case name."""

    name: str
    arguments: tuple[Scalar, ...] = ()


ROW_FUNCTIONS: dict[str, tuple[int, int]] = {
    "TODAY": (0, 0),
    "NOW": (0, 0),
    "LEN": (1, 1),
    "LEFT": (1, 2),
    "RIGHT": (1, 2),
    "MID": (3, 3),
    "LOWER": (1, 1),
    "UPPER": (1, 1),
    "TRIM": (1, 1),
    "ABS": (1, 1),
    "ROUND": (2, 2),
    "INT": (1, 1),
    "MOD": (2, 2),
    "YEAR": (1, 1),
    "MONTH": (1, 1),
    "DAY": (1, 1),
    "WEEKDAY": (1, 2),
    "ROW": (0, 1),
}
"""Functions of a row's values, with their least and greatest number of arguments."""

COLUMN_FUNCTIONS: dict[str, tuple[int, int]] = {
    "AVERAGE": (1, 1),
    "MEDIAN": (1, 1),
    "MIN": (1, 1),
    "MAX": (1, 1),
    "SUM": (1, 1),
    "COUNT": (1, 1),
    "COUNTIF": (2, 2),
    "STDEV": (1, 1),
    "PERCENTILE": (2, 2),
}
"""Functions whose first argument is a whole column."""

FUNCTIONS = ROW_FUNCTIONS | COLUMN_FUNCTIONS


@dataclass(frozen=True)
class Condition:
    """What has to hold for a cell to be formatted."""


@dataclass(frozen=True)
class Comparison(Condition):
    """``name(x, value)`` with a name of :data:`COMPARISONS`."""

    name: str
    x: Scalar
    value: Scalar


@dataclass(frozen=True)
class Range(Condition):
    """``Between`` or ``NotBetween`` ``(x, low, high)``, both ends included, in either order."""

    name: str
    x: Scalar
    low: Scalar
    high: Scalar


@dataclass(frozen=True)
class TextTest(Condition):
    """``name(x, value)`` with a name of :data:`TEXT_TESTS`."""

    name: str
    x: Scalar
    value: Scalar


@dataclass(frozen=True)
class State(Condition):
    """``name(x)`` with a name of :data:`STATES`, :data:`DATE_PERIODS` or :data:`SCALES`."""

    name: str
    x: Scalar


@dataclass(frozen=True)
class Rank(Condition):
    """``Top``/``Bottom`` (``amount`` cells) or ``TopPercent``/``BottomPercent`` (of 100)."""

    name: str
    x: Scalar
    amount: float = 1


@dataclass(frozen=True)
class Average(Condition):
    """``AboveAverage`` or ``BelowAverage``, by ``deviations`` standard deviations."""

    name: str
    x: Scalar
    deviations: float = 0


@dataclass(frozen=True)
class Junction(Condition):
    """``AND`` or ``OR`` of two or more conditions."""

    name: str
    parts: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise InvalidRuleError(
                f"{self.name} joins at least two conditions; {len(self.parts)} given"
            )


@dataclass(frozen=True)
class Not(Condition):
    part: Condition


@dataclass(frozen=True)
class Formula(Condition):
    """An Excel formula relative to the first data row, with its leading ``=``."""

    text: str


COMPARISONS = (
    "GreaterThan",
    "GreaterThanEqual",
    "LessThan",
    "LessThanEqual",
    "Equals",
    "NotEquals",
)
RANGES = ("Between", "NotBetween")
TEXT_TESTS = ("TextEquals", "TextContains", "TextNotContains", "TextStartsWith", "TextEndsWith")
STATES = ("Blanks", "NotBlanks", "Errors", "NoErrors", "Duplicates", "Uniques")
RANKS = ("Top", "Bottom", "TopPercent", "BottomPercent")
AVERAGES = ("AboveAverage", "BelowAverage")
DATE_PERIODS = (
    "Yesterday",
    "Today",
    "Tomorrow",
    "Last7Days",
    "LastWeek",
    "ThisWeek",
    "NextWeek",
    "LastMonth",
    "ThisMonth",
    "NextMonth",
)
SCALES = ("ColorScale", "DataBar", "IconSet")
JUNCTIONS = ("AND", "OR")
PREDICATES = (
    *COMPARISONS,
    *RANGES,
    *TEXT_TESTS,
    *STATES,
    *RANKS,
    *AVERAGES,
    *DATE_PERIODS,
    *SCALES,
)

Node = Condition | Scalar


def children(node: Node) -> Iterator[Node]:
    """The direct parts of a node, in the order of its fields."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Node):
                yield item


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def columns_of(node: Node) -> tuple[int, ...]:
    """The distinct column indices that a tree names, in order of first mention."""
    found = (part.index for part in walk(node) if isinstance(part, Column))
    return tuple(dict.fromkeys(found))


def has_holes(node: Node) -> bool:
    """Whether something that the condition needs is left open."""
    return any(isinstance(part, Hole) for part in walk(node))


def selects_cells(condition: Condition) -> bool:
    """Whether the condition picks cells, rather than draw a scale over all of them."""
    return not any(isinstance(part, State) and part.name in SCALES for part in walk(condition))

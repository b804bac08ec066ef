"""Parse tree of Lark → frozen tree of the language, with arity and argument checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from lark import Token, Tree

from grammar.conditions import (
    AVERAGES,
    COMPARISONS,
    DATE_PERIODS,
    FUNCTIONS,
    JUNCTIONS,
    PREDICATES,
    RANGES,
    RANKS,
    SCALES,
    STATES,
    TEXT_TESTS,
    Average,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Formula,
    Hole,
    Junction,
    Negative,
    Neighbour,
    Not,
    Number,
    Range,
    Rank,
    Reference,
    Scalar,
    State,
    Text,
    TextTest,
)
from grammar.errors import ParseError

CANONICAL_NAMES = {name.lower(): name for name in (*PREDICATES, *JUNCTIONS, "NOT", "Formula")} | {
    "duplicate": "Duplicates",
    "unique": "Uniques",
    "blank": "Blanks",
    "notblank": "NotBlanks",
    "error": "Errors",
    "noerror": "NoErrors",
    "equal": "Equals",
    "notequal": "NotEquals",
    "greaterthanorequal": "GreaterThanEqual",
    "lessthanorequal": "LessThanEqual",
}
"""Lower-case spelling → canonical name of every condition, with what benchmarks also write."""

_OPERATORS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "raise_to": "^",
    "ampersand": "&",
}
_Node = Tree[Token] | Token


def build_condition(tree: Tree[Token], text: str) -> Condition:
    """The condition of a whole parse tree; ``text`` serves the messages."""
    return _Builder(text).condition(tree.children[0])


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, node: _Node, reason: str, *expected: str) -> ParseError:
        """The error of a node, at its place in the text."""
        where = node if isinstance(node, Token) else node.meta
        line, column = getattr(where, "line", 1) or 1, getattr(where, "column", 1) or 1
        return ParseError(reason, self.text, line, column, expected)

    def condition(self, node: _Node) -> Condition:
        if not isinstance(node, Tree) or node.data != "call":
            raise self.fail(node, "a condition was expected here", "GreaterThan(…)", "AND(…)")
        name = CANONICAL_NAMES.get(str(node.children[0]).lower())
        if name is None:
            raise self.fail(node, f"{node.children[0]} is no condition", *self.similar(node))
        return self.named(name, node, node.children[1:])

    def similar(self, node: Tree[Token]) -> list[str]:
        initial = str(node.children[0])[:1].lower()
        return [name for key, name in CANONICAL_NAMES.items() if key.startswith(initial)][:4]

    def named(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        if name in JUNCTIONS:
            return self.junction(name, node, arguments)
        if name == "NOT":
            self.count(node, arguments, 1, 1)
            return Not(self.condition(arguments[0]))
        if name == "Formula":
            return self.formula(node, arguments)
        return self.predicate(name)(name, node, arguments)

    def predicate(self, name: str) -> Callable[[str, Tree[Token], list[_Node]], Condition]:
        builders = (
            (COMPARISONS, self.comparison),
            (RANGES, self.range),
            (TEXT_TESTS, self.text_test),
            (RANKS, self.rank),
            (AVERAGES, self.average),
            ((*STATES, *DATE_PERIODS, *SCALES), self.state),
        )
        return next(builder for names, builder in builders if name in names)

    def count(self, node: Tree[Token], arguments: list[_Node], least: int, most: int) -> None:
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self.fail(
                node, f"{node.children[0]} takes {wanted} arguments; {len(arguments)} given"
            )

    def junction(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        if len(arguments) < 2:
            raise self.fail(node, f"{name} joins at least two conditions; {len(arguments)} given")
        parts: list[Condition] = []
        for part in map(self.condition, arguments):
            same = isinstance(part, Junction) and part.name == name
            parts += part.parts if same and isinstance(part, Junction) else (part,)
        return Junction(name, tuple(parts))

    def formula(self, node: Tree[Token], arguments: list[_Node]) -> Condition:
        self.count(node, arguments, 1, 1)
        value = self.scalar(arguments[0])
        if not isinstance(value, Text):
            raise self.fail(node, "Formula takes an Excel formula in quotes", "Formula('=$A2>5')")
        return Formula(value.value if value.value.startswith("=") else "=" + value.value)

    def subject(
        self, node: Tree[Token], arguments: list[_Node], values: int
    ) -> tuple[Scalar, list[_Node]]:
        """What is looked at, which may be left out, and the ``values`` arguments after it."""
        self.count(node, arguments, values, values + 1)
        if len(arguments) == values:
            return Cell(), arguments
        return self.scalar(arguments[0]), arguments[1:]

    def comparison(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, (value,) = self.subject(node, arguments, 1)
        return Comparison(name, x, self.scalar(value))

    def range(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, (low, high) = self.subject(node, arguments, 2)
        return Range(name, x, self.scalar(low), self.scalar(high))

    def text_test(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, (value,) = self.subject(node, arguments, 1)
        return TextTest(name, x, self.as_text(value))

    def as_text(self, node: _Node) -> Scalar:
        """A text; a literal of another kind stands for its spelling."""
        value = self.scalar(node)
        if isinstance(value, Number | Bool) or (
            isinstance(value, Negative) and isinstance(value.operand, Number)
        ):
            assert isinstance(node, Tree)  # noqa: S101 - a literal is always a tree
            start, end = node.meta.start_pos, node.meta.end_pos
            return Text(self.text[start:end])
        return value

    def state(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, _ = self.subject(node, arguments, 0)
        return State(name, x)

    def rank(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, amount = self.subject_and_number(node, arguments, 1)
        if isinstance(amount, Number) and amount.percent:
            name = name.removesuffix("Percent") + "Percent"
            amount = Number(round(amount.value * 100, 12))
        least = 0 if name.endswith("Percent") else 1
        value = self.plain(node, amount)
        whole = name.endswith("Percent") or value == int(value)
        if not whole or value < least or (name.endswith("Percent") and value > 100):
            raise self.fail(node, f"{name} cannot take {value:g}", "a whole number from 1")
        return Rank(name, x, value)

    def average(self, name: str, node: Tree[Token], arguments: list[_Node]) -> Condition:
        x, deviations = self.subject_and_number(node, arguments, 0)
        return Average(name, x, self.plain(node, deviations))

    def subject_and_number(
        self, node: Tree[Token], arguments: list[_Node], default: float
    ) -> tuple[Scalar, Scalar]:
        """``(x, n)``, ``(x)``, ``(n)`` or nothing at all."""
        self.count(node, arguments, 0, 2)
        scalars = [self.scalar(argument) for argument in arguments]
        if len(scalars) == 2:
            return scalars[0], scalars[1]
        if len(scalars) == 1 and isinstance(scalars[0], Number):
            return Cell(), scalars[0]
        if len(scalars) == 1 and scalars[0] == Hole():
            return Cell(), scalars[0]
        return (scalars[0] if scalars else Cell()), Number(default)

    def plain(self, node: Tree[Token], value: Scalar) -> float:
        if isinstance(value, Number):
            return value.value
        raise self.fail(node, f"{node.children[0]} takes a plain number", "5")

    def scalar(self, node: _Node) -> Scalar:
        if not isinstance(node, Tree):
            raise self.fail(node, f"unexpected {str(node)!r}")
        if node.data == "call":
            return self.call(node, node.children[1:])
        if node.data in _OPERATORS:
            left, right = map(self.scalar, node.children)
            return Binary(_OPERATORS[node.data], left, right)
        if node.data == "negative":
            return self.negative(self.scalar(node.children[0]))
        return self.literal(node.data, str(node.children[0]))

    @staticmethod
    def negative(operand: Scalar) -> Scalar:
        if isinstance(operand, Number) and operand.value > 0:
            return Number(-operand.value, operand.percent)
        return Negative(operand)

    @staticmethod
    def literal(kind: str, spelling: str) -> Scalar:
        if kind == "column":
            index = spelling.strip("c[] \t\r\n").strip("[] \t\r\n")
            return Hole(column=True) if index == "?" else Column(int(index))
        if kind == "string":
            quote = spelling[0]
            return Text(spelling[1:-1].replace(quote * 2, quote))
        makers: dict[str, Callable[[str], Scalar]] = {
            "number": lambda s: Number(float(s)),
            "percent": lambda s: Number(float(s) / 100, percent=True),
            "boolean": lambda s: Bool(s.upper() == "TRUE"),
            "reference": lambda s: Reference(s.upper()),
            "hole": lambda _: Hole(),
        }
        return makers[kind](spelling)

    def call(self, node: Tree[Token], arguments: list[_Node]) -> Scalar:
        name = str(node.children[0]).upper()
        if name.lower() in CANONICAL_NAMES and name not in FUNCTIONS:
            raise self.fail(node, f"{node.children[0]} is a condition; a value was expected here")
        values = [self.scalar(argument) for argument in arguments]
        if name == "DATE":
            return self.date(node, values)
        if name in ("PREV", "NEXT"):
            return self.neighbour(name, node, values)
        if name not in FUNCTIONS:
            raise self.fail(node, f"{node.children[0]} is no function of the language")
        self.count(node, arguments, *FUNCTIONS[name])
        return Call(name, tuple(values))

    def neighbour(self, name: str, node: Tree[Token], values: list[Scalar]) -> Scalar:
        if len(values) != 1 or not isinstance(values[0], Column | Hole):
            raise self.fail(node, f"{name} takes one column", "c[0]")
        return Neighbour(values[0], -1 if name == "PREV" else 1)

    def date(self, node: Tree[Token], values: list[Scalar]) -> Scalar:
        parts = [int(part.value) for part in values if isinstance(part, Number)]
        if len(parts) != 3 or len(values) != 3:
            raise self.fail(node, "DATE takes year, month and day", "DATE(2026,8,1)")
        try:
            return Date(dt.date(*parts))
        except ValueError as error:
            raise self.fail(node, f"there is no such date: {error}", "DATE(2026,8,1)") from None

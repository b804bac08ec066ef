"""A generated program → rules, or why it is none."""

from __future__ import annotations

from collections.abc import Callable

from grammar.conditions import (
    AVERAGES,
    COLUMN_FUNCTIONS,
    COMPARISONS,
    RANGES,
    RANKS,
    TEXT_TESTS,
    Average,
    Binary,
    Bool,
    Call,
    Column,
    Comparison,
    Condition,
    Hole,
    Junction,
    Negative,
    Neighbour,
    Not,
    Number,
    Range,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
)
from grammar.errors import ModelError
from grammar.rules import CELLS, DEFAULT_STYLE, ROW, Rule, RuleSet, Style, Target
from model.linking import Linked
from model.literals import adapt, constant, spelling
from model.vocabulary import COLOURED, FLAGS, OPERATORS


class InvalidProgramError(ModelError):
    """Tokens that are no program of the language."""


def decode_rules(tokens: list[str], linked: Linked) -> RuleSet | None:
    """The rules of a program; ``None`` where it says that nothing is to be formatted.

    Raises:
        InvalidProgramError: the tokens break the grammar, or name a slot that is not there.
    """
    if tokens == ["NONE"]:
        return None
    return RuleSet(_Decoder(tokens, linked).rules())


class _Decoder:
    def __init__(self, tokens: list[str], linked: Linked) -> None:
        self.tokens = tokens
        self.linked = linked
        self.position = 0

    def rules(self) -> tuple[Rule, ...]:
        rules = [self.rule()]
        while self.peek() == "THEN":
            self.take()
            rules.append(self.rule())
        if self.peek():
            raise InvalidProgramError(f"{self.peek()} stands after the end of the program")
        return tuple(rules)

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise InvalidProgramError("the program ends too early")
        self.position += 1
        return token

    def rule(self) -> Rule:
        condition = self.condition()
        target = self.target()
        return Rule(condition, target, self.style())

    def target(self) -> Target:
        if self.peek() == "ROWTARGET":
            self.take()
            return ROW
        columns = []
        while self.peek()[:1] == "T" and self.peek()[1:].isdigit():
            columns.append(self.existing(int(self.take()[1:])))
        return Target("columns", tuple(dict.fromkeys(columns))) if columns else CELLS

    def style(self) -> Style:
        chosen: dict[str, str | bool] = {}
        while self.peek() and self.peek() != "THEN":
            token = self.take()
            name, index = token.rstrip("0123456789").lower(), token.lstrip("ABCDEFGILNORT")
            if token in FLAGS:
                chosen[token] = True
            elif name in COLOURED and index.isdigit():
                chosen[name] = self.colour(int(index))
            else:
                raise InvalidProgramError(f"{token} is no style")
        return Style(**chosen) if chosen else DEFAULT_STYLE  # type: ignore[arg-type] # flags are bool

    def colour(self, index: int) -> str:
        if index >= len(self.linked.colours):
            raise InvalidProgramError(f"the request has no colour {index}")
        return self.linked.colours[index].hex

    def existing(self, index: int) -> int:
        if index >= len(self.linked.table.columns):
            raise InvalidProgramError(f"the table has no column {index}")
        return index

    def condition(self) -> Condition:
        token = self.take()
        if token in ("AND", "OR"):
            return self.junction(token)
        if token == "NOT":  # noqa: S105 - a word of the language
            return Not(self.condition())
        makers: tuple[tuple[tuple[str, ...], Callable[[str], Condition]], ...] = (
            (COMPARISONS, self.comparison),
            (RANGES, self.range),
            (TEXT_TESTS, self.text_test),
            (RANKS, self.rank),
            (tuple(f"{name}By" for name in AVERAGES), self.deviation),
        )
        for names, make in makers:
            if token in names:
                return make(token)
        if token in AVERAGES:
            return Average(token, self.subject())
        if token[:1].isupper() and token[1:2].islower():
            return State(token, self.subject())
        raise InvalidProgramError(f"{token} is no condition")

    def junction(self, name: str) -> Condition:
        parts: list[Condition] = []
        for part in (self.condition(), self.condition()):
            if isinstance(part, Junction) and part.name == name:
                parts += part.parts
            else:
                parts.append(part)
        return Junction(name, tuple(dict.fromkeys(parts)) if len(set(parts)) > 1 else tuple(parts))

    def subject(self) -> Scalar:
        scalar = self.scalar(None)
        if constant(scalar) is not None or isinstance(scalar, Text | Bool):
            raise InvalidProgramError("a condition looks at a literal")
        return scalar

    def comparison(self, name: str) -> Condition:
        x = self.subject()
        return Comparison(name, x, self.scalar(_direct(x)))

    def range(self, name: str) -> Condition:
        x = self.subject()
        return Range(name, x, self.scalar(_direct(x)), self.scalar(_direct(x)))

    def text_test(self, name: str) -> Condition:
        x = self.subject()
        if self.peek()[:1] == "V" and self.peek()[1:].isdigit():
            slot = self.linked.slots[self.slot_index(self.take())]
            return TextTest(name, x, spelling(slot, self.linked))
        return TextTest(name, x, self.scalar(None))

    def rank(self, name: str) -> Condition:
        x, amount = self.subject(), constant(self.scalar(None))
        if amount is None:
            raise InvalidProgramError(f"{name} takes a number")
        if name.endswith("Percent"):
            amount = round(amount * 100, 10) if amount < 1 else amount
            valid = 0 < amount <= 100
        else:
            valid = amount >= 1 and amount == int(amount)
        if not valid:
            raise InvalidProgramError(f"{name} cannot take {amount:g}")
        return Rank(name, x, amount)

    def deviation(self, name: str) -> Condition:
        x, deviations = self.subject(), constant(self.scalar(None))
        if deviations is None or deviations < 0:
            raise InvalidProgramError(f"{name} takes a number")
        return Average(name.removesuffix("By"), x, deviations)

    def scalar(self, column: int | None) -> Scalar:
        """The next scalar, numbers adapted to ``column``, which they are compared with."""
        token = self.take()
        if token[:1] in "CV" and token[1:].isdigit():
            return self.slot_or_column(token, column)
        if token in ("PREV", "NEXT"):
            return self.neighbour(token)
        if token in OPERATORS:
            return Binary(token, self.scalar(None), self.scalar(None))
        if token == "NEGATIVE":  # noqa: S105 - a word of the language
            inner = self.scalar(None)
            negative = isinstance(inner, Number) and inner.value > 0
            if negative and isinstance(inner, Number):
                return Number(-inner.value, inner.percent)
            return Negative(inner)
        return self.call_or_constant(token)

    def slot_or_column(self, token: str, column: int | None) -> Scalar:
        if token[0] == "C":
            return Column(self.existing(int(token[1:])))
        return adapt(self.linked.slots[self.slot_index(token)], self.linked, column)

    def slot_index(self, token: str) -> int:
        index = int(token[1:])
        if index >= len(self.linked.slots):
            raise InvalidProgramError(f"the request has no value {index}")
        return index

    def neighbour(self, token: str) -> Scalar:
        column = self.scalar(None)
        if not isinstance(column, Column | Hole):
            raise InvalidProgramError(f"{token} takes a column")
        return Neighbour(column, -1 if token == "PREV" else 1)  # noqa: S105 - a word

    def call_or_constant(self, token: str) -> Scalar:
        if token in ("HOLE", "CHOLE"):
            return Hole(column=token == "CHOLE")  # noqa: S105 - a word of the language
        if token in ("#TRUE", "#FALSE"):
            return Bool(token == "#TRUE")  # noqa: S105 - a word of the language
        if token.startswith("#"):
            return Number(float(token[1:]))
        name, slash, count = token.partition("/")
        if not slash:
            raise InvalidProgramError(f"{token} is no value")
        arguments = tuple(self.scalar(None) for _ in range(int(count)))
        if name in COLUMN_FUNCTIONS and not isinstance(arguments[0], Column | Hole):
            raise InvalidProgramError(f"{name} takes a column")
        return Call(name, arguments)


def _direct(x: Scalar) -> int | None:
    return x.index if isinstance(x, Column) else None

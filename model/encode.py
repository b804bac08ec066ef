"""Rules over a linked request → the program that the model learns to generate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grammar.colours import parse_colour
from grammar.conditions import (
    Average,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
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
    columns_of,
)
from grammar.errors import ModelError
from grammar.subjects import plain_target
from model.corpus.notation import FLAGS, SpokenRule
from model.linking import Linked, Slot
from model.literals import adapt, constant, same_literal, spelling
from model.vocabulary import COLOURED, COLOURS, COLUMNS, CONSTANTS, LENGTH


class NotEncodableError(ModelError):
    """A rule needs a value, column or colour that linking does not offer."""


def encode_rules(rules: Sequence[SpokenRule], linked: Linked, subject: int = 0) -> list[str]:
    """The tokens of a rule set; ``subject`` is the column that an implied cell stands for.

    Raises:
        NotEncodableError: a literal has no slot, or the program is too long.
    """
    if not rules:
        return ["NONE"]
    tokens: list[str] = []
    for rule in rules:
        tokens += ["THEN"] * bool(tokens)
        tokens += _Encoder(linked, subject).rule(rule)
    if len(tokens) > LENGTH:
        raise NotEncodableError(f"{len(tokens)} tokens; a program has at most {LENGTH}")
    return tokens


class _Encoder:
    def __init__(self, linked: Linked, subject: int) -> None:
        self.linked = linked
        self.subject = subject

    def rule(self, rule: SpokenRule) -> list[str]:
        target = plain_target(rule.target, rule.condition, self.linked.table)
        targets = [f"T{index}" for index in target.columns]
        row = ["ROWTARGET"] * (target.kind == "row")
        return [*self.condition(rule.condition), *row, *targets, *self.style(rule)]

    def style(self, rule: SpokenRule) -> Iterator[str]:
        for name, words in rule.style:
            if name in FLAGS:
                yield name
            elif name in COLOURED:
                yield f"{name.upper()}{self.colour(words)}"

    def colour(self, words: str) -> int:
        wanted = parse_colour(words)
        for index, colour in enumerate(self.linked.colours[:COLOURS]):
            same = colour.hex == wanted or words.lower().endswith(colour.words.lower())
            if same:
                return index
        raise NotEncodableError(f"no colour {words!r} in the request")

    def condition(self, condition: Condition) -> list[str]:
        match condition:
            case Junction(name, parts):
                return self.junction(name, parts)
            case Not(part):
                return ["NOT", *self.condition(part)]
            case Comparison(name, x, value):
                return [name, *self.scalar(x), *self.value(value, x)]
            case TextTest(name, x, value):
                return [name, *self.scalar(x), *self.text(value, x)]
            case Range(name, x, low, high):
                return [name, *self.scalar(x), *self.value(low, x), *self.value(high, x)]
            case Rank(name, x, amount):
                return [name, *self.scalar(x), *self.amount(name, amount)]
            case Average(name, x, deviations):
                by = [f"{name}By", *self.scalar(x), *self.number(deviations)]
                return by if deviations else [name, *self.scalar(x)]
            case State(name, x):
                return [name, *self.scalar(x)]
        raise NotEncodableError(f"{type(condition).__name__} is not generated")

    def junction(self, name: str, parts: tuple[Condition, ...]) -> list[str]:
        head, *rest = parts
        tail = self.condition(rest[0]) if len(rest) == 1 else self.junction(name, tuple(rest))
        return [name, *self.condition(head), *tail]

    def column(self, index: int) -> str:
        if index >= min(COLUMNS, max(len(self.linked.table.columns), 1)):
            raise NotEncodableError(f"column {index} is beyond the first {COLUMNS}")
        return f"C{index}"

    def scalar(self, scalar: Scalar) -> list[str]:
        """Tokens of what is looked at, or of an operand."""
        match scalar:
            case Cell():
                return [self.column(self.subject)]
            case Column(index):
                return [self.column(index)]
            case Hole(column):
                return ["CHOLE" if column else "HOLE"]
            case Neighbour(column, offset):
                return ["PREV" if offset < 0 else "NEXT", *self.scalar(column)]
            case Call(name, arguments):
                inner = [token for part in arguments for token in self.scalar(part)]
                return [f"{name}/{len(arguments)}", *inner]
            case Binary() | Negative() if constant(scalar) is None:
                return self.arithmetic(scalar)
            case Reference():
                raise NotEncodableError(f"cell {scalar.address} has no slot")
        return self.value(scalar, None)

    def arithmetic(self, scalar: Scalar) -> list[str]:
        if isinstance(scalar, Negative):
            return ["NEGATIVE", *self.scalar(scalar.operand)]
        if not isinstance(scalar, Binary):
            raise NotEncodableError(f"{scalar!r} is no arithmetic")
        operator, left, right = normal_form(scalar)
        return [operator, *self.scalar(left), *self.scalar(right)]

    def value(self, value: Scalar, x: Scalar | None) -> list[str]:
        """Tokens of what ``x`` is compared with."""
        if isinstance(value, Text):
            return self.text(value, x)
        if constant(value) is None and not isinstance(value, Date | Bool):
            return self.scalar(value)
        columns = columns_of(x) if x is not None else ()
        if isinstance(x, Cell):
            columns = (self.subject,)
        direct = columns[0] if isinstance(x, Column | Cell) else None
        slot = self.slot(value, direct)
        if slot is not None:
            return [f"V{slot}"]
        if isinstance(value, Bool):
            return [f"#{str(value.value).upper()}"]
        return self.number(constant(value))

    def slot(self, value: Scalar, column: int | None) -> int | None:
        for index, slot in enumerate(self.linked.slots):
            if same_literal(adapt(slot, self.linked, column), value):
                return index
        return None

    def number(self, value: float | None) -> list[str]:
        """Tokens of a number that no slot is: a constant, or one with a slot in it."""
        if value is None:
            raise NotEncodableError("a value has no slot")
        slot = self.slot(Number(value), None)
        if slot is not None:
            return [f"V{slot}"]
        for constant_text in CONSTANTS[:-2]:
            if value == float(constant_text):
                return [f"#{constant_text}"]
        return self.around_one(value)

    def around_one(self, value: float) -> list[str]:
        """``1 - p`` or ``1 + p`` of a slot, or its negative."""
        for operator, other in (("-", 1 - value), ("+", value - 1)):
            slot = self.slot(Number(other), None)
            if slot is not None:
                return [operator, "#1", f"V{slot}"]
        slot = self.slot(Number(-value), None)
        if slot is None:
            raise NotEncodableError(f"the number {value:g} has no slot")
        return ["NEGATIVE", f"V{slot}"]

    def amount(self, name: str, amount: float) -> list[str]:
        if name.endswith("Percent"):
            slot = self.slot(Number(amount / 100), None)
            if slot is not None:
                return [f"V{slot}"]
        return self.number(amount)

    def text(self, value: Scalar, x: Scalar | None) -> list[str]:
        if not isinstance(value, Text):
            return self.scalar(value)
        preferred = self.subject if isinstance(x, Cell) else None
        preferred = x.index if isinstance(x, Column) else preferred
        fitting = [
            (slot.column != preferred, index)
            for index, slot in enumerate(self.linked.slots)
            if self.fits(slot, value)
        ]
        if not fitting:
            raise NotEncodableError(f"no slot for a text of {len(value.value)} characters")
        return [f"V{min(fitting)[1]}"]

    def fits(self, slot: Slot, value: Text) -> bool:
        return same_literal(spelling(slot, self.linked), value)


def normal_form(scalar: Binary) -> tuple[str, Scalar, Scalar]:
    """The same arithmetic with constants folded to one factor on the right."""
    operator, left, right = scalar.operator, scalar.left, scalar.right
    if operator == "*" and constant(left) is not None:
        left, right = right, left
    factor = constant(right)
    if operator == "/" and factor:
        operator, factor = "*", 1 / factor
    if operator != "*" or factor is None:
        return operator, left, right
    while isinstance(left, Binary) and left.operator in "*/":
        inner = constant(left.right)
        if inner is None or not inner:
            break
        factor = factor * inner if left.operator == "*" else factor / inner
        left = left.left
    return "*", left, Number(factor)

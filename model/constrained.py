"""Programs that the grammar allows, found along the model's probabilities.

H gives every position a distribution over tokens; its most likely tokens need not make a program.
A beam search over positions, with a stack of what has to follow, finds the likeliest ones that
do: columns and values exist, operands are complete, and kinds that clash cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grammar.conditions import (
    AVERAGES,
    COLUMN_FUNCTIONS,
    COMPARISONS,
    DATE_PERIODS,
    FUNCTIONS,
    RANGES,
    RANKS,
    SCALES,
    STATES,
    TEXT_TESTS,
    Date,
    Text,
)
from grammar.values import Kind
from model.linking import Linked
from model.literals import constant
from model.vocabulary import (
    COLOURED,
    CONSTANTS,
    FLAGS,
    LENGTH,
    OPERATORS,
    PAD,
    TARGET_TOKENS,
    TOKEN_IDS,
)

Scores = NDArray[np.float64]
NEVER = -np.inf
CLASH = -4.0
"""What a kind that does not fit costs, in log-probability."""
MAX_RULES = 4
_TEXT_ARGUMENTS = ("LEN", "LEFT", "RIGHT", "MID", "LOWER", "UPPER", "TRIM")


def _expansions() -> dict[str, tuple[str, ...]]:
    """Token → the parts that have to follow it."""
    found: dict[str, tuple[str, ...]] = {"AND": ("COND", "COND"), "OR": ("COND", "COND")}
    found |= {"NOT": ("COND",), "PREV": ("COLUMN",), "NEXT": ("COLUMN",), "NEGATIVE": ("NUMERIC",)}
    found |= dict.fromkeys(COMPARISONS, ("SUBJECT", "VALUE"))
    found |= dict.fromkeys(RANGES, ("SUBJECT", "VALUE", "VALUE"))
    found |= dict.fromkeys(TEXT_TESTS, ("SUBJECT-TEXT", "TEXT"))
    found |= dict.fromkeys(RANKS, ("SUBJECT-NUMBER", "AMOUNT"))
    found |= dict.fromkeys((*AVERAGES, *SCALES), ("SUBJECT-NUMBER",))
    found |= {f"{name}By": ("SUBJECT-NUMBER", "AMOUNT") for name in AVERAGES}
    found |= dict.fromkeys(DATE_PERIODS, ("SUBJECT-DATE",))
    found |= dict.fromkeys(STATES, ("SUBJECT",))
    found |= dict.fromkeys(OPERATORS, ("NUMERIC", "NUMERIC"))
    for name, (least, most) in FUNCTIONS.items():
        for count in range(least, most + 1):
            found[f"{name}/{count}"] = _arguments(name, count)
    return found


def _arguments(name: str, count: int) -> tuple[str, ...]:
    if name in COLUMN_FUNCTIONS:
        return ("COLUMN", *(("VALUE",) if name == "COUNTIF" else ("AMOUNT",)) * (count - 1))
    if name in _TEXT_ARGUMENTS:
        return ("TEXT-COLUMN", *("AMOUNT",) * (count - 1))
    return ("NUMERIC", *("AMOUNT",) * (count - 1)) if count else ()


EXPANSIONS = {TOKEN_IDS[token]: parts for token, parts in _expansions().items()}
_CONDITIONS = tuple(
    token
    for token, parts in _expansions().items()
    if parts and (parts[0].startswith("SUBJECT") or parts[0] == "COND")
)
_SCALARS = ("PREV", "NEXT", "NEGATIVE", *OPERATORS)
_CALLS = tuple(f"{n}/{c}" for n, (least, most) in FUNCTIONS.items() for c in range(least, most + 1))
_NEED = {"COND": 2}
_MOMENTS = ("TODAY/0", "NOW/0")
_FIGURES = (
    *(f"#{constant}" for constant in CONSTANTS),
    *(f"{n}/1" for n in COLUMN_FUNCTIONS if f"{n}/1" in TOKEN_IDS),
)
_CLASHING = {
    "TEXT": (*_MOMENTS, *_FIGURES, *OPERATORS[:-1], "NEGATIVE"),
    "VALUE-text": (*_MOMENTS, *_FIGURES, *OPERATORS[:-1], "NEGATIVE"),
    "VALUE-number": _MOMENTS,
    "VALUE-date": tuple(f"#{constant}" for constant in CONSTANTS),
}
"""Tokens that give another kind than the part that they stand for."""


@dataclass(frozen=True)
class _State:
    """A program so far: its tokens, score, what has to follow (last first), and its rule's end."""

    tokens: tuple[int, ...]
    score: float
    stack: tuple[str, ...]
    rules: int = 1
    targeted: bool = False

    @property
    def need(self) -> int:
        return sum(_NEED.get(part, 1) for part in self.stack)


class ProgramSearch:
    """The grammar of programs over one linked request."""

    def __init__(self, linked: Linked) -> None:
        self.linked = linked
        self.kinds = [column.kind for column in linked.table.columns]
        self.costs = {name: self._part(name) for name in self._parts()}

    @staticmethod
    def _parts() -> tuple[str, ...]:
        subjects = ("SUBJECT", "SUBJECT-TEXT", "SUBJECT-NUMBER", "SUBJECT-DATE")
        values = ("VALUE", "VALUE-number", "VALUE-date", "VALUE-text", "TEXT", "NUMERIC")
        return ("AMOUNT", "COUNT", "COND", *subjects, *values, "COLUMN", "TEXT-COLUMN")

    def _part(self, name: str) -> Scores:
        """The cost of every token ``(V,)`` where a part of this name has to come."""
        costs = np.full(len(TARGET_TOKENS), NEVER)
        if name == "COND":
            self._allow(costs, _CONDITIONS)
            return costs
        for index, kind in enumerate(self.kinds):
            costs[TOKEN_IDS[f"C{index}"]] = _column_cost(name, kind)
        if name == "TEXT-COLUMN":
            return costs
        self._allow(costs, ("CHOLE",))
        if name in ("COLUMN", "SUBJECT-TEXT", "SUBJECT-NUMBER", "SUBJECT-DATE"):
            return costs
        return self._scalars(name, costs)

    def _scalars(self, name: str, costs: Scores) -> Scores:
        if name in ("AMOUNT", "COUNT"):
            return self._amounts(name)
        self._allow(costs, (*_SCALARS, *_CALLS))
        if name.startswith("SUBJECT"):
            return costs
        self._allow(costs, ("HOLE",) if name != "NUMERIC" else ())
        self._allow(costs, tuple(f"#{constant}" for constant in CONSTANTS))
        for index, slot in enumerate(self.linked.slots):
            costs[TOKEN_IDS[f"V{index}"]] = _value_cost(name, slot.literal)
        clashing = _CLASHING.get(name, ())
        costs[[TOKEN_IDS[token] for token in clashing]] += CLASH
        return costs

    def _amounts(self, name: str) -> Scores:
        """Costs where only a plain number can stand; a count is whole and at least 1."""
        costs = np.full(len(TARGET_TOKENS), NEVER)
        self._allow(costs, tuple(f"#{c}" for c in CONSTANTS[:-2] if _fits(name, float(c))))
        for index, slot in enumerate(self.linked.slots):
            value = constant(slot.literal)
            if value is not None and _fits(name, value):
                costs[TOKEN_IDS[f"V{index}"]] = 0.0
        return costs

    @staticmethod
    def _allow(costs: Scores, tokens: tuple[str, ...]) -> None:
        costs[[TOKEN_IDS[token] for token in tokens]] = 0.0

    @cached_property
    def _style(self) -> list[int]:
        names = [*FLAGS, *(f"{c.upper()}{i}" for c in COLOURED for i in range(self._colours))]
        return [TOKEN_IDS[name] for name in names]

    @property
    def _colours(self) -> int:
        return len(self.linked.colours)

    @cached_property
    def _targets(self) -> list[int]:
        return [TOKEN_IDS[f"T{index}"] for index in range(len(self.kinds))]

    def search(
        self, log_probabilities: Scores, beam: int = 6
    ) -> list[tuple[tuple[int, ...], float]]:
        """The likeliest programs with their log-probability, from ``(L, V)`` log-probabilities."""
        states = [_State((), 0.0, ("COND",))]
        finished: dict[tuple[int, ...], float] = {}
        none = TOKEN_IDS["NONE"]
        finished[none,] = float(log_probabilities[0, none] + log_probabilities[1, PAD])
        for position in range(LENGTH):
            grown = [new for state in states for new in self._grow(state, log_probabilities, beam)]
            for state in grown:
                if not state.stack:
                    ends = log_probabilities[position + 1, PAD] if position + 1 < LENGTH else 0.0
                    finished[state.tokens] = state.score + float(ends)
            bound = sorted(finished.values())[-beam] if len(finished) >= beam else NEVER
            alive = (state for state in grown if state.score > bound)
            states = sorted(alive, key=lambda state: -state.score)[:beam]
            if not states:  # a longer program is never likelier than its beginning
                break
        ranked = sorted(finished.items(), key=lambda pair: -pair[1])
        return ranked[:beam]

    def _grow(self, state: _State, log_probabilities: Scores, beam: int) -> Iterator[_State]:
        position = len(state.tokens)
        costs = self.costs[state.stack[-1]] if state.stack else self._after(state)
        scores = log_probabilities[position] + costs
        best = np.argpartition(-scores, beam)[:beam]
        for token in best.tolist():
            if scores[token] == NEVER:
                continue
            new = self._step(state, token, float(scores[token]))
            if len(new.tokens) + new.need <= LENGTH:
                yield new

    def _after(self, state: _State) -> Scores:
        """Costs where a rule may end: targets, styles, another rule."""
        costs = np.full(len(TARGET_TOKENS), NEVER)
        costs[self._style] = 0.0
        if state.tokens[-1] not in self._style and TARGET_TOKENS[state.tokens[-1]] != "ROWTARGET":
            costs[self._targets] = 0.0
            costs[TOKEN_IDS["ROWTARGET"]] = NEVER if state.targeted else 0.0
        if state.rules < MAX_RULES:
            costs[TOKEN_IDS["THEN"]] = 0.0
        used = state.tokens[-6:]
        costs[[token for token in used if token in self._style or token in self._targets]] = NEVER
        return costs

    def _step(self, state: _State, token: int, score: float) -> _State:
        tokens, total = (*state.tokens, token), state.score + score
        name = TARGET_TOKENS[token]
        if not state.stack:
            if name == "THEN":
                return _State(tokens, total, ("COND",), state.rules + 1)
            targeted = state.targeted or name == "ROWTARGET" or name[:1] == "T"
            return _State(tokens, total, (), state.rules, targeted)
        part, rest = state.stack[-1], state.stack[:-1]
        if part.startswith("SUBJECT"):
            rest = self._specialised(rest, name)
        stack = (*rest, *reversed(EXPANSIONS.get(token, ())))
        return _State(tokens, total, stack, state.rules, state.targeted)

    def _specialised(self, stack: tuple[str, ...], subject: str) -> tuple[str, ...]:
        """The stack with the values that a subject is compared with narrowed to its kind."""
        kind = self.kinds[int(subject[1:])] if subject[0] == "C" and subject[1:].isdigit() else None
        names = {Kind.NUMBER: "number", Kind.DATE: "date", Kind.TEXT: "text"}
        if kind not in names:
            return stack
        end = len(stack)
        while end and stack[end - 1] == "VALUE":
            end -= 1
        return (*stack[:end], *(f"VALUE-{names[kind]}",) * (len(stack) - end))


def _fits(name: str, value: float) -> bool:
    """Whether a number can be an amount; a count may also be a share of one."""
    if name == "AMOUNT":
        return value >= 0
    return 0 < value < 1 or (value >= 1 and value == int(value))


def _column_cost(name: str, kind: Kind) -> float:
    """What a column of a kind costs where a part of this name stands."""
    fitting = {
        "SUBJECT-TEXT": (Kind.TEXT, Kind.MIXED, Kind.BOOL, Kind.BLANK),
        "TEXT-COLUMN": (Kind.TEXT, Kind.MIXED, Kind.NUMBER),
        "TEXT": (Kind.TEXT, Kind.MIXED),
        "VALUE-text": (Kind.TEXT, Kind.MIXED),
        "SUBJECT-NUMBER": (Kind.NUMBER, Kind.DATE, Kind.MIXED, Kind.BLANK),
        "VALUE-number": (Kind.NUMBER, Kind.MIXED),
        "NUMERIC": (Kind.NUMBER, Kind.DATE, Kind.MIXED),
        "SUBJECT-DATE": (Kind.DATE, Kind.MIXED, Kind.BLANK),
        "VALUE-date": (Kind.DATE, Kind.MIXED),
    }
    return 0.0 if name not in fitting or kind in fitting[name] else CLASH


def _value_cost(name: str, literal: object) -> float:
    """What a slot's literal costs where a part of this name stands."""
    if name == "NUMERIC" and isinstance(literal, Text | Date):
        return CLASH
    if name in ("TEXT", "VALUE-text"):
        return 0.0 if isinstance(literal, Text) else CLASH
    if name == "VALUE-number":
        return CLASH if isinstance(literal, Text | Date) else 0.0
    if name == "VALUE-date":
        return 0.0 if isinstance(literal, Date) else CLASH
    return 0.0

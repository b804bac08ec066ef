"""Candidates → an order and a calibrated score, by likelihood, votes and what the table says."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grammar.conditions import (
    Column,
    Comparison,
    Condition,
    Date,
    Hole,
    Node,
    Number,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
    has_holes,
    selects_cells,
    walk,
)
from grammar.errors import GrammarError, ModelError
from grammar.evaluate import matches
from grammar.rules import RuleSet
from grammar.table import BLANK, ERROR, Table
from model.kinds import is_mistyped
from model.linking import Linked
from model.linking.scales import scale_ranges
from model.literals import constant, same_literal

LEAST_LIKELY = -8.0
"""log p of a program that is next to impossible; how far below it lies says nothing more."""


@dataclass(frozen=True)
class Features:
    """What speaks for and against one candidate of a request.

    The first three are the model's own: log p of the draws' mixture, the share of the draws, and
    log p left to right. Where nothing is drawn, the first is the last, and the beam's best has all
    votes.
    """

    likelihood: float = 0.0
    votes: float = 0.0
    causal: float = 0.0
    selects_nothing: float = 0.0
    selects_all: float = 0.0
    mistyped: float = 0.0
    unused: float = 0.0
    unsaid: float = 0.0
    holes: float = 0.0
    columns_unused: float = 0.0
    columns_unsaid: float = 0.0
    numbers_unused: float = 0.0
    misplaced: float = 0.0

    def vector(self) -> NDArray[np.float64]:
        """The features in the order of their fields, none of them below :data:`LEAST_LIKELY`."""
        own = (getattr(self, name) for name in FEATURES)
        return np.array([max(each, LEAST_LIKELY) for each in own])


FEATURES = tuple(field.name for field in fields(Features))


UNTUNED = (0.1, 1.2, 0.3, -2.0, -0.5, -4.0, -0.3, -0.3, -0.2, -0.6, -0.4, -0.5, -1.0)
"""Weights by judgement, from which fitting starts."""


@dataclass(frozen=True)
class Ranker:
    """A linear score over :class:`Features`; probabilities by softmax over a request's candidates.

    ``bias`` and ``slope`` turn that share into the chance that the candidate is right.
    """

    weights: tuple[float, ...] = UNTUNED
    bias: float = 0.0
    slope: float = 1.0

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """The fitted ranker beside the weights, or the untuned one where there is none.

        Raises:
            ModelError: it was fitted on other features.
        """
        if not path.exists():
            return cls()
        entry = json.loads(path.read_text(encoding="utf-8"))
        if set(entry["weights"]) != set(FEATURES):
            raise ModelError(
                f"{path} ranks by other features than this version; "
                f"fit it again: python -m model.fit_ranking {path.parent}"
            )
        weights = tuple(float(entry["weights"][name]) for name in FEATURES)
        return cls(weights, float(entry["bias"]), float(entry["slope"]))

    def save(self, path: Path) -> None:
        """Write the ranker as JSON."""
        weights = dict(zip(FEATURES, self.weights, strict=True))
        entry = {"weights": weights, "bias": self.bias, "slope": self.slope}
        path.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")

    def scores(self, candidates: Sequence[Features]) -> list[float]:
        """The chance of every candidate of one request to be right."""
        logits = np.array([candidate.vector() @ np.array(self.weights) for candidate in candidates])
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        return [self._calibrated(float(share)) for share in shares]

    def _calibrated(self, share: float) -> float:
        share = min(max(share, 1e-6), 1 - 1e-6)
        logit = self.bias + self.slope * math.log(share / (1 - share))
        return 1 / (1 + math.exp(-logit))


def table_features(rules: RuleSet, linked: Linked, today: dt.date) -> dict[str, float]:
    """The features of a candidate that the request and the table decide."""
    table = linked.table
    shares = [_share(rule.condition, table, today) for rule in rules.rules]
    known = [share for share in shares if share is not None]
    parts = [part for rule in rules.rules for part in walk(rule.condition)]
    literals = [part for part in parts if isinstance(part, Number | Text | Date)]
    return {
        "selects_nothing": float(any(share == 0 for share in known)),
        "selects_all": float(any(share == 1 for share in known)),
        "mistyped": float(any(is_mistyped(rule.condition, table) for rule in rules.rules)),
        "unused": float(_unused(rules, linked, literals)),
        "unsaid": float(_unsaid(literals, linked)),
        "holes": float(any(isinstance(part, Hole) for part in parts)),
        "numbers_unused": float(_numbers_unused(parts, linked, literals)),
        "misplaced": float(_misplaced(parts, linked)),
        **_column_features(rules, parts, linked),
    }


def _column_features(rules: RuleSet, parts: Sequence[Node], linked: Linked) -> dict[str, float]:
    """How far the columns of the request are those of the rules."""
    tested = {part.index for part in parts if isinstance(part, Column)}
    used = tested | {index for rule in rules.rules for index in rule.target.columns}
    places = [(mention.start, mention.end) for mention in linked.columns]
    alone = {m.column for m in linked.columns if places.count((m.start, m.end)) == 1}
    said = {mention.column for mention in linked.columns}
    said |= {s.column for s in linked.slots if s.start is not None and s.column is not None}
    return {
        "columns_unused": float(len(alone - used)),
        "columns_unsaid": float(len(tested - said)),
    }


def _text_tests(parts: Sequence[Node]) -> Iterator[tuple[int, str]]:
    """The column and lower-case text of every test of a column for a text."""
    for part in parts:
        match part:
            case TextTest(_, Column(index), Text(text)) | Comparison(_, Column(index), Text(text)):
                yield index, text.lower()


def _misplaced(parts: Sequence[Node], linked: Linked) -> int:
    """Texts, blanks and errors that are looked for where only other columns hold them."""
    holders: dict[str, set[int]] = defaultdict(set)
    for slot in linked.slots:
        if isinstance(slot.literal, Text) and slot.column is not None:
            holders[slot.literal.value.lower()].add(slot.column)
    texts = sum(
        bool(holders[text]) and column not in holders[text] for column, text in _text_tests(parts)
    )
    states = (part for part in parts if isinstance(part, State))
    return texts + sum(_has_none(state, linked.table) for state in states)


def _has_none(state: State, table: Table) -> bool:
    """Whether a column has no blank, or no error, of those that other columns have."""
    code = {"Blanks": BLANK, "Errors": ERROR}.get(state.name)
    if code is None or not isinstance(state.x, Column) or state.x.index >= len(table.columns):
        return False
    has = [bool((column.codes == code).any()) for column in table.columns]
    return any(has) and not has[state.x.index]


def _numbers_unused(parts: Sequence[Node], linked: Linked, literals: Sequence[Scalar]) -> int:
    """Places of the request with a number of which no reading stands in the rules."""
    amounts = {round(part.amount, 9) for part in parts if isinstance(part, Rank)}
    spans: dict[int, bool] = {}
    for slot in linked.slots:
        value = constant(slot.literal)
        if slot.start is None or value is None:
            continue
        own = (value, value * 100, value / 100)
        hit = any(round(each, 9) in amounts for each in own) or any(
            any(same_literal(Number(each), literal) for each in own) for literal in literals
        )
        spans[slot.start] = spans.get(slot.start, False) or hit
    return sum(not hit for hit in spans.values())


def _share(condition: Condition, table: Table, today: dt.date) -> float | None:
    """The share of rows that a condition selects; ``None`` where that says nothing about it."""
    if has_holes(condition) or not selects_cells(condition) or not table.row_count:
        return None
    try:
        return float(np.mean(matches(condition, table, today=today)))
    except (GrammarError, ArithmeticError, ValueError):
        return None


def _unused(rules: RuleSet, linked: Linked, literals: Sequence[Scalar]) -> int:
    """Quoted texts, dates and colours of the request that no rule uses."""
    left = 0
    for slot in linked.slots:
        quoted = slot.start is not None and linked.utterance[slot.start] in "\"'“‘"
        if quoted or (slot.start is not None and isinstance(slot.literal, Date)):
            left += not any(same_literal(slot.literal, literal) for literal in literals)
    colours = {colour.hex for colour in linked.colours}
    used = {value for rule in rules.rules for value in rule.style.to_json().values()}
    return left + len(colours - used)


def _unsaid(literals: Sequence[Scalar], linked: Linked) -> int:
    """Texts in the rules that the request does not say, neither by itself nor by a range."""
    ranged = {slot for scale in scale_ranges(linked) for slots in scale.ranges for slot in slots}
    said = [
        slot.literal
        for index, slot in enumerate(linked.slots)
        if slot.start is not None or index in ranged
    ]
    texts = [literal for literal in literals if isinstance(literal, Text)]
    lower = linked.utterance.lower()
    return sum(
        not any(same_literal(text, literal) for literal in said) and text.value.lower() not in lower
        for text in texts
    )

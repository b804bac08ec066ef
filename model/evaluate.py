"""Measuring: how often the right rule is among the first 1, 3 or 5 candidates."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grammar.colours import parse_colour
from grammar.printer import print_condition
from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style
from grammar.table import Table
from model.corpus.cases import Case
from model.corpus.notation import COLOURS, SpokenRule
from model.equivalence import same_cells, same_rules
from model.pipeline import Suggester, Suggestion, with_plain_targets

RANKS = (1, 3, 5)
Rules = tuple[Rule, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one case: rank of the first right candidate.

    ``exact`` is by rules after normal forms, ``cells`` by the cells, ``styled`` by cells and style.
    """

    case: Case
    suggestion: Suggestion
    exact: int | None
    cells: int | None
    styled: int | None
    seconds: float


@dataclass
class Summary:
    """Shares over all cases that have a right answer, and how well the model asks back."""

    cases: int = 0
    exact: dict[int, float] = field(default_factory=dict)
    cells: dict[int, float] = field(default_factory=dict)
    styled: dict[int, float] = field(default_factory=dict)
    valid: float = 0.0
    distinct: float = 0.0
    abstention_precision: float = 0.0
    abstention_recall: float = 0.0
    calibration_error: float = 0.0
    median_seconds: float = 0.0
    p95_seconds: float = 0.0

    def to_json(self) -> dict[str, object]:
        """The figures, top-k by k."""
        shares = {
            f"top{rank}_{name}": round(getattr(self, name)[rank], 4)
            for name in ("exact", "cells", "styled")
            for rank in RANKS
        }
        rest = {
            name: round(getattr(self, name), 4)
            for name in self.__dataclass_fields__
            if name not in ("exact", "cells", "styled")
        }
        return {"cases": self.cases, **shares, **rest}


def run(
    suggester: Suggester, cases: Iterable[Case], today: dt.date, top: int = 5, seed: int = 0
) -> Iterator[Outcome]:
    """The outcome of every case, one request at a time."""
    for case in cases:
        started = time.perf_counter()
        found = suggester.suggest(case.utterance, case.table, today=today, top=top, seed=seed)
        yield judge(case, found, today, time.perf_counter() - started)


def judge(case: Case, found: Suggestion, today: dt.date, seconds: float) -> Outcome:
    """The rank of the first candidate that is a right reading of the case."""
    readings = [_plain(tuple(map(to_rule, reading)), case.table) for reading in case.readings]
    offered = [_plain(proposal.rules.rules, case.table) for proposal in found.proposals]

    def first(is_right: Callable[[Rules], bool]) -> int | None:
        return next((rank for rank, rules in enumerate(offered, 1) if is_right(rules)), None)

    def alike(rules: Rules) -> list[Rules]:
        return [right for right in readings if same_cells(rules, right, case.table, today)]

    return Outcome(
        case,
        found,
        first(lambda rules: any(same_rules(rules, right) for right in readings)),
        first(lambda rules: bool(alike(rules))),
        first(lambda rules: any(_styles(rules) == _styles(right) for right in alike(rules))),
        seconds,
    )


def _plain(rules: Rules, table: Table) -> Rules:
    return with_plain_targets(RuleSet(rules), table).rules


def _styles(rules: Rules) -> list[Style]:
    return [rule.style for rule in rules]


def to_rule(spoken: SpokenRule) -> Rule:
    """A rule of the corpus with its colours as hex."""
    chosen: dict[str, str | bool | None] = {
        name: parse_colour(words) if name in COLOURS else True
        for name, words in spoken.style
        if name != "number_format"
    }
    style = Style(**chosen) if chosen else DEFAULT_STYLE  # type: ignore[arg-type] # flags are bool
    return Rule(spoken.condition, spoken.target, style)


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """The figures of a run."""
    answerable = [each for each in outcomes if each.case.readings and not each.case.abstain]
    summary = Summary(cases=len(outcomes))
    for name in ("exact", "cells", "styled"):
        found = [getattr(each, name) for each in answerable]
        setattr(summary, name, {rank: _share(found, rank) for rank in RANKS})
    summary.valid = _mean([each.suggestion.valid for each in outcomes])
    summary.distinct = _mean([len(_conditions(each)) for each in answerable])
    asked = [each for each in outcomes if each.suggestion.abstained]
    wanted = [each for each in outcomes if each.case.abstain]
    summary.abstention_precision = _mean([float(each.case.abstain) for each in asked])
    summary.abstention_recall = _mean([float(each.suggestion.abstained) for each in wanted])
    summary.calibration_error = calibration_error(answerable)
    seconds = sorted(each.seconds for each in outcomes)
    if seconds:
        summary.median_seconds = statistics.median(seconds)
        summary.p95_seconds = seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))]
    return summary


def _share(ranks: Sequence[int | None], most: int) -> float:
    return _mean([float(rank is not None and rank <= most) for rank in ranks])


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _conditions(outcome: Outcome) -> set[str]:
    return {
        "; ".join(print_condition(rule.condition) for rule in proposal.rules.rules)
        for proposal in outcome.suggestion.proposals
    }


def calibration_error(outcomes: Sequence[Outcome], bins: int = 10) -> float:
    """Expected calibration error of the first candidate's score, over equal-width bins."""
    pairs = [
        (each.suggestion.proposals[0].score, float(each.cells == 1))
        for each in outcomes
        if each.suggestion.proposals
    ]
    error = 0.0
    for place in range(bins):
        inside = [pair for pair in pairs if place <= min(pair[0] * bins, bins - 1e-9) < place + 1]
        if inside:
            gap = abs(_mean([s for s, _ in inside]) - _mean([right for _, right in inside]))
            error += gap * len(inside) / len(pairs)
    return error

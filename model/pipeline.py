"""All that the server imports of the model: a request and a table in, ranked rules out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

import torch

from grammar.conditions import Cell, Column, Condition, Node, has_holes, selects_cells
from grammar.errors import ModelError, RequestError
from grammar.printer import print_condition
from grammar.rules import CELLS, Rule, RuleSet
from grammar.subjects import plain_target
from grammar.table import Table
from model.candidates import Candidate
from model.codefusion import Diffusion, RuleModel
from model.decode import InvalidProgramError, decode_rules
from model.draws import Draws, candidates_of, is_sure, undrawn
from model.encoder import Encoded
from model.equivalence import footprint
from model.features import encode_input
from model.linking import Linked, link
from model.memory import keep_freed
from model.mending import mended
from model.quantised import Precision, for_serving
from model.questions import is_unsettled, question_for, readings, with_only_column
from model.ranking import Features, Ranker, table_features
from model.sampling import sample_each
from model.sense import makes_sense
from model.steps import Watch, Watched
from model.styles import legible, with_agreed_styles
from model.together import encode_each
from model.trees import exchange
from model.vocabulary import to_tokens
from model.weights_io import load_weights
from model.wide import chosen_columns, seen, widened

WEIGHTS = Path(__file__).parent / "weights"
MAX_UTTERANCE = 2000
"""Characters of a request; a longer text is no request but a document."""
ABSTAIN_BELOW = 0.15
"""A best candidate with a lower score is offered together with a question."""


@dataclass(frozen=True)
class Settings:
    """How much is drawn, in how many steps, and in what arithmetic.

    The causal decoder gives a ``beam``. Where that is sure (:func:`model.draws.is_sure`, by the
    bound ``sure``) it is all; elsewhere ``candidates`` programs of ``count`` draws stand beside it.
    """

    count: int = 4
    steps: int = 2
    candidates: int = 20
    beam: int = 12
    sure: float = -1.7
    precision: Precision = "auto"


@dataclass(frozen=True)
class Proposal:
    """One reading of a request; ``score`` is the chance that it is the right one."""

    rules: RuleSet
    score: float
    features: Features
    repaired: bool = False


@dataclass(frozen=True)
class Suggestion:
    """What is offered, best first; ``valid`` is the share of the raw programs that parse."""

    proposals: tuple[Proposal, ...]
    abstained: bool
    question: str | None
    valid: float


@dataclass(frozen=True)
class Entry:
    """One reading of the model's; no rules where it says that nothing is to be formatted."""

    rules: RuleSet | None
    features: Features
    repaired: bool = False


@dataclass(frozen=True)
class Readings:
    """The distinct readings of one request, and the share of its raw programs that parse."""

    entries: tuple[Entry, ...]
    valid: float


Decoded = tuple[Candidate, RuleSet | None]
"""A candidate and the rules that it says."""


class Suggester:
    """A loaded model that answers requests."""

    def __init__(self, model: RuleModel, ranker: Ranker, settings: Settings | None = None) -> None:
        if not isinstance(model, Diffusion):
            raise ModelError(
                "suggestions come from a diffusion model; these weights are of another"
            )
        self.model = model.eval()
        self.ranker = ranker
        self.settings = settings or Settings()

    @classmethod
    def load(
        cls,
        folder: Path = WEIGHTS,
        settings: Settings | None = None,
        ranker: Ranker | None = None,
    ) -> Suggester:
        """The model of a folder with weights and configuration; its own ranker unless one is given.

        Raises:
            ModelError: there are no weights, or they do not fit.
        """
        keep_freed()
        own = settings or Settings()
        model = for_serving(load_weights(folder), own.precision)
        return cls(model, ranker or Ranker.load(folder / "ranker.json"), own)

    def suggest(
        self, utterance: str, table: Table, *, today: dt.date, top: int = 5, seed: int = 0
    ) -> Suggestion:
        """At most ``top`` distinct readings of a request over a table.

        Raises:
            RequestError: the request is empty or over-long, or the table has no columns.
        """
        return self.suggest_many([(utterance, table)], today=today, top=top, seed=seed)[0]

    def suggest_many(
        self,
        requests: Sequence[tuple[str, Table]],
        *,
        today: dt.date,
        top: int = 5,
        seed: int = 0,
        watch: Watch | None = None,
    ) -> list[Suggestion]:
        """The suggestions of several requests, in one batch; each as if it came alone.

        ``watch`` is told how the rules of each read after the beam and every denoising step.
        """
        return [
            self._ranked(found, table, today, top)
            for found, (_, table) in zip(
                self.readings(requests, today, seed, watch), requests, strict=True
            )
        ]

    def readings(
        self,
        requests: Sequence[tuple[str, Table]],
        today: dt.date,
        seed: int = 0,
        watch: Watch | None = None,
    ) -> list[Readings]:
        """The model's distinct readings of every request, not yet ranked."""
        if not requests:
            return []
        whole = [link(check_request(text, table), table, today) for text, table in requests]
        columns = [chosen_columns(each) for each in whole]
        linked = [seen(*pair) for pair in zip(whole, columns, strict=True)]
        watched = Watched(watch, linked, columns) if watch else None
        with torch.inference_mode():
            encoded = encode_each(self.model, [encode_input(each) for each in linked])
            beams = [self.model.propose(each, self.settings.beam)[0] for each in encoded]
            drawn = self._draw(encoded, linked, beams, seed, watched)
            kept = [_distinct(*pair) for pair in zip(linked, drawn, strict=True)]
            scores = [self._score(*each) for each in zip(encoded, beams, kept, strict=True)]
        found = [
            _drawn_readings(*each, today) for each in zip(linked, drawn, kept, scores, strict=True)
        ]
        return [_on_whole_table(*pair) for pair in zip(found, columns, strict=True)]

    def _draw(
        self,
        encoded: Sequence[Encoded],
        linked: Sequence[Linked],
        beams: Sequence[Sequence[Candidate]],
        seed: int,
        watched: Watched | None,
    ) -> list[Draws]:
        """The candidates of every request: its beam's, and where that is not sure the draws'."""
        own = self.settings
        found = {
            place: undrawn(*pair)
            for place, pair in enumerate(zip(beams, linked, strict=True))
            if is_sure(*pair, own.sure)
        }
        places = [place for place in range(len(linked)) if place not in found]
        if watched:
            for place, beam in enumerate(beams):
                if beam:
                    watched.show(place, beam[0].tokens)
        if places:
            on_step = watched.denoising(places) if watched else None
            asked = [encoded[place] for place in places]
            logits = sample_each(self.model, asked, seed, own.steps, own.count, on_step)
            for place, each in zip(places, logits, strict=True):
                proposed = [one.tokens for one in beams[place]]
                found[place] = candidates_of(
                    each.log_softmax(dim=-1), linked[place], own.candidates, proposed
                )
        return [found[place] for place in range(len(linked))]

    def _score(
        self, encoded: Encoded, beam: Sequence[Candidate], kept: Sequence[Decoded]
    ) -> list[float]:
        """log p left to right of a request's distinct readings; a beam's own are known already.

        0 for all where the model has no causal decoder: votes and the draws' log p rank alone then.
        """
        known = {each.tokens: each.log_likelihood for each in beam}
        programs = [candidate.tokens for candidate, _ in kept]
        missing = [each for each in programs if each not in known]
        known.update(zip(missing, self.model.causal_scores(encoded, missing), strict=True))
        return [known[each] for each in programs]

    def _ranked(self, found: Readings, table: Table, today: dt.date, top: int) -> Suggestion:
        if not found.entries:
            return Suggestion((), True, question_for(None, table), found.valid)
        scores = self.ranker.scores([entry.features for entry in found.entries])
        ranked = sorted(zip(found.entries, scores, strict=True), key=lambda pair: -pair[1])
        best, chance = ranked[0]
        asks = best.rules is None or is_unsettled(best.rules, table) or chance < ABSTAIN_BELOW
        question = question_for(best.rules, table) if asks else None
        offered = varied(_complete(ranked, table), table, today, top)
        return Suggestion(offered, asks, question, found.valid)


def _drawn_readings(
    linked: Linked, drawn: Draws, kept: Sequence[Decoded], scores: Sequence[float], today: dt.date
) -> Readings:
    """The readings of one request, with the features that rank them."""
    entries = (
        Entry(
            rules,
            _features(candidate, own, rules, linked, today),
            candidate.tokens in drawn.repaired,
        )
        for (candidate, rules), own in zip(kept, scores, strict=True)
    )
    return Readings(tuple(entries), drawn.valid)


def _on_whole_table(found: Readings, columns: tuple[int, ...]) -> Readings:
    entries = (
        replace(each, rules=widened(each.rules, columns)) if each.rules else each
        for each in found.entries
    )
    return replace(found, entries=tuple(entries))


def _distinct(linked: Linked, drawn: Draws) -> list[Decoded]:
    """Candidates that are rules, those that say the same once, with the votes of all of them.

    Of several styles the one with most votes is kept, then the likeliest.
    """
    kept: dict[str, Decoded] = {}
    votes: dict[str, float] = defaultdict(float)
    for candidate in drawn.candidates:
        try:
            rules = decode_rules(to_tokens(list(candidate.tokens)), linked)
        except InvalidProgramError:
            continue
        rules = rules and plainly(rules, linked.table)
        if rules is not None and not makes_sense(rules):
            continue
        key = _key(rules)
        votes[key] += candidate.votes
        if key not in kept or _preference(candidate) > _preference(kept[key][0]):
            kept[key] = (candidate, rules)
    return [(replace(each, votes=votes[key]), rules) for key, (each, rules) in kept.items()]


def plainly(rules: RuleSet, table: Table) -> RuleSet:
    """The rules as they are offered: mended by the table, legible, the plainest target."""
    closed = mended(with_only_column(rules, table), table)
    plain = with_plain_targets(closed, table).rules
    return RuleSet(tuple(replace(rule, style=legible(rule.style)) for rule in plain))


def with_plain_targets(rules: RuleSet, table: Table) -> RuleSet:
    """The rules, none of them with a target that is its condition's own column."""
    return RuleSet(
        tuple(
            replace(rule, target=plain_target(rule.target, rule.condition, table))
            for rule in rules.rules
        )
    )


def _preference(candidate: Candidate) -> tuple[float, float]:
    return candidate.votes, candidate.log_likelihood


def check_request(utterance: str, table: Table) -> str:
    """The request without white space around it.

    Raises:
        RequestError: it is empty or over-long, or the table has no columns.
    """
    text = " ".join(utterance.split())
    if not text:
        raise RequestError('the request is empty; say for example "orders below 100 in red"')
    if len(text) > MAX_UTTERANCE:
        raise RequestError(
            f"the request has {len(text)} characters; at most {MAX_UTTERANCE} are read"
        )
    if not table.columns:
        raise RequestError("the table has no columns to format")
    return text


def _features(
    candidate: Candidate, causal: float, rules: RuleSet | None, linked: Linked, today: dt.date
) -> Features:
    said = table_features(rules, linked, today) if rules else {}
    return Features(
        likelihood=candidate.log_likelihood, votes=candidate.votes, causal=causal, **said
    )


def _key(rules: RuleSet | None) -> str:
    """What makes two candidates the same reading: conditions and targets, whatever the style."""
    if rules is None:
        return ""
    return "; ".join(f"{print_condition(rule.condition)} {_place(rule)}" for rule in rules.rules)


def _place(rule: Rule) -> object:
    """The target; a scale is drawn on its own column whatever the target is."""
    return rule.target.to_json() if selects_cells(rule.condition) else ""


def _is_open(rules: RuleSet) -> bool:
    return any(has_holes(rule.condition) for rule in rules.rules)


def _complete(ranked: list[tuple[Entry, float]], table: Table) -> tuple[Proposal, ...]:
    """The candidates that can be applied; one with a hole gives way to its readings."""
    kept: dict[str, Proposal] = {}
    found = [(entry, entry.rules, chance) for entry, chance in ranked if entry.rules]
    styled = with_agreed_styles([(rules, chance) for _, rules, chance in found])
    for (entry, _, chance), rules in zip(found, styled, strict=True):
        complete = list(readings(rules, table)) if _is_open(rules) else [rules]
        for each in complete:
            said = implied(each, table)
            proposal = Proposal(said, chance / len(complete), entry.features, entry.repaired)
            kept.setdefault(_key(said), proposal)
    return tuple(sorted(kept.values(), key=lambda proposal: -proposal.score))


def varied(
    proposals: Sequence[Proposal], table: Table, today: dt.date, top: int
) -> tuple[Proposal, ...]:
    """The ``top`` best, those that colour the same cells once while others are left."""
    kept: dict[object, Proposal] = {}
    for each in proposals:
        kept.setdefault(footprint(each.rules.rules, table, today), each)
        if len(kept) == top:
            break
    others = (each for each in proposals if each not in kept.values())
    chosen = [*kept.values(), *islice(others, top - len(kept))]
    return tuple(sorted(chosen, key=lambda proposal: -proposal.score))


def implied(rules: RuleSet, table: Table) -> RuleSet:
    """The rules with subject and target left out where the table has one column only."""
    if len(table.columns) != 1:
        return rules
    return RuleSet(tuple(_imply(rule) for rule in rules.rules))


def _imply(rule: Rule) -> Rule:
    return replace(rule, condition=exchange(rule.condition, _without_subject), target=CELLS)


def _without_subject(node: Node) -> Node | None:
    """The predicate with an implied subject, where it looks at the only column itself."""
    if isinstance(node, Condition) and isinstance(getattr(node, "x", None), Column):
        parts = {name: getattr(node, name) for name in node.__dataclass_fields__}
        return type(node)(**{**parts, "x": Cell()})
    return None


@lru_cache(maxsize=1)
def default_suggester() -> Suggester:
    """The shipped model, loaded once."""
    torch.set_num_threads(max(1, min(2, torch.get_num_threads())))
    return Suggester.load()

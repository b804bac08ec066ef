"""Ranking: what speaks for a candidate, and scores that are chances."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.errors import ModelError
from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet, Style
from grammar.table import Table, TableColumn
from grammar.values import to_serial
from model.linking import link
from model.ranking import FEATURES, LEAST_LIKELY, Features, Ranker, table_features

TODAY = dt.date(2026, 11, 23)
DUE = [to_serial(dt.date(2026, month, 1)) for month in (8, 9, 10, 11)]
TABLE = Table(
    (
        TableColumn.of("Amount", [10, 20, 30, 40]),
        TableColumn.of("Status", ["open", "done", "open", "late"]),
        TableColumn.of("Due", DUE, is_date=True),
    )
)


def features(condition: str, request: str = "amounts above 25", fill: str | None = None):
    """The features of one rule for a request."""
    style = {"style": Style(fill=fill)} if fill else {}
    rules = RuleSet((Rule(parse_condition(condition), **style),))
    return table_features(rules, link(request, TABLE, TODAY), TODAY)


@pytest.mark.parametrize(
    ("condition", "nothing", "everything"),
    [
        ("GreaterThan(c[0], 25)", 0, 0),
        ("GreaterThan(c[0], 99)", 1, 0),
        ("GreaterThan(c[0], 1)", 0, 1),
        ("DataBar(c[0])", 0, 0),
        ("GreaterThan(c[0], ?)", 0, 0),
    ],
)
def test_what_a_candidate_selects(condition: str, nothing: int, everything: int) -> None:
    """Selecting nothing or everything speaks against a rule; scales and holes say nothing."""
    found = features(condition)
    assert (found["selects_nothing"], found["selects_all"]) == (nothing, everything)


@pytest.mark.parametrize(
    ("condition", "mistyped"),
    [
        ("GreaterThan(c[0], 25)", 0),
        ("GreaterThan(c[0], 'x')", 1),
        ("GreaterThan(c[1], 5)", 1),
        ("GreaterThan(c[2], 5)", 1),
        ("GreaterThan(c[2], DATE(2026,9,1))", 0),
        ("Between(c[0], 1, 5)", 0),
        ("Between(c[1], 1, 5)", 1),
        ("TextContains(c[1], 'x')", 0),
        ("TextContains(c[0], 'x')", 1),
        ("Top(c[0], 3)", 0),
        ("Top(c[1], 3)", 1),
        ("AND(Blanks(c[0]), GreaterThan(c[1], 5))", 1),
    ],
)
def test_literals_of_another_kind_are_noticed(condition: str, mistyped: int) -> None:
    """A column of one kind compared with a literal of another is mistyped."""
    assert features(condition)["mistyped"] == mistyped


def test_what_is_said_and_not_used() -> None:
    """Quoted texts, dates and colours that no rule uses are counted."""
    request = "status 'open' due after 2026-09-01 in green"
    assert features("Blanks(c[0])", request)["unused"] == 4 - 1
    assert features("Blanks(c[0])", request, fill="#00B050")["unused"] == 2
    both = "AND(TextEquals(c[1], 'open'), GreaterThan(c[2], DATE(2026,9,1)))"
    assert features(both, request, fill="#00B050")["unused"] == 0


def test_what_is_used_and_not_said() -> None:
    """Texts that only the table knows are counted."""
    assert features("TextEquals(c[1], 'late')", "the open ones")["unsaid"] == 1
    assert features("TextEquals(c[1], 'open')", "the open ones")["unsaid"] == 0
    assert features("TextContains(c[1], 'pen')", "the open ones")["unsaid"] == 0


def test_holes_are_a_feature() -> None:
    """A candidate that leaves something open says so."""
    assert features("GreaterThan(c[0], ?)")["holes"] == 1
    assert features("GreaterThan(c[0], 5)")["holes"] == 0


ANY = st.builds(
    Features, likelihood=st.floats(-50, 0), votes=st.floats(0, 1), causal=st.floats(-50, 0)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=8))
def test_scores_are_chances(candidates: list[Features]) -> None:
    """Scores lie between 0 and 1, and without calibration they sum to 1."""
    scores = Ranker().scores(candidates)
    assert all(0 < score < 1 for score in scores)
    assert sum(scores) == pytest.approx(1, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(ANY, st.sampled_from(["selects_nothing", "mistyped", "unused", "unsaid", "holes"]))
def test_faults_cost(candidate: Features, fault: str) -> None:
    """Of two candidates alike, the one with a fault is no better."""
    worse = Features(**{**candidate.__dict__, fault: 1.0})
    good, bad = Ranker().scores([candidate, worse])
    assert good > bad


def test_the_impossible_is_no_less_likely_than_that() -> None:
    """Below its floor a log p costs nothing more, so that one head alone rules nobody out."""
    low, lower = Features(causal=2 * LEAST_LIKELY), Features(causal=5 * LEAST_LIKELY)
    one, other = Ranker().scores([low, lower])
    assert one == other
    assert Ranker().scores([low, Features(causal=LEAST_LIKELY / 2)])[1] > 0.5


def test_calibration_keeps_the_order() -> None:
    """Slope and bias move scores, not ranks."""
    candidates = [Features(votes=votes) for votes in (0.1, 0.5, 0.3)]
    plain = Ranker().scores(candidates)
    moved = Ranker(bias=-1.0, slope=2.0).scores(candidates)
    order = sorted(range(3), key=lambda i: plain[i])
    assert order == sorted(range(3), key=lambda i: moved[i])
    assert moved != pytest.approx(plain)


def test_a_ranker_is_written_and_read(tmp_path: Path) -> None:
    """JSON keeps every weight; where there is no file the untuned ranker is taken."""
    ranker = Ranker(tuple(float(n) for n in range(len(FEATURES))), 0.25, 1.5)
    ranker.save(tmp_path / "ranker.json")
    assert Ranker.load(tmp_path / "ranker.json") == ranker
    assert Ranker.load(tmp_path / "none.json") == Ranker()


def test_a_ranker_of_other_features_is_refused(tmp_path: Path) -> None:
    """Weights that were fitted beside another feature are not taken without it."""
    path = tmp_path / "ranker.json"
    Ranker().save(path)
    entry = json.loads(path.read_text())
    entry["weights"]["elbo"] = 0.2
    path.write_text(json.dumps(entry))
    with pytest.raises(ModelError, match=r"fit_ranking"):
        Ranker.load(path)


def test_weights_and_features_are_as_many() -> None:
    """The vector of a candidate has one entry for each weight."""
    assert len(Features().vector()) == len(Ranker().weights) == len(FEATURES)


@pytest.mark.parametrize(
    ("condition", "misplaced"),
    [
        ("TextEquals(c[1], 'open')", 0),
        ("TextEquals(c[0], 'open')", 1),
        ("OR(TextEquals(c[0], 'open'), Equals(c[2], 'open'))", 2),
        ("TextContains(c[1], 'elsewhere')", 0),
        ("TextContains(c[0], 'elsewhere')", 0),
    ],
)
def test_texts_belong_to_the_columns_that_hold_them(condition: str, misplaced: int) -> None:
    """A text that only another column holds speaks against a rule; an unknown one does not."""
    assert features(condition, "the open ones")["misplaced"] == misplaced

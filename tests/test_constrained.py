"""Programs found along probabilities are always programs."""

import datetime as dt
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.printer import print_condition
from grammar.table import Table, TableColumn
from model.candidates import Candidate, trim
from model.constrained import ProgramSearch
from model.decode import InvalidProgramError, decode_rules
from model.draws import candidates_of, is_sure, undrawn
from model.linking import link
from model.vocabulary import LENGTH, TARGET_TOKENS, to_ids, to_tokens

TABLE = Table(
    (
        TableColumn.of("Parcel", ["PX-1", "PX-2", "PX-3"]),
        TableColumn.of("Status", ["Lost", "Sent", "Sent"]),
        TableColumn.of("Weight", [1, 20, 40]),
        TableColumn.of("Due", [46000, 46010, 46020], is_date=True),
    )
)
LINKED = link(
    "lost parcels over 20 kg, or due before 1 August, in red", TABLE, dt.date(2026, 11, 23)
)
SEARCH = ProgramSearch(LINKED)


def around(program, noise=0.0, seed=0):
    """Log-probabilities ``(L, V)`` that favour a program."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, noise, (LENGTH, len(TARGET_TOKENS))) if noise else np.zeros(1)
    logits = np.broadcast_to(logits, (LENGTH, len(TARGET_TOKENS))).copy()
    logits[np.arange(LENGTH), to_ids(program.split())] += 6.0
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize(
    ("likely", "found"),
    [
        ("GreaterThan C2 V1 FILL0", "GreaterThan(c[2], 20)"),
        ("GreaterThan C2 FILL0", "GreaterThan(c[2], 20)"),
        ("OR GreaterThan C2 V1 FILL0", None),
        ("Duplicates C0 C0 ROWTARGET", "Duplicates(c[0])"),
        ("Duplicates C9", None),
    ],
)
def test_mended_programs(likely, found):
    """What is likely becomes a program: the same where it is one, a near one where not."""
    (best, _), *_ = SEARCH.search(around(likely, 0.5))
    rules = decode_rules(to_tokens(list(best)), LINKED)
    if found:
        assert print_condition(rules.rules[0].condition).split("(")[0] == found.split("(")[0]


def fault(tokens):
    """Why tokens are no rules: the part of the message that says it, ``None`` where they are."""
    try:
        decode_rules(tokens, LINKED)
    except InvalidProgramError as error:
        known = re.search("looks at a literal|cannot take", str(error))
        return known[0] if known else str(error)
    return None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 5))
def test_always_programs(seed, noise):
    """Whatever the probabilities are, every program that is found is whole and names what is there.

    What it says may still be nonsense, as a condition on a number or the best half cell.
    """
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, noise, (LENGTH, len(TARGET_TOKENS)))
    scores = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    found = SEARCH.search(scores, 4)
    assert found
    assert len({program for program, _ in found}) == len(found)
    for program, _ in found:
        tokens = to_tokens(list(program))
        assert fault(tokens) in (None, "looks at a literal", "cannot take")


def test_votes_and_repairs():
    """Draws vote for the program that is found along them; mended ones are marked."""
    right, broken = around("Duplicates C0 FILL0"), around("Duplicates C0 C0 FILL0", 0.1)
    draws = candidates_of(torch.tensor(np.stack([right, right, broken])), LINKED, 10)
    assert draws.valid == pytest.approx(2 / 3)
    first = draws.candidates[0]
    assert to_tokens(list(first.tokens)) == ["Duplicates", "C0", "FILL0"]
    assert first.votes >= 2 / 3
    assert first.tokens not in draws.repaired
    assert draws.repaired


def test_what_is_proposed_comes_last_and_once():
    """Programs from elsewhere join the draws' own, without votes, however few are kept."""
    right = around("Duplicates C0 FILL0")
    own, other = (trim(to_ids(each.split())) for each in ("Duplicates C0 FILL0", "Uniques C1"))
    draws = candidates_of(torch.tensor(right[None]), LINKED, 1, [own, other])
    assert [each.tokens for each in draws.candidates] == [own, other]
    assert [each.votes for each in draws.candidates] == [1, 0]
    assert other not in draws.repaired


def beam(*programs):
    """Programs with their log p, the likeliest first."""
    return [Candidate(trim(to_ids(text.split())), log_p, 0.0) for text, log_p in programs]


def test_a_beam_that_is_sure_is_taken_as_it_is():
    """Its programs with their own log p; the first has the vote, what is none counts as invalid."""
    found = beam(("Duplicates C0 FILL0", -0.1), ("Uniques C9", -3.0), ("Uniques C1", -9.0))
    draws = undrawn(found, LINKED)
    assert [each.log_likelihood for each in draws.candidates] == [-0.1, -3.0, -9.0]
    assert [each.votes for each in draws.candidates] == [1, 0, 0]
    assert draws.valid == pytest.approx(1 / (1 + np.exp(-2.9)), rel=1e-3)
    assert not draws.repaired


def test_when_a_beam_is_sure():
    """Above its bound, unless it is empty, its best is none, or a range of values is said."""
    found = beam(("Duplicates C0 FILL0", -0.5))
    assert is_sure(found, LINKED, -1.0)
    assert not is_sure(found, LINKED, -0.5)
    assert not is_sure([], LINKED, -1.0)
    assert not is_sure(beam(("Duplicates C9", -0.1), ("Uniques C1", -3.0)), LINKED, -1.0)
    stages = TableColumn.of("Stage", ["Stage I", "Stage II", "Stage III"] * 3)
    ranged = link("stage II and later in red", Table((stages,)), dt.date(2026, 11, 23))
    assert not is_sure(found, ranged, -1.0)

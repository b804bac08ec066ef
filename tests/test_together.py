"""The shipped model over real requests of unequal length.

In one batch each gets the numbers that it gets alone, bit by bit, in int8 and in float32.
"""

from __future__ import annotations

import random

import pytest
import torch

from model import pipeline
from model.corpus.cases import validation_cases
from model.corpus.generate import TODAY
from model.features import encode_input
from model.linking import link
from model.pipeline import Settings, Suggester
from model.quantised import is_exact
from model.sampling import sample_each
from model.together import encode_each
from server.batching import Batcher, Pace, wait_for

EXACT = pytest.param("int8", marks=pytest.mark.skipif(not is_exact(), reason="sums saturate here"))


@pytest.fixture(scope="module", params=[EXACT, "float32"])
def suggester(request):
    """The shipped model in an arithmetic of serving, sure of some of the requests alone."""
    return Suggester.load(settings=Settings(precision=request.param, sure=-0.2))


@pytest.fixture(scope="module")
def requests():
    """Eight validation requests, the longest among them."""
    cases = sorted(validation_cases(), key=lambda case: len(case.utterance))
    chosen = [cases[-1], *random.Random(0).sample(cases, 7)]
    return [(case.utterance, case.table) for case in chosen]


@pytest.fixture
def model(suggester):
    """Its network, in the mode in which it answers."""
    with torch.inference_mode():
        yield suggester.model


@pytest.fixture
def pieces(requests):
    """What E reads of them, of as many lengths."""
    found = [encode_input(link(*each, TODAY)) for each in requests]
    assert len({len(ids) for ids, _ in found}) > 4
    return found


def test_the_encoder_reads_each_as_if_alone(model, pieces):
    """E's states of every length, one pass for all."""
    together = encode_each(model, pieces)
    for one, found in zip(pieces, together, strict=True):
        assert torch.equal(encode_each(model, [one])[0].states, found.states)


def test_every_draw_is_as_if_alone(model, pieces):
    """H's logits after three steps, all eight in one pass a step; and those of every step."""
    encoded = encode_each(model, pieces)
    told = []
    together = sample_each(model, encoded, 3, 3, 10, lambda *step: told.append(step))
    for place, (one, found) in enumerate(zip(encoded, together, strict=True)):
        assert torch.equal(sample_each(model, [one], 3, 3, 10)[0], found)
        own = []
        sample_each(model, [one], 3, 3, 10, lambda _, logits, own=own: own.append(logits[0]))
        assert all(torch.equal(a, b[place]) for a, (_, b) in zip(own, told, strict=True))


def test_answers_are_as_if_alone(suggester, requests, monkeypatch):
    """Whole answers: rules, scores, features and questions, of those that are drawn and others."""
    drawn = []

    def counted(model, encoded, *rest):
        drawn.append(len(encoded))
        return sample_each(model, encoded, *rest)

    monkeypatch.setattr(pipeline, "sample_each", counted)
    together = suggester.suggest_many(requests, today=TODAY, seed=5)
    alone = [suggester.suggest(*each, today=TODAY, seed=5) for each in requests]
    assert 1 < drawn[0] < len(requests)
    assert drawn[1:] == [1] * drawn[0]
    assert together == alone
    assert suggester.suggest_many([], today=TODAY) == []


def test_what_is_ranked_has_the_causal_decoders_own_log_p(suggester, requests, model, monkeypatch):
    """Of every reading, drawn or not; where nothing is drawn it is the likelihood, too."""
    seen = []
    distinct = pipeline._distinct

    def spied(*each):
        seen.append(distinct(*each))
        return seen[-1]

    monkeypatch.setattr(pipeline, "_distinct", spied)
    found = suggester.readings(requests, TODAY)
    encoded = encode_each(model, [encode_input(link(*each, TODAY)) for each in requests])
    drawn = 0
    for one, kept, read in zip(encoded, seen, found, strict=True):
        features = [entry.features for entry in read.entries]
        wanted = model.causal_scores(one, [candidate.tokens for candidate, _ in kept])
        assert [each.causal for each in features] == pytest.approx(wanted, abs=1e-3)
        drawn += [each.likelihood for each in features] != [each.causal for each in features]
    assert 0 < drawn < len(requests)


def test_watching_tells_each_its_own_steps(suggester, requests):
    """The beam's reading, then those of denoising where there is any; the answers are the same."""
    told = {place: [] for place in range(len(requests))}
    found = suggester.suggest_many(
        requests, today=TODAY, watch=lambda place, *step: told[place].append(step)
    )
    assert found == suggester.suggest_many(requests, today=TODAY)
    assert {len(steps) for steps in told.values()} == {1, 1 + suggester.settings.steps}
    for place, steps in told.items():
        own = []
        suggester.suggest_many(
            [requests[place]], today=TODAY, watch=lambda _, *step, own=own: own.append(step)
        )
        assert own == steps
        assert [number for number, _ in steps] == list(range(1, len(steps) + 1))


def test_one_that_fails_beside_others(suggester, requests, monkeypatch):
    """Whoever asked gets the error; the others get what they get alone."""

    def failing(text, *rest):
        if text == "fails":
            raise ValueError("no request can be so bad")
        return link(text, *rest)

    monkeypatch.setattr(pipeline, "link", failing)
    batcher = Batcher(suggester, Pace(size=4, wait=5.0))
    asked = [*requests[:2], ("fails", requests[0][1]), requests[2]]
    waiting = [batcher.submit(*each, today=TODAY, top=5, seed=0) for each in asked]
    with pytest.raises(ValueError, match="so bad"):
        wait_for(waiting.pop(2), 60)
    found = [wait_for(each, 60) for each in waiting]
    batcher.close()
    assert found == [suggester.suggest(*each, today=TODAY) for each in requests[:3]]


def test_rows_in_tiles_are_the_same_rows(model, monkeypatch):
    """A layer comes out the same whole and in tiles."""
    rows = torch.randn(1, 1000, 256, generator=torch.Generator().manual_seed(0))
    layer = model.decoder.stack.layers()[0].feed_forward
    whole = [layer(rows)]
    for tile in (24, 333, 5000):
        monkeypatch.setattr("model.layers.TILE", tile)
        whole.append(layer(rows))
    assert all(torch.equal(each, whole[0]) for each in whole)

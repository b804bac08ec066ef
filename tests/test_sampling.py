"""Sampling: the same seed gives the same candidates, alone or in company."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from network import LENGTH, TOKENS, fitted, tiny_batch, tiny_config

from model.baselines import build
from model.candidates import collect, likelihood, trim
from model.codefusion import CodeFusion
from model.encoder import Encoded
from model.sampling import sample, sample_logits


@pytest.fixture(scope="module")
def model() -> CodeFusion:
    """CodeFusion, half trained, so that its candidates differ."""
    found = fitted("codefusion", 15)
    assert isinstance(found, CodeFusion)
    return found


@pytest.fixture(scope="module")
def encoded(model: CodeFusion) -> Encoded:
    """Six requests, encoded."""
    with torch.no_grad():
        return model.encode(tiny_batch(6, seed=3))


def alone(encoded: Encoded, place: int) -> Encoded:
    """One request of a batch."""
    own = slice(place, place + 1)
    return Encoded(encoded.states[own], encoded.mask[own], encoded.symbols[own])


def each_alone(encoded: Encoded) -> list[Encoded]:
    """Every request of a batch, padding left out."""
    sizes = encoded.mask.sum(dim=1).tolist()
    return [
        Encoded(
            encoded.states[i : i + 1, :n], encoded.mask[i : i + 1, :n], encoded.symbols[i : i + 1]
        )
        for i, n in enumerate(sizes)
    ]


def test_the_same_seed_gives_the_same_candidates(model: CodeFusion, encoded: Encoded) -> None:
    """Sampling twice gives equal candidates, whatever torch's own generator did meanwhile."""
    seeds = range(6)
    first = sample(model, encoded, seeds, num_inference_steps=3, count=4)
    torch.manual_seed(99)
    assert sample(model, encoded, seeds, num_inference_steps=3, count=4) == first


def test_candidates_do_not_depend_on_the_batch(model: CodeFusion, encoded: Encoded) -> None:
    """A request alone gets the programs that it gets among others."""
    together = sample(model, encoded, range(6), num_inference_steps=3, count=4)
    for place in range(6):
        [single] = sample(model, alone(encoded, place), [place], 3, 4)
        assert [c.tokens for c in single] == [c.tokens for c in together[place]]
        wanted = [c.log_likelihood for c in together[place]]
        assert [c.log_likelihood for c in single] == pytest.approx(wanted, abs=1e-3)


def test_seeds_differ(model: CodeFusion, encoded: Encoded) -> None:
    """Another seed draws other noise."""
    one = sample_logits(model, encoded, [0] * 6, 2, 2)
    two = sample_logits(model, encoded, [1] * 6, 2, 2)
    assert not torch.allclose(one, two)


@pytest.mark.parametrize("renoise", [True, False])
def test_both_samplers_give_logits(model: CodeFusion, encoded: Encoded, renoise: bool) -> None:
    """Re-noising and DDIM end in logits of the same shape."""
    logits = sample_logits(model, encoded, range(6), 4, 3, renoise=renoise)
    assert logits.shape == (6, 3, LENGTH, TOKENS)
    assert bool(torch.isfinite(logits).all())


@pytest.mark.parametrize("kind", ["codefusion", "genie", "oneshot", "autoregressive"])
def test_every_kind_proposes_several(kind: str) -> None:
    """Each head gives distinct candidates for every request, the learnt program first."""
    head = fitted(kind)
    batch = tiny_batch()
    with torch.no_grad():
        found = sample(head, head.encode(batch), range(8), 2, 4)
    for candidates in found:
        assert len({each.tokens for each in candidates}) == len(candidates) >= 3
    wanted = [trim(row) for row in batch.targets.tolist()]
    right = [c[0].tokens == w for c, w in zip(found, wanted, strict=True)]
    assert sum(right) >= 7


@settings(max_examples=25)
@given(st.integers(1, 6), st.integers(0, 9), st.integers(0, 1000))
def test_collected_candidates_are_distinct_and_ordered(count: int, least: int, seed: int) -> None:
    """Candidates are distinct, their votes sum to 1, and votes fall along the list."""
    rng = torch.Generator().manual_seed(seed)
    log_p = (3 * torch.randn(count, LENGTH, TOKENS, generator=rng)).log_softmax(-1)
    found = collect(log_p, least)
    assert len({each.tokens for each in found}) == len(found)
    assert sum(each.votes for each in found) == pytest.approx(1)
    votes = [each.votes for each in found]
    assert votes == sorted(votes, reverse=True)


def test_the_likelihood_counts_the_end_once() -> None:
    """log p sums the tokens and the pad that ends them, not the pads after it."""
    probabilities = torch.full((1, 4, 3), 0.25)
    probabilities[..., 0] = 0.5
    found = likelihood(probabilities.log(), (1, 2))
    assert found == pytest.approx(2 * torch.tensor(0.25).log() + torch.tensor(0.5).log())


def test_what_is_proposed_scores_as_the_beam_says(model: CodeFusion, encoded: Encoded) -> None:
    """The causal decoder gives its own programs, likeliest first, the log p that it found."""
    for each in each_alone(encoded):
        [beam] = model.propose(each, 3)
        found = model.causal_scores(each, [one.tokens for one in beam])
        assert found == pytest.approx([one.log_likelihood for one in beam], abs=1e-3)
        assert found == sorted(found, reverse=True)


def test_what_is_outdone_is_left_out(
    model: CodeFusion, encoded: Encoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A beam that gives up what cannot matter has the rest of the whole one, in any company."""
    with monkeypatch.context() as patch:
        patch.setattr("model.autoregressive.OUTDONE", 1e8)
        whole = model.propose(encoded, 8)
    monkeypatch.setattr("model.autoregressive.OUTDONE", 3.0)
    found = model.propose(encoded, 8)
    near = [[c for c in each if c.log_likelihood > each[0].log_likelihood - 3.0] for each in whole]
    assert [[c.tokens for c in each] for each in found] == [
        [c.tokens for c in each] for each in near
    ]
    assert sum(map(len, found)) < sum(map(len, whole))
    for one, together in zip(each_alone(encoded), found, strict=True):
        [own] = model.propose(one, 8)
        assert [c.tokens for c in own] == [c.tokens for c in together]


def test_a_beam_may_be_wider_than_the_vocabulary(model: CodeFusion, encoded: Encoded) -> None:
    """It then begins with every token; its first programs are those of a narrower one."""
    [wide] = model.propose(alone(encoded, 0), TOKENS + 1)
    [narrow] = model.propose(alone(encoded, 0), TOKENS)
    assert wide[0].tokens == narrow[0].tokens
    assert len(wide) > TOKENS // 2


def test_without_a_causal_decoder_nothing_is_proposed(model: CodeFusion, encoded: Encoded) -> None:
    """The paper's network alone draws; it neither proposes nor scores left to right."""
    assert model.propose(encoded, 0) == [[]] * 6
    plain = build(replace(tiny_config(), causal_layers=0))
    assert isinstance(plain, CodeFusion)
    assert plain.propose(encoded, 3) == [[]] * 6
    assert plain.causal_scores(encoded, [(1,), (2, 3)]) == [0.0, 0.0]


def test_a_causal_score_is_the_same_beside_a_longer_program(
    model: CodeFusion, encoded: Encoded
) -> None:
    """Places after a program's end say nothing of it, so they are left out."""
    one = each_alone(encoded)[0]
    programs = [(1,), tuple(range(1, LENGTH + 1)), (2, 3, 1)]
    together = model.causal_scores(one, programs)
    assert together == pytest.approx(
        [model.causal_scores(one, [each])[0] for each in programs], abs=1e-3
    )
    assert len(set(together)) == 3

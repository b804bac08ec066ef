"""The network: shapes, what its loss reacts to, and that it learns."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from network import LENGTH, TOKENS, fitted, tiny_batch, tiny_config, tiny_model
from transformers import BertConfig, BertModel

from grammar.errors import ModelError
from model.baselines import KINDS, build
from model.codefusion import CodeFusion, token_weights
from model.config import EncoderConfig, config_from_dict, config_to_dict
from model.encoder import FIRST_WORD, SPREAD, Bert, Encoded, from_bert, owners, spread_symbols
from model.validation import predict


def test_the_encoder_is_bert() -> None:
    """Our encoder gives the hidden states of transformers' BERT for the same weights."""
    ours = EncoderConfig(60, 16, 2, 2, 32, 12)
    torch.manual_seed(0)
    theirs = BertModel(
        BertConfig(
            vocab_size=60,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=12,
            attn_implementation="eager",
        )
    ).eval()
    bert = Bert(ours, dropout=0.1).eval()
    bert.load_state_dict(from_bert(theirs.state_dict(), 2))
    ids = torch.randint(1, 60, (3, 9))
    segments = (torch.arange(9) > 4).long().expand(3, -1)
    mask = torch.arange(9) < torch.tensor([[9], [5], [7]])
    with torch.no_grad():
        wanted = theirs(ids, mask.long(), segments).last_hidden_state
        found = bert(ids, segments, mask, torch.zeros(()))
    torch.testing.assert_close(found[mask], wanted[mask], atol=1e-5, rtol=1e-4)


def test_symbols_are_spread_like_words() -> None:
    """Pieces that pre-training never saw become as long, and as far apart, as words."""
    torch.manual_seed(0)
    bert = Bert(EncoderConfig(FIRST_WORD + 400, 32, 1, 2, 32, 12), dropout=0.0)
    table = bert.words.weight.detach()
    table[1 : SPREAD + 1] = 0.001
    words = table[FIRST_WORD:].clone()
    spread_symbols(bert)
    found = table[1 : SPREAD + 1]
    assert torch.equal(table[FIRST_WORD:], words)
    assert float(found.std()) == pytest.approx(float(words.std()), rel=0.1)
    likeness = torch.corrcoef(found) - torch.eye(SPREAD)
    assert float(likeness.abs().mean()) < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_finite_loss_that_reaches_every_part(kind: str) -> None:
    """All parameters of every kind of head get a gradient."""
    model = tiny_model(kind)
    terms = model(tiny_batch())
    terms["loss"].backward()
    assert math.isfinite(float(terms["loss"].detach()))
    assert [name for name, value in model.named_parameters() if value.grad is None] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_a_batch_by_heart(kind: str) -> None:
    """Each head reproduces the programs that it was trained on."""
    model = fitted(kind)
    batch = tiny_batch()
    with torch.no_grad():
        found = predict(model, model.encode(batch), steps=3, seed=5)
    kept = token_weights(batch.targets) == 1
    assert float((found == batch.targets)[kept].float().mean()) > 0.9


def test_the_papers_terms_are_all_there() -> None:
    """The loss is the noise, the cross-entropies and the distance of D_s from L(y), summed."""
    terms = tiny_model()(tiny_batch())
    parts = [terms[name] for name in ("noise", "denoiser", "decoder", "head", "causal")]
    torch.testing.assert_close(terms["loss"], torch.stack(parts).sum())


def test_denoising_keeps_the_shape() -> None:
    """x̂_0 has x_t's shape and the logits one number a token of L."""
    model = tiny_model()
    assert isinstance(model, CodeFusion)
    encoded = model.encode(tiny_batch(3))
    x_t = torch.randn(3, 4, LENGTH, 16)
    context = model.denoiser.context(encoded)
    x_0, logits = model.denoise(x_t, torch.full((3, 4), 500.0), context, torch.zeros_like(x_t))
    assert x_0.shape == x_t.shape
    assert logits.shape == (3, 4, LENGTH, TOKENS)
    assert model.read(x_0, encoded, logits).shape == logits.shape


def test_unrolled_noisings_start_from_an_own_guess() -> None:
    """Of four noisings two are self-conditioned, and here one of these goes on from its guess."""
    model = build(replace(tiny_config("codefusion"), unrolled=0.5))
    batch = tiny_batch()
    encoded = model.encode(batch)
    assert isinstance(model, CodeFusion)
    x_0 = model.embedding(batch.targets)[:, None].expand(-1, 4, -1, -1)
    times = torch.full(x_0.shape[:2], 500.0)
    context = model.denoiser.context(encoded)
    estimate, start = model.previous_estimate(x_0, times, context)
    guessed = [bool(estimate[:, k].any()) for k in range(4)]
    own = [not torch.equal(start[:, k], x_0[:, k]) for k in range(4)]
    assert (sum(guessed), sum(own)) == (2, 1)
    assert torch.equal(start[:, own.index(True)], estimate[:, own.index(True)])


def test_pieces_of_a_column_carry_its_symbol() -> None:
    """A piece of the table belongs to the last column symbol up to it, one of a request to none."""
    ids = torch.tensor([[101, 3, 2000, 102, 5, 2001, 60, 2, 2002, 30, 102]])
    segments = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]])
    assert owners(ids, segments).tolist() == [[0, 0, 0, 0, 5, 5, 5, 2, 2, 2, 2]]


def test_another_requests_states_raise_the_loss() -> None:
    """A trained model reads the request: exchanging E_s in the batch makes the loss explode."""
    batch = tiny_batch()
    model = fitted("codefusion")
    with torch.no_grad():
        right = model.encode(batch)
        wrong = Encoded(*(part.roll(1, 0) for part in (right.states, right.mask, right.symbols)))
        torch.manual_seed(1)
        fit_loss = float(model.loss(right, batch.targets, batch.weights)["loss"])
        torch.manual_seed(1)
        other = float(model.loss(wrong, batch.targets, batch.weights)["loss"])
    assert other > 3 * fit_loss


def test_the_head_is_tied_to_the_embedding() -> None:
    """H ranks a token's own embedding first, whatever L is."""
    embedding = tiny_model().embedding
    tokens = torch.arange(TOKENS)
    assert torch.equal(embedding.logits(embedding(tokens)).argmax(-1), tokens)
    torch.testing.assert_close(embedding.weight().norm(dim=-1), torch.full((TOKENS,), 4.0))


def test_a_certain_distribution_has_its_tokens_embedding_as_mean() -> None:
    """x̂_0 of a one-hot distribution is L(y)."""
    embedding = tiny_model().embedding
    logits = torch.full((1, TOKENS), -50.0)
    logits[0, 7] = 50.0
    torch.testing.assert_close(embedding.mean(logits)[0], embedding(torch.tensor(7)))


def test_padding_does_not_reach_the_states() -> None:
    """What stands behind a request's end does not change its loss."""
    model = tiny_model().eval()
    batch = tiny_batch(4)
    filled = torch.where(batch.mask, batch.input_ids, 9)
    with torch.no_grad():
        one = model.encoder(batch.input_ids, batch.segment_ids, batch.mask)
        two = model.encoder(filled, batch.segment_ids, batch.mask)
    torch.testing.assert_close(one[batch.mask], two[batch.mask])


def test_timesteps_are_stratified_and_lean_to_noise() -> None:
    """The draws of a batch spread over the schedule, more of them in its noisier half."""
    model = tiny_model()
    assert isinstance(model, CodeFusion)
    times = model.draw_timesteps(50, torch.device("cpu"))
    assert times.shape == (50, 4)
    assert 0 < float(times.min()) < 50
    assert 950 < float(times.max()) <= 1000
    assert float((times > 500).float().mean()) > 0.6


def test_pads_after_the_first_weigh_little() -> None:
    """The first pad ends a program and counts in full."""
    weights = token_weights(torch.tensor([[3, 4, 0, 0, 0], [1, 2, 3, 4, 5]]))
    assert weights.tolist() == [pytest.approx([1, 1, 1, 0.15, 0.15]), [1] * 5]


def test_configurations_survive_a_round_trip() -> None:
    """A configuration as JSON values is the same configuration again."""
    config = tiny_config("genie")
    assert config_from_dict(config_to_dict(config)) == config


def test_unknown_keys_and_kinds_are_refused() -> None:
    """A configuration with anything unknown in it is an error."""
    values = config_to_dict(tiny_config())
    with pytest.raises(ModelError, match=r"unknown keys.*colour"):
        config_from_dict(values | {"colour": 1})
    with pytest.raises(ModelError, match="incomplete"):
        config_from_dict({"length": 5})
    with pytest.raises(ModelError, match="no model of kind"):
        build(config_from_dict(values | {"kind": "oracle"}))

"""Training: data files, batches, the loop, and going on after a break."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from network import LENGTH, TOKENS, WORDS, fitted, tiny_batch, tiny_model

from grammar.errors import ModelError
from model.arguments import parse
from model.baselines import Autoregressive
from model.candidates import likelihood, padded
from model.codefusion import RuleModel
from model.dataset import (
    FIRST_WORD_PIECE,
    MASK_PIECE,
    Batch,
    Example,
    drop_words,
    epoch_batches,
    load_examples,
    save_examples,
)
from model.plots import write_plots
from model.pretrain import masked_rules, noise_states, rule_objective, token_pieces
from model.training import Options, Trainer
from model.vocabulary import TARGET_TOKENS, TOKEN_IDS

examples = st.lists(
    st.builds(
        lambda ids, target, weight: Example(ids, [i % 2 for i in ids], target, weight),
        st.lists(st.integers(1, 30000), min_size=1, max_size=12),
        st.lists(st.integers(0, 170), min_size=4, max_size=4),
        st.floats(0.125, 8, width=32),
    ),
    min_size=1,
    max_size=20,
)


@given(examples)
def test_examples_survive_the_file(tmp_path_factory: pytest.TempPathFactory, kept: list) -> None:
    """A batch of what was written holds the same ids, segments, targets and weights."""
    path = tmp_path_factory.mktemp("data") / "x.npz"
    assert save_examples(path, kept) == len(kept)
    batch = load_examples(path).batch(np.arange(len(kept)))
    for row, example in enumerate(kept):
        length = len(example.input_ids)
        assert batch.input_ids[row][batch.mask[row]].tolist() == example.input_ids
        assert batch.segment_ids[row, :length].tolist() == example.segment_ids
        assert batch.targets[row].tolist() == example.target
        assert float(batch.weights[row]) == example.weight


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small data file."""
    batch = tiny_batch(24)
    kept = [
        Example(ids[mask].tolist(), [0] * int(mask.sum()), target.tolist())
        for ids, mask, target in zip(batch.input_ids, batch.mask, batch.targets, strict=True)
    ]
    save_examples(tmp_path / "train.npz", kept)
    return tmp_path / "train.npz"


def test_an_epoch_holds_every_example_once(data: Path) -> None:
    """Batches share out all rows, and a batch's lengths are close together."""
    loaded = load_examples(data)
    batches = epoch_batches(loaded, 5, np.random.default_rng(0))
    assert sorted(np.concatenate(batches).tolist()) == list(range(24))
    spread = [int(np.ptp(loaded.lengths()[rows])) for rows in batches]
    assert max(spread) <= 3


def test_unreadable_data_is_refused(tmp_path: Path) -> None:
    """No file, and a file with other contents, are errors that name it."""
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    for name in ("none.npz", "bad.npz"):
        with pytest.raises(ModelError, match=name):
            load_examples(tmp_path / name)
    with pytest.raises(ModelError, match="no examples"):
        save_examples(tmp_path / "empty.npz", [])


def test_only_words_are_dropped() -> None:
    """Word dropout masks words and leaves symbols and markers alone."""
    ids = torch.arange(2000).view(2, 1000)
    batch = Batch(ids, ids, ids > 0, ids, torch.ones(2))
    found = drop_words(batch, 1.0).input_ids
    assert torch.equal(found[ids < FIRST_WORD_PIECE], ids[ids < FIRST_WORD_PIECE])
    assert bool((found[ids >= FIRST_WORD_PIECE] == MASK_PIECE).all())


def options(data: Path, out: Path, **changes: object) -> Options:
    """Options for a run of a few steps."""
    base = Options(data, out, steps=6, batch_size=8, warmup_steps=2, log_every=1, bf16=False)
    return replace(base, **changes)


def plain(model: RuleModel, batch: Batch) -> dict[str, torch.Tensor]:
    """The loss of phase two alone."""
    return model(batch)


def test_a_resumed_run_ends_where_an_unbroken_one_does(data: Path, tmp_path: Path) -> None:
    """Stopping at a checkpoint and going on gives the same weights."""
    whole = options(data, tmp_path / "whole")
    unbroken = Trainer(tiny_model(), whole, plain).run()
    broken = replace(whole, out=tmp_path / "broken")
    first = Trainer(tiny_model(), broken, plain)
    for _ in range(3):
        first.train_step()
    first.save()
    torch.manual_seed(77)
    resumed = Trainer(tiny_model(seed=9), replace(broken, resume=True), plain).run()
    for name, weight in unbroken.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], weight, msg=name)


def test_a_run_logs_losses_and_sampling(data: Path, tmp_path: Path) -> None:
    """Every step's terms and the accuracy by number of sampling steps are in the log and drawn."""
    run = options(data, tmp_path / "run", validation=data, validation_size=8)
    Trainer(tiny_model(), run, plain).run()
    entries = [json.loads(line) for line in (run.out / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries if "loss" in entry] == [1, 2, 3, 4, 5, 6]
    assert set(entries[-1]["validation"]) == {"1", "5", "10"}
    assert all(path.stat().st_size > 5000 for path in write_plots([run.out], tmp_path))


def test_training_lowers_the_loss(data: Path, tmp_path: Path) -> None:
    """The loop itself learns: the last loss is well below the first."""
    run = options(data, tmp_path / "run", steps=40, lr=5e-3, encoder_lr=5e-3)
    Trainer(tiny_model("oneshot"), run, plain).run()
    lines = (run.out / "log.jsonl").read_text().splitlines()
    losses = [json.loads(line)["loss"] for line in lines]
    assert losses[-1] < 0.75 * losses[0]


def test_a_run_needs_an_end(data: Path, tmp_path: Path) -> None:
    """Options without minutes and without steps are refused."""
    with pytest.raises(ModelError, match="minutes or steps"):
        options(data, tmp_path, steps=None)


def test_options_come_from_the_command_line(tmp_path: Path) -> None:
    """Every option has a flag of its name."""
    line = f"--data {tmp_path} --out {tmp_path} --minutes 2.5 --no-bf16 --draws 2 --kind genie"
    found, rest = parse(line.split(), "text", ("codefusion", "genie"))
    assert (found.minutes, found.bf16, rest.draws, rest.kind) == (2.5, False, 2, "genie")


def test_masked_rules_read_as_text() -> None:
    """CPD's input names a program's tokens by their words or symbols and hides some of them."""
    batch = tiny_batch(16)
    torch.manual_seed(0)
    masked = masked_rules(batch)
    assert torch.equal(masked.targets, batch.targets)
    assert 0 < float((masked.input_ids == MASK_PIECE).float().mean()) < 1
    assert masked.mask.sum(-1).min() >= 3


def test_every_token_has_pieces() -> None:
    """Each target token but the pad is read as at least one piece, symbols as exactly one."""
    assert all(token_pieces(index) for index in range(1, len(TARGET_TOKENS)))
    assert len({token_pieces(TOKEN_IDS[name]) for name in ("C3", "V3", "FILL3", "C4")}) == 4
    assert len(token_pieces(TOKEN_IDS["V3"])) == 1


def test_unconditional_states_are_noise() -> None:
    """Phase one's E_s has the encoder's width and no padding."""
    encoded = noise_states(tiny_model(), tiny_batch(3))
    assert encoded.states.shape == (3, 32, 32)
    assert bool(encoded.mask.all())


def test_phase_one_leaves_the_causal_decoder_alone() -> None:
    """Programs without a request train CodeFusion's heads, and nothing that stands beside them."""
    model = tiny_model()
    rule_objective(unconditional=1.0)(model, tiny_batch())["loss"].backward()
    learning = {
        name.split(".")[0] for name, value in model.named_parameters() if value.grad is not None
    }
    assert learning == {"denoiser", "decoder", "embedding"}


def test_a_training_that_has_come_apart_can_still_be_measured() -> None:
    """Where nothing is likely there is no program, and no error."""
    model = tiny_model("autoregressive")
    assert isinstance(model, Autoregressive)
    batch = tiny_batch()
    with torch.no_grad():
        model.causal.output.weight.fill_(torch.nan)
        assert not model.greedy(model.encode(batch)).any()


def test_a_beams_likelihood_is_the_models_own() -> None:
    """log p found step by step with cached keys is that of the whole program at once."""
    model = fitted("autoregressive")
    assert isinstance(model, Autoregressive)
    batch = tiny_batch()
    with torch.no_grad():
        encoded = model.encode(batch)
        found = model.propose(encoded, 3)
        targets = torch.stack([padded([one.tokens for one in each], LENGTH) for each in found])
        logits = model.causal.teacher_logits(encoded, targets, model.embedding).log_softmax(-1)
    for row, each in zip(logits, found, strict=True):
        wanted = [likelihood(own[None], one.tokens) for own, one in zip(row, each, strict=True)]
        assert [one.log_likelihood for one in each] == pytest.approx(wanted, abs=1e-3)
    assert [len(each) for each in found] == [3] * 8
    assert max(max(one.tokens, default=0) for each in found for one in each) < TOKENS < WORDS

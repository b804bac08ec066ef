"""Weights on disk: what is written is what is read, within the bounds of a repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from network import tiny_batch, tiny_model

from grammar.errors import ModelError
from model import weights_io
from model.weights_io import load_weights, pack, quantise, save_weights, shards, unpack


def test_a_round_trip_keeps_the_network(tmp_path: Path) -> None:
    """A model that is saved and loaded encodes as before, but for half precision."""
    model = tiny_model().eval()
    save_weights(model, tmp_path)
    loaded = load_weights(tmp_path)
    assert loaded.config == model.config
    batch = tiny_batch(3)
    with torch.no_grad():
        one, two = (each.encode(batch).states for each in (model, loaded))
    torch.testing.assert_close(one, two, atol=2e-2, rtol=2e-2)


def test_large_tables_become_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrices from the bound on are kept as int8 with a scale a row, all else as float16."""
    monkeypatch.setattr(weights_io, "QUANTISED_FROM", 600)
    weights = {"table": torch.randn(40, 16), "small": torch.randn(4, 4), "bias": torch.randn(900)}
    packed = pack(weights)
    assert packed["table"].dtype == torch.int8
    assert packed["table.scale"].shape == (40, 1)
    assert packed["small"].dtype == packed["bias"].dtype == torch.float16
    found = unpack(packed)
    assert set(found) == set(weights)
    torch.testing.assert_close(found["table"], weights["table"], atol=0.02, rtol=0)


@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_quantising_errs_by_half_a_step(seed: int, size: float) -> None:
    """No entry is off by more than half of its row's step."""
    weight = torch.randn(6, 10, generator=torch.Generator().manual_seed(seed)) * size
    whole, scale = quantise(weight)
    assert bool(((whole * scale - weight).abs() <= 0.501 * scale).all())


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(60, 300))
def test_shards_hold_everything_within_the_limit(sizes: list[int], limit: int) -> None:
    """Every tensor is in exactly one shard, and no shard is larger than the limit allows."""
    packed = {f"w{i}": torch.zeros(size, dtype=torch.int8) for i, size in enumerate(sizes)}
    parts = shards(packed, limit)
    assert [name for part in parts for name in part] == list(packed)
    assert all(sum(tensor.nbytes for tensor in part.values()) <= limit for part in parts)


def test_saving_again_leaves_no_old_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second save with fewer shards removes those of the first."""
    monkeypatch.setattr(weights_io, "SHARD_BYTES", 20_000)
    model = tiny_model()
    many = len(weights_io.shards(pack(model.state_dict()), 20_000))
    assert many > 1
    for name in ("a", "b"):
        (tmp_path / f"model-9{name}.safetensors").write_bytes(b"old")
    save_weights(model, tmp_path)
    assert not list(tmp_path.glob("model-9*"))


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A configuration of another shape than the weights is an error."""
    save_weights(tiny_model(), tmp_path)
    config = tmp_path / "config.json"
    values = json.loads(config.read_text())
    config.write_text(json.dumps(values | {"vocab_size": 13}))
    with pytest.raises(ModelError, match="do not fit"):
        load_weights(tmp_path)


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    """Loading from nowhere names the file that is missing."""
    with pytest.raises(ModelError, match=r"config\.json"):
        load_weights(tmp_path / "nowhere")

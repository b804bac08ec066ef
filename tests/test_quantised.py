"""The network of serving: near the trained one, the same for every company, never trained."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from network import fitted, tiny_batch, tiny_model
from torch import nn

from model import quantised
from model.codefusion import CodeFusion
from model.encoder import Encoded
from model.pipeline import Settings, Suggester
from model.quantised import (
    FixedEmbedding,
    Int8Linear,
    Int8Table,
    for_serving,
    is_exact,
    quantised_rows,
)
from model.sampling import sample_each, sample_logits
from model.weights_io import load_weights, save_weights


@pytest.fixture
def threads():
    """Sets torch's threads and puts them back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def linear(seed: int, inner: int = 24, outer: int = 40) -> nn.Linear:
    """A layer with random weights."""
    torch.manual_seed(seed)
    return nn.Linear(inner, outer)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_rows_err_by_half_a_step(seed: int, size: float) -> None:
    """A row is off by at most half of its own step, however large its neighbours are."""
    rows = torch.randn(5, 16, generator=torch.Generator().manual_seed(seed))
    rows = rows * torch.tensor([[1.0], [size], [0.0], [1 / size], [1.0]])
    found, largest = quantised_rows(rows)
    scale = largest / 127
    assert bool(((found * scale - rows).abs() <= 0.501 * scale).all())


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 9))
def test_a_layer_is_near_its_original(seed: int, count: int) -> None:
    """int8 errs by little against float32."""
    layer = linear(seed)
    x = torch.randn(count, 3, 24, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        wanted, found = layer(x), Int8Linear(layer)(x)
    assert found.shape == wanted.shape
    assert float((found - wanted).abs().max()) < 0.03 * float(x.abs().max())


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(0, 8), st.floats(1e-2, 1e4))
def test_a_row_does_not_depend_on_its_company(seed: int, place: int, size: float) -> None:
    """A row gives the same bits alone and beside others, even much larger ones."""
    layer = Int8Linear(linear(seed, 256, 64))
    x = torch.randn(9, 256, generator=torch.Generator().manual_seed(seed))
    others = (x * size).index_copy(0, torch.tensor([place]), x[place : place + 1])
    assert torch.equal(layer(others)[place], layer(x[place : place + 1])[0])


def test_the_fixed_head_is_the_learnt_one() -> None:
    """L and H with norms and scale worked out once give what they gave, and keep their weights."""
    learnt = fitted("codefusion", 15).embedding
    fixed = FixedEmbedding(learnt)
    states = torch.randn(3, learnt.dim, generator=torch.Generator().manual_seed(0))
    tokens = torch.tensor([0, 2, 5])
    with torch.no_grad():
        torch.testing.assert_close(fixed.logits(states), learnt.logits(states))
        assert torch.equal(fixed(tokens), learnt(tokens))
    assert fixed.state_dict().keys() == learnt.state_dict().keys()


def test_a_table_gives_what_its_file_holds() -> None:
    """Embeddings that are int8 on disk come back to the last bits."""
    whole_numbers = torch.randint(-127, 128, (50, 16), generator=torch.Generator().manual_seed(0))
    whole_numbers[:, 0] = 127
    table = nn.Embedding.from_pretrained(whole_numbers * torch.rand(50, 1))
    ids = torch.tensor([[3, 49], [0, 3]])
    torch.testing.assert_close(Int8Table(table)(ids), table(ids), rtol=1e-6, atol=0)


@pytest.mark.parametrize("precision", ["auto", "int8", "bfloat16", "float32"])
def test_serving_is_near_the_trained_network(precision: quantised.Precision) -> None:
    """In every precision the probabilities are near those of float32."""
    batch = tiny_batch(4)
    torch.manual_seed(0)
    model = fitted("codefusion", 15)
    served = for_serving(reloaded(model), precision)
    assert isinstance(model, CodeFusion)
    assert isinstance(served, CodeFusion)
    with torch.no_grad():
        one, two = (sample_logits(m, m.encode(batch), range(4), 2, 2) for m in (model, served))
    torch.testing.assert_close(one.softmax(-1), two.softmax(-1), atol=0.15, rtol=0)


def reloaded(model: nn.Module) -> CodeFusion:
    """Another model with the same weights."""
    found = tiny_model()
    found.load_state_dict(model.state_dict())
    assert isinstance(found, CodeFusion)
    return found.eval()


def test_only_serving_quantises(tmp_path: Path) -> None:
    """Weights load as a float32 network that learns; only what serves cannot be trained."""
    save_weights(tiny_model(), tmp_path)
    loaded = load_weights(tmp_path)
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    assert all(p.requires_grad for p in loaded.parameters())
    assert not any(isinstance(part, Int8Linear) for part in loaded.modules())
    loaded(tiny_batch())["loss"].backward()
    served = Suggester.load(tmp_path, Settings(precision="int8")).model
    exchanged = [name for name, part in served.named_modules() if isinstance(part, Int8Linear)]
    assert len(exchanged) == 5 + 1 + 4 * 8  # a layer of E, its projection, four blocks
    assert isinstance(served.encoder.bert.words, Int8Table)
    assert not any(p.requires_grad for p in served.parameters())


def test_without_exact_int8_float32_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where int8 sums saturate, or cannot be had, the trained network serves itself."""
    assert is_exact() in (True, False)
    monkeypatch.setattr(torch, "_int_mm", lambda x, y: torch.full((32, 32), -32768))
    assert not is_exact()
    monkeypatch.delattr(torch, "_int_mm")
    assert not is_exact()
    served = for_serving(tiny_model())
    assert not any(isinstance(part, Int8Linear) for part in served.modules())


def test_the_same_on_any_number_of_threads(threads) -> None:
    """int8 gives the same bits on one thread and on two."""
    layer = Int8Linear(linear(0, 256, 1024))
    x = torch.randn(240, 256, generator=torch.Generator().manual_seed(0))
    threads(1)
    one = layer(x)
    threads(2)
    assert torch.equal(layer(x), one)


@pytest.fixture(scope="module")
def served() -> CodeFusion:
    """A half-trained model in int8."""
    found = for_serving(reloaded(fitted("codefusion", 15)), "int8")
    assert isinstance(found, CodeFusion)
    return found


def encoded_alone(model: CodeFusion, count: int) -> list[Encoded]:
    """Requests of unequal length, each encoded by itself."""
    batch = tiny_batch(count)
    with torch.no_grad():
        whole_batch = model.encode(batch)
    lengths = batch.mask.sum(dim=1).tolist()
    return [
        Encoded(
            whole_batch.states[i : i + 1, :n],
            batch.mask[i : i + 1, :n],
            whole_batch.symbols[i : i + 1],
        )
        for i, n in enumerate(lengths)
    ]


def test_company_changes_nothing(served: CodeFusion) -> None:
    """Denoised side by side, every request gets the very numbers that it gets alone."""
    requests = encoded_alone(served, 5)
    together = sample_each(served, requests, 3, 3, 4)
    for request, found in zip(requests, together, strict=True):
        assert torch.equal(sample_each(served, [request], 3, 3, 4)[0], found)


def test_watching_changes_nothing(served: CodeFusion) -> None:
    """Whoever looks on is told every step's logits of all requests, and the result is the same."""
    requests, told = encoded_alone(served, 3), []
    watched = sample_each(served, requests, 0, 2, 4, lambda *step: told.append(step))
    alone = sample_each(served, requests, 0, 2, 4)
    assert all(torch.equal(*pair) for pair in zip(watched, alone, strict=True))
    assert [number for number, _ in told] == [1, 2]
    assert {logits.shape for _, logits in told} == {(3, 4, 5, 12)}
    assert torch.equal(told[-1][1], torch.stack(watched))

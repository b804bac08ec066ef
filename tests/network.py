"""A network small enough to train within a test, and requests for it."""

from __future__ import annotations

from functools import lru_cache

import torch

from model.baselines import build
from model.codefusion import RuleModel
from model.config import EncoderConfig, ModelConfig
from model.dataset import Batch

WORDS, TOKENS, LENGTH = 40, 12, 5


def tiny_config(kind: str = "codefusion") -> ModelConfig:
    """A configuration of a few thousand parameters."""
    encoder = EncoderConfig(
        vocab_size=WORDS,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
    )
    return ModelConfig(
        vocab_size=TOKENS,
        length=LENGTH,
        kind=kind,
        dim=32,
        embedding_dim=16,
        num_heads=2,
        denoiser_layers=2,
        decoder_layers=1,
        causal_layers=1,
        dropout=0.0,
        encoder=encoder,
    )


def tiny_model(kind: str = "codefusion", seed: int = 0) -> RuleModel:
    """A tiny model with random weights."""
    torch.manual_seed(seed)
    return build(tiny_config(kind))


def tiny_batch(size: int = 8, seed: int = 0) -> Batch:
    """Random requests of unequal length with random programs of unequal length."""
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(4, 11, (size, 1), generator=rng)
    mask = torch.arange(10) < lengths
    ids = torch.randint(1, WORDS, (size, 10), generator=rng) * mask
    targets = torch.randint(1, TOKENS, (size, LENGTH), generator=rng)
    ends = torch.randint(1, LENGTH + 1, (size, 1), generator=rng)
    targets = targets * (torch.arange(LENGTH) < ends)
    return Batch(ids, torch.zeros_like(ids), mask, targets, torch.ones(size))


def fit(model: RuleModel, batch: Batch, steps: int = 80, rate: float = 1e-2) -> float:
    """The last loss after training on one batch."""
    torch.manual_seed(0)
    optimizer = torch.optim.AdamW(model.parameters(), rate)
    model.train()
    for _ in range(steps):
        loss = model(batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    return float(loss.detach())


@lru_cache(maxsize=8)
def fitted(kind: str, steps: int = 120) -> RuleModel:
    """A tiny model after learning :func:`tiny_batch` by heart; shared, so only to be read."""
    model = tiny_model(kind)
    fit(model, tiny_batch(), steps)
    return model

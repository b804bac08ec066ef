"""The peers that CodeFusion is measured against: same encoder, same size, same loop.

``autoregressive`` generates left to right with a beam, ``genie`` denoises without a decoder (Lin et
al. 2023), ``oneshot`` reads the whole program off in a single pass.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from grammar.errors import ModelError
from model.codefusion import (
    CodeFusion,
    Diffusion,
    Encoded,
    RuleModel,
    cross_entropy,
    sum_of,
    token_weights,
    weighted_mean,
)
from model.config import ModelConfig
from model.layers import Stack


class Genie(Diffusion):
    """Diffusion without D: N's x̂_0 is rounded to tokens by its own distribution."""

    def read(self, x_0: Tensor, encoded: Encoded, logits: Tensor) -> Tensor:
        """N's own logits ``(B, K, L, V)``."""
        return logits

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """The two terms of N."""
        token = token_weights(targets) * weights[:, None]
        _, terms = self.denoising_loss(encoded, targets, token)
        return {"loss": sum_of(terms), **terms}


class SinglePass(RuleModel):
    """A decoder over ``(B, 1, L, e)`` inputs, as deep as N and D together."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        depth = config.denoiser_layers + config.decoder_layers
        self.input = nn.Linear(config.embedding_dim, config.dim)
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.stack = Stack(depth, config.dim, config.num_heads, config.dropout)
        self.output = nn.Linear(config.dim, config.embedding_dim)


class OneShot(SinglePass):
    """Every token at once, from learned positions alone."""

    def logits(self, encoded: Encoded) -> Tensor:
        """``(B, L, V)`` of the request."""
        context = self.stack.context(encoded.states, encoded.mask)
        start = self.positions.expand(len(encoded.states), 1, -1, -1)
        return self.embedding.logits(self.output(self.stack(start, context)))[:, 0]

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Cross-entropy."""
        token = token_weights(targets) * weights[:, None]
        error = cross_entropy(self.logits(encoded)[:, None], targets)
        return {"loss": weighted_mean(error, token)}

    @torch.no_grad()
    def greedy(self, encoded: Encoded) -> Tensor:
        """The likeliest token at every place, ``(B, L)``."""
        return self.logits(encoded).argmax(-1)


MODELS: dict[str, type[RuleModel]] = {
    "codefusion": CodeFusion,
    "genie": Genie,
    "oneshot": OneShot,
}
KINDS = tuple(MODELS)


def build(config: ModelConfig) -> RuleModel:
    """A model of the configured kind with random weights.

    Raises:
        ModelError: no such kind.
    """
    if config.kind not in MODELS:
        raise ModelError(f"no model of kind {config.kind!r}; there are {', '.join(KINDS)}")
    return MODELS[config.kind](config)

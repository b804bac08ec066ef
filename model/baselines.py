"""The peers that CodeFusion is measured against: same encoder, same size, same loop.

``autoregressive`` generates left to right with a beam, ``genie`` denoises without a decoder (Lin et
al. 2023), ``oneshot`` reads the whole program off in a single pass.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grammar.errors import ModelError
from model.autoregressive import CausalDecoder, SinglePass
from model.candidates import Candidate, collect, padded
from model.codefusion import (
    CodeFusion,
    Diffusion,
    RuleModel,
    cross_entropy,
    sum_of,
    token_weights,
    weighted_mean,
)
from model.config import ModelConfig
from model.encoder import Encoded


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


class OneShot(RuleModel):
    """Every token at once, from learned positions alone; as deep as N and D together."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.single = SinglePass(config, config.denoiser_layers + config.decoder_layers)

    def logits(self, encoded: Encoded) -> Tensor:
        """``(B, L, V)`` of the request."""
        context = self.single.context(encoded)
        start = self.single.positions.expand(len(encoded.states), 1, -1, -1)
        states = self.single.stack(start, context)
        return self.single.read(states, context, self.embedding)[:, 0]

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Cross-entropy."""
        token = token_weights(targets) * weights[:, None]
        error = cross_entropy(self.logits(encoded)[:, None], targets)
        return {"loss": weighted_mean(error, token)}

    @torch.no_grad()
    def greedy(self, encoded: Encoded) -> Tensor:
        """The likeliest token at every place, ``(B, L)``."""
        return self.logits(encoded).argmax(-1)

    @torch.no_grad()
    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """The likeliest program and its exchanges of one token."""
        return [collect(each[None], count) for each in self.logits(encoded).log_softmax(-1)]


class Autoregressive(RuleModel):
    """Left to right, each token from those before it; as deep as N and D together."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.causal = CausalDecoder(config, config.denoiser_layers + config.decoder_layers)

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of the next token, given the right ones before it."""
        token = token_weights(targets) * weights[:, None]
        logits = self.causal.teacher_logits(encoded, targets[:, None], self.embedding)
        return {"loss": weighted_mean(cross_entropy(logits, targets), token)}

    def greedy(self, encoded: Encoded) -> Tensor:
        """The likeliest token at every place, given those before it, ``(B, L)``.

        Pads alone where a training has come apart and no token is likely.
        """
        programs = [found[0].tokens if found else () for found in self.propose(encoded, 1)]
        return padded(programs, self.config.length).to(encoded.states.device)

    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """A beam of ``count``."""
        return self.causal.beam(encoded, count, self.embedding, self.config.length)


MODELS: dict[str, type[RuleModel]] = {
    "codefusion": CodeFusion,
    "genie": Genie,
    "oneshot": OneShot,
    "autoregressive": Autoregressive,
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

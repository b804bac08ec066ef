"""The peers that CodeFusion is measured against: same encoder, same size, same loop.

``autoregressive`` generates left to right with a beam, ``genie`` denoises without a decoder (Lin et
al. 2023), ``oneshot`` reads the whole program off in a single pass.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from grammar.errors import ModelError
from model.candidates import Candidate, collect, trim
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
from model.layers import Context, Past, Stack
from model.pointer import Pointer
from model.vocabulary import PAD


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
    """A transformer over the program's places, as deep as N and D together."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        depth = config.denoiser_layers + config.decoder_layers
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.stack = Stack(depth, config.dim, config.num_heads, config.dropout)
        self.output = nn.Linear(config.dim, config.embedding_dim)
        self.pointer = Pointer(config.dim, config.vocab_size)

    def context(self, encoded: Encoded) -> Context:
        """What the stack reads of a request."""
        keys = self.pointer.keys(encoded.symbols)
        return self.stack.context(encoded.states, encoded.mask, keys)

    def read(self, states: Tensor, context: Context) -> Tensor:
        """Logits ``(B, K, L, V)`` of the stack's states."""
        pointed: Tensor = self.pointer(states, context)
        return self.embedding.logits(self.output(states)) + pointed


class OneShot(SinglePass):
    """Every token at once, from learned positions alone."""

    def logits(self, encoded: Encoded) -> Tensor:
        """``(B, L, V)`` of the request."""
        context = self.context(encoded)
        start = self.positions.expand(len(encoded.states), 1, -1, -1)
        return self.read(self.stack(start, context), context)[:, 0]

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


class Autoregressive(SinglePass):
    """Left to right, each token from those before it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.input = nn.Linear(config.embedding_dim, config.dim)
        self.start = nn.Parameter(torch.randn(config.embedding_dim))

    def advance(
        self, x: Tensor, at: slice, context: Context, bias: Tensor | None, past: list[Past] | None
    ) -> Tensor:
        """Logits ``(B, K, Q, V)`` after the embedded tokens ``(B, K, Q, e)`` at places ``at``."""
        return self.read(
            self.stack(self.input(x) + self.positions[at], context, bias, past), context
        )

    def teacher_logits(self, encoded: Encoded, targets: Tensor) -> Tensor:
        """Logits ``(B, 1, L, V)`` of every token, given those of ``targets`` before it."""
        context = self.context(encoded)
        before = self.embedding(targets[:, :-1])
        x = torch.cat([self.start.expand(len(targets), 1, -1), before], dim=1)[:, None]
        length = targets.shape[1]
        hidden = torch.ones(length, length, device=x.device).triu(1).bool()
        bias = torch.zeros(length, length, device=x.device).masked_fill(hidden, -1e9)
        return self.advance(x, slice(length), context, bias, None)

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of the next token, given the right ones before it."""
        token = token_weights(targets) * weights[:, None]
        error = cross_entropy(self.teacher_logits(encoded, targets), targets)
        return {"loss": weighted_mean(error, token)}

    @torch.no_grad()
    def beam(self, encoded: Encoded, width: int) -> tuple[Tensor, Tensor]:
        """The ``width`` likeliest programs found, ``(B, width, L)``, and log p ``(B, width)``."""
        context = self.context(encoded)
        past = [Past() for _ in self.stack.blocks]
        batch, device = len(encoded.states), encoded.states.device
        tokens = torch.empty(batch, width, 0, dtype=torch.long, device=device)
        total = torch.full((batch, width), -1e9, device=device)
        total[:, 0] = 0
        x = self.start.expand(batch, width, 1, -1)
        for place in range(self.config.length):
            logits = self.advance(x, slice(place, place + 1), context, None, past)
            tokens, total, parents = extend_beam(tokens, total, logits[:, :, 0].log_softmax(-1))
            rows = (parents + width * torch.arange(batch, device=device)[:, None]).flatten()
            for memory in past:
                memory.select(rows)
            x = self.embedding(tokens[:, :, -1:])
            if bool((tokens[:, :, -1] == PAD).all()):
                break
        return functional.pad(tokens, (0, self.config.length - tokens.shape[-1]), value=PAD), total

    def greedy(self, encoded: Encoded) -> Tensor:
        """The likeliest token at every place, given those before it, ``(B, L)``."""
        return self.beam(encoded, 1)[0][:, 0]

    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """A beam of ``count``."""
        tokens, total = self.beam(encoded, count)
        return [
            [Candidate(trim(row), log_p, 0.0) for row, log_p in zip(rows, logs, strict=True)]
            for rows, logs in zip(tokens.tolist(), total.tolist(), strict=True)
        ]


def extend_beam(tokens: Tensor, total: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens, log p and parents ``(B, K)`` of a beam one token longer.

    ``log_p (B, K, V)`` is the next token's; a program that has ended goes on with pads for nothing.
    """
    if tokens.shape[-1]:
        ended = tokens[:, :, -1:] == PAD
        after = torch.full_like(log_p[:1, :1], -1e9).index_fill(
            -1, torch.tensor([PAD], device=log_p.device), 0.0
        )
        log_p = torch.where(ended, after, log_p)
    width, size = log_p.shape[1:]
    best, index = (total[..., None] + log_p).flatten(1).topk(width, dim=-1)
    parents, chosen = index // size, index % size
    kept = tokens.gather(1, parents[..., None].expand(-1, -1, tokens.shape[-1]))
    return torch.cat([kept, chosen[..., None]], dim=-1), best, parents


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

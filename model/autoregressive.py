"""A decoder that reads E_s and writes a program left to right, each token from those before it.

The peer that CodeFusion is measured against is this decoder alone; on CodeFusion's encoder a
shallow one proposes programs, and noise is drawn where it is not sure. Shapes as in
:mod:`model.codefusion`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from model.candidates import Candidate, Program, log_p_of, padded, trim
from model.config import ModelConfig
from model.embedding import TokenEmbedding
from model.encoder import Encoded
from model.layers import Context, Past, Stack
from model.pointer import Pointer
from model.vocabulary import PAD

OUTDONE = 12.0
"""A program whose log p lies that far below the best one's is given up."""


class SinglePass(nn.Module):
    """A transformer over the program's places, with logits of its states."""

    def __init__(self, config: ModelConfig, depth: int) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.stack = Stack(depth, config.dim, config.num_heads, config.dropout)
        self.output = nn.Linear(config.dim, config.embedding_dim)
        self.pointer = Pointer(config.dim, config.vocab_size)

    def context(self, encoded: Encoded) -> Context:
        """What the stack reads of a request."""
        keys = self.pointer.keys(encoded.symbols)
        return self.stack.context(encoded.states, encoded.mask, keys)

    def read(self, states: Tensor, context: Context, embedding: TokenEmbedding) -> Tensor:
        """Logits ``(B, K, L, V)`` of the stack's states."""
        pointed: Tensor = self.pointer(states, context)
        return embedding.logits(self.output(states)) + pointed


class CausalDecoder(SinglePass):
    """Left to right over embedded tokens."""

    def __init__(self, config: ModelConfig, depth: int) -> None:
        super().__init__(config, depth)
        self.input = nn.Linear(config.embedding_dim, config.dim)
        self.start = nn.Parameter(torch.randn(config.embedding_dim))

    def advance(
        self,
        x: Tensor,
        at: slice,
        context: Context,
        embedding: TokenEmbedding,
        past: list[Past] | None = None,
    ) -> Tensor:
        """Logits ``(B, K, Q, V)`` after the embedded tokens ``(B, K, Q, e)`` at places ``at``.

        With a ``past`` the tokens read what it holds; without one, each those before it.
        """
        bias = None if past else causal_bias(x.shape[2], x.device)
        states = self.stack(self.input(x) + self.positions[at], context, bias, past)
        return self.read(states, context, embedding)

    def teacher_logits(
        self, encoded: Encoded, targets: Tensor, embedding: TokenEmbedding
    ) -> Tensor:
        """Logits ``(B, K, L, V)`` of the tokens ``targets (B, K, L)``, given those before."""
        batch, count, length = targets.shape
        start = self.start.expand(batch, count, 1, -1)
        x = torch.cat([start, embedding(targets[..., :-1])], dim=2)
        return self.advance(x, slice(length), self.context(encoded), embedding)

    @torch.no_grad()
    def score(
        self, encoded: Encoded, programs: Sequence[Program], embedding: TokenEmbedding, length: int
    ) -> list[float]:
        """log p of programs of one request, B = 1, each with the pad that ends it."""
        if not programs:
            return []
        longest = max(map(len, programs))
        tokens = padded(programs, min(longest + 1, length)).to(encoded.states.device)
        log_p = self.teacher_logits(encoded, tokens[None], embedding)[0].log_softmax(-1)
        found: list[float] = log_p_of(log_p, tokens).tolist()
        return found

    @torch.no_grad()
    def beam(
        self, encoded: Encoded, width: int, embedding: TokenEmbedding, length: int
    ) -> list[list[Candidate]]:
        """The ``width`` likeliest programs found for every request, with log p and no votes.

        Those that the best one outdoes by :data:`OUTDONE` are left out, and not waited for.
        """
        context = self.context(encoded)
        past = [Past() for _ in self.stack.blocks]
        batch, device = len(encoded.states), encoded.states.device
        tokens = torch.empty(batch, 1, 0, dtype=torch.long, device=device)
        total = torch.zeros(batch, 1, device=device)
        first = torch.arange(batch, device=device)[:, None]
        x = self.start.expand(batch, 1, 1, -1)
        for place in range(length):
            logits = self.advance(x, slice(place, place + 1), context, embedding, past)
            rows = first * tokens.shape[1]
            log_p = logits[:, :, 0].log_softmax(-1)
            tokens, total, parents = extend_beam(tokens, total, log_p, width)
            ended = tokens[:, :, -1] == PAD if place + 1 < length else torch.ones_like(total).bool()
            best = total.masked_fill(~ended, -torch.inf).amax(1, keepdim=True)
            alive = total > best - OUTDONE
            if not bool((alive & ~ended).any()):
                break
            for memory in past:
                memory.select((rows + parents).flatten())
            x = embedding(tokens[:, :, -1:])
        return [
            [
                Candidate(trim(row), log_p, 0.0)
                for row, log_p, is_kept in zip(*each, strict=True)
                if is_kept
            ]
            for each in zip(tokens.tolist(), total.tolist(), (alive & ended).tolist(), strict=True)
        ]


def causal_bias(length: int, device: torch.device) -> Tensor:
    """``(L, L)``: very negative where a place would read one after it, else 0."""
    hidden = torch.ones(length, length, device=device).triu(1).bool()
    return torch.zeros(length, length, device=device).masked_fill(hidden, -1e9)


def extend_beam(
    tokens: Tensor, total: Tensor, log_p: Tensor, width: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens, log p and parents of a beam ``(B, K)`` one token longer, at most ``width`` wide.

    ``log_p (B, K, V)`` is the next token's; a program that has ended goes on with pads for nothing.
    """
    if tokens.shape[-1]:
        ended = tokens[:, :, -1:] == PAD
        after = torch.full_like(log_p[:1, :1], -1e9)
        after[..., PAD] = 0.0
        log_p = torch.where(ended, after, log_p)
    longer = (total[..., None] + log_p).flatten(1)
    best, index = longer.topk(min(width, longer.shape[1]), dim=-1)
    size = log_p.shape[-1]
    parents, chosen = index // size, index % size
    kept = tokens.gather(1, parents[..., None].expand(-1, -1, tokens.shape[-1]))
    return torch.cat([kept, chosen[..., None]], dim=-1), best, parents

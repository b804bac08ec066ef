"""Transformer layers shared by the encoder, the denoiser, the decoder and the peers.

Attention is two plain matrix products around a softmax: at 24 queries this is faster on a CPU,
forwards and backwards, than the fused kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

KeysValues = Tensor
"""Keys, then values: (2, B, heads, S, dim / heads)."""


@dataclass(frozen=True)
class Spans:
    """Requests end to end as one row, B = 1: each one's queries read its own keys alone.

    Without padding a request meets the very sums that it meets alone. Both hold a number of
    positions a request.
    """

    queries: tuple[int, ...]
    keys: tuple[int, ...]

    def parts(self, query: Tensor, keys_values: KeysValues) -> Iterator[tuple[Tensor, KeysValues]]:
        """Queries, keys and values of one request after another."""
        queries = torch.split(query, list(self.queries), 2)
        return zip(queries, torch.split(keys_values, list(self.keys), 3), strict=True)


Reach = Tensor | Spans
"""What queries may read: by a bias that is added to the scores, or by spans."""


def attend(query: Tensor, keys_values: KeysValues, bias: Tensor | None = None) -> Tensor:
    """``(B, Q, D)``: for every query the mean of the values under its scores."""
    keys, values = keys_values
    scores = query @ keys.transpose(-1, -2)
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    mixed: Tensor = scores.softmax(dim=-1) @ values
    return mixed.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Multi-head attention of queries over keys and values that may be computed once."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = 1 / math.sqrt(dim // heads)
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.output = nn.Linear(dim, dim)

    def _split(self, x: Tensor) -> Tensor:
        batch, length, dim = x.shape
        return x.view(batch, length, self.heads, dim // self.heads).transpose(1, 2)

    def keys_values(self, context: Tensor) -> KeysValues:
        """Keys and values of states ``(B, S, D)``."""
        batch, length, dim = context.shape
        both: Tensor = self.key_value(context)
        parts = both.view(batch, length, 2, self.heads, dim // self.heads)
        return parts.permute(2, 0, 3, 1, 4)

    def forward(self, x: Tensor, keys_values: KeysValues, reach: Reach | None = None) -> Tensor:
        """``(B, Q, D)`` of queries ``(B, Q, D)``."""
        query = self._split(self.query(x)) * self.scale
        if isinstance(reach, Spans):
            mixed = torch.cat([attend(*each) for each in reach.parts(query, keys_values)], dim=1)
        else:
            mixed = attend(query, keys_values, reach)
        found: Tensor = self.output(mixed)
        return found


TILE = 480
"""Rows that are taken at once where nothing is learnt."""


def in_tiles(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """``function`` of rows ``(…, D)``, a tile of them at a time.

    What lies between stays in the processor's cache, and its memory in the process.
    """
    count = -(-x.numel() // (x.shape[-1] * TILE))
    if count <= 1 or torch.is_grad_enabled():
        return function(x)
    found = torch.cat([function(each) for each in x.flatten(0, -2).chunk(count)])
    return found.view(*x.shape[:-1], -1)


class FeedForward(nn.Module):
    """Two linear layers around a GELU."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dim, hidden)
        self.outer = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return in_tiles(self._tile, x)

    def _tile(self, x: Tensor) -> Tensor:
        y: Tensor = self.outer(functional.gelu(self.inner(x)))
        return y


class SharedDropout(nn.Module):
    """Dropout with one mask for all positions of a sequence.

    Drawing a mask for every position costs a tenth of a training step on a CPU.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """``(…, L, D)`` of the same; the identity outside training."""
        if not self.training or self.p == 0:
            return x
        shape = (*x.shape[:-2], 1, x.shape[-1])
        kept = (torch.rand(shape, device=x.device) >= self.p).to(x.dtype)
        return x * (kept / (1 - self.p))


@dataclass(frozen=True)
class Context:
    """What a head reads of a request: keys and values by layer, and which of them.

    ``symbols`` are the keys ``(B, N, D)`` that :mod:`model.pointer` compares states with.
    """

    layers: tuple[KeysValues, ...]
    reach: Reach
    symbols: Tensor


def padding_bias(mask: Tensor) -> Tensor:
    """``(B, 1, 1, S)``: 0 where the mask ``(B, S) bool`` holds, very negative elsewhere."""
    return torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -1e9)[:, None, None, :]


def reach_of(mask: Tensor | Spans) -> Reach:
    """Past padding, by a mask ``(B, S) bool``; spans are what they are."""
    return mask if isinstance(mask, Spans) else padding_bias(mask)


class Past:
    """Keys and values of the positions that one layer has generated already."""

    def __init__(self) -> None:
        self.parts: KeysValues | None = None

    def extend(self, new: KeysValues) -> KeysValues:
        """The keys and values so far with the new ones behind them."""
        self.parts = new if self.parts is None else torch.cat([self.parts, new], 3)
        return self.parts

    def select(self, rows: Tensor) -> None:
        """Keep these rows (with repetition) of the batch, as a beam does."""
        if self.parts is not None:
            self.parts = self.parts.index_select(1, rows)


class Block(nn.Module):
    """Pre-norm self-attention, cross-attention and feed-forward over ``(B, K, L, D)``.

    K sequences of one request attend to themselves singly and to the request together, so that
    its keys and values are neither copied nor computed again for every draw, seed and step.
    """

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm_self, self.norm_cross, self.norm_feed = (nn.LayerNorm(dim) for _ in range(3))
        self.self_attention = Attention(dim, heads)
        self.cross_attention = Attention(dim, heads)
        self.feed_forward = FeedForward(dim, 4 * dim)
        self.dropout = SharedDropout(dropout)

    def forward(
        self,
        x: Tensor,
        context: KeysValues,
        reach: Reach,
        bias: Tensor | None = None,
        past: Past | None = None,
    ) -> Tensor:
        """The same shape; ``reach`` is into the context.

        ``bias`` (a causal mask) and ``past`` belong to self-attention.
        """
        flat = self.norm_self(x).flatten(0, 1)
        keys_values = self.self_attention.keys_values(flat)
        keys_values = past.extend(keys_values) if past is not None else keys_values
        own = self.self_attention(flat, keys_values, bias)
        x = x + self.dropout(own.view(x.shape))
        merged = self.norm_cross(x).flatten(1, 2)
        read = self.cross_attention(merged, context, reach)
        x = x + self.dropout(read.view(x.shape))
        found: Tensor = x + self.dropout(self.feed_forward(self.norm_feed(x)))
        return found


class Stack(nn.Module):
    """Blocks one after another, with a norm at the end."""

    def __init__(self, layers: int, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(dim, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)

    def layers(self) -> list[Block]:
        """The blocks, by their own type."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def context(self, states: Tensor, mask: Tensor | Spans, symbols: Tensor) -> Context:
        """What every layer reads of the encoder's states ``(B, S, D)``, ``mask (B, S) bool``."""
        layers = tuple(block.cross_attention.keys_values(states) for block in self.layers())
        return Context(layers, reach_of(mask), symbols)

    def forward(
        self,
        x: Tensor,
        context: Context,
        bias: Tensor | None = None,
        past: list[Past] | None = None,
    ) -> Tensor:
        """``(B, K, L, D)`` of the same; ``past`` has one entry a layer."""
        for index, (block, read) in enumerate(zip(self.layers(), context.layers, strict=True)):
            x = block(x, read, context.reach, bias, past[index] if past else None)
        found: Tensor = self.norm(x)
        return found


def sinusoids(position: Tensor, dim: int) -> Tensor:
    """``(…, dim)`` sines and cosines of ``(…)`` positions. Source: Vaswani et al. 2017, 3.5."""
    half = torch.arange(dim // 2, device=position.device)
    angles = position[..., None] * torch.exp(half * (-math.log(10_000) / (dim // 2)))
    return torch.cat([angles.sin(), angles.cos()], dim=-1)

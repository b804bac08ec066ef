"""Transformer layers shared by the encoder, the denoiser, the decoder and the peers.

Attention is two plain matrix products around a softmax: at 24 queries this is faster on a CPU,
forwards and backwards, than the fused kernels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

KeysValues = tuple[Tensor, Tensor]
"""Keys and values, each (B, heads, S, dim / heads)."""


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
        keys, values = self.key_value(context).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(self, x: Tensor, keys_values: KeysValues, bias: Tensor | None = None) -> Tensor:
        """``(B, Q, D)`` of queries ``(B, Q, D)``; ``bias`` is added to the scores."""
        keys, values = keys_values
        query = self._split(self.query(x)) * self.scale
        scores = query @ keys.transpose(-1, -2)
        if bias is not None:
            scores = scores + bias.to(scores.dtype)
        mixed = scores.softmax(dim=-1) @ values
        found: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return found


class FeedForward(nn.Module):
    """Two linear layers around a GELU."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dim, hidden)
        self.outer = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
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
    """What cross-attention reads: keys and values by layer, and the bias of padding."""

    layers: tuple[KeysValues, ...]
    bias: Tensor


def padding_bias(mask: Tensor) -> Tensor:
    """``(B, 1, 1, S)``: 0 where the mask ``(B, S) bool`` holds, very negative elsewhere."""
    return torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -1e9)[:, None, None, :]


class Past:
    """Keys and values of the positions that one layer has generated already."""

    def __init__(self) -> None:
        self.parts: KeysValues | None = None

    def extend(self, new: KeysValues) -> KeysValues:
        """The keys and values so far with the new ones behind them."""
        if self.parts is not None:
            new = (torch.cat([self.parts[0], new[0]], 2), torch.cat([self.parts[1], new[1]], 2))
        self.parts = new
        return new

    def select(self, rows: Tensor) -> None:
        """Keep these rows (with repetition) of the batch, as a beam does."""
        if self.parts is not None:
            self.parts = (self.parts[0][rows], self.parts[1][rows])


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
        context_bias: Tensor,
        bias: Tensor | None = None,
        past: Past | None = None,
    ) -> Tensor:
        """The same shape; ``bias`` (a causal mask) and ``past`` belong to self-attention."""
        flat = self.norm_self(x).flatten(0, 1)
        keys_values = self.self_attention.keys_values(flat)
        keys_values = past.extend(keys_values) if past is not None else keys_values
        own = self.self_attention(flat, keys_values, bias)
        x = x + self.dropout(own.view(x.shape))
        merged = self.norm_cross(x).flatten(1, 2)
        read = self.cross_attention(merged, context, context_bias)
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

    def context(self, states: Tensor, mask: Tensor) -> Context:
        """What every layer reads of the encoder's states ``(B, S, D)``, ``mask (B, S) bool``."""
        attentions = [block.cross_attention for block in self.layers()]
        return Context(tuple(each.keys_values(states) for each in attentions), padding_bias(mask))

    def forward(
        self,
        x: Tensor,
        context: Context,
        bias: Tensor | None = None,
        past: list[Past] | None = None,
    ) -> Tensor:
        """``(B, K, L, D)`` of the same; ``past`` has one entry a layer."""
        for index, (block, read) in enumerate(zip(self.layers(), context.layers, strict=True)):
            x = block(x, read, context.bias, bias, past[index] if past else None)
        found: Tensor = self.norm(x)
        return found


def sinusoids(position: Tensor, dim: int) -> Tensor:
    """``(…, dim)`` sines and cosines of ``(…)`` positions. Source: Vaswani et al. 2017, 3.5."""
    half = torch.arange(dim // 2, device=position.device)
    angles = position[..., None] * torch.exp(half * (-math.log(10_000) / (dim // 2)))
    return torch.cat([angles.sin(), angles.cos()], dim=-1)

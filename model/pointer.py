"""Pointing: how well every column, value and colour of a request answers to a token's state.

Slots are symbols without a meaning of their own; what they stand for is in E_s at the places where
the symbol stands. A score of state against those places, added to H's logits of the slot's tokens,
lets a column be chosen for what its header says. Source: Vinyals et al. 2015, "Pointer networks".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from model.features import SYMBOLS, symbol_piece
from model.layers import Context, Spans
from model.vocabulary import TARGET_TOKENS


def symbol_states(input_ids: Tensor, states: Tensor) -> Tensor:
    """The mean state of every symbol's places ``(B, N, D)``, zeros for symbols that are absent.

    Word pieces ``(B, S)`` and E_s ``(B, S, D)``; N is :data:`model.features.SYMBOLS`.
    """
    symbols = torch.arange(1, SYMBOLS + 1, device=input_ids.device)
    places = (input_ids[:, None] == symbols[:, None]).to(states.dtype)
    return (places / places.sum(dim=-1, keepdim=True).clamp_min(1)) @ states


def _symbol_of_tokens() -> Tensor:
    """Where every token's symbol is in :func:`symbol_states` ``(V,)``; N where it has none."""
    pieces = [symbol_piece(token) for token in TARGET_TOKENS]
    return torch.tensor([SYMBOLS if piece is None else piece - 1 for piece in pieces])


class Pointer(nn.Module):
    """Scores over the vocabulary from states and symbols; nothing until it has learned."""

    symbol: Tensor

    def __init__(self, dim: int, vocab_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim, bias=False)
        self.scale = 1 / math.sqrt(dim)
        self.register_buffer("symbol", _symbol_of_tokens()[:vocab_size], persistent=False)
        nn.init.zeros_(self.query.weight)
        nn.init.zeros_(self.query.bias)

    def keys(self, symbols: Tensor) -> Tensor:
        """What states are compared with, once a request: ``(B, N, D)`` of the same."""
        found: Tensor = self.key(symbols)
        return found

    def forward(self, states: Tensor, context: Context) -> Tensor:
        """``(B, K, L, V)`` float32 of states ``(B, K, L, D)``; 0 for tokens that are no slots."""
        query = self.query(states).flatten(1, 2)
        if isinstance(context.reach, Spans):
            own = torch.split(query, list(context.reach.queries), 1)
            pairs = zip(own, context.symbols, strict=True)
            found = torch.cat([each @ keys.T for each, keys in pairs], dim=1)
        else:
            found = query @ context.symbols.transpose(1, 2)
        scores = found.view(*states.shape[:-1], -1).float() * self.scale
        padded = torch.cat([scores, torch.zeros_like(scores[..., :1])], dim=-1)
        return padded.index_select(-1, self.symbol)

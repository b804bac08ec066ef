"""L and H: the embedding of target tokens and, tied to it, the head that reads tokens off."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class TokenEmbedding(nn.Module):
    """L ``(V, e)`` with rows of the fixed norm √e, and H as its transpose.

    The fixed norm keeps L from shrinking its own loss away; tying H to L pulls D_s onto L(y).
    """

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.free = nn.Parameter(torch.randn(vocab_size, dim))
        self.log_scale = nn.Parameter(torch.zeros(()))

    def weight(self) -> Tensor:
        """L with its norms fixed, ``(V, e)``."""
        return functional.normalize(self.free.float(), dim=-1) * math.sqrt(self.dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """L(y) ``(…, e)`` of token ids ``(…)``."""
        return functional.embedding(tokens, self.weight())

    def logits(self, states: Tensor) -> Tensor:
        """H: ``(…, V)`` float32 of states ``(…, e)``."""
        scale = self.log_scale.exp() / math.sqrt(self.dim)
        return (states @ self.weight().T).float() * scale

    def mean(self, logits: Tensor) -> Tensor:
        """x̂_0 ``(…, e)``: the embedding that is expected under logits ``(…, V)``."""
        return (logits.softmax(dim=-1) @ self.weight()).float()

"""D: the decoder, one pass from the denoised embedding to D_s."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.config import ModelConfig
from model.layers import Context, Spans, Stack


class Decoder(nn.Module):
    """D(x̂_0, E_s): attends over the whole denoised program and the request at once."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input = nn.Linear(config.embedding_dim, config.dim)
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.stack = Stack(config.decoder_layers, config.dim, config.num_heads, config.dropout)
        self.output = nn.Linear(config.dim, config.embedding_dim)

    def context(self, states: Tensor, mask: Tensor | Spans) -> Context:
        """What D reads of E_s ``(B, S, D)``, once a request."""
        return self.stack.context(states, mask)

    def forward(self, x_0: Tensor, context: Context) -> Tensor:
        """D_s ``(B, K, L, e)`` of x̂_0 ``(B, K, L, e)``."""
        x = self.input(x_0) + self.positions
        found: Tensor = self.output(self.stack(x, context))
        return found

"""D: the decoder, one pass from the denoised embedding to D_s."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.config import ModelConfig
from model.encoder import Encoded
from model.layers import Context, Stack
from model.pointer import Pointer


class Decoder(nn.Module):
    """D(x̂_0, E_s): attends over the whole denoised program and the request at once."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input = nn.Linear(config.embedding_dim, config.dim)
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.stack = Stack(config.decoder_layers, config.dim, config.num_heads, config.dropout)
        self.output = nn.Linear(config.dim, config.embedding_dim)
        self.pointer = Pointer(config.dim, config.vocab_size)

    def context(self, encoded: Encoded) -> Context:
        """What D reads of a request, once for all draws and steps."""
        keys = self.pointer.keys(encoded.symbols)
        return self.stack.context(encoded.states, encoded.mask, keys)

    def forward(self, x_0: Tensor, context: Context) -> tuple[Tensor, Tensor]:
        """D_s ``(B, K, L, e)`` of x̂_0 of that shape, and the pointer's scores ``(B, K, L, V)``."""
        x = self.input(x_0) + self.positions
        states = self.stack(x, context)
        return self.output(states), self.pointer(states, context)

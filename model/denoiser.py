"""N: the denoiser, a transformer over x_t that reads the request and the time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.config import ModelConfig
from model.encoder import Encoded
from model.layers import Context, Stack, sinusoids
from model.pointer import Pointer


class Denoiser(nn.Module):
    """N(x_t, t, E_s), with its own last estimate of x_0 beside x_t.

    The estimate is self-conditioning (Chen et al. 2023, "Analog bits"); zeros where there is none.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        dim = config.dim
        self.scale = 1000 / config.num_train_timesteps
        self.input = nn.Linear(2 * config.embedding_dim, dim)
        self.positions = nn.Parameter(torch.randn(config.length, dim) * 0.02)
        self.time = nn.Sequential(nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.stack = Stack(config.denoiser_layers, dim, config.num_heads, config.dropout)
        self.output = nn.Linear(dim, config.embedding_dim)
        self.pointer = Pointer(dim, config.vocab_size)

    def context(self, encoded: Encoded) -> Context:
        """What N reads of a request, once for all draws and steps."""
        keys = self.pointer.keys(encoded.symbols)
        return self.stack.context(encoded.states, encoded.mask, keys)

    def forward(
        self, x_t: Tensor, timesteps: Tensor, context: Context, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """States ``(B, K, L, e)`` and the pointer's scores ``(B, K, L, V)``.

        ``x_t`` and the ``previous`` x̂_0 are ``(B, K, L, e)``, timesteps ``(B, K)``.
        """
        time = self.time(sinusoids(timesteps * self.scale, self.positions.shape[-1]))
        x = self.input(torch.cat([x_t, previous], dim=-1)) + self.positions + time[:, :, None]
        states = self.stack(x, context)
        return self.output(states), self.pointer(states, context)

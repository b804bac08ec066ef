"""The square-root noise schedule, with noise made stronger than the standard.

Forward: ``x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε`` with ``ᾱ_t = 1 − √(t/T + 1e-4)`` (CodeFusion's and
Diffusion-LM's schedule). Tokens stay readable under that much noise for most of the schedule, so
that a denoiser learns to copy; the noise is therefore scaled by F: ``ᾱ ← ᾱ / (F² − (F² − 1) ᾱ)``
(Difformer, Gao et al. 2022, 4.3), the same as noise of F times the size, renormalised.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from grammar.errors import ModelError

SMALLEST = 1e-5
"""ᾱ is held above this, since the schedule reaches below 0 at its last step."""


@dataclass(frozen=True)
class SchedulerOutput:
    """``prev_sample`` is x at the next timestep, ``pred_original_sample`` is x̂_0."""

    prev_sample: Tensor
    pred_original_sample: Tensor


class SqrtScheduler:
    """The schedule, forwards (``add_noise``) and backwards (``step``).

    Timesteps are floats from 0 (no noise) to ``num_train_timesteps`` (noise alone).
    """

    def __init__(self, num_train_timesteps: int = 1000, noise_factor: float = 4.0) -> None:
        if noise_factor < 1:
            raise ModelError(f"noise_factor is at least 1; {noise_factor} given")
        self.num_train_timesteps = num_train_timesteps
        self.noise_factor = noise_factor
        self.timesteps = torch.empty(0)

    def alphas_cumprod(self, timesteps: Tensor) -> Tensor:
        """ᾱ_t of any shape of timesteps, in (0, 1]."""
        fraction = timesteps.float() / self.num_train_timesteps
        plain = (1 - torch.sqrt(fraction + 1e-4)).clamp(SMALLEST, 1)
        square = self.noise_factor**2
        return plain / (square - (square - 1) * plain)

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """x_t of x_0 ``(…, L, e)`` and standard noise of that shape; timesteps ``(…)``."""
        alpha = self.alphas_cumprod(timesteps)[..., None, None]
        return alpha.sqrt() * original_samples + (1 - alpha).sqrt() * noise

    def noise_weight(self, timesteps: Tensor, least: float = 0.1) -> Tensor:
        """Weight of ‖x_0 − x̂_0‖² that makes it ‖ε − ε̂‖², kept within [least, 1].

        With ε̂ = (x_t − √ᾱ x̂_0)/√(1 − ᾱ) the two errors differ by the factor ᾱ/(1 − ᾱ).
        """
        alpha = self.alphas_cumprod(timesteps)
        return (alpha / (1 - alpha)).clamp(least, 1)

    def set_timesteps(self, num_inference_steps: int) -> None:
        """Set ``timesteps``: from T down in equal steps, never as far as 0.

        Raises:
            ModelError: fewer than one step.
        """
        if num_inference_steps < 1:
            raise ModelError(f"sampling takes at least one step; {num_inference_steps} given")
        steps = torch.arange(num_inference_steps, 0, -1, dtype=torch.float32)
        self.timesteps = steps * self.num_train_timesteps / num_inference_steps

    def previous_timestep(self, timestep: float) -> float:
        """The timestep after this one in ``timesteps``, 0 after the last."""
        stride = self.num_train_timesteps / len(self.timesteps)
        return timestep - stride if timestep > 1.5 * stride else 0.0

    def step(
        self, model_output: Tensor, timestep: float, sample: Tensor, noise: Tensor | None = None
    ) -> SchedulerOutput:
        """One step back from ``timestep``, given x̂_0 as ``model_output``.

        With ``noise``, x̂_0 is noised again with it; without, the noise that x_t implies is kept
        (DDIM, Song et al. 2021, equation 12 at η = 0), which tends to land between modes.
        """
        previous = torch.tensor(self.previous_timestep(timestep), device=sample.device)
        if previous == 0:
            return SchedulerOutput(model_output, model_output)
        if noise is None:
            noise = self.implied_noise(model_output, timestep, sample)
        return SchedulerOutput(self.add_noise(model_output, noise, previous), model_output)

    def implied_noise(self, model_output: Tensor, timestep: float, sample: Tensor) -> Tensor:
        """ε̂ of x_t and x̂_0: ``(x_t − √ᾱ x̂_0) / √(1 − ᾱ)``."""
        alpha = self.alphas_cumprod(torch.tensor(timestep, device=sample.device))
        return (sample - alpha.sqrt() * model_output) / (1 - alpha).sqrt()

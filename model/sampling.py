"""Many candidate programs at once, and their scores.

Every request has its own generator, so that its candidates do not depend on what else is in the
batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from model.candidates import Candidate, Program, collect
from model.codefusion import Diffusion, Encoded, RuleModel
from model.steps import OnStep
from model.vocabulary import PAD

Estimate = tuple[Tensor, Tensor]
"""x̂_0 ``(B, K, L, e)`` and the logits that it is the mean of."""
SCORE_LEVELS = (0.4, 0.6, 0.8, 1.0)
"""Shares of the schedule at which a candidate is noised to be scored."""


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One generator a request."""
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def noise_like(rngs: list[torch.Generator], shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Standard noise ``(B, *shape)``, each request's from its own generator."""
    return torch.stack([torch.randn(shape, generator=rng) for rng in rngs]).to(device)


@torch.no_grad()
def denoising(
    model: Diffusion,
    encoded: Encoded,
    seeds: Sequence[int],
    num_inference_steps: int,
    count: int,
    renoise: bool = True,
) -> Iterator[Estimate]:
    """x̂_0 and N's logits after every step from ``count`` draws of noise a request.

    ``seeds`` holds one number a request. ``renoise`` noises x̂_0 afresh at every step; without it
    the steps are DDIM's.
    """
    device = encoded.states.device
    rngs = generators(seeds)
    shape = (count, model.config.length, model.config.embedding_dim)
    context = model.denoiser.context(encoded.states, encoded.mask)
    x_t = noise_like(rngs, shape, device)
    x_0 = torch.zeros_like(x_t)
    scheduler = model.scheduler
    scheduler.set_timesteps(num_inference_steps)
    for timestep in scheduler.timesteps.tolist():
        times = torch.full(x_t.shape[:2], timestep, device=device)
        x_0, logits = model.denoise(x_t, times, context, x_0)
        yield x_0, logits
        fresh = noise_like(rngs, shape, device) if renoise else None
        x_t = scheduler.step(x_0, timestep, x_t, fresh).prev_sample


@torch.no_grad()
def sample_logits(
    model: Diffusion,
    encoded: Encoded,
    seeds: Sequence[int],
    num_inference_steps: int = 5,
    count: int = 8,
    renoise: bool = True,
) -> Tensor:
    """H's logits ``(B, count, L, V)`` after denoising ``count`` draws of noise a request."""
    steps = denoising(model, encoded, seeds, num_inference_steps, count, renoise)
    [(x_0, logits)] = deque(steps, maxlen=1)
    return model.read(x_0, encoded, logits)


@torch.no_grad()
def sample_each(
    model: Diffusion,
    encoded: Sequence[Encoded],
    seed: int,
    num_inference_steps: int,
    count: int,
    on_step: OnStep | None = None,
) -> list[Tensor]:
    """H's logits ``(count, L, V)`` of every request, each denoised by itself, step by step.

    Without padding and without company a request gets the same numbers whoever else asks.
    ``on_step`` is told what H reads after every step, at the price of one more pass of D each; the
    result is the same.
    """
    runs = [denoising(model, each, [seed], num_inference_steps, count) for each in encoded]
    states: Sequence[Estimate] = ()
    for step, states in enumerate(zip(*runs, strict=True), 1):
        if on_step:
            on_step(step, torch.cat(_read(model, encoded, states)))
    return [logits[0] for logits in _read(model, encoded, states)]


def _read(model: Diffusion, encoded: Sequence[Encoded], states: Sequence[Estimate]) -> list[Tensor]:
    """H's logits ``(1, count, L, V)`` of every request's x̂_0."""
    pairs = zip(encoded, states, strict=True)
    return [model.read(x_0, each, logits) for each, (x_0, logits) in pairs]


def sample(
    model: RuleModel,
    encoded: Encoded,
    seeds: Sequence[int],
    num_inference_steps: int = 5,
    count: int = 8,
    least: int = 5,
) -> list[list[Candidate]]:
    """Distinct candidates of every request, by votes and then likelihood.

    ``seeds`` holds one number a request. Peers that do not sample noise propose in their own way.
    """
    if not isinstance(model, Diffusion):
        return model.propose(encoded, least)
    logits = sample_logits(model, encoded, seeds, num_inference_steps, count)
    return [collect(each, least) for each in logits.log_softmax(dim=-1)]


@torch.no_grad()
def score(
    model: Diffusion,
    encoded: Encoded,
    sequences: Sequence[Sequence[Program]],
    seed: int = 0,
    levels: Sequence[float] = SCORE_LEVELS,
) -> list[list[float]]:
    """Mean log p_H of every request's candidates, re-noised at several levels and denoised.

    All candidates of all requests meet the same noise, so that their scores differ by the programs
    alone: an ELBO but for its constants.
    """
    width = max(len(each) for each in sequences)
    if width == 0:
        return [[] for _ in sequences]
    programs = padded(sequences, width, model.config.length).to(encoded.states.device)
    found = level_scores(model, encoded, programs, seed, levels).mean(dim=-1)
    return [row[: len(each)].tolist() for row, each in zip(found, sequences, strict=True)]


def padded(sequences: Sequence[Sequence[Program]], width: int, length: int) -> Tensor:
    """Programs as ``(B, width, L)`` int64, empty places all pads."""
    rows = torch.full((len(sequences), width, length), PAD)
    for i, candidates in enumerate(sequences):
        for j, program in enumerate(candidates):
            rows[i, j, : len(program)] = torch.tensor(program, dtype=torch.long)
    return rows


def level_scores(
    model: Diffusion, encoded: Encoded, programs: Tensor, seed: int, levels: Sequence[float]
) -> Tensor:
    """log p_H ``(B, C, levels)`` of programs ``(B, C, L)``, each denoised from every level."""
    batch, candidates, length = programs.shape
    x_0 = model.embedding(programs)[:, :, None].expand(-1, -1, len(levels), -1, -1)
    noise = torch.randn(
        (len(levels), *x_0.shape[-2:]), generator=torch.Generator().manual_seed(seed)
    ).to(x_0.device)
    times = torch.tensor(levels, device=x_0.device) * model.scheduler.num_train_timesteps
    times = times.expand(batch, candidates, -1)
    x_t = model.scheduler.add_noise(x_0, noise.expand_as(x_0), times).flatten(1, 2)
    context = model.denoiser.context(encoded.states, encoded.mask)
    denoised, logits = model.denoise(x_t, times.flatten(1, 2), context, torch.zeros_like(x_t))
    read = model.read(denoised, encoded, logits).log_softmax(-1)
    read = read.view(batch, candidates, len(levels), length, -1)
    wanted = programs[:, :, None, :, None].expand(-1, -1, len(levels), -1, -1)
    counted = (programs == PAD).cumsum(-1) <= 1
    return (read.gather(-1, wanted)[..., 0] * counted[:, :, None]).sum(-1)

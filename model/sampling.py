"""Many candidate programs at once, and their scores.

Every request has its own generator, so that its candidates do not depend on what else is in the
batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.codefusion import PAD, Diffusion, Encoded, RuleModel

SCORE_LEVELS = (0.4, 0.6, 0.8, 1.0)
"""Shares of the schedule at which a candidate is noised to be scored."""


@dataclass(frozen=True)
class Candidate:
    """A program up to its first pad, log p under H, and the share of the seeds that gave it."""

    tokens: tuple[int, ...]
    log_likelihood: float
    votes: float


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One generator a request."""
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def noise_like(rngs: list[torch.Generator], shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Standard noise ``(B, *shape)``, each request's from its own generator."""
    return torch.stack([torch.randn(shape, generator=rng) for rng in rngs]).to(device)


@torch.no_grad()
def sample_logits(
    model: Diffusion,
    encoded: Encoded,
    seeds: Sequence[int],
    num_inference_steps: int = 5,
    count: int = 8,
    renoise: bool = True,
) -> Tensor:
    """H's logits ``(B, count, L, V)`` after denoising ``count`` draws of noise a request.

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
    logits = torch.empty(0)
    for timestep in scheduler.timesteps.tolist():
        times = torch.full(x_t.shape[:2], timestep, device=device)
        x_0, logits = model.denoise(x_t, times, context, x_0)
        fresh = noise_like(rngs, shape, device) if renoise else None
        x_t = scheduler.step(x_0, timestep, x_t, fresh).prev_sample
    return model.read(x_0, encoded, logits)


def sample(
    model: RuleModel,
    encoded: Encoded,
    seeds: Sequence[int],
    num_inference_steps: int = 5,
    count: int = 8,
    least: int = 5,
) -> list[list[Candidate]]:
    """Distinct candidates of every request, by votes and then likelihood.

    Where fewer than ``least`` differ, H's second choices at the least certain places are added,
    without votes.
    """
    if not isinstance(model, Diffusion):
        raise TypeError(f"{type(model).__name__} is sampled by its own method")
    logits = sample_logits(model, encoded, seeds, num_inference_steps, count)
    return [collect(each, least) for each in logits.log_softmax(dim=-1)]


def collect(log_probabilities: Tensor, least: int = 0) -> list[Candidate]:
    """Distinct candidates of one request from ``(count, L, V)`` log-probabilities."""
    best = log_probabilities.argmax(dim=-1).tolist()
    programs = [trim(row) for row in best]
    found = {program: programs.count(program) / len(programs) for program in programs}
    for program in variations(log_probabilities, max(least - len(found), 0)):
        found.setdefault(program, 0.0)
    mean = log_probabilities.logsumexp(dim=0) - torch.tensor(float(len(programs))).log()
    likelihoods = {program: likelihood(mean, program) for program in found}
    ordered = sorted(found, key=lambda program: (-found[program], -likelihoods[program], program))
    return [Candidate(program, likelihoods[program], found[program]) for program in ordered]


def variations(log_probabilities: Tensor, count: int) -> list[tuple[int, ...]]:
    """Programs with H's next choice at one place, the likeliest exchanges first."""
    if count == 0:
        return []
    mean = log_probabilities.logsumexp(dim=0)
    values, tokens = mean.topk(3, dim=-1)
    program = tokens[:, 0].tolist()
    end = min(len(trim(program)) + 1, len(program))
    losses = [
        (float(values[place, 0] - values[place, rank]), place, rank)
        for place in range(end)
        for rank in (1, 2)
    ]
    exchanged = []
    for _, place, rank in sorted(losses)[: count + 1]:
        row = list(program)
        row[place] = int(tokens[place, rank])
        exchanged.append(trim(row))
    return [trim(program), *exchanged]


def trim(tokens: Sequence[int]) -> tuple[int, ...]:
    """The tokens before the first pad."""
    row = tuple(tokens)
    return row[: row.index(PAD)] if PAD in row else row


def likelihood(log_probabilities: Tensor, program: tuple[int, ...]) -> float:
    """log p of a program and of the pad that ends it, under ``(L, V)`` log-probabilities."""
    ended = [*program, PAD][: len(log_probabilities)]
    return float(log_probabilities[range(len(ended)), ended].sum())


@torch.no_grad()
def score(
    model: Diffusion,
    encoded: Encoded,
    sequences: Sequence[Sequence[tuple[int, ...]]],
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


def padded(sequences: Sequence[Sequence[tuple[int, ...]]], width: int, length: int) -> Tensor:
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

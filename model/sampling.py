"""Many candidate programs at once.

Every request has its own generator, so that its candidates do not depend on what else is in the
batch. :func:`sample_each` lays requests of any length end to end, as answering
needs them; training and the peers have padded batches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from model.candidates import Candidate, collect
from model.codefusion import Diffusion, RuleModel
from model.encoder import Encoded
from model.steps import OnStep
from model.together import end_to_end

Estimate = tuple[Tensor, Tensor]
"""x̂_0 ``(B, K, L, e)`` and the logits that it is the mean of."""


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One generator a request."""
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def noise_for(encoded: Encoded, rngs: list[torch.Generator], shape: tuple[int, ...]) -> Tensor:
    """Standard noise ``(B, K, L, e)``, each request's ``shape`` from its own generator.

    The draws of requests that lie end to end are those of one row.
    """
    found = torch.stack([torch.randn(shape, generator=rng) for rng in rngs])
    return found.view(len(encoded.states), -1, *shape[1:]).to(encoded.states.device)


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
    rngs = generators(seeds)
    shape = (count, model.config.length, model.config.embedding_dim)
    context = model.denoiser.context(encoded)
    x_t = noise_for(encoded, rngs, shape)
    x_0 = torch.zeros_like(x_t)
    scheduler = model.scheduler
    scheduler.set_timesteps(num_inference_steps)
    for timestep in scheduler.timesteps.tolist():
        times = x_t.new_full((1, 1), timestep)
        x_0, logits = model.denoise(x_t, times, context, x_0)
        yield x_0, logits
        fresh = noise_for(encoded, rngs, shape) if renoise else None
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
    """H's logits ``(count, L, V)`` of every request ``(1, S, D)``, all denoised in one batch.

    A request gets the same numbers whoever else asks. ``on_step`` is told what H reads after every
    step, at the price of one more pass of D each; the result is the same.
    """
    requests = len(encoded)
    together = end_to_end(encoded, count * model.config.length)
    found = torch.empty(0)
    steps = denoising(model, together, [seed] * requests, num_inference_steps, count)
    for step, (x_0, logits) in enumerate(steps, 1):
        if on_step or step == num_inference_steps:
            read = model.read(x_0, together, logits)
            found = read.view(requests, count, *read.shape[2:])
        if on_step:
            on_step(step, found)
    return list(found)


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

"""The noise schedule: forwards and backwards."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grammar.errors import ModelError
from model.scheduler import SqrtScheduler

factors = st.floats(1, 8)
timesteps = st.floats(0, 1000)


@given(factors, timesteps, timesteps)
def test_alphas_fall_with_time(factor: float, one: float, other: float) -> None:
    """A later timestep never keeps more of the sample."""
    early, late = sorted((one, other))
    scheduler = SqrtScheduler(1000, factor)
    alphas = scheduler.alphas_cumprod(torch.tensor([early, late]))
    assert alphas[0] >= alphas[1]
    assert 0 < float(alphas[1]) <= float(alphas[0]) <= 1


@given(timesteps)
def test_the_plain_schedule_is_the_papers(timestep: float) -> None:
    """Without extra noise ᾱ is 1 − √(t/T + 1e-4), as far as that is positive."""
    found = float(SqrtScheduler(1000, 1.0).alphas_cumprod(torch.tensor(timestep)))
    assert found == pytest.approx(max(1 - (timestep / 1000 + 1e-4) ** 0.5, 1e-5), abs=1e-5)


@given(st.floats(1, 8), st.floats(0, 990))
def test_the_factor_scales_the_noise(factor: float, timestep: float) -> None:
    """The ratio of noise to sample is the plain one, F times as large."""
    time = torch.tensor(timestep)
    plain = SqrtScheduler(1000, 1.0).alphas_cumprod(time).double()
    strong = SqrtScheduler(1000, factor).alphas_cumprod(time).double()
    ratio = ((1 - strong) / strong) / ((1 - plain) / plain)
    assert float(ratio) == pytest.approx(factor**2, rel=1e-2)


@given(st.integers(1, 50))
def test_timesteps_start_at_pure_noise_and_never_reach_zero(steps: int) -> None:
    """Inference takes the asked number of steps down from T."""
    scheduler = SqrtScheduler(1000)
    scheduler.set_timesteps(steps)
    assert len(scheduler.timesteps) == steps
    assert scheduler.timesteps[0] == 1000
    assert float(scheduler.timesteps.min()) > 0


@given(timesteps, st.integers(0, 1000))
def test_noise_keeps_the_variance(timestep: float, seed: int) -> None:
    """A sample of unit variance keeps it under any noise."""
    rng = torch.Generator().manual_seed(seed)
    clean, noise = torch.randn(2, 200, 100, generator=rng)
    noised = SqrtScheduler(1000).add_noise(clean, noise, torch.tensor(timestep))
    assert float(noised.var()) == pytest.approx(1, abs=0.05)


def test_a_ddim_step_keeps_the_implied_noise() -> None:
    """Without fresh noise, a step from the true x_0 is the forward process at the next time."""
    scheduler = SqrtScheduler(1000, 2.0)
    scheduler.set_timesteps(4)
    clean, noise = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    sample = scheduler.add_noise(clean, noise, torch.tensor(750.0))
    stepped = scheduler.step(clean, 750.0, sample)
    wanted = scheduler.add_noise(clean, noise, torch.tensor(500.0))
    torch.testing.assert_close(stepped.prev_sample, wanted, atol=1e-4, rtol=1e-4)


def test_a_renoised_step_uses_the_noise_given() -> None:
    """With fresh noise, a step is x̂_0 noised with it."""
    scheduler = SqrtScheduler(1000)
    scheduler.set_timesteps(2)
    clean, sample, fresh = torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(1))
    stepped = scheduler.step(clean, 1000.0, sample, fresh)
    wanted = scheduler.add_noise(clean, fresh, torch.tensor(500.0))
    torch.testing.assert_close(stepped.prev_sample, wanted)


def test_the_last_step_gives_the_estimate_itself() -> None:
    """No noise is left after the last timestep."""
    scheduler = SqrtScheduler(1000)
    scheduler.set_timesteps(1)
    clean = torch.ones(2, 3)
    stepped = scheduler.step(clean, 1000.0, torch.zeros(2, 3), torch.randn(2, 3))
    assert torch.equal(stepped.prev_sample, clean)
    assert torch.equal(stepped.pred_original_sample, clean)


@given(st.lists(timesteps, min_size=1, max_size=8))
def test_the_noise_weight_is_bounded(times: list[float]) -> None:
    """The weight of the noise term stays between its least value and 1."""
    weight = SqrtScheduler(1000, 1.0).noise_weight(torch.tensor(times))
    assert float(weight.min()) >= 0.1 - 1e-6
    assert float(weight.max()) <= 1


def test_senseless_settings_are_refused() -> None:
    """Noise weaker than standard, or no steps at all, are errors."""
    with pytest.raises(ModelError, match="noise_factor"):
        SqrtScheduler(1000, 0.5)
    with pytest.raises(ModelError, match="at least one step"):
        SqrtScheduler(1000).set_timesteps(0)

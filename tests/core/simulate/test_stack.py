"""Stacks: closure, sign, decay, and the pairs of dates."""

from __future__ import annotations

import math

import pytest
import torch
from fringelens.core.simulate.detected import detected_pair
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.stack import Site, Stack, Weather, acquire, interfere, network

DAYS = (0.0, 12.0, 24.0, 48.0, 60.0)
STILL = Weather(0.0, 0.0, 0.0, 0.0)


def site(size: int = 64) -> Site:
    draw = Draw(torch.Generator().manual_seed(9))
    plane = torch.ones(size, size)
    return Site(
        elevation=plane * 100 + torch.arange(size) * 10.0,
        elevation_error=3.0 * draw.normal(size, size),
        velocity=-30.0 * plane,
        seasonal=2.0 * plane,
        power=plane,
        instant_coherence=0.9 * plane,
        lasting_coherence=0.2 * plane,
        decay_days=20.0 * plane,
        wavelength=0.0555,
        slant_range=880e3,
        incidence=math.radians(39),
    )


def make(weather: Weather | None = None, seed: int = 0) -> tuple[Draw, Stack]:
    draw = Draw(torch.Generator().manual_seed(seed))
    return draw, acquire(draw, site(), DAYS, weather)


def test_noise_free_phases_close_around_every_triangle() -> None:
    draw, stack = make()
    made = interfere(draw, site(), stack, [(0, 1), (1, 2), (0, 2), (2, 4), (0, 4)], looks=4)
    u = made.unwrapped
    assert (u[0] + u[1] - u[2]).abs().max() < 1e-6
    assert (u[2] + u[3] - u[4]).abs().max() < 1e-6
    assert u[0].std() > 0.1


def test_atmosphere_belongs_to_dates_and_not_to_pairs() -> None:
    _, stack = make(Weather(turbulence=6.0, stratified=0.0, ramp=0.0, baseline=0.0))
    delay = stack.delay
    assert delay.std(dim=(1, 2)).mean().item() == pytest.approx(6.0, rel=1e-3)
    assert not torch.allclose(delay[0], delay[1])


def test_subsidence_has_rising_phase_and_the_rate_asked_for() -> None:
    draw, stack = make(STILL)
    unwrapped = interfere(draw, site(), stack, [(0, 4)], looks=4).unwrapped
    years = 60 / 365.25
    moved = -30.0 * years + 2.0 * math.sin(2 * math.pi * years)
    assert unwrapped.mean().item() == pytest.approx(-4e-3 * math.pi / 0.0555 * moved, rel=1e-4)
    assert unwrapped.mean() > 0


def test_baselines_turn_elevation_errors_into_phase() -> None:
    _, stack = make(Weather(0.0, 0.0, 0.0, 100.0))
    slope = 4 * math.pi / (0.0555 * 880e3 * math.sin(math.radians(39)))
    part = stack.phase[1] - stack.phase[0]
    expected = slope * (stack.baselines[1] - stack.baselines[0]).double() * site().elevation_error.double()
    torch.testing.assert_close(part - part.mean(), expected - expected.mean(), atol=1e-4, rtol=1e-3)


def test_coherence_decays_with_the_days_between_and_the_phase_is_that_of_the_pair() -> None:
    draw, stack = make()
    made = interfere(draw, site(), stack, [(0, 1), (0, 4)], looks=10)
    expected = [0.7 * math.exp(-days / 20) + 0.2 for days in (12, 60)]
    assert made.true_coherence.mean(dim=(1, 2)).tolist() == pytest.approx(expected, rel=1e-4)
    error = torch.angle(made.interferogram[0] * torch.polar(torch.ones(64, 64), -made.unwrapped[0].float()))
    assert error.abs().mean() < 0.4
    assert made.coherence_estimate[0].mean() > made.coherence_estimate[1].mean()


def test_network_joins_each_date_to_the_next_ones_within_reach() -> None:
    assert network([24.0, 0.0, 12.0, 100.0], longest=24.0) == [(1, 2), (1, 0), (2, 0)]
    assert network([0.0, 6.0, 12.0, 18.0], longest=99.0, most=1) == [(0, 1), (1, 2), (2, 3)]


def test_intensities_of_one_look_correlate_by_the_squared_coherence() -> None:
    draw = Draw(torch.Generator().manual_seed(0))
    plane = torch.ones(1, 256, 256)
    one = torch.tensor([1.0])
    first, second = detected_pair(draw, 0.7 * plane, plane, one, one)
    correlation = torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1]
    assert correlation.item() == pytest.approx(0.49, abs=0.03)

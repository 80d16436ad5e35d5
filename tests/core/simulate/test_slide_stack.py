"""Stacks for measuring: dates and spans, phase away from the satellite, loops that close but for noise."""

import math

import pytest
import torch
from fringelens.core.simulate.geometry import phase_per_mm
from fringelens.core.simulate.slide_stack import WAVELENGTH, SlideStack, SlideStackOptions

OPTIONS = SlideStackOptions(side=250, interferograms=8, looks=1e9)


@pytest.fixture
def stack(generator):
    made = SlideStack(OPTIONS, generator, None)
    made.mean_coherence = torch.full_like(made.mean_coherence, 0.9)
    return made


def test_every_pair_of_dates_is_there_once_and_spans_are_short(stack):
    made = list(stack.interferograms())
    assert len(made) == 8
    assert len({(one.first, one.second) for one in made}) == 8
    assert {one.days for one in made} == {12, 24, 36}


def test_phase_closes_around_three_dates_where_there_is_no_noise(stack):
    by_pair = {pair: one.phase for pair, one in zip(stack.pairs, stack.interferograms(), strict=True)}
    loop = by_pair[0, 1] + by_pair[1, 2] - by_pair[0, 2]
    assert torch.angle(torch.exp(1j * loop)).abs().max() < 0.01


def test_phase_is_that_of_the_motion_where_the_air_is_still(stack):
    stack._air[:] = 0
    stack.rate = torch.full_like(stack.rate, 30.0)
    one = next(stack.interferograms())
    expected = phase_per_mm(WAVELENGTH) * 30.0 * one.days / 365.25
    assert math.copysign(1, expected) == -1  # toward the satellite the phase falls
    torch.testing.assert_close(one.phase, torch.full_like(one.phase, expected), atol=2e-3, rtol=0)


def test_noise_is_that_of_the_looks(generator):
    stack = SlideStack(SlideStackOptions(side=250, interferograms=3, looks=20.0), generator, None)
    stack._air[:], stack.rate[:] = 0, 0
    stack.mean_coherence[:] = 0.8
    one = next(stack.interferograms())
    value = float(stack.coherence_after(one.days)[0, 0])
    assert one.phase.std().item() == pytest.approx(math.sqrt((1 - value**2) / 40) / value, rel=0.05)


def test_landslides_have_numbers_and_move(generator):
    stack = SlideStack(SlideStackOptions(side=500, interferograms=3), generator, None)
    moving = stack.owner > 0
    assert moving.any()
    assert (stack.rate[~moving].abs() < 1.0).float().mean() > 0.99
    assert stack.rate[moving].abs().max() > 1.0

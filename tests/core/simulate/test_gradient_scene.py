"""Simulated stacks of gradients: their statistics are those of real stacks, their truth is consistent."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from fringelens.core.phase.gradient_stack import GradientSums, span_classes
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.geometry import phase_per_mm
from fringelens.core.simulate.gradient_ground import scattered
from fringelens.core.simulate.gradient_scene import (
    GradientOptions,
    difference,
    likeness,
    scattering,
    simulate,
)
from fringelens.core.simulate.slides import EDGE, MOST
from fringelens.core.simulate.stack import Site, Weather, acquire, interfere, network

SIDE, STEP, LOOKS, COHERENCE = 72, 3, 6.0, 0.6
STILL = Weather(turbulence=0.0, stratified=0.0, ramp=0.0, baseline=0.0)


def real_stack(generator, velocity):
    """Gradients (2, rows, columns) and coherence of a little stack of interferograms; how many, and mean span years."""
    flat = torch.zeros(SIDE, SIDE)
    site = Site(
        flat, flat, velocity, flat, flat + 1.0, flat + COHERENCE, flat + COHERENCE, flat + 50.0, 0.0555, 850e3, 0.65
    )
    draw = Draw(generator)
    days = [12.0 * index for index in range(12)]
    pairs = network(days, 36.0)
    made = interfere(draw, site, acquire(draw, site, days, STILL), pairs, LOOKS, oversampling=1.0)
    spans = [int(days[second] - days[first]) for first, second in pairs]
    members, lengths = span_classes(spans)
    sums = GradientSums((SIDE, SIDE), lengths, STEP)
    for phase, member in zip(made.interferogram, members, strict=True):
        sums.add(phase.numpy(), np.ones((SIDE, SIDE), bool), member)
    stacked = sums.solve(1, (slice(STEP, -STEP), slice(STEP, -STEP)))
    years = math.sqrt(sum((span / 365.25) ** 2 for span in spans) / len(spans))
    return np.stack((stacked.x, stacked.y)), stacked.coherence, len(pairs), years


def test_noise_and_coherence_are_those_of_a_stack_of_interferograms(generator):
    gradient, coherence, count, years = real_stack(generator, torch.zeros(SIDE, SIDE))
    similar = likeness(torch.full((1, SIDE, SIDE), COHERENCE), torch.tensor([LOOKS]), STEP)
    scatter = scattering(similar, torch.tensor(float(count)))
    expected = float((scatter / math.sqrt(2) / similar).mean()) / (2 * STEP * years)
    assert gradient.std() == pytest.approx(expected, rel=0.15)
    length = float((similar.square() + scatter.square()).sqrt().mean())
    assert coherence.mean() == pytest.approx(length, abs=0.05)


def test_gradient_of_a_moving_body_is_that_of_a_stack_of_interferograms(generator):
    y, x = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    rate = 60.0 * torch.exp(-((x - 36.0) ** 2 + (y - 30.0) ** 2) / (2 * 8.0**2))
    gradient, _, _, _ = real_stack(generator, rate)
    expected = difference(rate[None] * phase_per_mm(0.0555), STEP)[0] / (2 * STEP)
    inner = expected[:, STEP:-STEP, STEP:-STEP].numpy()
    slope = (gradient * inner).sum() / (inner**2).sum()
    assert slope == pytest.approx(1.0, abs=0.03)


@pytest.fixture(scope="module", params=["train", "held_out"])
def scene(request):
    return simulate(GradientOptions(4, 96, 96, request.param), torch.Generator().manual_seed(5))


def test_scenes_are_finite_and_nothing_stands_where_nothing_is_valid(scene):
    assert torch.isfinite(scene.gradient).all()
    assert not scene.gradient.abs().sum(1)[~scene.valid].any()
    assert ((scene.coherence >= 0) & (scene.coherence <= 1)).all()


def test_each_slide_has_a_body_and_a_speed_and_only_real_ones_are_observable(scene):
    for number in range(MOST):
        bodies = (scene.slides.owner == number + 1).flatten(1).any(1)
        assert torch.equal(bodies, scene.slides.speed[:, number] > 0)
    assert not scene.observable[scene.slides.speed == 0].any()


def test_slides_move_toward_the_satellite_as_their_slope_faces_it(scene):
    for index in range(len(scene.gradient)):
        for number in range(MOST):
            speed, seen = float(scene.slides.speed[index, number]), float(scene.slides.sensitivity[index, number])
            if speed and abs(seen) > 0.3:
                moved = scene.slides.rate[index][scene.slides.owner[index] == number + 1]
                assert math.copysign(1, float(moved.mean())) == math.copysign(1, seen)
                assert float(moved.abs().max()) <= speed * 1.2
    assert EDGE < 1


def test_the_same_seed_gives_the_same_scene():
    first, second = (simulate(GradientOptions(2, 64, 64), torch.Generator().manual_seed(9)) for _ in range(2))
    assert torch.equal(first.gradient, second.gradient)
    assert torch.equal(first.slides.owner, second.slides.owner)


def test_more_interferograms_show_more():
    few, many = (
        simulate(GradientOptions(6, 96, 96, interferograms=count), torch.Generator().manual_seed(3))
        for count in (15.0, 300.0)
    )
    there = (few.slides.speed > 0) & (few.snr > 0)
    assert torch.equal(few.slides.speed, many.slides.speed)
    assert float(many.snr[there].log().mean()) > float(few.snr[there].log().mean()) + 0.5


def test_clusters_of_odd_pixels_are_small_less_coherent_and_for_training_alone(generator):
    draw = Draw(generator)
    rate, kept, _ = scattered(draw, "train", 24, 160, 160)
    dimmed = (kept < 1).numpy()
    assert ((kept > 0) & (kept <= 1)).all()
    assert (rate.numpy()[dimmed] != 0).all()
    per_scene = dimmed.reshape(24, -1).mean(1)
    assert (per_scene == 0).any()
    assert 0 < per_scene.max() < 0.02
    _, held_out, _ = scattered(draw, "held_out", 24, 160, 160)
    assert (held_out == 1).all()

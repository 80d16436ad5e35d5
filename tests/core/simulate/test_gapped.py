"""Phase with gaps: the geometry of the paper, noise as wanted, gaps of the share and size that were asked for."""

import math

import numpy as np
import pytest
import torch
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.gapped import RAD_PER_METRE, differential, noisy, topographic
from fringelens.core.simulate.gaps import blobs, cut_from, distance_classes, random_pixels
from fringelens.core.simulate.phase_noise import phase_deviation_exact
from scipy import ndimage

SIDE = 96


@pytest.fixture
def draw(generator):
    return Draw(generator)


class Plane:
    """Terrain that rises by one metre a column."""

    tiles = ()

    def sample(self, draw, rows, cols, pixel):
        return torch.arange(cols).float().expand(len(pixel), rows, cols).clone()


def test_topographic_phase_is_that_of_the_papers_equation(draw):
    phase = topographic(draw, Plane(), SIDE, SIDE, torch.full((1,), 90.0), torch.ones(1), rough=False)
    expected = 4 * math.pi * 100.0 / (0.055 * 907e3 * math.sin(math.radians(42.1)))
    assert 2 * math.pi / expected == pytest.approx(167.3, abs=0.3)  # m of height per fringe
    slope = phase.unwrapped.diff(dim=2)
    torch.testing.assert_close(slope, torch.full_like(slope, expected), rtol=1e-3, atol=1e-4)
    assert pytest.approx(expected) == RAD_PER_METRE


@pytest.mark.parametrize(("coherence", "looks"), [(0.6, 9), (0.9, 4), (0.4, 1)])
def test_observed_phase_is_as_noisy_as_its_coherence_says(draw, coherence, looks):
    phase = torch.zeros(4, SIDE, SIDE)
    one = torch.ones(4)
    observed, estimate = noisy(draw, phase, torch.full_like(phase, coherence), looks * one, one)
    expected = float(phase_deviation_exact(np.array([coherence]), looks)[0])
    assert float(observed.angle().std()) == pytest.approx(expected, rel=0.05)
    torch.testing.assert_close(observed.abs(), torch.ones_like(phase))
    assert 0 <= float(estimate.min()) <= float(estimate.max()) <= 1


def test_differential_phase_has_no_topography_and_the_noise_it_tells_of(draw):
    phase = differential(draw, None, 3, SIDE, SIDE)
    assert (phase.topography == 0).all()
    assert phase.unwrapped.isfinite().all()
    assert (phase.observed * torch.polar(torch.ones_like(phase.unwrapped), -phase.unwrapped)).real.mean() > 0.3


@pytest.mark.parametrize("sigma", [2.0, 5.0])
def test_blobs_have_their_share_and_grow_with_sigma(draw, sigma):
    count = 8
    gap = blobs(draw, 256, 256, torch.full((count,), sigma), torch.full((count,), 0.4))
    assert float(gap.float().mean()) == pytest.approx(0.4, abs=0.02)
    depth = np.mean([ndimage.distance_transform_edt(g)[g].mean() for g in gap.numpy()])
    assert 0.4 * sigma < depth < 1.2 * sigma


def test_random_pixels_have_their_share(draw):
    gap = random_pixels(draw, 128, 128, torch.tensor([0.2, 0.7]))
    torch.testing.assert_close(gap.float().mean((1, 2)), torch.tensor([0.2, 0.7]), atol=0.02, rtol=0)


def test_windows_of_a_bank_come_from_it(draw):
    bank = torch.zeros(3, 80, 90, dtype=torch.bool)
    bank[1] = True
    cut = cut_from(draw, bank, 40, 32, 32)
    shares = cut.float().mean((1, 2))
    assert set(shares.tolist()) == {0.0, 1.0}


def test_distance_classes_count_rows_or_columns_to_the_nearest_known_pixel():
    gap = torch.ones(1, 41, 41, dtype=torch.bool)
    gap[0, 20, 20] = False
    classes = distance_classes(gap, (2, 5, 10))[0]
    row, column = torch.meshgrid(torch.arange(41), torch.arange(41), indexing="ij")
    distance = torch.maximum((row - 20).abs(), (column - 20).abs())
    expected = (distance > 0).long() + (distance > 2).long() + (distance > 5).long() + (distance > 10).long()
    torch.testing.assert_close(classes, expected)

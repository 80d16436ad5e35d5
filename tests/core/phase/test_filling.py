"""Classical ways to fill, against closed forms and direct solutions."""

import numpy as np
import pytest
import torch
from fringelens.core.phase.biharmonic import biharmonic_fill
from fringelens.core.phase.filling import expected_cosine, planes_of
from fringelens.core.phase.fringes import fringe_lines
from fringelens.core.phase.gaps import too_wide
from fringelens.core.phase.laplace import laplace_fill
from fringelens.core.phase.topographic import fringe_change
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve
from scipy.stats import vonmises


@pytest.fixture
def gap(rng):
    smooth = ndimage.gaussian_filter(rng.standard_normal((70, 90)), 3)
    return smooth > np.median(smooth)


def direct(values, gap):
    """Laplace's equation by a direct solver."""
    index = np.full(gap.shape, -1)
    index[gap] = np.arange(gap.sum())
    rows, columns, data, right = [], [], [], np.zeros(gap.sum(), complex)
    for i, j in zip(*np.nonzero(gap), strict=True):
        around = [(i + a, j + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        around = [(a, b) for a, b in around if 0 <= a < gap.shape[0] and 0 <= b < gap.shape[1]]
        row = index[i, j]
        rows, columns, data = [*rows, row], [*columns, row], [*data, len(around)]
        for place in around:
            if gap[place]:
                rows, columns, data = [*rows, row], [*columns, index[place]], [*data, -1]
            else:
                right[row] += values[place]
    filled = values.copy()
    filled[gap] = spsolve(sparse.csc_array((data, (rows, columns))), right)
    return filled


def test_laplace_agrees_with_a_direct_solver(rng, gap):
    signal = np.exp(1j * rng.uniform(-3, 3, gap.shape)).astype(np.complex64)
    np.testing.assert_allclose(laplace_fill(signal, ~gap, gap), direct(signal, gap), atol=1e-4)


def test_laplace_leaves_what_is_known_and_ignores_the_rest(rng, gap):
    signal = np.exp(1j * rng.uniform(-3, 3, gap.shape)).astype(np.complex64)
    absent = np.zeros_like(gap)
    absent[:, 40:44] = True
    filled = laplace_fill(signal, ~gap & ~absent, gap & ~absent)
    np.testing.assert_array_equal(filled[~gap & ~absent], signal[~gap & ~absent])
    left = laplace_fill(signal[:, :40], ~gap[:, :40], gap[:, :40])
    np.testing.assert_allclose(filled[:, :40], left, atol=1e-4)
    assert (filled[absent] == 0).all()


def test_laplace_of_nothing_known_is_zero():
    every = np.ones((8, 9), bool)
    assert (laplace_fill(np.ones((8, 9), np.complex64), ~every, every) == 0).all()


def test_a_thin_plate_carries_a_plane_across(gap):
    rows, columns = np.mgrid[:70, :90]
    plane = (0.7 * columns - 0.3 * rows).astype(np.float32)
    np.testing.assert_allclose(biharmonic_fill(plane, ~gap, gap), plane, atol=0.02)


def test_a_thin_plate_bends_less_than_any_other_filling(rng, gap):
    values = ndimage.gaussian_filter(rng.standard_normal(gap.shape), 4).astype(np.float32)
    filled = biharmonic_fill(values, ~gap, gap).astype(float)

    def bending(field):
        laplacian = np.zeros_like(field)
        laplacian[1:-1] += np.diff(field, 2, axis=0)
        laplacian[:, 1:-1] += np.diff(field, 2, axis=1)
        return (laplacian**2).sum()

    least = bending(filled)
    for _ in range(5):
        assert bending(filled + 0.01 * gap * rng.standard_normal(gap.shape)) > least


@pytest.mark.parametrize("radius", [4, 9.5, 20])
def test_a_round_gap_is_too_wide_from_its_own_diameter_on(radius):
    rows, columns = np.mgrid[:64, :64]
    gap = np.hypot(rows - 32, columns - 32) <= radius
    assert not too_wide(gap, 2 * radius + 3).any()
    wide = too_wide(gap, 2 * radius - 3)
    assert wide.sum() > 0.8 * gap.sum()
    assert not (wide & ~gap).any()


def test_arms_of_a_wide_gap_are_filled():
    gap = np.zeros((60, 90), bool)
    gap[10:50, 10:50] = True
    gap[28:32, 50:85] = True
    wide = too_wide(gap, 20)
    assert wide[30, 30]
    assert not wide[30, 60:].any()


def test_what_is_too_wide_depends_on_one_diameter_around(rng):
    gap = ndimage.gaussian_filter(rng.standard_normal((120, 140)), 5) > 0
    whole, part = too_wide(gap, 16), too_wide(gap[20:100, 20:120], 16)
    np.testing.assert_array_equal(whole[36:84, 36:104], part[16:-16, 16:-16])


@pytest.mark.parametrize("share", [0, 1])
def test_nothing_and_everything_are_plain(share):
    gap = np.full((5, 6), bool(share))
    np.testing.assert_array_equal(too_wide(gap, 3), gap)


def test_a_ramp_has_a_fringe_line_each_cycle():
    phase = np.angle(np.exp(1j * np.arange(64) * np.pi / 8))[None].repeat(3, 0).astype(np.float32)
    valid = np.ones(phase.shape, bool)
    assert fringe_lines(phase, valid).sum() == 3 * 4
    valid[1] = False
    assert fringe_lines(phase, valid).sum() == 2 * 4


def test_topography_of_the_wrong_sign_makes_more_fringes():
    slope = np.arange(50, dtype=np.float32)[None] * 0.6
    wrapped, valid = np.angle(np.exp(1j * slope)).astype(np.float32), np.ones((1, 50), bool)
    before, after = fringe_change(wrapped, slope, valid)
    assert after == pytest.approx(49)
    assert before == pytest.approx(49 * np.cos(0.6), rel=1e-4)
    assert fringe_change(wrapped, -slope, valid)[1] < before


def test_planes_hold_nothing_where_the_phase_is_not_known(rng):
    phase = rng.uniform(-3, 3, (5, 7)).astype(np.float32)
    known = phase > 0
    removed = np.full_like(phase, 0.4)
    planes = planes_of(phase, known, ~known, coherence=np.full_like(phase, 0.8), removed=removed)
    assert (planes[:4, ~known] == 0).all()
    np.testing.assert_allclose(np.arctan2(planes[1], planes[0])[known], phase[known] - 0.4, atol=1e-5)
    assert (planes[4] == 1).all()


@pytest.mark.parametrize("concentration", [0.0, 0.3, 2.0, 50.0])
def test_confidence_is_the_mean_cosine_of_a_von_mises_error(concentration):
    value = float(expected_cosine(torch.tensor(concentration)))
    expected = vonmises.expect(np.cos, args=(concentration,)) if concentration else 0.0
    assert value == pytest.approx(expected, abs=1e-5)

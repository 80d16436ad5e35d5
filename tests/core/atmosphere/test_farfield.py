"""The plane of the air beside movement: bent back where the far field bent it, left alone where nothing moves."""

import numpy as np
import pytest
from fringelens.core.atmosphere.farfield import plane_beside
from fringelens.core.atmosphere.trend import positions

ROWS, COLS = 96, 128
ONES = np.ones((ROWS, COLS), np.float32)
DOWN, RIGHT = (positions(0, side, side, COLS) for side in (ROWS, COLS))
DOWN, RIGHT = DOWN[:, None], RIGHT[None, :]
DESIGN = np.stack([np.broadcast_to(term, ONES.shape).ravel() for term in (1.0, DOWN, RIGHT)], 1)


def plane_of(field):
    """Plane of a field by least squares: coefficients, and the plane itself."""
    found = np.linalg.lstsq(DESIGN, field.ravel(), rcond=None)[0]
    return found, (DESIGN @ found).reshape(ROWS, COLS)


def fractal(rng):
    """Air of unit deviation without a plane, its spectrum falling with the power 11/3 of the wave number."""
    waves = np.hypot(np.fft.fftfreq(2 * ROWS)[:, None], np.fft.rfftfreq(2 * COLS)[None, :] * ROWS / COLS)
    waves[0, 0] = 1.0
    spectrum = np.fft.rfft2(rng.standard_normal((2 * ROWS, 2 * COLS))) * waves ** (-11 / 6)
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum)[:ROWS, :COLS]
    field = field - plane_of(field)[1]
    return field / field.std()


def source(row, col, depth=0.08):
    """What a point source moves, 1 above it: seen from aside, so that it is not the same on both sides."""
    y, x = (DOWN - DOWN[row, 0]) / depth, (RIGHT - RIGHT[0, col]) / depth
    return (1.0 + 0.6 * x) * (1 + y**2 + x**2) ** -1.5


def test_a_plane_that_the_far_field_bent_is_bent_back(rng):
    before, after = [], []
    for _ in range(12):
        air = fractal(rng)
        moved = 25.0 * source(int(rng.integers(15, ROWS - 15)), int(rng.integers(15, COLS - 15)))
        bent, plane = plane_of(moved)
        seen = (moved - plane).astype(np.float32)
        told = plane_beside((air + seen).astype(np.float32), seen, ONES, DOWN, RIGHT)
        before.append(np.square(bent[1:]).sum())
        after.append(np.square((told + bent)[1:]).sum())
    assert np.mean(after) < 0.5 * np.mean(before)


def test_the_plane_turns_with_the_scene_and_scales_with_the_unit(rng):
    moved = 10 * source(30, 90)
    values = (fractal(rng) + moved).astype(np.float32)
    told = plane_beside(values, moved.astype(np.float32), ONES, DOWN, RIGHT)
    metres = plane_beside(values / 1000, (moved / 1000).astype(np.float32), ONES, DOWN, RIGHT)
    turned = plane_beside(values.T, moved.T.astype(np.float32), ONES.T, RIGHT.T, DOWN.T)
    assert np.abs(told[1:]).max() > 0.01
    assert 1000 * metres == pytest.approx(told, rel=1e-3)
    assert turned[[0, 2, 1]] == pytest.approx(told, rel=1e-6)


def test_cells_that_are_not_valid_do_not_count(rng):
    moved = (10 * source(30, 90)).astype(np.float32)
    values = (fractal(rng) + moved).astype(np.float32)
    share = ONES.copy()
    share[50:, :60] = 0
    other = np.where(share > 0, values, np.float32(1e6))
    told, same = (plane_beside(each, moved, share, DOWN, RIGHT) for each in (values, other))
    assert same == pytest.approx(told)


@pytest.mark.parametrize("rows", [1, 2, 96])
def test_where_nothing_moves_or_nothing_can_be_told_there_is_no_plane(rng, rows):
    values, part = fractal(rng)[:rows].astype(np.float32), ONES[:rows]
    assert not plane_beside(values, np.zeros_like(values), part, DOWN[:rows], RIGHT).any()
    assert not plane_beside(values, values, 0 * part, DOWN[:rows], RIGHT).any()
    assert not plane_beside(values, values, part, DOWN[:rows], RIGHT).any()  # no air beside what moves


def test_a_single_row_has_no_plane_across(rng):
    moved = (10 * source(30, 90)).astype(np.float32)[30:31]
    values = (fractal(rng)[30:31] + moved).astype(np.float32)
    assert not plane_beside(values, moved, ONES[:1], DOWN[30:31], RIGHT).any()

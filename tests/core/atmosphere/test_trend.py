"""The plane and elevation fit: exact where nothing else is there, and not bent by what moves."""

import numpy as np
import pytest
from fringelens.core.atmosphere.trend import fit_trend, positions

ROWS, COLS = 90, 120


@pytest.fixture
def scene(rng):
    """Positions, heights (m) and a field that plane and height make."""
    down = positions(0, ROWS, ROWS, COLS)[:, None]
    right = positions(0, COLS, COLS, COLS)[None, :]
    y, x = np.mgrid[:ROWS, :COLS]
    height = 800 + 600 * np.sin(x / 9) * np.cos(y / 13) + 50 * rng.standard_normal((ROWS, COLS))
    return down, right, height, 2.0 + 5.0 * down - 3.0 * right + 4.0 * height / 1000


def test_plane_and_elevation_are_found_exactly(scene):
    down, right, height, field = scene
    trend = fit_trend(field, np.ones_like(field), down, right, height)
    assert trend.coefficients == pytest.approx([2.0, 5.0, -3.0, 4.0], abs=1e-6)
    assert trend.at(down, right, height) == pytest.approx(field, abs=1e-6)


def test_a_trough_does_not_bend_the_fit(scene, rng):
    down, right, height, field = scene
    y, x = np.mgrid[:ROWS, :COLS]
    noise = 0.3 * rng.standard_normal(field.shape)
    trough = -20.0 * np.exp(-((x - 85) ** 2 + (y - 30) ** 2) / (2 * 12**2))
    robust = fit_trend(field + noise + trough, np.ones_like(field), down, right, height)
    design = np.stack([np.broadcast_to(t, field.shape).ravel() for t in (1.0, down, right, height / 1000)], 1)
    plain = design @ np.linalg.lstsq(design, (field + noise + trough).ravel(), rcond=None)[0]
    bent = np.abs(robust.at(down, right, height) - field).max()
    assert bent < 0.03 * 20.0
    assert bent < 0.1 * np.abs(plain.reshape(field.shape) - field).max()


def test_pixels_without_weight_do_not_count(scene):
    down, right, height, field = scene
    weight = np.ones_like(field)
    weight[:40] = 0
    field = np.where(weight > 0, field, 1e6)
    assert fit_trend(field, weight, down, right, height).coefficients == pytest.approx([2.0, 5.0, -3.0, 4.0], abs=1e-5)


def test_flat_ground_gets_no_elevation_term(scene, rng):
    down, right, _, field = scene
    flat = 100 + rng.standard_normal(field.shape)
    assert fit_trend(field, np.ones_like(field), down, right, flat).coefficients[3] == 0.0


def test_nothing_valid_is_no_trend(scene):
    down, right, height, field = scene
    trend = fit_trend(field, np.zeros_like(field), down, right, height)
    assert not trend.coefficients.any()
    assert trend.deviation == 0.0


def test_a_single_row_has_a_solution():
    right = positions(0, 50, 50, 50)[None, :]
    trend = fit_trend(3.0 * right, np.ones((1, 50)), np.zeros((1, 1)), right)
    assert trend.at(np.zeros((1, 1)), right, None) == pytest.approx(3.0 * right, abs=1e-4)


def test_the_unit_does_not_matter(scene, rng):
    down, right, height, field = scene
    noisy = field + rng.standard_normal(field.shape)
    one = fit_trend(noisy, np.ones_like(field), down, right, height)
    thousand = fit_trend(1000 * noisy, np.ones_like(field), down, right, height)
    assert thousand.coefficients == pytest.approx(1000 * one.coefficients, rel=1e-6)

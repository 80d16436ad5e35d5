"""Stacking of phase gradients: closed forms for ramps, noise and weights, whatever wraps on the way."""

import numpy as np
import pytest
from fringelens.core.phase.gradient_stack import LEAST_COUNT, MOST_SPANS, YEAR, GradientSums, span_classes

SHAPE = (40, 50)
DAYS = (6, 12, 12, 18, 24, 24, 36, -12)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]


def wrapped(phase):
    return np.angle(np.exp(1j * phase)).astype(np.float32)


def stacked(phases, days, step=3, looks=1, coherences=None, valid=None, crop=None):
    members, spans = span_classes(days)
    sums = GradientSums(SHAPE, spans, step)
    for index, (phase, member, day) in enumerate(zip(phases, members, days, strict=True)):
        good = np.ones(SHAPE, bool) if valid is None else valid[index]
        coherence = None if coherences is None else coherences[index]
        sums.add(phase, good, member, reversed_dates=day < 0, coherence=coherence)
    return sums.solve(looks, crop or (slice(0, SHAPE[0]), slice(0, SHAPE[1])))


def ramp(x_rate, y_rate, days, make=wrapped):
    """A plane that moves at a constant rate, rad per year and pixel along columns and rows."""
    return [make((x_rate * X + y_rate * Y) * day / YEAR) for day in days]


@pytest.mark.parametrize("step", [1, 3, 5])
@pytest.mark.parametrize("make", [wrapped, lambda p: (7 * np.exp(1j * p)).astype(np.complex64), np.float32])
def test_a_ramp_gives_its_rate_exactly_along_columns_and_rows(step, make):
    result = stacked(ramp(1.25, -2.0, DAYS, make), DAYS, step)
    inside = slice(step, -step), slice(step, -step)
    np.testing.assert_allclose(result.x[inside], 1.25, atol=2e-5)
    np.testing.assert_allclose(result.y[inside], -2.0, atol=2e-5)
    np.testing.assert_allclose(result.coherence[inside], 1, atol=1e-5)
    edge = np.ones(SHAPE, bool)
    edge[inside] = False
    assert all(np.isnan(plane[edge]).all() for plane in result)


@pytest.mark.parametrize("rate", [4.0, 7.0, 9.0, -9.0])
def test_phase_beyond_a_cycle_over_the_step_is_no_error_where_short_spans_say_which(rate):
    days = (6, 12, 18, 24, 30, 36) * 3
    assert abs(rate) * 2 * 3 * 36 / YEAR > 0.7 * np.pi
    result = stacked(ramp(rate, 0.0, days), days)
    np.testing.assert_allclose(result.x[3:-3, 3:-3], rate, atol=2e-4)


def test_the_rate_is_the_weighted_least_squares_line_for_small_phases(rng):
    days = (6, 12, 24, 36, 48)
    angles = rng.normal(0, 0.02, len(days))
    phases = [wrapped(angle * X / 6) for angle in angles]
    spans = np.array(days) / YEAR
    result = stacked(phases, days)
    np.testing.assert_allclose(result.x[3:-3, 3:-3] * 6, (spans * angles).sum() / (spans**2).sum(), rtol=2e-3)


def test_coherence_of_noise_is_its_characteristic_function(rng):
    """The difference of two pixels with normal noise of deviation s has the mean phasor exp(-s^2)."""
    days, deviation = (12,) * 400, 0.8
    phases = [wrapped(rng.normal(0, deviation, SHAPE)) for _ in days]
    assert np.nanmean(stacked(phases, days).coherence) == pytest.approx(np.exp(-(deviation**2)), abs=0.01)


def test_coherence_and_not_the_number_of_interferograms_decides(rng):
    days = (12,) * 12
    good = ramp(1.0, 0.5, days[:4])
    noise = [wrapped(rng.uniform(-np.pi, np.pi, SHAPE)) for _ in days[4:]]
    coherences = [np.full(SHAPE, 0.9, np.float32)] * 4 + [np.full(SHAPE, 0.1, np.float32)] * 8
    with_weights = stacked(good + noise, days, coherences=coherences)
    without = stacked(good + noise, days)
    assert np.nanstd(with_weights.x - 1.0) < 0.25 * np.nanstd(without.x - 1.0)


def test_where_coherence_is_unknown_an_interferogram_does_not_count():
    days = (12, 12, 12, 12)
    wrong = ramp(5.0, 5.0, days[:1])
    coherences = [np.zeros(SHAPE, np.float32)] + [np.full(SHAPE, 0.7, np.float32)] * 3
    result = stacked(wrong + ramp(1.0, 0.5, days[1:]), days, coherences=coherences)
    np.testing.assert_allclose(result.x[3:-3, 3:-3], 1.0, atol=2e-5)


def test_a_hole_takes_the_pixels_that_are_one_step_away_and_no_others():
    valid = [np.ones(SHAPE, bool) for _ in DAYS]
    for mask in valid:
        mask[20, 25] = False
    result = stacked(ramp(1.0, 1.0, DAYS), DAYS, valid=valid)
    missing = np.isnan(result.coherence[3:-3, 3:-3])
    expected = np.zeros(SHAPE, bool)
    expected[[17, 23, 20, 20], [25, 25, 22, 28]] = True
    np.testing.assert_array_equal(missing, expected[3:-3, 3:-3])


def test_a_pixel_needs_three_interferograms():
    valid = [np.ones(SHAPE, bool) for _ in range(LEAST_COUNT)]
    valid[0][:, :20] = False
    result = stacked(ramp(1.0, 1.0, DAYS[:LEAST_COUNT]), DAYS[:LEAST_COUNT], valid=valid)
    assert np.isnan(result.x[3:-3, 3:20]).all()
    assert np.isfinite(result.x[3:-3, 26:-3]).all()


def test_looks_average_products_and_not_angles(rng):
    """The rate of one span is the angle of the sum of products over the window, here added up pixel by pixel."""
    days, looks, step = (12,) * 3, 4, 2
    phases = [wrapped(rng.uniform(-np.pi, np.pi, SHAPE)) for _ in days]
    result = stacked(phases, days, step, looks)
    row, column = 17, 22
    total = 0
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            weight = (0.5 if abs(dy) == 2 else 1) * (0.5 if abs(dx) == 2 else 1)
            y, x = row + dy, column + dx
            total += weight * sum(np.exp(1j * (p[y, x + step] - p[y, x - step])) for p in phases)
    assert result.x[row, column] == pytest.approx(np.angle(total) / (2 * step * 12 / YEAR), rel=1e-4)


def test_a_part_of_the_window_is_the_same_part_of_the_whole(rng):
    phases = [wrapped(rng.normal(0, 1, SHAPE)) for _ in DAYS]
    whole = stacked(phases, DAYS, looks=3)
    part = stacked(phases, DAYS, looks=3, crop=(slice(7, 31), slice(4, 44)))
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_array_equal(one[7:31, 4:44], other)


def test_spans_are_exact_while_they_are_few_and_joined_where_they_are_many():
    members, spans = span_classes([12, -6, 12, 24])
    assert members == [1, 0, 1, 2]
    np.testing.assert_allclose(np.array(spans) * YEAR, [6, 12, 24])
    members, spans = span_classes(list(range(11, 60, 3)))
    assert len(spans) == MOST_SPANS
    assert members == sorted(members)
    assert sum(np.bincount(members) * np.array(spans)) * YEAR == pytest.approx(sum(range(11, 60, 3)))


def test_a_raster_smaller_than_the_step_has_no_gradient():
    members, spans = span_classes(DAYS)
    sums = GradientSums((3, 4), spans, 3)
    for member in members:
        sums.add(np.zeros((3, 4), np.float32), np.ones((3, 4), bool), member)
    assert all(np.isnan(plane).all() for plane in sums.solve(1, (slice(0, 3), slice(0, 4))))

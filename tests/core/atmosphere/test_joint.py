"""Interferograms together: steady movement below the air of each is kept, and corrections close."""

from datetime import date, timedelta

import numpy as np
import pytest
from fringelens.core.atmosphere.cells import Cells
from fringelens.core.atmosphere.epochs import incidence, rate_weights
from fringelens.core.atmosphere.estimate import FRAME, Means, estimate, movement
from fringelens.core.atmosphere.gate import FAR, GUESS, SPREAD, gate, standing_out, variance_left
from fringelens.core.atmosphere.joint import estimate_together, steady_rate

SIDE = 64
CELLS = Cells((SIDE, SIDE), 1, 1, 400.0)
DAYS = [date(2020, 1, 1) + timedelta(days=30 * i) for i in range(13)]
PAIRS = [(DAYS[i], DAYS[j]) for i in range(13) for j in range(i + 1, min(i + 4, 13))]
ONES = np.ones((SIDE, SIDE), np.float32)


def below_four_deviations(planes):
    """Stands for a network: what is small is air, what is large moves."""
    residual = planes[0]
    return np.stack((np.where(np.abs(residual) < 4, residual, 0), np.full_like(residual, -4.0))).astype(np.float32)


@pytest.fixture
def stack(rng):
    """A bowl that sinks steadily, 12 a year, under air of deviation 2 on each date."""
    y, x = np.mgrid[:SIDE, :SIDE]
    rate = (-12 * np.exp(-((x - 40) ** 2 + (y - 22) ** 2) / (2 * 5**2))).astype(np.float32)
    waves = [(np.cos(k * x / 20 + a) * np.cos(k * y / 20 + b)) for k, a, b in rng.uniform(0.5, 6, (13, 3))]
    air = dict(zip(DAYS, [2.8 * wave for wave in waves], strict=True))
    fields = [rate * ((j - i).days / 365.25) + air[j] - air[i] for i, j in PAIRS]
    return rate, [Means(field.astype(np.float32), ONES) for field in fields]


def test_steady_movement_below_the_air_is_set_aside(stack):
    rate, means = stack
    found = steady_rate(means, PAIRS, CELLS, 1.0, below_four_deviations)
    peak = np.abs(rate) > 8
    assert (found[peak] / rate[peak]).mean() == pytest.approx(1.0, abs=0.25)
    alone = [movement(one, CELLS, estimate(one, CELLS, 1.0, below_four_deviations)) for one in means]
    spans = [(j - i).days / 365.25 for i, j in PAIRS]
    kept = np.tensordot(rate_weights(incidence(PAIRS)[1], np.array(spans)), np.stack(alone), 1)
    assert abs((kept[peak] / rate[peak]).mean()) < 0.4


def test_corrections_of_all_together_close(stack):
    found = dict(zip(PAIRS, estimate_together(stack[1], PAIRS, CELLS, 1.0, below_four_deviations), strict=True))
    a, b, c = (found[pair] for pair in ((DAYS[0], DAYS[1]), (DAYS[1], DAYS[2]), (DAYS[0], DAYS[2])))
    assert np.abs(a.delay + b.delay - c.delay).max() < 1e-4
    loop = a.trend.coefficients + b.trend.coefficients - c.trend.coefficients
    assert np.abs(loop[1:]).max() < 1e-9  # a constant is arbitrary


def test_too_few_dates_have_no_steady_rate(stack):
    assert not steady_rate(stack[1][:1], PAIRS[:1], CELLS, 1.0, below_four_deviations).any()


def test_rate_weights_find_a_rate_exactly_and_do_not_see_the_air(rng):
    matrix = incidence(PAIRS)[1]
    years = np.array([(j - i).days / 365.25 for i, j in PAIRS])
    weights = rate_weights(matrix, years)
    assert weights @ (3.0 * years) == pytest.approx(3.0)
    air = matrix @ rng.standard_normal((13, 4000))
    plain = years / (years @ years)
    assert np.std(weights @ air) <= np.std(plain @ air)


def test_a_network_sees_nothing_around_the_scene(rng):
    seen = []

    def look(planes):
        seen.append(planes)
        return np.zeros((2, *planes.shape[1:]), np.float32)

    estimate(Means(rng.standard_normal((SIDE, SIDE)).astype(np.float32), ONES), CELLS, 1.0, look)
    planes = seen[0]
    assert planes.shape == (9, SIDE + 2 * FRAME, SIDE + 2 * FRAME)
    assert not planes[:, :FRAME].any()
    assert not planes[:, :, -FRAME:].any()
    assert planes[0, FRAME:-FRAME, FRAME:-FRAME].any()


def test_a_scene_transposed_and_negated_has_that_air_whatever_the_network_makes_of_directions_and_signs(rng):
    def to_the_right(planes):
        return np.stack((np.roll(planes[0], 3, axis=1) + 0.2, planes[0] - 2)).astype(np.float32)

    values = rng.standard_normal((SIDE, SIDE + 20)).astype(np.float32)
    found, turned = (
        estimate(Means(each, np.ones_like(each)), Cells(each.shape, 1, 1, 400.0), 1.0, to_the_right)
        for each in (values, np.ascontiguousarray(-values.T))
    )
    delay, variance = -turned.delay.T, turned.variance.T
    assert delay == pytest.approx(found.delay, abs=1e-4)
    assert variance == pytest.approx(found.variance, rel=1e-3)


def test_where_the_network_guesses_the_air_is_that_of_the_surroundings():
    def guesses(planes):
        variance = np.full_like(planes[0], -4.0)
        variance[FRAME + 28 : FRAME + 36, FRAME + 28 : FRAME + 36] = 4.0
        return np.stack((planes[0], variance))

    y, x = np.mgrid[:SIDE, :SIDE]
    air = (3 * np.cos(x / 20) * np.cos(y / 20)).astype(np.float32)
    moved = np.zeros_like(air)
    moved[29:35, 29:35] = 20.0
    means = Means(air + moved, ONES)
    left = movement(means, CELLS, estimate(means, CELLS, 1.0, guesses))
    level = np.median(left)
    assert left[29:35, 29:35] - level == pytest.approx(moved[29:35, 29:35], abs=0.4)
    assert left[:26] - level == pytest.approx(moved[:26], abs=1e-3)


def test_a_guess_is_not_taken_out_and_is_said():
    variance = ONES.copy()
    variance[20:30, 20:30] = (GUESS * 1.01) ** 2
    taken = gate(variance, ONES)
    assert (taken[20:30, 20:30] == 0).all()
    assert (taken[:20] == 1).all()
    delay = np.full_like(variance, 5.0)
    left = variance_left(delay, variance, taken, 0.0)
    stated = SPREAD**2 * variance
    assert left[:20] == pytest.approx(stated[:20])
    assert left[20:30, 20:30] == pytest.approx(stated[20:30, 20:30] + 25)
    assert variance_left(delay, variance, taken, 7.0) - left == pytest.approx((7 * FAR) ** 2, rel=1e-4)
    assert (gate(variance, np.zeros_like(ONES)) == 1).all()


def test_the_ground_that_does_not_move_is_zero_whatever_the_constants(stack, rng):
    rate, means = stack
    lifted = [Means(one.values + np.float32(rng.normal(0, 20)), ONES) for one in means]
    found = estimate_together(lifted, PAIRS, CELLS, 1.0, below_four_deviations)
    still = np.abs(rate) < 0.1
    for one, estimated in zip(lifted, found, strict=True):
        assert abs(np.median(movement(one, CELLS, estimated)[still])) < 0.3


def test_a_plane_in_the_input_changes_no_movement_whatever_its_size(rng):
    values = rng.standard_normal((SIDE, SIDE)).astype(np.float32).cumsum(0).cumsum(1) / 50
    values[20:28, 30:38] += 10
    y, x = np.mgrid[:SIDE, :SIDE]
    flat, tilted = (
        movement(means, CELLS, estimate(means, CELLS, 1.0, below_four_deviations))
        for means in (Means(values, ONES), Means((values + 0.9 * y - 2.5 * x).astype(np.float32), ONES))
    )
    assert np.ptp(tilted - flat) < 0.01 * np.ptp(flat)


def test_movement_below_the_error_is_air_and_movement_above_it_stays():
    variance = np.full((SIDE, SIDE), 4.0, np.float32)
    error = SPREAD * 2.0
    moved = np.full((SIDE, SIDE), 0.1 * error, np.float32)
    moved[:, 40:] = 20 * error
    kept = standing_out(moved, variance, ONES)
    assert kept[:, :25] == pytest.approx(0.01 / 1.01, rel=1e-2)  # Wiener: power over power and error
    assert (kept[:, 41:] > 0.99).all()
    assert standing_out(1000 * moved, 1e6 * variance, ONES) == pytest.approx(kept, rel=1e-4)
    assert standing_out(np.zeros_like(moved), 0 * variance, ONES).max() == 0
    assert (standing_out(moved, variance, 0 * ONES) == 1).all()

"""Whole cycles that unwrapping put in are found again."""

import numpy as np
import pytest
from fringelens.core.phase.wrap import CYCLE
from fringelens.core.timeseries.closure import median_velocity, open_loops, whole_cycles
from fringelens.core.timeseries.invert import invert
from fringelens.core.timeseries.motion import motion


@pytest.fixture
def spoilt(make_network, rng):
    """Even motion with noise, and 5 % of the phases off by a cycle."""
    network = make_network(20, 4)
    velocity = rng.normal(0, 10, 300)
    series = velocity * network.years[:, None] + rng.normal(0, 0.3, (20, 300))
    phase = series[network.second] - series[network.first] + rng.normal(0, 0.2, (len(network.first), 300))
    cycles = np.where(rng.random(phase.shape) < 0.05, rng.choice([-1, 1, 2], phase.shape), 0)
    return network, phase, cycles, velocity


def test_injected_cycles_are_taken_out(spoilt):
    network, phase, cycles, _ = spoilt
    weight = np.full(phase.shape, 25.0)
    found = whole_cycles(network, phase + CYCLE * cycles, weight)
    assert (found == cycles).mean() > 0.998
    assert (found == cycles).all(0).mean() > 0.95


def test_loops_that_miss_are_counted(make_network, walk):
    network = make_network(5, 2)
    _, phase = walk(network, 2)
    valid = np.ones(phase.shape, bool)
    phase[0, 1] += CYCLE
    whole, missed = open_loops(network, phase, valid)
    assert whole.tolist() == [3, 3]
    assert missed.tolist() == [0, 1]  # of dates 0, 1, 2; the interferogram of 0 and 1 is in no other
    valid[0] = False
    assert open_loops(network, phase, valid)[0].tolist() == [2, 2]


def test_a_movement_that_interferograms_agree_on_is_kept(make_network):
    network = make_network(12, 3)
    series = np.zeros((12, 1))
    series[6:] = 1.5 * CYCLE  # an earthquake
    phase = series[network.second] - series[network.first]
    assert not whole_cycles(network, phase, np.full(phase.shape, 25.0)).any()
    found = motion(network, phase, np.full(phase.shape, 25.0), robust=True)
    assert found.series == pytest.approx(series, abs=1e-6)


def test_the_median_velocity_forgives_a_fifth_of_outliers(spoilt):
    network, phase, cycles, velocity = spoilt
    assert median_velocity(network, phase + CYCLE * cycles, np.ones(phase.shape)) == pytest.approx(velocity, abs=4)


def test_robust_halves_the_error_of_plain_least_squares_at_ten_percent_of_wrong_cycles(make_network, rng):
    network = make_network(24, 4)
    velocity = rng.normal(0, 10, 300)
    series = velocity * network.years[:, None] + rng.normal(0, 0.4, (24, 300))
    phase = series[network.second] - series[network.first] + rng.normal(0, 0.3, (len(network.first), 300))
    phase += CYCLE * np.where(rng.random(phase.shape) < 0.1, rng.choice([-1, 1], phase.shape), 0)
    weight = np.full(phase.shape, 10.0) * (rng.random(phase.shape) > 0.2)
    plain, robust = (motion(network, phase, weight, robust=r).velocity - velocity for r in (False, True))
    assert np.sqrt(np.square(robust).mean()) < 0.5 * np.sqrt(np.square(plain).mean())


def test_robust_is_least_squares_where_nothing_is_wrong(make_network, walk, rng):
    network = make_network(12, 4)
    phase = walk(network, 50)[1]
    phase = phase + rng.normal(0, 0.05, phase.shape)
    weight = np.full(phase.shape, 400.0)
    robust, plain = (motion(network, phase, weight, robust=r) for r in (True, False))
    assert not robust.changed.any()
    assert np.abs(robust.series - plain.series).max() < 0.1
    assert np.allclose(invert(network, phase, weight).series, plain.series)


def test_what_no_other_interferogram_contradicts_is_kept(make_network):
    network = make_network(12, 1)  # a chain: every interferogram stands alone
    series = np.linspace(0, 3, 12)[:, None]
    series[6:] += CYCLE
    phase = series[network.second] - series[network.first]
    assert not whole_cycles(network, phase, np.full(phase.shape, 25.0)).any()


def test_a_date_off_the_trend_that_one_interferogram_shows_is_kept(make_network):
    network = make_network(10, 3)
    series = 5.0 * network.years[:, None]
    series[6] += 0.8 * CYCLE  # air, or a movement there and back
    phase = series[network.second] - series[network.first]
    shown = (network.first == 6) | (network.second == 6)
    weight = np.where(shown & (network.first != 4), 0.0, 25.0)[:, None]
    assert not whole_cycles(network, phase, weight)[weight > 0].any()


def test_a_wrong_cycle_in_the_most_coherent_interferogram_is_found(make_network):
    network = make_network(10, 3)
    phase = 5.0 * (network.years[network.second] - network.years[network.first])[:, None]
    weight = np.ones(phase.shape)
    phase[7] += CYCLE
    weight[7] = 90.0
    assert np.flatnonzero(whole_cycles(network, phase, weight)).tolist() == [7]

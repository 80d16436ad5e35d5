"""Velocities, their standard deviations and the error of the elevation, against closed forms and simulation."""

import numpy as np
import pytest
from fringelens.core.timeseries.motion import motion


def simulated(network, rng, pixels, *, air=0.0, noise=0.0, velocity=5.0):
    count = len(network.dates)
    series = velocity * network.years[:, None] + air * rng.normal(size=(count, pixels))
    return series[network.second] - series[network.first] + noise * rng.normal(size=(len(network.first), pixels))


@pytest.mark.parametrize("robust", [False, True])
def test_even_motion_gives_its_velocity_and_no_deviation(make_network, rng, robust):
    network = make_network()
    phase = simulated(network, rng, 5, velocity=np.array([-20.0, -1, 0, 3, 40]))
    found = motion(network, phase, np.ones(phase.shape), robust=robust)
    assert found.velocity == pytest.approx([-20, -1, 0, 3, 40], abs=1e-9)
    assert found.velocity_std == pytest.approx(0, abs=1e-9)
    assert found.line == pytest.approx(found.series, abs=1e-9)


def test_the_velocity_is_that_of_a_line_through_the_series(make_network, rng):
    network = make_network()
    phase = simulated(network, rng, 8, air=1.0, noise=0.3)
    found = motion(network, phase, np.ones(phase.shape), robust=False)
    assert found.velocity == pytest.approx(np.polyfit(network.years, found.series, 1)[0], abs=1e-9)


@pytest.mark.parametrize(("air", "noise"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)])
@pytest.mark.parametrize("robust", [False, True])
def test_deviations_cover_the_truth_as_often_as_they_say(make_network, rng, air, noise, robust):
    network = make_network(25, 3)
    phase = simulated(network, rng, 700, air=air, noise=noise)
    found = motion(network, phase, np.full(phase.shape, 1.0 / max(noise, 0.1) ** 2), robust=robust)
    inside = np.abs(found.velocity - 5.0) < 1.96 * found.velocity_std
    assert 0.91 < inside.mean() < 0.98


def test_deviations_of_a_series_cover_it(make_network, rng):
    network = make_network(20, 3)
    phase = simulated(network, rng, 1000, air=0.5, noise=0.5)
    found = motion(network, phase, np.ones(phase.shape), robust=False)
    inside = np.abs(found.series - 5.0 * network.years[:, None])[1:] < 1.96 * found.std[1:]
    assert 0.92 < inside.mean() < 0.98
    assert (found.std[0] == 0).all()


def test_pieces_do_not_bend_the_velocity(make_network, rng):
    network = make_network()
    phase = simulated(network, rng, 4, velocity=30.0)
    weight = np.ones(phase.shape)
    weight[(network.first < 6) & (network.second >= 6)] = 0
    found = motion(network, phase, weight, robust=False)
    assert found.velocity == pytest.approx(30, abs=1e-9)
    step = np.diff(found.series[:, 0])
    assert step[5] == pytest.approx(0, abs=1e-9)  # the smallest velocity where nothing is known
    assert found.pieces[:, 0].tolist() == [0] * 6 + [6] * 6


def test_the_error_of_the_elevation_is_recovered(make_network, rng):
    network = make_network(15, 3)
    baselines = rng.normal(0, 80, 15)
    baselines -= baselines[0]
    error = np.array([-0.02, 0.0, 0.05])  # rad per metre of baseline
    series = 8.0 * network.years[:, None] + baselines[:, None] * error
    phase = series[network.second] - series[network.first]
    plain = motion(network, phase, np.ones(phase.shape), robust=False)
    corrected = motion(network, phase, np.ones(phase.shape), robust=False, baselines=baselines)
    assert np.abs(plain.velocity - 8).max() > 0.1
    assert corrected.velocity == pytest.approx(8, abs=1e-8)
    assert corrected.series == pytest.approx(8.0 * network.years[:, None] + 0 * error, abs=1e-8)
    assert corrected.line == pytest.approx(corrected.series, abs=1e-8)


def test_pixels_with_half_of_the_dates_or_less_have_no_velocity(make_network, rng):
    network = make_network(12, 2)
    phase = simulated(network, rng, 3)
    weight = np.ones(phase.shape)
    weight[(network.first > 3), 1] = 0  # dates 0 to 5
    weight[(network.first > 1), 2] = 0  # dates 0 to 3
    found = motion(network, phase, weight, robust=True)
    assert np.isfinite(found.velocity).tolist() == [True, True, False]
    assert np.isnan(found.series[:, 2]).all()


def test_a_series_that_begins_late_starts_on_its_trend(make_network, rng):
    network = make_network()
    phase = simulated(network, rng, 1, velocity=10.0)
    weight = np.ones(phase.shape)
    weight[network.first < 2] = 0
    found = motion(network, phase, weight, robust=False)
    assert np.isnan(found.series[:2, 0]).all()
    assert found.series[2:, 0] == pytest.approx(10.0 * network.years[2:], abs=1e-9)


def test_no_pixel_gives_empty_results(make_network):
    network = make_network()
    found = motion(network, np.zeros((len(network.first), 0)), np.zeros((len(network.first), 0)), robust=True)
    assert found.series.shape == (12, 0)
    blank = np.zeros((len(network.first), 3))
    assert np.isnan(motion(network, blank, blank, robust=True).velocity).all()

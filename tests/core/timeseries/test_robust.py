"""Robust weights: what no whole cycle explains is forgotten, and what agrees counts as before."""

import numpy as np
import pytest
from fringelens.core.timeseries.invert import invert
from fringelens.core.timeseries.robust import least_absolute, robust_weights

OUTLIER = 2.0  # rad: no cycle, so that the closure of triplets does not mend it
NOISE = 0.05


@pytest.fixture
def spoilt(make_network, walk, rng):
    """A network, its true series, its phases with an outlier in one interferogram of ten, which ones, and weights."""
    network = make_network(later=4)
    series, phase = walk(network)
    wrong = rng.random(phase.shape) < 0.1
    noisy = phase + NOISE * rng.normal(size=phase.shape)
    return network, series, noisy + OUTLIER * wrong, wrong, np.full(phase.shape, NOISE**-2)


def test_outliers_that_are_no_cycle_move_least_squares_but_not_the_robust_fit(spoilt):
    network, series, phase, _, weight = spoilt
    plain = invert(network, phase, weight)
    adapted = robust_weights(network, phase, weight, least_absolute(network, phase, weight))
    robust = invert(network, phase, adapted)
    errors = [np.median(np.abs(found.series[1:] - series[1:])) for found in (plain, robust)]
    assert errors[0] > 3 * NOISE
    assert errors[1] < 1.5 * NOISE


def test_an_outlier_keeps_a_trace_of_its_weight_and_the_rest_most_of_theirs(spoilt):
    network, _, phase, wrong, weight = spoilt
    ratio = robust_weights(network, phase, weight, least_absolute(network, phase, weight)) / weight
    assert ratio.min() > 0  # the network stays connected
    assert np.quantile(ratio[wrong], 0.9) < 0.01
    assert np.median(ratio[~wrong]) > 0.8


def test_where_nothing_is_wrong_the_robust_fit_is_nearly_as_good_as_least_squares(make_network, walk, rng):
    network = make_network(later=4)
    series, phase = walk(network, 300)
    phase = phase + NOISE * rng.normal(size=phase.shape)
    weight = np.full(phase.shape, NOISE**-2)
    adapted = robust_weights(network, phase, weight, least_absolute(network, phase, weight))
    errors = [np.mean((invert(network, phase, w).series - series) ** 2) for w in (adapted, weight)]
    assert errors[0] < 1.25 * errors[1]

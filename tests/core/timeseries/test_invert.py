"""Least squares over a network, against closed forms and numpy's own solver."""

import numpy as np
import pytest
from fringelens.core.timeseries.invert import invert


def velocities(network):
    """Design of Berardino: interferograms from velocities between neighbouring dates."""
    step = np.diff(network.years)
    between = np.arange(len(step))
    sign = np.sign(network.second - network.first)[:, None]
    low = np.minimum(network.first, network.second)[:, None]
    high = np.maximum(network.first, network.second)[:, None]
    return sign * ((between >= low) & (between < high)) * step, step


def test_a_series_without_noise_comes_back_exactly(make_network, walk, rng):
    network = make_network()
    series, phase = walk(network)
    found = invert(network, phase, rng.uniform(0.1, 10, phase.shape))
    assert found.series == pytest.approx(series, abs=1e-11)
    assert np.abs(found.residual).max() < 1e-11


def test_weighted_least_squares_is_that_of_numpy(make_network, walk, rng):
    network = make_network()
    _, phase = walk(network, 10)
    phase = phase + rng.normal(size=phase.shape)
    weight = rng.uniform(0.1, 10, phase.shape)
    weight[rng.random(weight.shape) < 0.1] = 0
    found = invert(network, phase, weight, design=lambda labels: np.eye(len(labels)))
    design = network.incidence()[:, 1:]
    for pixel in range(10):
        root = np.sqrt(weight[:, pixel])
        expected = np.linalg.lstsq(design * root[:, None], phase[:, pixel] * root, rcond=None)[0]
        assert found.series[1:, pixel] == pytest.approx(expected, abs=1e-9)
        covariance = np.linalg.inv(design.T @ (design * weight[:, [pixel]]))
        kind = found.spreads[found.pieces.kind[pixel]]
        place = np.flatnonzero(found.pieces.kind == found.pieces.kind[pixel]).tolist().index(pixel)
        assert kind.between[1:, 1:, place] == pytest.approx(covariance, abs=1e-9)
        assert kind.variance[1:, place] == pytest.approx(np.diag(covariance), abs=1e-9)


@pytest.mark.parametrize("broken", [[5], [3, 7]])
def test_pieces_are_joined_with_the_smallest_velocities(make_network, walk, rng, broken):
    network = make_network()
    _, phase = walk(network, 6)
    phase = phase + 0.1 * rng.normal(size=phase.shape)
    weight = rng.uniform(0.5, 2, phase.shape)
    for date in broken:  # nothing crosses from before to after
        crossing = (network.first < date) & (network.second >= date)
        weight[crossing] = 0
    found = invert(network, phase, weight)
    design, step = velocities(network)
    for pixel in range(6):
        root = np.sqrt(weight[:, pixel])
        rate = np.linalg.pinv(design * root[:, None]) @ (phase[:, pixel] * root)
        expected = np.concatenate([[0], np.cumsum(rate * step)])
        assert found.series[:, pixel] == pytest.approx(expected, abs=1e-8)
    assert len(set(found.pieces.kinds[:, 0].tolist())) == len(broken) + 1


def test_dates_that_no_interferogram_shows_are_unknown(make_network, walk):
    network = make_network()
    series, phase = walk(network, 3)
    weight = np.ones(phase.shape)
    weight[(network.first == 4) | (network.second == 4), 1] = 0
    found = invert(network, phase, weight)
    assert np.isnan(found.series).nonzero()[0].tolist() == [4]
    assert np.nan_to_num(found.series - series) == pytest.approx(0, abs=1e-11)


def test_the_order_of_pixels_and_of_interferograms_does_not_matter(make_network, walk, rng):
    network = make_network()
    _, phase = walk(network, 50)
    phase = phase + rng.normal(size=phase.shape)
    weight = rng.uniform(0.1, 10, phase.shape) * (rng.random(phase.shape) > 0.3)
    straight, order = invert(network, phase, weight), rng.permutation(50)
    shuffled = invert(network, phase[:, order], weight[:, order])
    assert np.allclose(shuffled.series, straight.series[:, order], atol=1e-9, equal_nan=True)
    pairs = rng.permutation(len(phase))
    turned = type(network)(network.dates, network.first[pairs], network.second[pairs])
    other = invert(turned, phase[pairs], weight[pairs])
    assert np.allclose(other.series, straight.series, atol=1e-9, equal_nan=True)

"""What phases are referred to: coherent ground that does not move, near what does."""

import numpy as np
import pytest
from fringelens.core.timeseries.reference import levels, look, stable


@pytest.fixture
def scene(make_network, rng):
    """A trough on still ground, each interferogram with a constant of its own."""
    network = make_network(10, 3)
    down, across = np.mgrid[:48, :60]
    rate = -60 * np.exp(-((down - 20) ** 2 + (across - 20) ** 2) / 100.0)
    years = (network.years[network.second] - network.years[network.first])[:, None, None]
    constant = rng.normal(0, 5, (len(network.first), 1, 1))
    phase = (rate * years + constant + 0.1 * rng.normal(size=(len(network.first), 48, 60))).astype(np.float32)
    return network, phase, np.ones(phase.shape, bool), rate, constant.ravel()


def test_constants_of_interferograms_are_found_on_still_ground(scene, rng):
    network, phase, valid, rate, constant = scene
    everywhere = np.ones(rate.shape, bool)
    still = look(network, phase, valid, levels(phase, valid, everywhere))
    chosen = stable(still.rate, still.seen, -still.misfit, everywhere)
    assert np.abs(rate[chosen]).max() < 3
    assert levels(phase, valid, chosen) == pytest.approx(constant, abs=0.05)


def test_only_candidates_of_the_best_coherence_are_chosen(scene):
    network, phase, valid, rate, _ = scene
    still = look(network, phase, valid, levels(phase, valid, np.ones(rate.shape, bool)))
    coherence = np.tile(np.linspace(0, 1, 60), (48, 1))
    candidate = np.zeros(rate.shape, bool)
    candidate[:, 30:] = True
    chosen = stable(still.rate, still.seen, coherence, candidate)
    assert chosen.any()
    assert not chosen[:, :44].any()


def test_elevations_near_that_of_the_detection_are_preferred(scene):
    network, phase, valid, rate, _ = scene
    still = look(network, phase, valid, levels(phase, valid, np.ones(rate.shape, bool)))
    apart = np.tile(np.linspace(0, 500, 48)[:, None], (1, 60))
    chosen = stable(still.rate, still.seen, -still.misfit, np.ones(rate.shape, bool), apart)
    assert apart[chosen].max() <= 251


def test_pixels_that_lack_interferograms_are_not_chosen(scene):
    network, phase, valid, rate, _ = scene
    valid[: len(valid) // 2, :, :50] = False
    still = look(network, phase, valid, np.zeros(len(valid)))
    chosen = stable(still.rate, still.seen, -still.misfit, np.ones(rate.shape, bool))
    assert not chosen[:, :50].any()


def test_without_a_candidate_nothing_is_chosen_and_no_level_is_known(scene):
    network, phase, valid, rate, _ = scene
    still = look(network, phase, valid, np.zeros(len(valid)))
    chosen = stable(still.rate, still.seen, -still.misfit, np.zeros(rate.shape, bool))
    assert not chosen.any()
    assert np.isnan(levels(phase, valid, chosen)).all()

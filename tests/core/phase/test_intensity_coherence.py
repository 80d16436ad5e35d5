"""The window estimator and the number of looks against the statistics they come from."""

import numpy as np
import pytest
from fringelens.core.phase.intensity_coherence import block_looks, estimate_looks, window_coherence

SHAPE = (160, 160)


def speckle(rng, coherence, looks):
    """Two intensities of even ground, drawn look by look from circular Gaussians."""

    def normal():
        return (rng.normal(size=(looks, *SHAPE)) + 1j * rng.normal(size=(looks, *SHAPE))) / 2**0.5

    one = normal()
    two = coherence * one + np.sqrt(1 - coherence**2) * normal()
    return [(np.abs(image) ** 2).mean(0).astype(np.float32) for image in (one, two)]


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize("coherence", [0.5, 0.8, 0.95])
def test_a_large_window_gives_the_true_coherence(rng, coherence, looks):
    one, two = speckle(rng, coherence, looks)
    found = window_coherence(one, 7 * two, np.ones(SHAPE, bool), looks, 41)
    assert found[30:-30, 30:-30].mean() == pytest.approx(coherence, abs=0.06)


def test_it_is_a_coherence_whatever_comes_in(rng):
    one, two = speckle(rng, 0.3, 1)
    found = window_coherence(one, two, np.ones(SHAPE, bool), 1, 5)
    assert 0 <= found.min() <= found.max() <= 1
    nothing = window_coherence(np.zeros(SHAPE, np.float32), two, np.ones(SHAPE, bool), 1, 5)
    assert (nothing == 0).all()


def test_invalid_pixels_count_for_nothing(rng):
    one, two = speckle(rng, 0.8, 4)
    valid = np.ones(SHAPE, bool)
    valid[60:90, 60:90] = False
    spoiled = np.where(valid, one, 1e6).astype(np.float32)
    np.testing.assert_array_equal(window_coherence(one, two, valid, 4, 9), window_coherence(spoiled, two, valid, 4, 9))


def test_the_order_of_the_images_does_not_matter(rng):
    one, two = speckle(rng, 0.6, 3)
    valid = np.ones(SHAPE, bool)
    np.testing.assert_array_equal(window_coherence(one, two, valid, 3, 9), window_coherence(two, one, valid, 3, 9))


@pytest.mark.parametrize("looks", [1, 3, 6, 12])
def test_looks_are_found_although_half_of_the_ground_is_rough(rng, looks):
    one, _ = speckle(rng, 0.5, looks)
    one[:70] *= np.exp(0.8 * rng.normal(size=(70, SHAPE[1]))).astype(np.float32)
    found = estimate_looks(block_looks(one, np.ones(SHAPE, bool)))
    assert found == pytest.approx(looks, rel=0.25)


def test_too_little_to_count_looks_is_said():
    assert estimate_looks(block_looks(np.ones((20, 20), np.float32), np.zeros((20, 20), bool))) is None

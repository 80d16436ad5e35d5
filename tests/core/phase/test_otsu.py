"""Otsu's threshold against scikit-image, and the masks made with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fringelens.core.phase.otsu import BINS, centres, coherence_threshold, histogram, otsu2_mask, otsu_threshold
from skimage.filters import threshold_otsu


def coherences(rng: Any) -> Any:
    """Two populations of coherence."""
    return np.concatenate([rng.beta(2, 9, 4000), rng.beta(9, 2, 6000)]).reshape(100, 100).astype(np.float32)


def test_the_threshold_is_that_of_scikit_image(rng: Any) -> None:
    values = coherences(rng)
    everywhere = np.ones(values.shape, bool)
    counts = histogram(values, everywhere, 0.0, 1.0)
    expected = threshold_otsu(hist=(counts, centres(0.0, 1.0)))
    assert coherence_threshold(counts) == pytest.approx(expected, abs=1e-9)


def test_histograms_of_tiles_add_up(rng: Any) -> None:
    values = coherences(rng)
    valid = rng.random(values.shape) > 0.2
    whole = histogram(values, valid, 0.0, 1.0)
    halves = [histogram(values[part], valid[part], 0.0, 1.0) for part in (slice(0, 37), slice(37, None))]
    np.testing.assert_array_equal(whole, sum(halves))
    assert whole.sum() == valid.sum()


def test_invalid_values_do_not_count(rng: Any) -> None:
    values = coherences(rng)
    valid = np.ones(values.shape, bool)
    spoilt, seen = values.copy(), valid.copy()
    spoilt[:10], seen[:10] = np.nan, False
    np.testing.assert_array_equal(histogram(spoilt, seen, 0.0, 1.0), histogram(values[10:], valid[10:], 0.0, 1.0))


def test_one_value_is_its_own_threshold() -> None:
    counts = np.zeros(BINS)
    counts[17] = 5
    assert otsu_threshold(counts, centres(0.0, 1.0)) == pytest.approx(17.5 / BINS)


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="no valid pixel"):
        otsu_threshold(np.zeros(BINS), centres(0.0, 1.0))


def test_both_must_be_low() -> None:
    coherence = np.array([0.1, 0.1, 0.9, 0.9], np.float32)
    amplitude = np.array([-1.0, 1.0, -1.0, 1.0], np.float32)
    np.testing.assert_array_equal(otsu2_mask(coherence, amplitude, 0.5, 0.0), [True, False, False, False])

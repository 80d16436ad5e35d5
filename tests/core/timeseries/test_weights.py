"""Weights of interferograms: the inverse of Cramér and Rao's bound and a floor."""

import numpy as np
import pytest
from fringelens.core.timeseries.weights import LEAST_COHERENCE, USUAL_COHERENCE, weights


@pytest.mark.parametrize("looks", [1.0, 20.0])
def test_weights_are_the_closed_form_where_valid_and_nothing_elsewhere(looks):
    coherence = np.array([[0.1, 0.5, 0.9, 1.0], [0.3, 0.6, 0.8, 0.95]])
    valid = np.array([[True, True, True, True], [True, False, True, False]])
    expected = 1 / ((1 - coherence**2) / (2 * looks * coherence**2) + 0.1**2)
    assert weights(coherence, valid, looks) == pytest.approx(np.where(valid, expected, 0), rel=1e-12)


def test_unknown_coherence_is_the_usual_one_and_none_counts_less_than_the_least():
    valid = np.ones((1, 3), bool)
    assert weights(None, valid, 4.0) == pytest.approx(weights(np.full((1, 3), USUAL_COHERENCE), valid, 4.0))
    assert weights(np.zeros((1, 3)), valid, 4.0) == pytest.approx(weights(np.full((1, 3), LEAST_COHERENCE), valid, 4.0))

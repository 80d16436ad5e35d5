"""Matching of landslides where some are neither right nor wrong, and the fit of the smallest rate."""

import numpy as np
import pytest
from fringelens.core.evaluate.benchmarks.landslide_tally import _logistic
from fringelens.core.evaluate.landslide_metrics import match, precision_of, recall_at


def test_a_detection_on_a_slide_that_cannot_be_seen_is_not_counted():
    overlap = np.array([[0.8, 0.0], [0.0, 0.6], [0.0, 0.0]])
    found = match(overlap, np.array([0.9, 0.8, 0.7]), np.array([True, False]), 0.5)
    assert found.hit.tolist() == [0, -1, -1]
    assert found.counted.tolist() == [True, False, True]
    assert found.objects == 1


def test_the_second_detection_of_a_slide_is_a_false_alarm():
    found = match(np.array([[0.6], [0.9]]), np.array([0.5, 0.4]), np.array([True]), 0.5)
    assert found.hit.tolist() == [0, -1]
    assert found.counted.all()


def test_precision_and_recall_of_a_case_done_by_hand():
    """Hit, miss, hit of three slides: precision 1, 1/2, 2/3, made monotonic."""
    overlap = np.array([[0.9, 0, 0], [0, 0, 0], [0, 0.9, 0]])
    found = match(overlap, np.array([0.9, 0.8, 0.7]), np.ones(3, bool), 0.5)
    assert precision_of([found]) == pytest.approx((1 + 2 / 3) / 3)
    assert recall_at([found], 0) == (pytest.approx(1 / 3), 0.9)
    assert recall_at([found], 1) == (pytest.approx(2 / 3), 0.7)


def test_no_detections_and_no_slides():
    nothing = match(np.zeros((0, 2)), np.zeros(0), np.ones(2, bool), 0.5)
    assert precision_of([nothing]) == 0.0
    empty = match(np.zeros((2, 0)), np.array([0.5, 0.4]), np.zeros(0, bool), 0.5)
    assert np.isnan(precision_of([empty]))


def test_the_logistic_curve_finds_its_own_numbers(rng):
    x = rng.uniform(0, 6, 4000)
    hits = (rng.uniform(size=4000) < 1 / (1 + np.exp(-(2.0 * x - 5.0)))).astype(float)
    offset, slope = _logistic(x, hits)
    assert slope == pytest.approx(2.0, rel=0.1)
    assert -offset / slope == pytest.approx(2.5, abs=0.1)

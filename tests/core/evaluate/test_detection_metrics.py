"""Metrics of detections against counts by hand."""

import numpy as np
import pytest
from fringelens.core.evaluate.detection_metrics import average_precision, matched, operating_point, overlaps_of


def test_each_object_is_hit_once_by_the_surest_detection():
    overlaps = np.array([[0.6, 0.0], [0.7, 0.55], [0.9, 0.0]])
    assert matched(overlaps, np.array([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 1, -1]
    assert matched(np.zeros((2, 0)), np.array([0.9, 0.8]), 0.5).tolist() == [-1, -1]


def test_overlap_is_intersection_over_union():
    first, second = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    first[:2], second[1:3] = True, True
    assert overlaps_of([first], [second, first]).tolist() == [[1 / 3, 1.0]]


def test_average_precision_counts_missed_objects_and_early_false_alarms():
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    assert average_precision(scores, np.array([True] * 4), 4) == 1.0
    assert average_precision(scores, np.array([True] * 4), 8) == 0.5
    # right, wrong, right of two objects: precision 1 at recall 1/2, 2/3 at 1
    assert average_precision(scores[:3], np.array([True, False, True]), 2) == pytest.approx(0.5 * (1 + 2 / 3))
    assert np.isnan(average_precision(scores, np.array([False] * 4), 0))


def test_recall_at_a_rate_of_false_alarms_takes_the_lowest_score_that_keeps_it():
    scores, hits = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([True, False, True, False, True])
    assert operating_point(scores, hits, 4, 1.0) == (0.5, 0.7)
    assert operating_point(scores, hits, 4, 0.0) == (0.25, 0.9)
    assert operating_point(scores, hits, 4, 2.0) == (0.75, 0.5)
    assert operating_point(np.array([0.9]), np.array([False]), 1, 0.0) == (0.0, float("inf"))


def test_detections_of_one_score_stand_or_fall_together():
    assert operating_point(np.array([0.9, 0.9]), np.array([True, False]), 1, 0.0) == (0.0, float("inf"))

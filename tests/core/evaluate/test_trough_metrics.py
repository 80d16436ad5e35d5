"""Detected troughs against those that are there."""

import numpy as np
import pytest
from fringelens.core.evaluate.trough_metrics import judge


def test_a_detection_hits_by_overlap_and_what_is_ignored_counts_neither_way():
    truth, ignored = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    truth[10:20, 10:20], ignored[40:50, 40:50] = True, True
    probability = np.where(truth | ignored, 0.9, 0.1).astype(np.float32)
    judged = judge(probability, [truth], ignored)
    assert (judged.hits.tolist(), judged.overlaps.tolist(), judged.objects) == ([0], [1.0], 1)
    probability[10:20, 10:16] = 0.1
    judged = judge(probability, [truth], ignored)
    assert (judged.hits.tolist(), judged.overlaps.tolist()) == ([-1], [0.0])
    assert judged.scores == pytest.approx([0.9])


def test_nothing_found_is_nothing_judged():
    judged = judge(np.zeros((40, 40), np.float32), [np.ones((40, 40), bool)], np.zeros((40, 40), bool))
    assert (len(judged.scores), judged.objects) == (0, 1)

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
    assert judged.scores == pytest.approx([0.9], abs=1e-3)  # kept in half precision


def test_a_faint_trough_is_outlined_as_a_whole_and_a_sure_one_without_its_faint_surroundings():
    faint, sure = np.zeros((80, 80), bool), np.zeros((80, 80), bool)
    faint[10:30, 10:30], sure[50:60, 50:60] = True, True
    probability = np.full((80, 80), 0.05, np.float32)
    probability[10:30, 10:30], probability[15:25, 15:25] = 0.3, 0.5
    probability[40:70, 40:70], probability[sure] = 0.3, 0.95
    judged = judge(probability, [faint, sure], np.zeros((80, 80), bool))
    assert sorted(judged.hits.tolist()) == [0, 1]
    assert judged.overlaps == pytest.approx([1.0, 1.0])
    assert sorted(judged.scores) == pytest.approx([0.35, 0.95], abs=0.01)  # means of what is outlined


def test_nothing_found_is_nothing_judged():
    judged = judge(np.zeros((40, 40), np.float32), [np.ones((40, 40), bool)], np.zeros((40, 40), bool))
    assert (len(judged.scores), judged.objects) == (0, 1)

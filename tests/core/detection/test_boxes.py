"""Boxes: proposals become one box for each object, in whatever order tiles bring them."""

import numpy as np
import pytest
from fringelens.core.detection.boxes import NONE, Boxes, join, merge, overlaps, propose

SQUARE = (10.0, 10.0, 20.0, 20.0)


def boxes(*rows):
    edges = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    return Boxes(edges, np.array([row[4] for row in rows], np.float32))


def test_overlap_is_that_of_the_textbook():
    shifted = np.array([[10, 15, 20, 25], [30, 30, 40, 40], [10, 10, 20, 20]], np.float32)
    found = overlaps(np.array([SQUARE], np.float32), shifted)
    np.testing.assert_allclose(found, [[1 / 3, 0.0, 1.0]], atol=1e-6)


def test_proposals_of_one_object_become_one_box_of_the_best_score():
    near = [(*SQUARE, 0.9), (11, 10, 21, 20, 0.6), (9, 11, 19, 21, 0.5)]
    merged = merge(boxes(*near, (50, 50, 60, 60, 0.7)))
    assert merged.scores.tolist() == pytest.approx([0.9, 0.7])
    assert overlaps(merged.edges[:1], np.array([SQUARE], np.float32))[0, 0] > 0.8


def test_a_box_within_another_is_the_same_object():
    assert len(merge(boxes((0, 0, 40, 40, 0.8), (5, 5, 15, 15, 0.6))).scores) == 1


def test_neighbours_that_touch_stay_two():
    assert len(merge(boxes((0, 0, 10, 10, 0.8), (0, 9, 10, 19, 0.6))).scores) == 2


def test_the_order_of_proposals_does_not_matter(rng):
    corner = rng.uniform(0, 100, (60, 2))
    edges = np.concatenate((corner, corner + rng.uniform(5, 30, (60, 2))), 1).astype(np.float32)
    scores = np.round(rng.uniform(0, 1, 60), 1).astype(np.float32)  # many are equal
    first = merge(Boxes(edges, scores))
    order = rng.permutation(60)
    second = merge(Boxes(edges[order], scores[order]))
    np.testing.assert_array_equal(first.edges, second.edges)
    np.testing.assert_array_equal(first.scores, second.scores)


def test_cells_propose_boxes_around_their_middle_where_their_score_suffices():
    score = np.full((3, 4), 0.1, np.float32)
    score[1, 2], score[0, 0] = 0.8, np.nan
    sides = np.stack([np.full((3, 4), value, np.float32) for value in (1, 2, 3, 4)])
    found = propose(score, sides, 4, (100, 200), 0.5)
    assert found.edges.tolist() == [[105.0, 208.0, 109.0, 214.0]]
    assert found.scores.tolist() == pytest.approx([0.8])


def test_nothing_merges_to_nothing():
    assert len(merge(join([])).scores) == len(merge(NONE).scores) == 0

"""Outlines: the pixels of each detection, whatever lies beside it."""

import numpy as np
from fringelens.core.detection.boxes import Boxes
from fringelens.core.detection.outlines import outline, rivals, window_of

NONE = np.empty((0, 4), np.float32)


def body(*rectangles, shape=(40, 60)):
    probability = np.zeros(shape, np.float32)
    for top, left, bottom, right in rectangles:
        probability[top:bottom, left:right] = 0.9
    return probability


def test_the_body_in_the_box_is_the_outline_without_holes():
    probability = body((10, 10, 20, 30))
    probability[14, 20] = 0.1
    found = outline(probability, np.array([10, 10, 20, 30], np.float32), NONE, (0, 0))
    assert found.sum() == 200
    assert found[14, 20]


def test_crumbs_beside_the_body_are_left_out():
    found = outline(body((10, 10, 20, 30), (25, 32, 27, 34)), np.array([9, 9, 28, 35], np.float32), NONE, (0, 0))
    assert found.sum() == 200


def test_a_faint_body_is_outlined_where_it_is_likelier_than_what_lies_around():
    probability = 0.25 * body((10, 10, 20, 30)) / 0.9
    probability[14:16, 18:22] = 0.6  # all that reaches one half
    found = outline(probability, np.array([9, 9, 21, 31], np.float32), NONE, (0, 0))
    np.testing.assert_array_equal(found, body((10, 10, 20, 30)) > 0)


def test_a_clear_body_keeps_its_shape_though_its_box_is_half_empty():
    bent = body((10, 10, 30, 20), (20, 20, 30, 40))
    found = outline(bent, np.array([10, 10, 30, 40], np.float32), NONE, (0, 0))
    np.testing.assert_array_equal(found, bent > 0)


def test_the_ellipse_that_stands_in_keeps_to_what_is_known():
    probability = np.zeros((40, 60), np.float32)
    probability[:, :25] = np.nan
    found = outline(probability, np.array([10, 10, 30, 40], np.float32), NONE, (0, 0))
    assert found.any()
    assert not found[:, :25].any()


def test_two_boxes_share_one_blob_by_their_middles():
    probability = body((10, 10, 20, 50))
    left, right = np.array([10, 10, 20, 32], np.float32), np.array([10, 28, 20, 50], np.float32)
    first = outline(probability, left, right[None], (0, 0))
    second = outline(probability, right, left[None], (0, 0))
    assert first.sum() + second.sum() == 400
    assert not (first & second).any()


def test_where_there_is_no_body_an_ellipse_in_the_box_stands_in():
    found = outline(np.full((40, 60), np.nan, np.float32), np.array([10, 10, 30, 40], np.float32), NONE, (0, 0))
    assert abs(found.sum() - np.pi / 4 * 20 * 30) < 25


def test_the_origin_of_the_window_counts():
    probability = body((10, 10, 20, 30))
    window = window_of(np.array([10, 10, 20, 30], np.float32), probability.shape)
    row, column, height, width = window
    part = outline(
        probability[row : row + height, column : column + width],
        np.array([10, 10, 20, 30], np.float32),
        NONE,
        (row, column),
    )
    assert part.sum() == 200


def test_windows_stay_within_the_raster():
    assert window_of(np.array([-5, -5, 100, 100], np.float32), (40, 60)) == (0, 0, 40, 60)


def test_rivals_are_the_boxes_that_share_pixels():
    edges = np.array([[0, 0, 10, 10], [5, 5, 15, 15], [30, 30, 40, 40]], np.float32)
    boxes = Boxes(edges, np.ones(3, np.float32))
    np.testing.assert_array_equal(rivals(boxes, 0), edges[1:2])


def test_a_detection_that_is_much_less_sure_claims_nothing():
    edges = np.array([[0, 0, 10, 10], [5, 5, 15, 15]], np.float32)
    boxes = Boxes(edges, np.array([0.9, 0.2], np.float32))
    assert len(rivals(boxes, 0)) == 0
    np.testing.assert_array_equal(rivals(boxes, 1), edges[:1])

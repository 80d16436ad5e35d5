"""Detections that hang on a few pixels lose their score; those that do not keep it."""

import numpy as np
import pytest
import torch
from fringelens.core.detection.boxes import Boxes
from fringelens.core.detection.outlines import body_of
from fringelens.core.detection.withheld import GROWN, MOST, SHARE, SIDE, all_steadied, steadied, withheld

SHAPE, STRIDE = (160, 192), 4
SQUARE = np.array([32, 64, 32, 64])  # where the square begins: at the multiples of 32 that put the body in its middle


class Counting:
    """Sees one box, whose score falls with the share of its ground that has no strong gradient."""

    multiple_of, asked = 32, 0

    def parameters(self):
        return iter(())

    def __call__(self, shown):
        self.asked += 1
        strong = float((shown[0, 0] > 5).sum())
        answer = torch.full((1, 6, SIDE, SIDE), -12.0)
        answer[:, 2:] = 5.0
        answer[0, 1, 44:48, 44:48] = 4.0 if strong > 30 else -8.0
        return answer


def scene(strong):
    """Planes of ground on which the first `strong` pixels of a body of 10 x 10 have a gradient of 9."""
    planes = np.zeros((10, *SHAPE), np.float32)
    planes[3] = 1.0
    body = np.zeros(SHAPE, bool)
    body[70:80, 90:100] = True
    inside = np.argwhere(body)[:strong]
    planes[0][tuple(inside.T)] = 9.0
    return planes, body


def again(planes, body, score=0.9, origin=(0, 0)):
    network = Counting()
    edges = SQUARE + np.array([[46 - 5, 46 - 5, 46 + 5, 46 + 5]])  # around the middle of the cell that is sure
    found = Boxes(edges.astype(np.float32), np.array([score], np.float32))
    made = steadied(network, lambda window: planes[:, *window.slices], SHAPE, body, origin, found, STRIDE)
    return made, network.asked


@pytest.mark.parametrize(("strong", "stays"), [(100, True), (35, False)])
def test_a_body_keeps_its_score_and_a_cluster_does_not(strong, stays):
    planes, body = scene(strong)
    score, asked = again(planes, body)
    assert asked == 1
    assert (score == pytest.approx(0.9)) if stays else (score < 0.1)


def test_it_does_not_matter_where_the_window_of_the_body_begins():
    planes, body = scene(100)
    part = body[60:90, 80:120]
    assert again(planes, part, origin=(60, 80)) == again(planes, body)


def test_a_large_body_is_not_asked_for_again():
    planes, body = scene(100)
    body[60:90, 80:120] = True
    assert np.count_nonzero(body) > MOST
    assert again(planes, body) == (pytest.approx(0.9), 0)


def test_a_score_never_rises():
    planes, body = scene(100)
    assert again(planes, body, score=0.3)[0] == pytest.approx(0.3)


def test_the_strongest_tenth_of_the_ground_is_withheld_and_nothing_else(rng):
    planes = rng.normal(size=(10, 40, 40)).astype(np.float32)
    planes[3] = 1.0
    body = np.zeros((40, 40), bool)
    body[15:25, 15:25] = True
    made = withheld(planes, body)
    gone = made[3] == 0
    ground = np.zeros((40, 40), bool)
    y, x = np.mgrid[:40, :40]
    for row, column in np.argwhere(body):
        ground |= np.abs(y - row) + np.abs(x - column) <= GROWN
    assert gone.sum() == int(SHARE * ground.sum())
    size = np.abs(planes[:2]).max(0)
    assert size[gone].min() >= size[ground & ~gone].max()
    assert not (gone & ~ground).any()
    assert not made[:4, gone].any()
    np.testing.assert_array_equal(made[4:], planes[4:])
    np.testing.assert_array_equal(made[:, ~gone], planes[:, ~gone])


def test_beyond_the_raster_lies_the_mirror_image_of_what_is_withheld():
    shape, shown = (170, 192), []
    planes, body = np.zeros((10, *shape), np.float32), np.zeros(shape, bool)
    planes[3] = 1.0
    body[156:166, 90:100] = True
    planes[0, 156:160, 90:100] = 9.0

    class Seeing(Counting):
        def __call__(self, given):
            shown.append(given[0].numpy())
            return super().__call__(given)

    found = Boxes(np.array([[156, 90, 166, 100]], np.float32), np.array([0.9], np.float32))
    steadied(Seeing(), lambda window: planes[:, *window.slices], shape, body, (0, 0), found, STRIDE)
    first, last = 96, shape[0] - 1  # row where the square begins, and the raster's last
    beyond = np.arange(last + 1, first + SIDE)
    assert (shown[0][3, : last + 1 - first] == 0).any()
    np.testing.assert_array_equal(shown[0][:, beyond - first], shown[0][:, 2 * last - beyond - first])


def test_a_detection_that_loses_its_score_takes_no_ground_from_its_neighbour():
    planes = np.zeros((10, *SHAPE), np.float32)
    planes[3] = 1.0
    slide, roof = [60, 80, 84, 104], [68, 103, 73, 111]
    boxes = Boxes(np.array([slide, roof], np.float32), np.array([0.7, 0.6], np.float32))

    class Doubting(Counting):
        def __call__(self, shown):
            answer = super().__call__(shown)
            answer[0, 1] = -8.0
            return answer

    def probability(window):
        return np.ones((window.height, window.width), np.float32)

    def read(window):
        return planes[:, *window.slices]

    before = body_of(probability, boxes, 0, SHAPE)[0]
    left = all_steadied(Doubting(), read, probability, boxes, SHAPE, STRIDE)
    assert left.scores[0] == pytest.approx(0.7)  # too large to hang on a few pixels
    assert left.scores[1] < 0.05
    after = body_of(probability, left, 0, SHAPE)[0]
    alone = body_of(probability, boxes.take(np.array([0])), 0, SHAPE)[0]
    np.testing.assert_array_equal(after, alone)
    assert np.count_nonzero(before) < np.count_nonzero(after)

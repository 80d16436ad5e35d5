"""The benchmark of landslides: perfect answers score perfectly, methods give what tallies count."""

import numpy as np
import pytest
import torch
from fringelens.core.detection.boxes import NONE, Boxes
from fringelens.core.evaluate.benchmarks.landslide_tally import Tally
from fringelens.core.evaluate.landslide_scenes import (
    Answer,
    by_divergence,
    by_network,
    edges_of,
    overlap_of,
    truths,
)
from fringelens.core.simulate.gradient_scene import GradientOptions
from fringelens.models.registry import build

ALARMS = 0.01


@pytest.fixture(scope="module")
def scenes():
    return list(truths(GradientOptions(2, 128, 128, "held_out", interferograms=200.0), 4, 11, None))


def perfect(truth, score=0.9):
    """All that there is."""
    bodies = [truth.owner == number + 1 for number in truth.numbers]
    return Answer(Boxes(truth.edges, np.full(len(bodies), score, np.float32)), bodies)


def test_what_is_there_scores_one_and_nothing_scores_zero(scenes):
    best, none = Tally(), Tally()
    for truth in scenes:
        best.add(truth, perfect(truth))
        none.add(truth, Answer(NONE, []))
    assert best.wanted > 0
    for strict in (False, True):
        for loose in (False, True):
            assert best.precision(loose=loose, strict=strict) == pytest.approx((1.0, 1.0, 1.0))
        assert best.recall(ALARMS, strict=strict) == (1.0, 1.0, 1.0)
    assert best.outline() == pytest.approx((1.0, 1.0, 1.0))
    assert best.ahead_of(none) == pytest.approx((1.0, 1.0, 1.0))
    assert none.precision().value == none.recall(ALARMS).value == 0.0
    assert sum(int(row[1]) for row in best.by_aspect(ALARMS)) == best.slides
    assert sum(int(row[1]) for row in best.by_size(ALARMS)) == best.wanted


def test_the_smallest_rate_is_where_hits_begin(scenes):
    tally = Tally()
    for truth in scenes * 5:
        slides = truth.scene.slides
        rates = (slides.speed * slides.sensitivity.abs())[truth.index].numpy()[truth.numbers]
        found = perfect(truth)
        seen = rates > 20.0
        bodies = [body for body, keep in zip(found.bodies, seen, strict=True) if keep]
        tally.add(truth, Answer(found.boxes.take(seen), bodies))
    slowest = tally.slowest(0.8, 0.5)
    assert slowest is None or 8.0 < slowest < 60.0


def test_methods_give_a_body_for_each_box(scenes):
    torch.manual_seed(2)
    network = build("landslide_detection").eval()
    network.middle.bias.data.fill_(-0.5)
    for answer in (by_network(network, scenes[0], torch.device("cpu"), dem=False), by_divergence(scenes[0])):
        assert len(answer.bodies) == len(answer.boxes.scores) == len(answer.boxes.edges)
        assert all(body.any() for body in answer.bodies)


def test_overlap_of_true_bodies_is_the_identity(scenes):
    for truth in scenes:
        bodies = [truth.owner == number + 1 for number in truth.numbers]
        np.testing.assert_allclose(overlap_of(bodies, truth), np.eye(len(bodies)))
        for body, edges in zip(bodies, truth.edges, strict=True):
            assert edges_of(body) == tuple(edges)

"""Divergence of gradients: bodies of any size answer at their own scale, noise does not."""

import numpy as np
import pytest
import torch
from fringelens.core.detection.boxes import merge, propose
from fringelens.core.detection.divergence import (
    SCALES,
    STRIDE,
    DivergenceDetector,
    answers,
    noise_levels,
    weighted_planes,
)

SIDE, STEP = 160, 3


def gradients(field):
    """Central differences over STEP pixels, as a stack has them."""
    padded = np.pad(field, STEP, mode="edge")
    middle = slice(STEP, -STEP)
    x = padded[middle, 2 * STEP :] - padded[middle, : -2 * STEP]
    y = padded[2 * STEP :, middle] - padded[: -2 * STEP, middle]
    return (np.stack((x, y)) / (2 * STEP)).astype(np.float32)


def blob(row, column, radius):
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * radius**2))


def detections(field, rng, noise=0.05, least=0.5):
    gradient = gradients(field) + rng.normal(0, noise, (2, SIDE, SIDE)).astype(np.float32)
    coherence, valid = np.full((SIDE, SIDE), 0.8, np.float32), np.ones((SIDE, SIDE), bool)
    planes = torch.from_numpy(weighted_planes(gradient, coherence, valid, noise))
    said = DivergenceDetector(noise_levels([planes]))(planes[None])[0].numpy()
    score = 1 / (1 + np.exp(-said[1, ::STRIDE, ::STRIDE]))
    return merge(propose(score, said[2:, ::STRIDE, ::STRIDE], STRIDE, (0, 0), least))


def test_a_blob_is_found_where_it_is(rng):
    found = detections(3.0 * blob(60, 90, 7.0), rng)
    assert len(found.scores) == 1
    top, left, bottom, right = found.edges[0]
    assert (top + bottom) / 2 == pytest.approx(60, abs=3)
    assert (left + right) / 2 == pytest.approx(90, abs=3)


def test_larger_blobs_get_larger_boxes(rng):
    heights = [float(np.diff(detections(4.0 * blob(80, 80, r), rng).edges[0, [0, 2]])[0]) for r in (4.0, 12.0)]
    assert heights[1] > 1.8 * heights[0]


def test_noise_alone_and_a_plane_give_nothing(rng):
    y, x = np.mgrid[:SIDE, :SIDE]
    assert len(detections(np.zeros((SIDE, SIDE)), rng).scores) == 0
    assert len(detections(0.3 * x + 0.2 * y, rng).scores) == 0


def test_the_answer_to_white_noise_is_of_unit_deviation_at_every_scale(rng):
    weight = np.full((1, 1, SIDE, SIDE), 0.7, np.float32)
    planes = np.concatenate((rng.normal(0, 1, (1, 2, SIDE, SIDE)).astype(np.float32), weight), 1)
    middle = answers(torch.from_numpy(planes))[0, :, 50:-50, 50:-50]
    for scale, answer in zip(SCALES, middle, strict=True):
        assert float(answer.square().mean().sqrt()) == pytest.approx(1.0, rel=0.1 + 0.03 * scale)


def test_nothing_beyond_the_halo_is_seen(rng):
    detector = DivergenceDetector((1.0,) * len(SCALES))
    planes = torch.from_numpy(rng.normal(0, 1, (1, 3, 256, 256)).astype(np.float32))
    other = planes.clone()
    other[..., detector.halo + 32 :] += 1.0
    same = (detector(planes) - detector(other)).abs().amax((0, 1, 2))
    assert float(same[:32].max()) < 1e-4

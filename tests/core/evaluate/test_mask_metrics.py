"""Metrics of masks against numbers that can be counted by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from fringelens.core.evaluate.bootstrap import pooled
from fringelens.core.evaluate.mask_baselines import oracle, otsu, otsu2
from fringelens.core.evaluate.mask_metrics import boundary, boundary_f1, calibration_error, count, residues_left
from torch import Tensor


def square(size: int, first: int, last: int) -> Tensor:
    """A mask (1, size, size) with a square from first to last."""
    mask = torch.zeros(1, size, size, dtype=torch.bool)
    mask[:, first:last, first:last] = True
    return mask


EVERYWHERE = torch.ones(1, 40, 40, dtype=torch.bool)


def test_ratios_of_two_overlapping_squares() -> None:
    counts = count(square(40, 10, 20), square(40, 15, 25), EVERYWHERE)
    assert [float(n) for n in counts] == [25, 75, 75, 1425]
    assert float(counts.iou) == pytest.approx(25 / 175)
    assert float(counts.f1) == pytest.approx(50 / 200)
    assert float(counts.lost) == pytest.approx(75 / 1500)


def test_invalid_pixels_do_not_count() -> None:
    valid = EVERYWHERE.clone()
    valid[:, :, :20] = False
    counts = count(square(40, 10, 30), square(40, 10, 30), valid)
    assert [float(n) for n in counts] == [200, 0, 0, 600]


def test_the_boundary_of_a_square_is_its_rim() -> None:
    assert int(boundary(square(40, 10, 20)).sum()) == 36


def test_boundaries_match_within_the_tolerance_and_not_beyond() -> None:
    truth = square(40, 10, 30)
    assert float(boundary_f1(truth, truth, EVERYWHERE)) == 1.0
    assert float(boundary_f1(square(40, 12, 28), truth, EVERYWHERE)) == 1.0
    assert float(boundary_f1(square(40, 13, 27), truth, EVERYWHERE)) == 0.0
    nothing = torch.zeros_like(truth)
    assert math.isnan(float(boundary_f1(nothing, nothing, EVERYWHERE)))


def test_a_ramp_has_no_residues_and_a_vortex_has_one() -> None:
    rows, cols = torch.meshgrid(torch.arange(40.0), torch.arange(40.0), indexing="ij")
    nothing = torch.zeros_like(EVERYWHERE)
    ramp = torch.remainder(0.9 * rows + 0.5 * cols + math.pi, 2 * math.pi)[None] - math.pi
    assert float(residues_left(ramp, nothing, EVERYWHERE)) == 0.0
    vortex = torch.atan2(rows - 19.5, cols - 19.5)[None]
    assert float(residues_left(vortex, nothing, EVERYWHERE)) == pytest.approx(1000 / 39**2)
    assert float(residues_left(vortex, square(40, 18, 22), EVERYWHERE)) == 0.0


def test_calibration_error_of_a_known_gap(generator: torch.Generator) -> None:
    probability = torch.full((1, 100, 100), 0.7)
    truth = torch.rand(1, 100, 100, generator=generator) < 0.5
    assert calibration_error(probability, truth, torch.ones_like(truth)) == pytest.approx(0.2, abs=0.02)


def test_the_oracle_is_never_worse_than_any_threshold(rng: Any) -> None:
    truth = rng.random((64, 64)) < 0.3
    coherence = np.clip(np.where(truth, 0.3, 0.6) + rng.normal(0, 0.15, truth.shape), 0, 1).astype(np.float32)
    valid = rng.random(truth.shape) > 0.1

    def iou(mask: Any) -> float:
        return float((mask & truth & valid).sum() / ((mask | truth) & valid).sum())

    best = iou(oracle(coherence, truth, valid))
    assert best >= max(iou(coherence < step / 256) for step in range(257)) - 1e-12
    assert best >= iou(otsu(coherence, valid))


def test_two_thresholds_mask_less_than_one(rng: Any) -> None:
    coherence, logs = rng.random((32, 32)).astype(np.float32), rng.normal(0, 1, (32, 32)).astype(np.float32)
    valid = np.ones((32, 32), bool)
    assert not (otsu2(coherence, logs, valid) & ~otsu(coherence, valid)).any()


def test_the_interval_of_a_mean_is_that_of_the_normal_law(rng: Any) -> None:
    values = rng.normal(5, 2, 400)
    totals = np.stack([values, np.ones(400)], 1)
    estimate = pooled(totals, lambda sums: sums[:, 0] / sums[:, 1])
    half = 1.96 * values.std() / 20
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.low == pytest.approx(values.mean() - half, abs=0.03)
    assert estimate.high == pytest.approx(values.mean() + half, abs=0.03)
    assert estimate.show(100, 1).startswith(f"{100 * values.mean():.1f} (")

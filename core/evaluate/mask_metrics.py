"""How well a mask of decorrelated pixels agrees with the truth; batched in torch, counts first, ratios after."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ..simulate.phase_noise import PHASE_NOISE_LIMIT

MARGIN = 0.1  # rad; a pixel whose phase noise is nearer to the limit than this may be called either, and is not scored
BOUNDARY_TOLERANCE = 2  # pixels that a boundary may be off
CALIBRATION_BINS = 15


def scored(deviation: Tensor) -> Tensor:
    """Where the phase noise (rad) is at least MARGIN from the limit of use."""
    return (deviation - PHASE_NOISE_LIMIT).abs() >= MARGIN


class Counts(NamedTuple):
    """Pixels of each scene (batch,) by truth and mask; what every ratio below is made of."""

    true_positive: Tensor
    false_positive: Tensor
    false_negative: Tensor
    true_negative: Tensor

    @property
    def iou(self) -> Tensor:
        """Intersection over union of the decorrelated pixels; NaN where neither has any."""
        return self.true_positive / (self.true_positive + self.false_positive + self.false_negative)

    @property
    def f1(self) -> Tensor:
        """Harmonic mean of precision and recall; NaN where neither has any."""
        return 2 * self.true_positive / (2 * self.true_positive + self.false_positive + self.false_negative)

    @property
    def lost(self) -> Tensor:
        """Share of the coherent pixels that the mask takes away."""
        return self.false_positive / (self.false_positive + self.true_negative)


def count(mask: Tensor, truth: Tensor, valid: Tensor) -> Counts:
    """Counts of bool (batch, rows, cols) masks, decorrelated True, over the valid pixels, in double precision."""

    def total(where: Tensor) -> Tensor:
        return (where & valid).flatten(1).sum(1).double()

    return Counts(total(mask & truth), total(mask & ~truth), total(~mask & truth), total(~mask & ~truth))


def boundary(mask: Tensor) -> Tensor:
    """Pixels of a bool mask (batch, rows, cols) with a neighbour (of four) outside it."""
    padded = functional.pad(mask[:, None].float(), (1, 1, 1, 1), mode="replicate")[:, 0]
    inner = torch.minimum(
        torch.minimum(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]),
        torch.minimum(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]),
    )
    return mask & (inner < 0.5)


def near(mask: Tensor, distance: int) -> Tensor:
    """Pixels within `distance` rows and columns of a bool mask (batch, rows, cols)."""
    return functional.max_pool2d(mask[:, None].float(), 2 * distance + 1, 1, distance)[:, 0] > 0.5


def boundary_f1(mask: Tensor, truth: Tensor, valid: Tensor, tolerance: int = BOUNDARY_TOLERANCE) -> Tensor:
    """F1 (batch,) of the boundaries, each matched within `tolerance` pixels; NaN where neither has any."""
    mine, real = boundary(mask) & valid, boundary(truth) & valid
    matched = (mine & near(real, tolerance)).flatten(1).sum(1).double()
    found = (real & near(mine, tolerance)).flatten(1).sum(1).double()
    precision = matched / mine.flatten(1).sum(1).clamp_min(1)
    recall = found / real.flatten(1).sum(1).clamp_min(1)
    f1 = 2 * precision * recall / (precision + recall).clamp_min(1e-12)
    none = ~mine.flatten(1).any(1) & ~real.flatten(1).any(1)
    return f1.masked_fill(none, math.nan)


def residues_left(wrapped: Tensor, mask: Tensor, valid: Tensor) -> Tensor:
    """Phase residues per thousand 2x2 loops (batch,) of which all four pixels are kept; NaN where there are none."""

    def wrap(difference: Tensor) -> Tensor:
        return torch.remainder(difference + math.pi, 2 * math.pi) - math.pi

    across, down = wrap(wrapped.diff(dim=2)), wrap(wrapped.diff(dim=1))
    charge = across[:, :-1] + down[:, :, 1:] - across[:, 1:] - down[:, :, :-1]
    kept = valid & ~mask
    loop = kept[:, :-1, :-1] & kept[:, 1:, :-1] & kept[:, :-1, 1:] & kept[:, 1:, 1:]
    residues = ((charge.abs() > math.pi) & loop).flatten(1).sum(1).double()
    return 1000.0 * residues / loop.flatten(1).sum(1)


def calibration_error(probability: Tensor, truth: Tensor, valid: Tensor) -> float:
    """Expected calibration error over all valid pixels: mean gap between probability and share, in equal bins."""
    p, t = probability[valid].double(), truth[valid].double()
    index = (p * CALIBRATION_BINS).long().clamp(0, CALIBRATION_BINS - 1)
    size = torch.zeros(CALIBRATION_BINS, dtype=torch.double, device=p.device).index_add_(0, index, torch.ones_like(p))
    gap = torch.zeros_like(size).index_add_(0, index, p - t)
    return float(gap.abs().sum() / size.sum())

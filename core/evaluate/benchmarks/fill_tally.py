"""Sums over samples of how each way of filling agrees with the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import structural_similarity
from torch import Tensor

from ...simulate.gaps import distance_classes
from ..bootstrap import Estimate, pooled
from ..fill_metrics import accuracy_precision_recall, circular_error, fringe_lines, half_width, wrap
from .fill_cases import Case, Sample

EDGES = (2, 5, 10)  # pixels from the nearest known pixel (rows or columns): classes up to each, and beyond
GOOD = 0.5  # rad
LEVELS = (0.68, 0.95)
Rows = list[NDArray[np.float64]]


@dataclass
class Tally:
    """What one method did on the samples of one case; lists have an array (samples, kinds) per batch."""

    errors: Rows = field(default_factory=list)  # sum of errors, of their squares, of good pixels, of pixels
    classes: Rows = field(default_factory=list)  # sum of errors and pixels of each distance class
    lines: Rows = field(default_factory=list)  # of the whole patch: right, hit, marked, real, pixels
    gap_lines: Rows = field(default_factory=list)  # of gap pixels
    scaled: Rows = field(default_factory=list)  # MAE, MSE, SSIM of phase scaled to 0..1, whole patch

    def add(self, phase: Tensor, sample: Sample, lines: Tensor | None = None) -> None:
        """Count a batch of filled phase (batch, rows, cols), rad; `lines` bool where not those of the phase."""
        where = sample.where
        error = circular_error(phase, sample.truth)
        kinds = (error, error.square(), (error < GOOD).float(), torch.ones_like(error))
        self.errors.append(_sums(kinds, where))
        distance = distance_classes(sample.gap, EDGES)
        parts = [part for step in range(len(EDGES) + 1) for part in _of_class(error, distance == step + 1)]
        self.classes.append(_sums(parts, where))
        self.add_lines(fringe_lines(phase) if lines is None else lines, sample)
        self.scaled.append(np.array([_scaled(a, b) for a, b in zip(phase, sample.truth, strict=True)]))

    def add_lines(self, lines: Tensor, sample: Sample) -> None:
        """Count fringe lines (bool) alone."""
        truth = fringe_lines(sample.truth)
        for where, into in ((torch.ones_like(truth), self.lines), (sample.where, self.gap_lines)):
            size = where.flatten(1).sum(1, keepdim=True).double()
            into.append(torch.cat((accuracy_precision_recall(lines, truth, where), size), 1).numpy())

    def mae(self) -> Estimate:
        """Mean circular error in the gaps, rad."""
        return pooled(np.concatenate(self.errors), lambda s: s[:, 0] / s[:, 3])

    def rmse(self) -> float:
        """Root mean square of the circular error in the gaps, rad."""
        total = np.concatenate(self.errors).sum(0)
        return math.sqrt(float(total[1] / total[3]))

    def good(self) -> float:
        """Share of gap pixels within half a radian."""
        total = np.concatenate(self.errors).sum(0)
        return float(total[2] / total[3])

    def by_distance(self) -> list[float]:
        """Mean circular error of each distance class, NaN where it has no pixel."""
        total = np.concatenate(self.classes).sum(0)
        return [float(e / n) if n else math.nan for e, n in zip(total[0::2], total[1::2], strict=True)]

    def fringes(self, *, gaps: bool = False) -> tuple[float, float, float]:
        """Accuracy, precision and recall of the fringe lines, on whole patches or in gaps."""
        right, hit, marked, real, size = np.concatenate(self.gap_lines if gaps else self.lines).sum(0)
        return float(right / size), float(hit / max(marked, 1.0)), float(hit / max(real, 1.0))

    def on_unit_scale(self) -> tuple[float, float, float, float]:
        """MAE, MSE, SSIM and PSNR (dB, mean over patches) of phase scaled to 0..1."""
        rows = np.concatenate(self.scaled)
        mae, mse, ssim = (float(value) for value in rows.mean(0))
        return mae, mse, ssim, float(np.mean(-10.0 * np.log10(np.maximum(rows[:, 1], 1e-12))))


@dataclass
class Coverage:
    """How often the truth lies within the network's intervals, and its confidence against what happened."""

    held: Rows = field(default_factory=list)  # samples x (pixels, held at each level, cosine expected, cosine found)

    def add(self, phase: Tensor, log_concentration: Tensor, expected: Tensor, sample: Sample) -> None:
        """Count a batch (batch, rows, cols)."""
        error = circular_error(phase, sample.truth)
        inside = [(error <= half_width(log_concentration, level)).float() for level in LEVELS]
        kinds = (torch.ones_like(error), *inside, expected, error.cos())
        self.held.append(_sums(kinds, sample.where))

    def shares(self) -> list[Estimate]:
        """Share of gap pixels within the 68 and 95 % intervals, then mean confidence, then mean cosine found."""
        rows = np.concatenate(self.held)
        return [pooled(rows, lambda s, k=k: s[:, k] / s[:, 0]) for k in range(1, rows.shape[1])]  # type: ignore[misc]


@dataclass
class Measured:
    """What came of a case: each method's tally, and how the network's intervals did."""

    methods: dict[str, Tally] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    stage_one: Tally = field(default_factory=Tally)  # fringe lines of stage one alone
    correlation: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add(self, name: str, phase: torch.Tensor, sample: Sample) -> None:
        """Count a batch of one method."""
        self.methods.setdefault(name, Tally()).add(phase, sample)


Results = dict[Case, Measured]


def _sums(kinds: tuple[Tensor, ...] | list[Tensor], where: Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = torch.stack([(k * where).flatten(1).double().sum(1) for k in kinds], 1).numpy()
    return values


def _of_class(error: Tensor, member: Tensor) -> tuple[Tensor, Tensor]:
    return error * member, member.float()


def _scaled(phase: Tensor, truth: Tensor) -> tuple[float, float, float]:
    """MAE, MSE and SSIM of two phases (rows, cols), wrapped and scaled to 0..1, jumps and all, as the paper has it."""
    a, b = ((wrap(p).double() / (2.0 * math.pi) + 0.5).numpy() for p in (phase, truth))
    difference = a - b
    ssim = structural_similarity(a, b, data_range=1.0)  # type: ignore[no-untyped-call]
    return float(np.abs(difference).mean()), float(np.square(difference).mean()), float(ssim)

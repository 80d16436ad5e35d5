"""How well gaps of wrapped phase are filled: circular errors, fringes, and the measures of the paper; in torch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

CYCLE = 2.0 * math.pi


def wrap(phase: Tensor) -> Tensor:
    """Phase, rad, into [-pi, pi)."""
    return torch.remainder(phase + math.pi, CYCLE) - math.pi


def circular_error(phase: Tensor, truth: Tensor) -> Tensor:
    """Size of the difference of two phases on the circle, rad, 0 to pi."""
    return wrap(phase - truth).abs()


def turns(phase: Tensor) -> tuple[Tensor, Tensor]:
    """Change to the next column and row, wrapped, rad; phase (batch, rows, cols), 0 in the last column and row."""
    across, down = torch.zeros_like(phase), torch.zeros_like(phase)
    across[..., :-1] = wrap(phase[..., 1:] - phase[..., :-1])
    down[..., :-1, :] = wrap(phase[..., 1:, :] - phase[..., :-1, :])
    return across, down


def fringe_lines(phase: Tensor) -> Tensor:
    """As core.phase.fringes has it, for gapless phase (batch, rows, cols), rad, wrapped or not: bool."""
    wrapped = wrap(phase)
    lines = torch.zeros_like(wrapped, dtype=torch.bool)
    lines[..., :-1] |= (wrapped[..., 1:] - wrapped[..., :-1]).abs() > math.pi
    lines[..., :-1, :] |= (wrapped[..., 1:, :] - wrapped[..., :-1, :]).abs() > math.pi
    return lines


def accuracy_precision_recall(lines: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Counts (batch, 4) of bool lines against the truth, where told: right, hit, marked, real; double precision."""
    kinds = (lines == truth, lines & truth, lines, truth)
    return torch.stack([(kind & where).flatten(1).sum(1) for kind in kinds], 1).double()


def mean_absolute_error(cosine_sine: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Sum of circular errors and number of pixels (batch, 2), of a phase given as (batch, 2, rows, cols)."""
    error = circular_error(torch.atan2(cosine_sine[:, 1], cosine_sine[:, 0]), truth) * where
    return torch.stack((error.flatten(1).sum(1), where.flatten(1).sum(1)), 1).double()

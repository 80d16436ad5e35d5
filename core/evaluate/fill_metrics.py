"""How well gaps of wrapped phase are filled: circular errors, fringes, and the measures of the paper; in torch."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import i0e
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


# Grid of the table of intervals: ln(concentration), and angles that are finer near zero.
_LOG_CONCENTRATIONS = np.linspace(-4.0, 8.0, 121)
_ANGLES = math.pi * np.linspace(0.0, 1.0, 2001) ** 3


@lru_cache(maxsize=4)
def _half_widths(level: float) -> NDArray[np.float64]:
    """Half-width, rad, of the central interval that holds `level` of a von Mises distribution, for the grid."""
    concentration = np.exp(_LOG_CONCENTRATIONS)[:, None]
    density = np.exp(concentration * (np.cos(_ANGLES) - 1.0)) / (math.pi * i0e(concentration))
    steps = np.diff(_ANGLES) * (density[:, 1:] + density[:, :-1]) / 2.0
    held = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, 1)], 1)
    return np.array([np.interp(level * row[-1], row, _ANGLES) for row in held])


def half_width(log_concentration: Tensor, level: float) -> Tensor:
    """Half of the central interval, rad, that should hold `level` (0..1) of the errors."""
    widths = np.interp(log_concentration.double().cpu().numpy(), _LOG_CONCENTRATIONS, _half_widths(level))
    return torch.as_tensor(widths).float()

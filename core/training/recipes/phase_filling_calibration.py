"""Fits the filling network's concentration so that its intervals hold the share of errors that they should."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ...evaluate.fill_metrics import half_width

LEVELS = (0.68, 0.95)
BINS = 12  # of equal size, by how sure the network is: it has to be right about each
MOST = 50_000  # pixels that are looked at
SCALES, SHIFTS = np.linspace(0.6, 1.2, 13), np.linspace(-1.6, 0.8, 33)


def fit_calibration(log_concentration: Tensor, error: Tensor) -> tuple[float, float]:
    """Scale and shift of ln(concentration) (n,) whose 68 and 95 % intervals hold that share of the errors (n,), rad."""
    step = max(1, len(error) // MOST)
    order = log_concentration[::step].argsort()
    certain, error = log_concentration[::step][order], error[::step][order]
    candidates = ((miss(float(a) * certain + float(b), error), float(a), float(b)) for a in SCALES for b in SHIFTS)
    _, scale, shift = min(candidates)
    return scale, shift


def miss(log_concentration: Tensor, error: Tensor) -> float:
    """Mean squared difference between held and nominal shares, over bins of neighbouring values and both levels."""
    total = 0.0
    for level in LEVELS:
        held = (error <= half_width(log_concentration, level)).float()
        total += sum((float(part.mean()) - level) ** 2 for part in torch.tensor_split(held, BINS))
    return total / (BINS * len(LEVELS))

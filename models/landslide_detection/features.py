"""Planes that the landslide network is shown, from gradients, coherence and what an elevation model says."""

from __future__ import annotations

import torch
from torch import Tensor

from .network import CHANNELS

GAUSSIAN = 0.6745  # median of the size of a standard normal
LEAST_NOISE = 1e-6  # rad per year per pixel


def noise_level(gradient: Tensor, valid: Tensor) -> Tensor:
    """Robust standard deviation (n,) of gradients (n, 2, h, w) over the valid pixels, both directions together."""
    levels = [part[:, there].abs().flatten().median() if there.any() else torch.tensor(1.0)
              for part, there in zip(gradient, valid, strict=True)]  # fmt: skip
    return (torch.stack(levels) / GAUSSIAN).clamp_min(LEAST_NOISE)


def planes(
    gradient: Tensor,
    coherence: Tensor,
    valid: Tensor,
    noise: Tensor,
    terrain: Tensor | None = None,
    sensitivity: Tensor | None = None,
) -> Tensor:
    """(n, 10, h, w) of CHANNELS from gradient (n, 2, h, w), coherence and valid (n, h, w), noise (n,).

    terrain (n, 3, h, w): sine of the slope, and the way down along columns and rows times that sine; sensitivity
    (n, h, w): displacement toward the satellite per unit of motion down the slope.
    """
    n, _, rows, cols = gradient.shape
    shown = torch.zeros(n, len(CHANNELS), rows, cols, device=gradient.device)
    shown[:, :2] = torch.asinh(gradient / noise[:, None, None, None])
    shown[:, 2], shown[:, 3] = coherence, valid
    if terrain is not None:
        shown[:, 4:7], shown[:, 8] = terrain, 1.0
    if terrain is not None and sensitivity is not None:
        shown[:, 7], shown[:, 9] = sensitivity.abs(), 1.0
    shown[:, :4] *= valid[:, None]
    return shown

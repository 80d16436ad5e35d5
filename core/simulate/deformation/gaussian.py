"""Bowls of displacement: the distorted Gaussian of the papers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..draw import Draw, per_pixel
from ..fields import coordinates


def distorted_gaussian(
    draw: Draw, batch: int, rows: int, cols: int, radius: tuple[float, float] = (0.03, 0.3)
) -> Tensor:
    """Bowls (batch, rows, cols) of depth about 1: elliptical, rotated, with a skewed flank.

    `radius` is a share of the size.

    After the deformation samples of Wang et al. (2023), section 3.3.
    """
    y, x = coordinates(rows, cols, draw.device)
    size = float(max(rows, cols))
    dy = y - per_pixel(draw.uniform(batch, low=-0.45, high=0.45)) * rows
    dx = x - per_pixel(draw.uniform(batch, low=-0.45, high=0.45)) * cols
    angle = per_pixel(draw.uniform(batch, high=2 * math.pi))
    reach = per_pixel(draw.log_uniform(batch, low=radius[0], high=radius[1])) * size
    u = (dx * torch.cos(angle) + dy * torch.sin(angle)) / reach
    v = (dy * torch.cos(angle) - dx * torch.sin(angle)) / reach * per_pixel(draw.uniform(batch, low=1.0, high=2.5))
    u = u * torch.exp(per_pixel(draw.uniform(batch, low=-0.4, high=0.4)) * torch.tanh(u))
    v = v + per_pixel(draw.uniform(batch, low=-0.3, high=0.3)) * u.square().clamp(max=4.0)
    return torch.exp(-0.5 * (u.square() + v.square()))

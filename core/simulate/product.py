"""What processors do to an interferogram after it is formed: filtering, geocoding, borders and holes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import coordinates

PATCH = 32  # side of the patches that Goldstein and Werner (1998) filter
PATCH_STEP = 16


def goldstein(interferogram: Tensor, strength: Tensor) -> Tensor:
    """Adaptive filter of complex (batch, rows, cols) by the patch spectrum to a power, strength (batch,) 0..1.

    Goldstein and Werner (1998), with half-overlapping patches and a triangular window.
    """
    batch, rows, cols = interferogram.shape
    high = -(-max(rows - PATCH, 0) // PATCH_STEP) * PATCH_STEP + PATCH
    wide = -(-max(cols - PATCH, 0) // PATCH_STEP) * PATCH_STEP + PATCH
    planes = torch.stack([interferogram.real, interferogram.imag], dim=1)
    planes = functional.pad(planes, (0, wide - cols, 0, high - rows))
    patches = functional.unfold(planes, PATCH, stride=PATCH_STEP).view(batch, 2, PATCH, PATCH, -1)
    patches = patches.permute(0, 4, 1, 2, 3).contiguous()
    spectrum = torch.fft.fft2(torch.complex(patches[:, :, 0], patches[:, :, 1]))
    size = spectrum.abs()
    padded = functional.pad(size.flatten(0, 1)[:, None], (1, 1, 1, 1), mode="circular")
    size = functional.avg_pool2d(padded, 3, 1)[:, 0].view_as(size)
    size = size / size.amax(dim=(-2, -1), keepdim=True).clamp_min(1e-20)
    filtered = torch.fft.ifft2(spectrum * size.clamp_min(1e-6) ** strength[:, None, None, None])
    ramp = 1.0 - (torch.arange(PATCH, device=size.device) - (PATCH - 1) / 2).abs() / (PATCH / 2)
    filtered = filtered * (ramp[:, None] * ramp[None, :])
    columns = torch.stack([filtered.real, filtered.imag], dim=2).permute(0, 2, 3, 4, 1)
    columns = columns.reshape(batch, 2 * PATCH * PATCH, -1)
    out = functional.fold(columns, (high, wide), PATCH, stride=PATCH_STEP)[:, :, :rows, :cols]
    return torch.complex(out[:, 0].contiguous(), out[:, 1].contiguous())


def geocoding_grid(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    """A small rotation, scale and shift for each scene, as a sampling grid (batch, rows, cols, 2) that stays inside."""
    angle = draw.uniform(batch, low=-0.25, high=0.25)
    scale = draw.uniform(batch, low=0.72, high=0.8)
    shift = draw.uniform(batch, 2, low=-0.01, high=0.01)
    y, x = coordinates(rows, cols, draw.device)
    cosine, sine = per_pixel(torch.cos(angle) * scale), per_pixel(torch.sin(angle) * scale)
    column = (x * cosine - y * sine) * (2.0 / max(cols - 1, 1)) + per_pixel(shift[:, 0])
    row = (y * cosine + x * sine) * (2.0 / max(rows - 1, 1)) + per_pixel(shift[:, 1])
    return torch.stack([column, row], dim=-1)


def resample(layers: Tensor, grid: Tensor, mode: str) -> Tensor:
    """Layers (batch, n, rows, cols) at the places of a sampling grid; mode bilinear or nearest."""
    return functional.grid_sample(layers, grid, mode=mode, padding_mode="reflection", align_corners=True)


def footprint(draw: Draw, batch: int, rows: int, cols: int, border_share: float, hole_share: float) -> Tensor:
    """Where there are data (bool, batch, rows, cols): some scenes are cut by the edge of a swath, some have holes."""
    y, x = coordinates(rows, cols, draw.device)
    size = float(max(rows, cols))
    valid = torch.ones(batch, rows, cols, dtype=torch.bool, device=draw.device)
    cut = per_pixel(draw.chance(border_share, batch))
    turn = draw.uniform(batch, high=2 * math.pi)
    for quarter in range(2):
        angle = per_pixel(turn + quarter * math.pi / 2)
        offset = per_pixel(draw.uniform(batch, low=0.2, high=0.7)) * size
        valid &= ~cut | (x * torch.cos(angle) + y * torch.sin(angle) < offset)
    holed = per_pixel(draw.chance(hole_share, batch))
    for _ in range(3):
        dy = y - per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * rows
        dx = x - per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * cols
        reach = per_pixel(draw.log_uniform(batch, low=0.01, high=0.1)) * size
        longer = per_pixel(draw.uniform(batch, low=0.3, high=2.0))
        valid &= ~holed | (torch.maximum(dy.abs(), dx.abs() * longer) > reach)
    return valid

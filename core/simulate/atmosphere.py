"""Delay of the radar wave in the air: turbulence, layers, ramps, and the Perlin noise that papers use instead."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import PERIODICITY, coordinates, enlarge, power_law, standardise

TURBULENCE_SLOPE = 8.0 / 3.0  # of the radial spectrum between 0.5 and 2 km; Hanssen (2001), section 4.7
REFERENCE_HEIGHT, STRATIFIED_POWER = 7000.0, 1.4  # m and exponent of the layered delay; Bekaert et al. (2015)


def turbulence(
    draw: Draw,
    batch: int,
    rows: int,
    cols: int,
    slope: tuple[float, float] = (TURBULENCE_SLOPE, TURBULENCE_SLOPE),
    coarse: int = 1,
    periodicity: float = PERIODICITY,
) -> Tensor:
    """Turbulent delay (batch, rows, cols), mean 0, deviation 1, up to 3 times longer one way.

    `coarse` > 1 makes it on a grid that much coarser and enlarges it, which only takes the smallest scales.
    """
    slopes = draw.uniform(batch, low=slope[0], high=slope[1])
    stretch = draw.log_uniform(batch, low=1.0, high=3.0) if slope[0] != slope[1] else None
    field = power_law(draw, -(-rows // coarse), -(-cols // coarse), slopes, periodicity, stretch)
    return standardise(enlarge(field, rows, cols)) if coarse > 1 else field


def perlin(draw: Draw, batch: int, rows: int, cols: int, octaves: int = 4, cells: int = 3) -> Tensor:
    """Perlin gradient noise (batch, rows, cols), mean 0, deviation 1: `cells` cells across, doubled with each octave.

    Perlin (1985), with the quintic fade of 2002. Its spectrum is not that of the atmosphere; it serves comparison.
    """
    total = torch.zeros(batch, rows, cols, device=draw.device)
    for octave in range(octaves):
        count = cells * 2**octave
        angle = draw.uniform(batch, count + 1, count + 1, high=2 * math.pi)
        y = torch.arange(rows, device=draw.device) * (count / rows)
        x = torch.arange(cols, device=draw.device) * (count / cols)
        row, col = y.long(), x.long()
        v, u = (y - row)[None, :, None], (x - col)[None, None, :]
        fade_v, fade_u = (w**3 * (w * (w * 6 - 15) + 10) for w in (v, u))
        corners = []
        for dy in (0, 1):
            for dx in (0, 1):
                turn = angle[:, row + dy][:, :, col + dx]
                corners.append(torch.sin(turn) * (v - dy) + torch.cos(turn) * (u - dx))
        upper = corners[0] + fade_u * (corners[1] - corners[0])
        lower = corners[2] + fade_u * (corners[3] - corners[2])
        total += (upper + fade_v * (lower - upper)) * 0.5**octave
    return standardise(total)


def stratified(elevation: Tensor) -> Tensor:
    """Shape of a layered delay over heights (…, rows, cols) m: (h0 - h) ^ 1.4, mean 0, deviation 1 over relief."""
    layered = (REFERENCE_HEIGHT - elevation).clamp_min(1.0).pow(STRATIFIED_POWER)
    deviation, mean = torch.std_mean(layered, dim=(-2, -1), keepdim=True)
    return (layered - mean) / deviation.clamp_min(1e-3 * mean.abs())


def ramp(draw: Draw, rate: Tensor, rows: int, cols: int) -> Tensor:
    """A plane that rises by rate (batch,) per pixel in a random direction: (batch, rows, cols)."""
    y, x = coordinates(rows, cols, draw.device)
    direction = per_pixel(draw.uniform(len(rate), high=2 * math.pi))
    return per_pixel(rate) * (x * torch.cos(direction) + y * torch.sin(direction))

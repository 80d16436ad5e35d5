"""Lakes, rivers and sea: one generator for training, another for the held-out family."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean, coordinates, enlarge, power_law, quantile_level
from .hydrology import flow, ponds

# Probabilities of lakes where drainage ends, rivers along it, flooded lowland, a meandering river, shallow lakes.
WATER_KINDS = (0.4, 0.35, 0.25, 0.3, 0.35)
MEANDER_WIDTH = (0.8, 14.0)
RIVER_SLOPES = (2.4, 3.6)  # radial spectral slope of the field whose zero line a meandering river is


def natural_water(
    draw: Draw, height: Tensor, rows: int, cols: int, share: float = 0.8, kinds: tuple[float, ...] = WATER_KINDS
) -> Tensor:
    """Water of the training family (bool, batch, rows, cols) from coarse heights (m); `share` of the scenes has any.

    Lakes where drainage ends, rivers along it, flooded low ground, meandering rivers, shallow lakes of random shape.
    """
    batch = len(height)
    level = torch.zeros_like(height)
    wanted = draw.uniform(batch, 5) < torch.tensor(kinds, device=height.device)
    wanted &= draw.chance(share, batch)[:, None]
    tilt = _tilted(draw, height)
    area, _, pit = flow(tilt)
    spread = height.flatten(1).std(dim=1)
    depth = draw.log_uniform(batch, low=0.02, high=0.35) * spread
    lake = ponds(tilt, area, pit, depth, draw.log_uniform(batch, low=30.0, high=600.0))
    river = area > per_pixel(draw.log_uniform(batch, low=150.0, high=900.0))
    level = torch.maximum(level, (lake & per_pixel(wanted[:, 0])).float())
    level = torch.maximum(level, (river & per_pixel(wanted[:, 1])).float())
    slope = draw.uniform(batch, low=1.4, high=2.8)
    shape = power_law(draw, height.shape[1], height.shape[2], slope, periodicity=1.5)
    low = height + 0.1 * shape * per_pixel(spread)
    flooded = low < quantile_level(low, draw.log_uniform(batch, low=0.01, high=0.6))
    level = torch.maximum(level, (flooded & per_pixel(wanted[:, 2])).float())
    lakes = shape < quantile_level(shape, draw.log_uniform(batch, low=0.005, high=0.4))
    level = torch.maximum(level, (lakes & per_pixel(wanted[:, 4])).float())
    smooth = enlarge(level, rows, cols, "bilinear")
    water = smooth > per_pixel(draw.uniform(batch, low=0.3, high=0.7))
    return water | (meander(draw, batch, rows, cols) & per_pixel(wanted[:, 3]))


def _tilted(draw: Draw, height: Tensor) -> Tensor:
    """Heights smoothed and tilted a little, so that most water finds a way out."""
    batch, rows, cols = height.shape
    y, x = coordinates(rows, cols, height.device)
    direction = per_pixel(draw.uniform(batch, high=2 * math.pi))
    spread = height.flatten(1).std(dim=1).clamp_min(0.1)
    plane = (x * torch.cos(direction) + y * torch.sin(direction)) / max(rows, cols)
    return box_mean(height, 5, times=2) + 0.8 * per_pixel(spread) * plane


def meander(draw: Draw, batch: int, rows: int, cols: int, width: tuple[float, float] = MEANDER_WIDTH) -> Tensor:
    """A river of even width that winds across each scene (bool): the zero line of a plane plus a smooth field.

    `width` is the range of half the width, in pixels.
    """
    high, wide = -(-rows // 4), -(-cols // 4)
    low, up = RIVER_SLOPES
    bends = power_law(draw, high, wide, draw.uniform(batch, low=low, high=up), periodicity=1.5)
    y, x = coordinates(high, wide, draw.device)
    direction = per_pixel(draw.uniform(batch, high=2 * math.pi))
    plane = x * torch.cos(direction) + y * torch.sin(direction)
    offset = per_pixel(draw.uniform(batch, low=-0.3, high=0.3)) * max(high, wide)
    field = plane - offset + bends * per_pixel(draw.uniform(batch, low=0.05, high=0.25)) * max(high, wide)
    gy, gx = torch.gradient(field, dim=(1, 2))
    distance = enlarge(field / torch.hypot(gx, gy).clamp_min(0.2), rows, cols).abs() * 4.0
    return distance < per_pixel(draw.log_uniform(batch, low=width[0], high=width[1]))


def drawn_water(draw: Draw, batch: int, rows: int, cols: int, share: float = 0.8) -> Tensor:
    """Water of the held-out family (bool): lakes as warped ellipses, straight canals, sinuous rivers, bays."""
    y, x = coordinates(rows, cols, draw.device)
    size = float(max(rows, cols))
    rough = power_law(draw, -(-rows // 2), -(-cols // 2), draw.uniform(batch, low=1.8, high=3.0), periodicity=1.5)
    rough = enlarge(rough, rows, cols)
    wanted = draw.uniform(batch, 4) < torch.tensor([0.55, 0.3, 0.35, 0.2], device=draw.device)
    wanted &= draw.chance(share, batch)[:, None]
    water = torch.zeros(batch, rows, cols, dtype=torch.bool, device=draw.device)
    for _ in range(5):
        angle = per_pixel(draw.uniform(batch, high=math.pi))
        dy = y - per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * rows
        dx = x - per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * cols
        radius = per_pixel(draw.log_uniform(batch, low=0.01, high=0.22)) * size
        u, v = dx * torch.cos(angle) + dy * torch.sin(angle), dy * torch.cos(angle) - dx * torch.sin(angle)
        shape = torch.hypot(u, v * per_pixel(draw.uniform(batch, low=1.0, high=3.0))) / radius
        water |= (shape + 0.25 * rough < 1.0) & per_pixel(wanted[:, 0])
    for column in (1, 2):
        water |= _bent_line(draw, y, x, batch, size, straight=column == 1) & per_pixel(wanted[:, column])
    angle = per_pixel(draw.uniform(batch, high=2 * math.pi))
    edge = x * torch.cos(angle) + y * torch.sin(angle) + 0.06 * size * rough
    bay = edge > per_pixel(draw.uniform(batch, low=0.0, high=0.45)) * size
    return water | (bay & per_pixel(wanted[:, 3]))


def _bent_line(draw: Draw, y: Tensor, x: Tensor, batch: int, size: float, *, straight: bool) -> Tensor:
    """A band along a straight line (a canal) or along a sum of three sines (a river)."""
    angle = per_pixel(draw.uniform(batch, high=math.pi))
    u, v = x * torch.cos(angle) + y * torch.sin(angle), y * torch.cos(angle) - x * torch.sin(angle)
    course = per_pixel(draw.uniform(batch, low=-0.4, high=0.4)) * size
    course = course.expand(batch, *y.shape[1:])
    slant = torch.ones_like(course)
    if not straight:
        for harmonic in (1.0, 2.3, 4.7):
            wave = 2 * math.pi * harmonic / size
            height = per_pixel(draw.uniform(batch, low=0.0, high=0.12)) * size / harmonic
            phase = per_pixel(draw.uniform(batch, high=2 * math.pi))
            course = course + height * torch.sin(wave * u + phase)
            slant = slant + (height * wave).square() * torch.cos(wave * u + phase).square()
    width = per_pixel(draw.log_uniform(batch, low=0.8, high=10.0))
    return (v - course).abs() < width * slant.sqrt()

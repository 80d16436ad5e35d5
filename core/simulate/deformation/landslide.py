"""Slow landslides: a body that slides down its slope, along the surface."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draw import per_pixel
from ..fields import box_mean

PLUG = 4.0  # exponent of the super-ellipse: the body moves as a plug, and slower only near its sides
SMOOTHING = 9  # pixels over which the slope is taken, since a body does not follow each hummock


def displacement(
    elevation: Tensor, pixel: Tensor, row: Tensor, col: Tensor, length: Tensor, width: Tensor, movement: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """East, north and up displacement (batch, rows, cols) of one landslide per scene, in the unit of movement.

    elevation (batch, rows, cols) m, rows going south and columns east; the body lies around a pixel (row, col), is
    `length` m long down its slope and `width` m wide, and moves by `movement` along the surface, down the steepest
    descent; all (batch,). Nothing moves on flat ground.
    """
    smooth = box_mean(elevation, SMOOTHING, times=2)
    south, east = torch.gradient(smooth, dim=(1, 2))
    east, north = east / per_pixel(pixel), -south / per_pixel(pixel)
    batch = torch.arange(len(row), device=elevation.device)
    slope_e, slope_n = per_pixel(east[batch, row, col]), per_pixel(north[batch, row, col])
    steep = torch.hypot(slope_e, slope_n).clamp_min(1e-9)
    down_e, down_n = -slope_e / steep, -slope_n / steep
    rows, cols = elevation.shape[1:]
    y = torch.arange(rows, device=elevation.device)[None, :, None] - per_pixel(row)
    x = torch.arange(cols, device=elevation.device)[None, None, :] - per_pixel(col)
    de, dn = x * per_pixel(pixel), -y * per_pixel(pixel)
    along = (de * down_e + dn * down_n) / per_pixel(length / 2)
    across = (dn * down_e - de * down_n) / per_pixel(width / 2)
    body = (1.0 - along.abs().pow(PLUG) - across.abs().pow(PLUG)).clamp_min(0.0)
    local = torch.hypot(east, north)
    speed = per_pixel(movement) * body * (local > 1e-3)
    flat = 1.0 / torch.sqrt(1.0 + local.square())  # horizontal part of a unit step down the surface
    safe = local.clamp_min(1e-9)
    return -speed * flat * east / safe, -speed * flat * north / safe, -speed * flat * local

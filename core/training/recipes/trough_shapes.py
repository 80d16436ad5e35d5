"""Shapes of troughs to train on: mines, bowls, points, sheets that close, and ground that compacts over a basin."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ...simulate.deformation import mogi
from ...simulate.deformation.gaussian import distorted_gaussian
from ...simulate.draw import Draw, per_pixel
from ...simulate.fields import coordinates, enlarge, power_law
from .phase_unwrapping_samples import panels, point_source

Shape = Callable[[Draw, int, int, int], Tensor]

KIND_WEIGHTS = (0.25, 0.15, 0.22, 0.1, 0.13, 0.15)  # in the order of SHAPES
SPREAD = 0.45  # of a side: farthest centre of a trough from that of the scene
SHEET_DEPTH, SHEET_SIZE = (4.0, 32.0), (0.8, 3.2)  # pixels; times the depth: sides of a sheet
SHEET_POINTS = 3  # along each side; points closer than the depth act as one sheet
INCIDENCE = (0.35, 0.8)  # rad
BOWL_RADIUS = (0.012, 0.25)  # of a side: deviation of Gaussian bowls
BASIN_RADIUS, BASIN_SOFTNESS = (5.0, 75.0), (0.08, 0.5)  # pixels; of the radius: width of the flank
BASIN_BENT, BASIN_ROUGHNESS = 0.25, 3.0  # of the radius: how far the outline wanders; slope of its spectrum
COARSE = 8  # pixels between the values that bend an outline


def trough(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """Shapes of troughs (count, rows, cols), the deepest point of each scene 1 from rest, of either sign."""
    kind = draw.pick(range(len(SHAPES)), count, weights=KIND_WEIGHTS).long()
    field = torch.zeros(count, rows, cols, device=draw.device)
    for which, shape in enumerate(SHAPES):
        index = (kind == which).nonzero()[:, 0]
        if len(index):
            field[index] = shape(draw, len(index), rows, cols)
    return field / per_pixel(field.abs().flatten(1).amax(1).clamp_min(1e-9))


def sheet(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """A flat sheet that closes or opens at a depth, as a few points side by side (Mogi 1958)."""
    x, y = _turned(draw, count, rows, cols)
    depth = draw.log_uniform(count, low=SHEET_DEPTH[0], high=SHEET_DEPTH[1])
    sides = depth * draw.uniform(2, count, low=SHEET_SIZE[0], high=SHEET_SIZE[1])
    incidence, look = draw.uniform(count, low=INCIDENCE[0], high=INCIDENCE[1]), draw.uniform(count, high=2 * math.pi)
    parts = (incidence.sin() * look.cos(), incidence.sin() * look.sin(), incidence.cos())
    field = torch.zeros(count, rows, cols, device=draw.device)
    places = [(place + 0.5) / SHEET_POINTS - 0.5 for place in range(SHEET_POINTS)]
    for along in places:
        for across in places:
            u, v = x - per_pixel(along * sides[0]), y - per_pixel(across * sides[1])
            moved = mogi.displacement(depth.square(), depth, u, v)
            field += sum(per_pixel(part) * part_moved for part, part_moved in zip(parts, moved, strict=True))
    return field


def basin(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """Ground that compacts evenly within an outline that wanders, with flanks from soft to steep."""
    x, y = _turned(draw, count, rows, cols)
    radius = draw.log_uniform(count, low=BASIN_RADIUS[0], high=BASIN_RADIUS[1])
    wander = power_law(draw, rows // COARSE, cols // COARSE, torch.full((count,), BASIN_ROUGHNESS, device=draw.device))
    bent = per_pixel(draw.uniform(count, high=BASIN_BENT)) * enlarge(wander, rows, cols)
    distance = torch.hypot(x, y * per_pixel(draw.uniform(count, low=1.0, high=2.2))) / per_pixel(radius) + bent
    return torch.sigmoid(
        (1.0 - distance) / per_pixel(draw.uniform(count, low=BASIN_SOFTNESS[0], high=BASIN_SOFTNESS[1]))
    )


def _turned(draw: Draw, count: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Columns and rows (pixels) from a drawn centre, in axes turned by a drawn angle."""
    y, x = coordinates(rows, cols, draw.device)
    y = y - per_pixel(draw.uniform(count, low=-SPREAD, high=SPREAD)) * rows
    x = x - per_pixel(draw.uniform(count, low=-SPREAD, high=SPREAD)) * cols
    angle = per_pixel(draw.uniform(count, high=2 * math.pi))
    return x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()


def _panel(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    return panels(draw, count, rows, cols, several=False)


def _panels(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    return panels(draw, count, rows, cols, several=True)


def _bowl(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    return distorted_gaussian(draw, count, rows, cols, BOWL_RADIUS)


SHAPES: tuple[Shape, ...] = (_panel, _panels, _bowl, point_source, sheet, basin)

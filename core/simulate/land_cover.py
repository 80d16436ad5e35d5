"""What covers the ground: classes, their radar brightness and how fast they change, and the maps of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean, coordinates, enlarge, power_law, quantile_level


class LandCover(IntEnum):
    """Codes of the land-cover map."""

    WATER = 0
    FOREST = 1
    CROP = 2
    GRASS = 3
    URBAN = 4
    BARE = 5
    ROAD = 6
    WETLAND = 7
    SNOW = 8


@dataclass(frozen=True)
class ClassTraits:
    """Backscatter (dB), coherence at once and for ever, days the rest lasts at C band, texture (of ln power)."""

    backscatter: float
    coherence: float
    lasting: float
    days: float
    texture: float


# Start values after Hanssen (2001), section 4.4, and published Sentinel-1 coherence time series; scenes vary them.
TRAITS = {
    LandCover.WATER: ClassTraits(-20.0, 0.0, 0.0, 1.0, 0.05),
    LandCover.FOREST: ClassTraits(-8.0, 0.65, 0.06, 7.0, 0.3),
    LandCover.CROP: ClassTraits(-11.0, 0.85, 0.15, 18.0, 0.15),
    LandCover.GRASS: ClassTraits(-12.0, 0.9, 0.3, 40.0, 0.2),
    LandCover.URBAN: ClassTraits(-3.0, 0.97, 0.75, 400.0, 0.9),
    LandCover.BARE: ClassTraits(-14.0, 0.97, 0.65, 200.0, 0.25),
    LandCover.ROAD: ClassTraits(-18.0, 0.93, 0.6, 200.0, 0.3),
    LandCover.WETLAND: ClassTraits(-9.0, 0.7, 0.08, 9.0, 0.3),
    LandCover.SNOW: ClassTraits(-13.0, 0.6, 0.04, 6.0, 0.15),
}

_PARCEL_NUMBERS = 4096  # random numbers that parcels are dealt from


def parcels(draw: Draw, rows: int, cols: int, width: Tensor, aspect: Tensor) -> Tensor:
    """Field parcels with straight edges: one uniform number in [0, 1) per parcel, (batch, rows, cols).

    width (batch,) pixels across a strip, aspect (batch,) length of a parcel over its width.
    """
    batch = len(width)
    y, x = coordinates(rows, cols, draw.device)
    angle = per_pixel(draw.uniform(batch, high=math.pi))
    u = x * torch.cos(angle) + y * torch.sin(angle)
    v = y * torch.cos(angle) - x * torch.sin(angle)
    numbers = draw.uniform(batch, _PARCEL_NUMBERS)
    strip = torch.floor(u / per_pixel(width)).long()
    shift = numbers.gather(1, (strip * 7).remainder(_PARCEL_NUMBERS).flatten(1)).view_as(u)
    plot = torch.floor(v / per_pixel(width * aspect) + shift * 3.0).long()
    index = (strip * 131 + plot * 71).remainder(_PARCEL_NUMBERS).flatten(1)
    return numbers.gather(1, index).view_as(u)


def voronoi(draw: Draw, batch: int, rows: int, cols: int, cells: int, warp: Tensor) -> Tensor:
    """Index (int64) of the nearest of `cells` random points, for each pixel; warp (pixels) bends the edges."""
    y, x = coordinates(rows, cols, draw.device)
    warped_y, warped_x = y + warp, x + warp.flip(1)
    centre_y = draw.uniform(batch, cells, low=-0.6, high=0.6) * rows
    centre_x = draw.uniform(batch, cells, low=-0.6, high=0.6) * cols
    nearest = torch.full((batch, rows, cols), math.inf, device=draw.device)
    index = torch.zeros(batch, rows, cols, dtype=torch.long, device=draw.device)
    for cell in range(cells):
        dy = warped_y - per_pixel(centre_y[:, cell])
        dx = warped_x - per_pixel(centre_x[:, cell])
        distance = dy.square() + dx.square()
        index = torch.where(distance < nearest, cell, index)
        nearest = torch.minimum(nearest, distance)
    return index


def _roads(draw: Draw, batch: int, rows: int, cols: int, lines: int) -> Tensor:
    """Straight roads two to four pixels wide (bool); some scenes have none."""
    y, x = coordinates(rows, cols, draw.device)
    road = torch.zeros(batch, rows, cols, dtype=torch.bool, device=draw.device)
    for _ in range(lines):
        angle = per_pixel(draw.uniform(batch, high=math.pi))
        offset = per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * max(rows, cols)
        width = per_pixel(draw.pick([0.0, 1.0, 1.5, 2.0], batch, weights=[3, 2, 2, 1]))
        road |= (x * torch.cos(angle) + y * torch.sin(angle) - offset).abs() < width
    return road


def _regions(draw: Draw, batch: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Two rough fields of mean 0 and deviation 1 that say where which class lies."""
    half = (-(-rows // 2), -(-cols // 2))
    slope = draw.uniform(2 * batch, low=1.9, high=3.2)
    fields = enlarge(power_law(draw, *half, slope, periodicity=1.5), rows, cols, "bilinear")
    return fields[:batch], fields[batch:]


def landscape(draw: Draw, steepness: Tensor, water: Tensor) -> tuple[Tensor, Tensor]:
    """The training family's map: fields over rough regions. (land cover int64, number per parcel) (batch, rows, cols).

    steepness: rise over run of the ground; water: bool.
    """
    batch, rows, cols = steepness.shape
    steepness = box_mean(steepness, 7)
    first, second = _regions(draw, batch, rows, cols)
    plot = parcels(
        draw, rows, cols, draw.log_uniform(batch, low=8.0, high=60.0), draw.log_uniform(batch, low=0.7, high=4.0)
    )
    cover = torch.full((batch, rows, cols), int(LandCover.GRASS), device=steepness.device)
    farmed = (first < quantile_level(first, draw.uniform(batch))) & (steepness < 0.25)
    crop = torch.tensor(
        [LandCover.CROP] * 10
        + [LandCover.GRASS] * 3
        + [LandCover.FOREST] * 3
        + [LandCover.BARE] * 3
        + [LandCover.WETLAND],
        device=steepness.device,
    )[(plot * 997.0).remainder(1.0).mul(20).long().clamp(max=19)]
    cover = torch.where(farmed, crop, cover)
    wood = second < quantile_level(second, draw.uniform(batch, high=0.75))
    cover = torch.where(wood & ~(farmed & (plot < 0.7)), int(LandCover.FOREST), cover)
    rocky = steepness + 0.1 * first > per_pixel(draw.uniform(batch, low=0.35, high=1.2))
    cover = torch.where(rocky, int(LandCover.BARE), cover)
    mixed = first - second
    town = mixed > quantile_level(mixed, draw.pick([1.0, 0.97, 0.9, 0.7], batch, weights=[5, 3, 2, 1]))
    cover = torch.where(town & (steepness < 0.3), int(LandCover.URBAN), cover)
    arid = per_pixel(draw.chance(0.2, batch))
    dry = torch.where(second > 0.5, int(LandCover.GRASS), int(LandCover.BARE))
    cover = torch.where(arid & ~town, dry, cover)
    return _finish(draw, cover, plot, water)


def patchwork(draw: Draw, steepness: Tensor, water: Tensor) -> tuple[Tensor, Tensor]:
    """The held-out family's map: cells around random points with bent edges; as `landscape`."""
    batch, rows, cols = steepness.shape
    first, _ = _regions(draw, batch, rows, cols)
    bend = first * per_pixel(draw.pick([0.0, 3.0, 8.0], batch))
    cells = 40
    index = voronoi(draw, batch, rows, cols, cells, bend)
    kind = draw.pick(
        [float(c) for c in LandCover if c not in (LandCover.WATER, LandCover.ROAD)],
        batch, cells, weights=[4, 4, 4, 1.5, 3, 1, 1],
    ).long()  # fmt: skip
    cover = kind.gather(1, index.flatten(1)).view_as(index)
    value = draw.uniform(batch, cells).gather(1, index.flatten(1)).view_as(steepness)
    return _finish(draw, cover, value, water)


def _finish(draw: Draw, cover: Tensor, value: Tensor, water: Tensor) -> tuple[Tensor, Tensor]:
    batch, rows, cols = cover.shape
    cover = torch.where(water, int(LandCover.WATER), cover)
    road = _roads(draw, batch, rows, cols, lines=3)
    bridge = per_pixel(draw.chance(0.5, batch))
    cover = torch.where(road & (bridge | ~water), int(LandCover.ROAD), cover)
    return cover, value

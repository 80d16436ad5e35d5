"""What a user may ask to move in a simulated survey: displacement east, north and up over a map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .deformation import knothe, landslide, mogi, okada
from .deformation.gaussian import distorted_gaussian
from .deformation.knothe import Panel
from .deformation.okada import Fault
from .draw import Draw

SOURCES = ("none", "earthquake", "volcano", "mining", "landslide", "subsidence")

_BAND = 256  # rows of Okada's formula at a time: it needs some fifty float64 planes
_MM = 1e3
_STRAIN_DROP = 4e-5  # slip over length of an earthquake (Wells and Coppersmith 1994, rounded)
_UPLIFT = (0.06, 0.2)  # m over a magma chamber
_STEEPEST = 2.0  # rad per pixel of phase at the flank of a mine trough
_SLIDES, _PANELS, _BASINS = 8, 4, 3
_SLIDE_SLOPE = (math.tan(math.radians(10)), math.tan(math.radians(45)))
_SLIDE_MOVEMENT = (10.0, 45.0)  # mm between the two images
_BASIN_DEPTH = (25.0, 110.0)  # mm


@dataclass
class Map:
    """The ground of one survey: heights (1, rows, cols) m, size of its pixels along columns and rows in m."""

    elevation: Tensor
    step_east: float
    step_north: float

    @property
    def extent(self) -> float:
        """The shorter side, m."""
        rows, cols = self.elevation.shape[1:]
        return min(rows * self.step_north, cols * self.step_east)

    def coordinates(self) -> tuple[Tensor, Tensor]:
        """East (1, 1, cols) and north (1, rows, 1) of each pixel from the centre, m."""
        rows, cols = self.elevation.shape[1:]
        east = (torch.arange(cols, dtype=torch.float32) - (cols - 1) / 2) * self.step_east
        north = ((rows - 1) / 2 - torch.arange(rows, dtype=torch.float32)) * self.step_north
        return east[None, None, :], north[None, :, None]


def displacement(draw: Draw, source: str, ground: Map, wavelength: float, look: tuple[float, float, float]) -> Tensor:
    """Displacement (1, rows, cols) in mm toward the satellite of a random source of this kind, scaled to the map.

    `look` is the unit vector (east, north, up) to the satellite; wavelength in m. Raises ValueError for another source.
    """
    total = torch.zeros_like(ground.elevation)
    if source == "none":
        return total
    if source == "earthquake":
        return _earthquake(draw, ground, look)
    if source == "volcano":
        return _along(look, _volcano(draw, ground))
    if source == "mining":
        for _ in range(_PANELS):
            total += _along(look, _mine(draw, ground, wavelength))
        return total
    if source == "landslide":
        return _landslides(draw, ground, look)
    if source == "subsidence":
        rows, cols = total.shape[1:]
        for _ in range(_BASINS):
            depth = float(draw.uniform(1, low=_BASIN_DEPTH[0], high=_BASIN_DEPTH[1]))
            total -= depth * look[2] * distorted_gaussian(draw, 1, rows, cols, radius=(0.02, 0.1))
        return total
    message = f"there is no source {source!r}; there are {', '.join(SOURCES)}"
    raise ValueError(message)


def _along(look: tuple[float, float, float], parts: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    return look[0] * parts[0] + look[1] * parts[1] + look[2] * parts[2]


def _one(draw: Draw, low: float, high: float) -> Tensor:
    return draw.uniform(1, low=low, high=high)


def _earthquake(draw: Draw, ground: Map, look: tuple[float, float, float]) -> Tensor:
    length = (_one(draw, 0.2, 0.35) * ground.extent).clamp(200.0, 40_000.0)
    width = length * _one(draw, 0.4, 0.6)
    dip = _one(draw, 40.0, 85.0)
    top = width * _one(draw, 0.05, 0.4)
    fault = Fault(
        east=_one(draw, -0.15, 0.15) * ground.extent,
        north=_one(draw, -0.15, 0.15) * ground.extent,
        depth=top + width / 2 * torch.sin(torch.deg2rad(dip)),
        strike=_one(draw, 0.0, 360.0),
        dip=dip,
        length=length,
        width=width,
        slip=length * _STRAIN_DROP * _MM,
        rake=_one(draw, -120.0, 120.0),
        opening=torch.zeros(1),
    )
    east, north = ground.coordinates()
    bands = [north[:, row : row + _BAND] for row in range(0, north.shape[1], _BAND)]
    parts = [_along(look, okada.displacement(fault, east, band)).float() for band in bands]
    return torch.cat(parts, dim=1)


def _volcano(draw: Draw, ground: Map) -> tuple[Tensor, Tensor, Tensor]:
    depth = (_one(draw, 0.06, 0.12) * ground.extent).clamp(100.0, 8000.0)
    uplift = _one(draw, *_UPLIFT)
    volume = uplift * _MM * math.pi * depth.square() / (1.0 - okada.POISSON)
    east, north = ground.coordinates()
    shift = _one(draw, -0.2, 0.2) * ground.extent, _one(draw, -0.2, 0.2) * ground.extent
    return mogi.displacement(volume, depth, east - shift[0], north - shift[1])


def _mine(draw: Draw, ground: Map, wavelength: float) -> tuple[Tensor, Tensor, Tensor]:
    pixel = max(ground.step_east, ground.step_north)
    reach = _one(draw, 80.0, 250.0).clamp_min(4 * pixel)
    allowed = _STEEPEST * wavelength / (4 * math.pi * pixel) * reach
    panel = Panel(
        length=reach * _one(draw, 2.0, 6.0),
        width=reach * _one(draw, 0.8, 2.0),
        angle=_one(draw, 0.0, math.pi),
        reach=reach,
        subsidence=_one(draw, 0.4, 1.0) * allowed.clamp(max=0.4) * _MM,
        horizontal=_one(draw, 0.3, 0.4),
    )
    east, north = ground.coordinates()
    shift = _one(draw, -0.4, 0.4) * ground.extent, _one(draw, -0.4, 0.4) * ground.extent
    return knothe.displacement(panel, east - shift[0], north - shift[1])


def _landslides(draw: Draw, ground: Map, look: tuple[float, float, float]) -> Tensor:
    """Slides on slopes of 10 to 45 degrees; none where the ground is flatter."""
    total = torch.zeros_like(ground.elevation)
    pixel = math.sqrt(ground.step_east * ground.step_north)
    south, east = torch.gradient(ground.elevation[0, ::4, ::4])
    slope = torch.hypot(east / ground.step_east, south / ground.step_north) / 4
    places = ((slope > _SLIDE_SLOPE[0]) & (slope < _SLIDE_SLOPE[1])).nonzero() * 4
    if not len(places):
        return total
    for _ in range(_SLIDES):
        row, col = places[int(draw.integers(1, high=len(places)))].tolist()
        length = max(float(draw.log_uniform(1, low=200.0, high=2000.0)), 8 * pixel)
        reach = int(length / pixel) + 1
        top, left = max(row - reach, 0), max(col - reach, 0)
        part = (slice(None), slice(top, row + reach), slice(left, col + reach))
        parts = landslide.displacement(
            ground.elevation[part],
            torch.tensor([pixel]),
            torch.tensor([row - top]),
            torch.tensor([col - left]),
            torch.tensor([length]),
            torch.tensor([length]) * _one(draw, 0.3, 0.7),
            _one(draw, *_SLIDE_MOVEMENT),
        )
        total[part] += _along(look, parts)
    return total

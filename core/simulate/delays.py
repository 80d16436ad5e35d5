"""Deformation and delay as an unwrapped interferogram holds them, part by part, on the coarse cells of its network.

The parts are kept apart, each of unit deviation, so that one simulated batch serves many mixtures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from .atmosphere import ramp, stratified, turbulence
from .deformation import knothe, landslide, mogi, okada
from .deformation.gaussian import distorted_gaussian
from .deformation.knothe import Panel
from .deformation.okada import Fault
from .draw import Draw, per_pixel
from .fields import box_mean, enlarge, power_law, quantile_level, standardise
from .geometry import line_of_sight
from .product import footprint
from .terrain import TerrainSource, make_elevation

KINDS = ("okada", "mogi", "bowls", "mine", "slides")
KIND_WEIGHTS = (4.0, 4.0, 2.0, 1.0, 1.0)
SLOPES = (1.6, 3.2)  # radial spectral slopes of turbulence, around Hanssen's 5/3 and 8/3
LATERAL_SLOPES = (2.5, 4.0)  # of how layering varies from place to place: smooth
SEA_LEVEL = 0.5  # m
DRY_SHARE = 0.4  # of coastal scenes whose sea is not masked, as where the phase was interpolated over it
HOLED_SHARE, PATCHY_SHARE, BORDER_SHARE = 0.3, 0.35, 0.3
MOST_LOST = 0.5  # share of a patchy scene that is masked
LEAST_VALID = 0.15  # share of the cells that are valid, below which a scene is taken as valid throughout
LEAST_DEVIATION = 1e-9
BAND_CELLS = 2  # Okada's formula is evaluated on cells this much coarser where the fault is buried deeper than them


@dataclass(frozen=True)
class DelayOptions:
    """What scenes to draw: `spacing` is the range of ground sizes of a cell, m; `kinds` those of the deformation."""

    batch: int = 8
    rows: int = 128
    cols: int = 128
    spacing: tuple[float, float] = (100.0, 1000.0)
    kinds: tuple[str, ...] = KINDS
    weights: tuple[float, ...] = KIND_WEIGHTS
    slopes: tuple[float, float] = SLOPES


@dataclass
class Delays:
    """Parts of a batch of scenes (batch, rows, cols); those of delay and deformation have unit deviation."""

    elevation: Tensor  # m
    turbulence: Tensor
    layered: Tensor  # delay of layered air that is the same everywhere
    lateral: Tensor  # of layers that differ from place to place
    ramp: Tensor
    deformation: Tensor
    grain: Tensor  # what decorrelation leaves in a cell's mean, larger where coherence is low
    coherence: Tensor  # 0..1
    share: Tensor  # 0..1, of a cell's pixels that are valid
    spacing: Tensor  # (batch,) m

    def items(self) -> dict[str, Tensor]:
        """The parts by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def simulate_delays(
    options: DelayOptions,
    generator: torch.Generator,
    device: torch.device | str = "cpu",
    terrain: TerrainSource | None = None,
) -> Delays:
    """Draws a batch of scenes; the same options, seed and terrain give the same scenes."""
    draw = Draw(generator, device)
    rows, cols, batch = options.rows, options.cols, options.batch
    with torch.no_grad():
        spacing = draw.log_uniform(batch, low=options.spacing[0], high=options.spacing[1])
        elevation = make_elevation(draw, rows, cols, spacing, terrain)
        layers = stratified(elevation)
        coherence, share = _quality(draw, elevation)
        return Delays(
            elevation=elevation,
            turbulence=turbulence(draw, batch, rows, cols, slope=options.slopes),
            layered=layers,
            lateral=_lateral(draw, layers),
            ramp=standardise(ramp(draw, torch.ones(batch), rows, cols)),
            deformation=_deformation(draw, options, spacing, elevation),
            grain=_grain(draw, coherence),
            coherence=coherence,
            share=share,
            spacing=spacing,
        )


def _lateral(draw: Draw, layers: Tensor) -> Tensor:
    """Layering times a smooth field of mean 0."""
    batch, rows, cols = layers.shape
    slopes = draw.uniform(batch, low=LATERAL_SLOPES[0], high=LATERAL_SLOPES[1])
    strength = power_law(draw, -(-rows // 4), -(-cols // 4), slopes, 1.5)
    return standardise(enlarge(strength, rows, cols) * layers)


def _quality(draw: Draw, elevation: Tensor) -> tuple[Tensor, Tensor]:
    """Coherence, and the share of each cell that is valid."""
    batch, rows, cols = elevation.shape
    field = power_law(draw, rows, cols, draw.uniform(batch, low=0.8, high=2.0), 1.5)
    level = draw.uniform(batch, low=-1.0, high=2.5)
    coherence = torch.sigmoid(per_pixel(level) + per_pixel(draw.uniform(batch, low=0.3, high=1.2)) * field)
    patchy = per_pixel(draw.chance(PATCHY_SHARE, batch))
    lost = quantile_level(coherence, draw.uniform(batch, high=MOST_LOST))
    share = torch.where(patchy, torch.sigmoid(12.0 * (coherence - lost)), 1.0)
    share = torch.where(share < 0.05, 0.0, share)
    wet = (elevation < SEA_LEVEL) & ~per_pixel(draw.chance(DRY_SHARE, batch))
    there = footprint(draw, batch, rows, cols, BORDER_SHARE, HOLED_SHARE) & ~wet
    share = share * there
    empty = (share > 0).float().mean((1, 2), keepdim=True) < LEAST_VALID
    return coherence, torch.where(empty, 1.0, share)


def _grain(draw: Draw, coherence: Tensor) -> Tensor:
    """Noise of a cell's mean: white, with the deviation that coherence leaves."""
    spread = torch.sqrt((1.0 - coherence.square()).clamp_min(0.0)) / coherence.clamp_min(0.1)
    return standardise(draw.normal(*coherence.shape) * spread)


def _deformation(draw: Draw, options: DelayOptions, spacing: Tensor, elevation: Tensor) -> Tensor:
    """One kind of source in each scene, one to three of them, along a random line of sight."""
    which = draw.pick(range(len(options.kinds)), options.batch, weights=options.weights).long()
    total = torch.zeros_like(elevation)
    for index, kind in enumerate(options.kinds):
        for scene in (which == index).nonzero()[:, 0].tolist():
            part = slice(scene, scene + 1)
            for _ in range(1 + int(draw.chance(0.3, 1)) + int(draw.chance(0.15, 1))):
                strength = float(draw.uniform(1, low=0.3, high=1.0)) * (1.0 if bool(draw.chance(0.5, 1)) else -1.0)
                moved = _unit(_SOURCES[kind](draw, spacing[part], elevation[part]))
                total[part] += strength * moved
    return standardise(total)


def _unit(moved: Tensor) -> Tensor:
    return moved / moved.abs().amax(dim=(1, 2), keepdim=True).clamp_min(LEAST_DEVIATION)


def _look(draw: Draw) -> tuple[float, float, float]:
    heading = float(draw.pick([-13.0, -167.0], 1)) + 3.0 * float(draw.normal(1))
    return line_of_sight(heading, float(draw.uniform(1, low=22.0, high=46.0)))


def _along(look: tuple[float, float, float], parts: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    return (look[0] * parts[0] + look[1] * parts[1] + look[2] * parts[2]).float()


def _axes(draw: Draw, spacing: Tensor, elevation: Tensor, step: int = 1) -> tuple[Tensor, Tensor]:
    """East (1, 1, cols) and north (1, rows, 1) from a random place inside the scene, m, every `step` cells."""
    rows, cols = elevation.shape[1:]
    x = (torch.arange(0, cols, step) + (step - 1) / 2) - cols * float(draw.uniform(1, low=0.1, high=0.9))
    y = rows * float(draw.uniform(1, low=0.1, high=0.9)) - (torch.arange(0, rows, step) + (step - 1) / 2)
    return (x * spacing)[None, None, :], (y * spacing)[None, :, None]


def _extent(spacing: Tensor, elevation: Tensor) -> float:
    return float(spacing) * min(elevation.shape[1:])


def _okada(draw: Draw, spacing: Tensor, elevation: Tensor) -> Tensor:
    """A fault, dyke or sill, of a twentieth to six tenths of the scene, cutting the ground or buried."""
    length = draw.log_uniform(1, low=0.05, high=0.6) * _extent(spacing, elevation)
    width = length * draw.uniform(1, low=0.3, high=1.0)
    dip = draw.uniform(1, low=10.0, high=89.0)
    top = torch.where(draw.chance(0.25, 1), 0.0, 1.0) * length * draw.log_uniform(1, low=0.05, high=1.0)
    opening = draw.chance(0.25, 1).float()
    fault = Fault(
        east=torch.zeros(1),
        north=torch.zeros(1),
        depth=top + width / 2 * torch.sin(torch.deg2rad(dip)) + 1.0,
        strike=draw.uniform(1, high=360.0),
        dip=dip,
        length=length,
        width=width,
        slip=1.0 - opening,
        rake=draw.uniform(1, low=-180.0, high=180.0),
        opening=opening,
    )
    step = BAND_CELLS if float(top) > 2 * BAND_CELLS * float(spacing) else 1
    east, north = _axes(draw, spacing, elevation, step)
    return enlarge(_along(_look(draw), okada.displacement(fault, east, north)), *elevation.shape[1:])


def _mogi(draw: Draw, spacing: Tensor, elevation: Tensor) -> Tensor:
    depth = draw.log_uniform(1, low=0.02, high=0.3) * _extent(spacing, elevation)
    east, north = _axes(draw, spacing, elevation)
    return _along(_look(draw), mogi.displacement(depth.square(), depth, east, north))


def _bowls(draw: Draw, spacing: Tensor, elevation: Tensor) -> Tensor:
    del spacing
    rows, cols = elevation.shape[1:]
    return distorted_gaussian(draw, 1, rows, cols, radius=(0.02, 0.2))


def _mine(draw: Draw, spacing: Tensor, elevation: Tensor) -> Tensor:
    """A mine panel; where cells are coarse, it is what is left of one in their means."""
    reach = draw.uniform(1, low=80.0, high=300.0).clamp_min(float(spacing))
    panel = Panel(
        length=reach * draw.uniform(1, low=1.0, high=8.0),
        width=reach * draw.uniform(1, low=0.8, high=3.0),
        angle=draw.uniform(1, high=math.pi),
        reach=reach,
        subsidence=torch.ones(1),
        horizontal=draw.uniform(1, low=0.3, high=0.4),
    )
    east, north = _axes(draw, spacing, elevation)
    return _along(_look(draw), knothe.displacement(panel, east, north))


def _slides(draw: Draw, spacing: Tensor, elevation: Tensor) -> Tensor:
    """A landslide on a steep place of a few that are drawn; nothing moves where the ground is flat."""
    rows, cols = elevation.shape[1:]
    south, east = torch.gradient(elevation[0])
    steep = torch.hypot(south, east)
    row, col = draw.integers(16, high=rows), draw.integers(16, high=cols)
    best = int(steep[row, col].argmax())
    length = draw.log_uniform(1, low=2.0, high=10.0) * spacing
    moved = landslide.displacement(
        elevation, spacing, row[best : best + 1], col[best : best + 1], length, length * 0.5, torch.ones(1)
    )
    return box_mean(_along(_look(draw), moved), 3)


_SOURCES = {"okada": _okada, "mogi": _mogi, "bowls": _bowls, "mine": _mine, "slides": _slides}

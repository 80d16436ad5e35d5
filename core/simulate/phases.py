"""The three parts of an interferogram's phase: topography, deformation, atmosphere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .atmosphere import perlin, ramp, stratified, turbulence
from .deformation.gaussian import distorted_gaussian
from .draw import Draw, per_pixel
from .fields import coordinates, enlarge, power_law
from .geometry import phase_per_mm

DEFORMED_SHARE = 0.5
RUPTURED_SHARE = 0.15  # of the deformed scenes
STEEP_RAMP_SHARE = 0.1
STEEPNESS_QUANTILE = 0.98


class PhaseOptions(Protocol):
    """What `make_phases` needs of the options of a scene."""

    @property
    def family(self) -> str:
        """Which generator family."""

    @property
    def flattened_share(self) -> float:
        """Probability that topography is taken out."""

    @property
    def steepest(self) -> float:
        """Steepest fringes, rad per pixel."""


@dataclass
class Phases:
    """Parts of the phase, rad, (batch, rows, cols); deformation in mm toward the satellite."""

    topography: Tensor
    deformation: Tensor
    moving: Tensor
    atmosphere: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum."""
        return self.topography + self.moving + self.atmosphere


def limit_rate(phase: Tensor, steepest: Tensor) -> Tensor:
    """Scales fields (batch, rows, cols) down until nearly all gradients are below steepest (batch,) rad/pixel."""
    sample = phase[:, ::2]
    rate = (sample[:, :, 1:] - sample[:, :, :-1]).abs().flatten(1)[:, ::7]
    down = (phase[:, 1:, ::2] - phase[:, :-1, ::2]).abs().flatten(1)[:, ::7]
    ordered = torch.cat([rate, down], dim=1).sort(dim=1).values
    highest = ordered[:, int(STEEPNESS_QUANTILE * (ordered.shape[1] - 1))].clamp_min(1e-6)
    return phase * per_pixel((steepest / highest).clamp(max=1.0))


def make_phases(draw: Draw, elevation: Tensor, wavelength: Tensor, options: PhaseOptions) -> Phases:
    """Draws the parts of the phase over heights (batch, rows, cols) m, from none to fringes near the steepest."""
    batch, rows, cols = elevation.shape
    steepest = draw.log_uniform(batch, low=0.1, high=options.steepest)
    topography = _topography(draw, elevation, steepest, options.flattened_share)
    moving = limit_rate(_deformation(draw, batch, rows, cols), steepest)
    atmosphere = _atmosphere(draw, elevation, options.family)
    deformation = moving / per_pixel(phase_per_mm(wavelength))
    return Phases(topography, deformation, moving, atmosphere)


def _topography(draw: Draw, elevation: Tensor, steepest: Tensor, flattened_share: float) -> Tensor:
    batch, rows, cols = elevation.shape
    quarter = (-(-rows // 4), -(-cols // 4))
    error = enlarge(power_law(draw, *quarter, draw.uniform(batch, low=1.6, high=3.0), periodicity=1.5), rows, cols)
    ambiguity = draw.log_uniform(batch, low=25.0, high=400.0)  # m of height per fringe
    flat = per_pixel(draw.chance(flattened_share, batch))
    height = torch.where(flat, error * per_pixel(draw.uniform(batch, low=1.0, high=8.0)), elevation)
    height = height - height.mean(dim=(1, 2), keepdim=True)
    return limit_rate(height * per_pixel(2 * math.pi / ambiguity), steepest)


def _deformation(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    y, x = coordinates(rows, cols, draw.device)
    total = torch.zeros(batch, rows, cols, device=draw.device)
    for share in (DEFORMED_SHARE, DEFORMED_SHARE / 2):
        index = draw.chance(share, batch).nonzero()[:, 0]
        count = len(index)
        if not count:
            continue
        bowl = distorted_gaussian(draw, count, rows, cols)
        depth = draw.log_uniform(count, low=0.5, high=150.0) * draw.pick([-1.0, 1.0], count)
        angle = per_pixel(draw.uniform(count, high=2 * math.pi))
        side = (x * torch.cos(angle) + y * torch.sin(angle) - per_pixel(draw.uniform(count, low=-20.0, high=20.0))) > 0
        torn = per_pixel(draw.chance(RUPTURED_SHARE, count)) & side
        opposite = per_pixel(draw.uniform(count, low=-0.8, high=0.0))
        total.index_add_(0, index, per_pixel(depth) * torch.where(torn, bowl * opposite, bowl))
    return total


def _atmosphere(draw: Draw, elevation: Tensor, family: str) -> Tensor:
    batch, rows, cols = elevation.shape
    if family == "train":
        delay = turbulence(draw, batch, rows, cols, slope=(2.0, 3.2), coarse=4, periodicity=1.5)
    else:
        delay = perlin(draw, batch, rows, cols)
    total = delay * per_pixel(draw.log_uniform(batch, low=0.1, high=6.0))
    total = total + stratified(elevation) * per_pixel(draw.normal(batch))
    rate = draw.log_uniform(batch, low=0.001, high=0.3)
    steep = draw.uniform(batch, low=0.3, high=1.8)
    return total + ramp(draw, torch.where(draw.chance(STEEP_RAMP_SHARE, batch), steep, rate), rows, cols)

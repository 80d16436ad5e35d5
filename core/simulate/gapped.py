"""Phase to punch gaps into: topographic phase over real terrain, and differential phase with its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from .atmosphere import ramp, stratified, turbulence
from .deformation.gaussian import distorted_gaussian
from .draw import Draw, per_pixel
from .fields import box_mean, enlarge, power_law
from .pair import estimate_coherence, multilook_pair
from .phases import limit_rate
from .terrain import TerrainSource, add_roughness, make_elevation

# Geometry of Abdallah et al. (2025), equation 1.
BASELINE, WAVELENGTH, SLANT_RANGE, INCIDENCE = 100.0, 0.055, 907e3, math.radians(42.1)
RAD_PER_METRE = 4.0 * math.pi * BASELINE / (WAVELENGTH * SLANT_RANGE * math.sin(INCIDENCE))
ROUGHENED_BELOW = 80.0  # m; terrain tiles have 90 m, what is finer is interpolated and roughened

TURBULENCE_SLOPES = (2.0, 3.2)
DEFORMED_SHARE = 0.6
STEEPEST = 1.2  # rad per pixel, of deformation


@dataclass
class Gapless:
    """Phase as it would be observed everywhere; (batch, rows, cols)."""

    unwrapped: Tensor  # rad, without noise
    observed: Tensor  # complex64 of length 1, with noise
    coherence: Tensor  # estimated, 0..1
    topography: Tensor  # rad, what an elevation model would predict; 0 where it has been taken out


def topographic(
    draw: Draw,
    source: TerrainSource | None,
    rows: int,
    cols: int,
    pixel: Tensor,
    scale: Tensor,
    *,
    rough: bool = True,
) -> Gapless:
    """Noise-free topographic phase at pixel (batch,) m; scale (batch,) multiplies the paper's phase per metre.

    Heights are those of the terrain, unlike the scenes of the simulator, which flatten what is steep.
    """
    source_of = source.sample if source is not None else partial(make_elevation, source=None)
    height = source_of(draw, rows, cols, pixel)
    if rough:
        fine = pixel < ROUGHENED_BELOW
        height = torch.where(per_pixel(fine), add_roughness(draw, height, pixel), height)
    phase = (height - height.mean((1, 2), keepdim=True)) * RAD_PER_METRE * per_pixel(scale)
    whole = torch.ones_like(phase)
    return Gapless(phase, torch.polar(whole, phase), whole, phase)


def noisy(draw: Draw, phase: Tensor, coherence: Tensor, looks: Tensor, filtered: Tensor) -> tuple[Tensor, Tensor]:
    """Observed phasors and estimated coherence of a phase (batch, r, c) at a true coherence and looks (batch,).

    `filtered` (batch,) odd pixels: side of a window that the product is averaged over, 1 for none.
    """
    batch = len(phase)
    power = torch.ones_like(phase)
    cross, first, second = multilook_pair(draw, phase, coherence, power, looks, draw.uniform(batch, low=1.0, high=1.3))
    window = draw.pick([3.0, 5.0, 7.0], batch)
    estimate = estimate_coherence(cross, first, second, window, phase)
    for size in set(filtered.tolist()):
        index = (filtered == size).nonzero()[:, 0]
        if size > 1:
            part = cross[index]
            cross[index] = torch.complex(box_mean(part.real, int(size), 2), box_mean(part.imag, int(size), 2))
    return cross / cross.abs().clamp_min(1e-12), estimate


def differential(draw: Draw, source: TerrainSource | None, batch: int, rows: int, cols: int) -> Gapless:
    """Deformation, atmosphere and errors of the elevation model, coherence 0.3 to 0.95, 1 to 20 looks."""
    phase = differential_phase(draw, source, batch, rows, cols)
    looks = draw.log_uniform(batch, low=1.0, high=20.0).round()
    middle = draw.uniform(batch, low=0.35, high=0.95)
    quarter = (-(-rows // 4), -(-cols // 4))
    shape = enlarge(power_law(draw, *quarter, draw.uniform(batch, low=1.2, high=2.6), periodicity=1.5), rows, cols)
    varied = per_pixel(middle) + per_pixel(draw.uniform(batch, high=0.15)) * shape
    filtered = draw.pick([1.0, 3.0, 5.0], batch, weights=[6, 2, 2])
    observed, estimate = noisy(draw, phase, varied.clamp(0.2, 0.97), looks, filtered)
    return Gapless(phase, observed, estimate, torch.zeros_like(phase))


def differential_phase(draw: Draw, source: TerrainSource | None, batch: int, rows: int, cols: int) -> Tensor:
    """Clean phase (batch, rows, cols), rad, of what is left when topography has been taken out."""
    pixel = draw.log_uniform(batch, low=20.0, high=100.0)
    elevation = make_elevation(draw, rows, cols, pixel, source)
    air = turbulence(draw, batch, rows, cols, slope=TURBULENCE_SLOPES, coarse=2, periodicity=1.5)
    phase = air * per_pixel(draw.log_uniform(batch, low=0.2, high=6.0))
    phase = phase + stratified(elevation) * per_pixel(draw.normal(batch))
    phase = phase + ramp(draw, draw.log_uniform(batch, low=0.001, high=0.3), rows, cols)
    error = power_law(draw, rows, cols, draw.uniform(batch, low=1.6, high=3.0), periodicity=1.5)
    phase = phase + error * per_pixel(draw.log_uniform(batch, low=0.03, high=0.6))
    steepest = draw.log_uniform(batch, low=0.1, high=STEEPEST)
    for share in (DEFORMED_SHARE, DEFORMED_SHARE / 2):
        depth = draw.log_uniform(batch, low=1.0, high=150.0) * draw.pick([-1.0, 1.0], batch)
        bowl = distorted_gaussian(draw, batch, rows, cols) * per_pixel(depth * draw.chance(share, batch))
        phase = phase + limit_rate(bowl, steepest)
    return phase

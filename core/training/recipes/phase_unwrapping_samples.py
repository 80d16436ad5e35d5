"""Interferograms of steep troughs, and the gradients of their phase as they are before they alias."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ...simulate.atmosphere import turbulence
from ...simulate.deformation.gaussian import distorted_gaussian
from ...simulate.draw import Draw, per_pixel
from ...simulate.fields import box_mean, coordinates, enlarge, power_law
from ...simulate.pair import estimate_coherence, multilook_pair
from ...simulate.product import footprint, goldstein
from ..recipe import Batch

# What moves: single and several mining panels, distorted bowls, a point source, a rupture, nothing.
KINDS = (0, 1, 2, 3, 4, 5)
KIND_WEIGHTS = (0.34, 0.26, 0.16, 0.08, 0.06, 0.10)
RUPTURE, NOTHING = 4, 5

STEEPEST = (0.5, 6.5)  # rad per pixel; half the samples lie evenly on it, half on its logarithm
MOST_PHASE = 180.0  # rad at the deepest point
CORE_SHARE = 0.1  # of the peak; what is beyond belongs to the trough
LEAST_PEAK = 3.0  # rad; a shallower bowl cannot be told from turbulence
LOOKS, LOOKS_WEIGHTS = (1, 2, 3, 4, 6, 10), (1, 1, 1, 3, 2, 2)
COHERENCE = (0.3, 0.97)
LEAST_COHERENCE = 0.02
WINDOWS = (3.0, 5.0, 7.0, 9.0)


@dataclass
class Truth:
    """Parts of the phase (rad) of scenes (batch, rows, cols)."""

    deformation: Tensor
    background: Tensor
    kind: Tensor  # (batch,)

    @property
    def total(self) -> Tensor:
        """Their sum."""
        return self.deformation + self.background


def panel(u: Tensor, v: Tensor, half_length: Tensor, half_width: Tensor, reach: Tensor) -> Tensor:
    """Subsidence over a rectangular mine, 0..1, by Knothe's influence function; all lengths in pixels.

    Knothe (1957); the product of two integrated Gaussians (probability integral method).
    """

    def profile(x: Tensor, half: Tensor) -> Tensor:
        scale = math.sqrt(math.pi) / reach
        return 0.5 * (torch.erf(scale * (x + half)) - torch.erf(scale * (x - half)))

    return profile(u, half_length) * profile(v, half_width)


def _placed(draw: Draw, count: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Coordinates along and across a drawn direction from a drawn centre, bent a little."""
    y, x = coordinates(rows, cols, draw.device)
    y = y - per_pixel(draw.uniform(count, low=-0.38, high=0.38)) * rows
    x = x - per_pixel(draw.uniform(count, low=-0.38, high=0.38)) * cols
    bend = per_pixel(draw.log_uniform(count, low=0.2, high=5.0) * draw.chance(0.6, count))
    fields = power_law(draw, rows // 4, cols // 4, torch.full((2 * count,), 4.0, device=draw.device))
    fields = enlarge(fields, rows, cols, "bilinear")
    y, x = y + bend * fields[:count], x + bend * fields[count:]
    angle = per_pixel(draw.uniform(count, high=2 * math.pi))
    return x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()


def _panels(draw: Draw, count: int, rows: int, cols: int, *, several: bool) -> Tensor:
    u, v = _placed(draw, count, rows, cols)
    reach = per_pixel(draw.log_uniform(count, low=3.5, high=42.0))
    length = reach * per_pixel(draw.log_uniform(count, low=0.35, high=3.5))
    width = reach * per_pixel(draw.log_uniform(count, low=0.35, high=1.8))
    bowl = panel(u, v, length, width, reach)
    for place in range(1, 4 if several else 1):
        there = per_pixel(draw.chance(0.65, count) * draw.uniform(count, low=0.25, high=1.0))
        shift = place * width * (2.0 + per_pixel(draw.uniform(count, low=-0.4, high=1.2)))
        along = length * per_pixel(draw.uniform(count, low=-0.8, high=0.8))
        extent = length * per_pixel(draw.uniform(count, low=0.5, high=1.2))
        bowl = bowl + there * panel(u - along, v - shift, extent, width, reach)
    return bowl


def _point_source(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    u, v = _placed(draw, count, rows, cols)
    depth = per_pixel(draw.log_uniform(count, low=6.0, high=50.0))
    distance = (u.square() + v.square()) / depth.square()
    tilt = per_pixel(draw.uniform(count, low=-0.8, high=0.8))
    return (1.0 + tilt * u / depth) / (1.0 + distance).pow(1.5)


def _rupture(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    u, v = _placed(draw, count, rows, cols)
    depth = per_pixel(draw.log_uniform(count, low=0.3, high=12.0))
    length = per_pixel(draw.uniform(count, low=0.15, high=0.6)) * max(rows, cols)
    return torch.atan2(v, depth) / math.pi * torch.exp(-((u / length) ** 4)) * torch.exp(-(v.abs() / length))


def deformation(draw: Draw, batch: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Phase of deformation (batch, rows, cols), rad, and its kind (batch,)."""
    kind = draw.pick(KINDS, batch, weights=KIND_WEIGHTS).long()
    field = torch.zeros(batch, rows, cols, device=draw.device)
    for which in KINDS[:-1]:
        index = (kind == which).nonzero()[:, 0]
        count = len(index)
        if count == 0:
            continue
        if which < 2:
            field[index] = _panels(draw, count, rows, cols, several=which == 1)
        elif which == 2:
            field[index] = distorted_gaussian(draw, count, rows, cols)
        else:
            field[index] = (_point_source if which == 3 else _rupture)(draw, count, rows, cols)
    field = _with_horizontal(draw, field, kind)
    low, high = STEEPEST
    evenly, by_scale = draw.uniform(batch, low=low, high=high), draw.log_uniform(batch, low=low, high=high)
    steepest = torch.where(draw.chance(0.5, batch), by_scale, evenly)
    slope = slope_of(field).flatten(1).amax(1)
    gain = torch.where(kind == RUPTURE, draw.log_uniform(batch, low=2.0, high=40.0), steepest / slope.clamp_min(1e-6))
    gain = torch.minimum(gain, MOST_PHASE / field.abs().flatten(1).amax(1).clamp_min(1e-6))
    sign = torch.where(draw.chance(0.5, batch), 1.0, -1.0)
    return field * per_pixel(gain * sign * (kind != NOTHING)), kind


def _with_horizontal(draw: Draw, field: Tensor, kind: Tensor) -> Tensor:
    """Adds what the line of sight sees of motion toward the middle of a mine, which is in proportion to its slope."""
    share = draw.uniform(len(field), low=-1.0, high=1.0) * (kind < 2)
    east = torch.zeros_like(field)
    east[:, :, 1:-1] = 0.5 * (field[:, :, 2:] - field[:, :, :-2])
    size = east.abs().flatten(1).amax(1).clamp_min(1e-6)
    return field + per_pixel(share * 0.3 / size) * east * per_pixel(field.abs().flatten(1).amax(1))


def slope_of(phase: Tensor) -> Tensor:
    """Length of the gradient (batch, rows, cols), rad per pixel, by central differences."""
    down, right = torch.gradient(phase, dim=(1, 2))
    return torch.hypot(down, right)


def background(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    """Turbulence, ramp and the error of the elevation model, rad."""
    air = turbulence(draw, batch, rows, cols, coarse=2) * per_pixel(draw.log_uniform(batch, low=0.1, high=6.0))
    height = turbulence(draw, batch, rows, cols, slope=(1.6, 2.4))
    height = height * per_pixel(draw.log_uniform(batch, low=0.05, high=1.5))
    y, x = coordinates(rows, cols, draw.device)
    rate = draw.log_uniform(batch, low=0.005, high=1.2) * draw.chance(0.5, batch)
    angle = draw.uniform(batch, high=2 * math.pi)
    return air + height + x * per_pixel(rate * angle.cos()) + y * per_pixel(rate * angle.sin())


def true_coherence(draw: Draw, phase: Tensor) -> Tensor:
    """Coherence that varies over the scene and falls with the slope, to nothing at a cycle per pixel at worst.

    The linear fall is that of the spectral shift: Zebker and Villasenor (1992), IEEE TGRS 30(5).
    """
    batch, rows, cols = phase.shape
    level = per_pixel(draw.uniform(batch, low=COHERENCE[0], high=COHERENCE[1]))
    uneven = power_law(draw, rows // 2, cols // 2, draw.uniform(batch, low=1.0, high=3.0))
    uneven = enlarge(uneven, rows, cols, "bilinear") * per_pixel(draw.uniform(batch, high=0.15))
    fall = per_pixel(draw.uniform(batch)) * slope_of(phase) / (2 * math.pi)
    return ((level + uneven) * (1.0 - fall)).clamp(LEAST_COHERENCE, 0.98)


def observe(draw: Draw, phase: Tensor, coherence: Tensor, looks: Tensor) -> tuple[Tensor, Tensor]:
    """Noisy complex interferogram and estimated coherence (batch, rows, cols) of a phase."""
    batch = len(phase)
    power = torch.ones_like(phase)
    cross, first, second = multilook_pair(draw, phase, coherence, power, looks, draw.uniform(batch, low=1.0, high=1.3))
    known = per_pixel(draw.chance(0.5, batch))  # processors take topography out before, deformation never
    window = draw.pick(WINDOWS, batch)
    estimate = estimate_coherence(cross, first, second, window, torch.where(known, box_mean(phase, 31), 0.0))
    filtered = draw.chance(0.15, batch).nonzero()[:, 0]
    if len(filtered):
        cross[filtered] = goldstein(cross[filtered], draw.uniform(len(filtered), low=0.2, high=0.7))
    return cross, estimate


def simulate_batch(generator: torch.Generator, batch: int, side: int, device: torch.device) -> Batch:
    """Inputs (batch, 5, side, side), unwrapped truth, trough and validity (batch, side, side) float32."""
    draw = Draw(generator, device)
    with torch.no_grad():
        moved, kind = deformation(draw, batch, side, side)
        truth = Truth(moved, background(draw, batch, side, side), kind)
        looks = draw.pick(LOOKS, batch, weights=LOOKS_WEIGHTS)
        cross, estimate = observe(draw, truth.total, true_coherence(draw, truth.total), looks)
        valid = footprint(draw, batch, side, side, 0.12, 0.15)
    return to_batch(truth, cross.angle(), estimate, valid)


def to_batch(truth: Truth, wrapped: Tensor, coherence: Tensor, valid: Tensor) -> Batch:
    """Stack what the network sees and what it is to say."""
    seen = valid.float()
    planes = (wrapped.cos() * seen, wrapped.sin() * seen, seen, coherence * seen, torch.ones_like(wrapped))
    size = truth.deformation.abs()
    peak = size.flatten(1).amax(1)
    bowl = (truth.kind != RUPTURE) & (truth.kind != NOTHING) & (peak > LEAST_PEAK)
    trough = (size > per_pixel(CORE_SHARE * peak)) & per_pixel(bowl)
    return {
        "inputs": torch.stack(planes, 1),
        "unwrapped": truth.total,
        "trough": trough.float(),
        "valid": seen,
    }

"""Interferograms of steep troughs, and the gradients of their phase as they are before they alias."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ...simulate.atmosphere import turbulence
from ...simulate.deformation import knothe, mogi
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

STEEPEST = (0.5, 6.5)  # rad per pixel; drawn on its logarithm
GENTLE_SHARE = 0.4  # of the samples; the others are drawn evenly above the next number
ALIASED = 2.0  # rad per pixel
BEND_SLOPE = 4.0  # of the spectrum of what bends the scenes
MOST_PHASE = 180.0  # rad at the deepest point
CORE_SHARE = 0.1  # of the peak; what is beyond belongs to the trough
LEAST_PEAK = 3.0  # rad; a shallower bowl cannot be told from turbulence
LOOKS, LOOKS_WEIGHTS = (1, 2, 3, 4, 6, 10), (1, 1, 1, 3, 2, 2)
COHERENCE = (0.3, 0.97)
LEAST_COHERENCE = 0.02
FILTERED_SHARE = 0.15
RESAMPLED_SHARE = 0.15  # of the scenes: phase interpolated after wrapping, which draws a wrong line along every jump
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


def _placed(draw: Draw, count: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Columns to the right and rows down from a drawn centre, bent a little."""
    y, x = coordinates(rows, cols, draw.device)
    y = y - per_pixel(draw.uniform(count, low=-0.38, high=0.38)) * rows
    x = x - per_pixel(draw.uniform(count, low=-0.38, high=0.38)) * cols
    bend = per_pixel(draw.log_uniform(count, low=0.2, high=5.0) * draw.chance(0.6, count))
    fields = power_law(draw, rows // 4, cols // 4, torch.full((2 * count,), BEND_SLOPE, device=draw.device))
    fields = enlarge(fields, rows, cols, "bilinear")
    return x + bend * fields[:count], y + bend * fields[count:]


@dataclass
class _Look:
    """The line of sight of each scene (count, 1, 1): what it sees of movement to the right, down and up."""

    right: Tensor
    down: Tensor
    up: Tensor

    @classmethod
    def drawn(cls, draw: Draw, count: int) -> _Look:
        incidence, heading = draw.uniform(count, low=0.35, high=0.8), draw.uniform(count, high=2 * math.pi)
        flat = per_pixel(incidence.sin())
        return cls(flat * per_pixel(heading.cos()), flat * per_pixel(heading.sin()), per_pixel(incidence.cos()))

    def of(self, parts: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return self.right * parts[0] + self.down * parts[1] + self.up * parts[2]


def panels(draw: Draw, count: int, rows: int, cols: int, *, several: bool) -> Tensor:
    """Troughs over one mine panel or up to four beside each other; all lengths in pixels."""
    x, y = _placed(draw, count, rows, cols)
    look = _Look.drawn(draw, count)
    reach, angle = draw.log_uniform(count, low=3.5, high=42.0), draw.uniform(count, high=2 * math.pi)
    length = reach * draw.log_uniform(count, low=0.7, high=7.0)
    width = reach * draw.log_uniform(count, low=0.7, high=3.6)
    horizontal = draw.uniform(count, low=0.25, high=0.4)
    field = torch.zeros(count, rows, cols, device=draw.device)
    for place in range(4 if several else 1):
        depth = torch.ones_like(reach) if place == 0 else draw.chance(0.65, count) * draw.uniform(count, low=0.25)
        across = place * width * (1.0 + draw.uniform(count, low=-0.2, high=0.6))
        along = 0.5 * length * draw.uniform(count, low=-0.8, high=0.8) * (place > 0)
        right, down = along * angle.cos() - across * angle.sin(), along * angle.sin() + across * angle.cos()
        extent = length * (draw.uniform(count, low=0.5, high=1.2) if place else 1.0)
        panel = knothe.Panel(extent, width, angle, reach, depth, horizontal)
        field += look.of(knothe.displacement(panel, x - per_pixel(right), y - per_pixel(down)))
    return field


def point_source(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """Inflation of a point at some depth in pixels, on which alone its pattern depends."""
    x, y = _placed(draw, count, rows, cols)
    depth = draw.log_uniform(count, low=6.0, high=50.0)
    return _Look.drawn(draw, count).of(mogi.displacement(depth.square(), depth, x, y))


def rupture(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """Slip along a line, locked above some depth (Savage and Burford 1973), that ends within the scene."""
    x, y = _placed(draw, count, rows, cols)
    angle = per_pixel(draw.uniform(count, high=2 * math.pi))
    u, v = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
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
            field[index] = panels(draw, count, rows, cols, several=which == 1)
        elif which == 2:
            field[index] = distorted_gaussian(draw, count, rows, cols)
        else:
            field[index] = (point_source if which == 3 else rupture)(draw, count, rows, cols)
    low, high = STEEPEST
    evenly, by_scale = draw.uniform(batch, low=ALIASED, high=high), draw.log_uniform(batch, low=low, high=high)
    steepest = torch.where(draw.chance(GENTLE_SHARE, batch), by_scale, evenly)
    slope = slope_of(field).flatten(1).amax(1)
    gain = torch.where(kind == RUPTURE, draw.log_uniform(batch, low=2.0, high=40.0), steepest / slope.clamp_min(1e-9))
    gain = torch.minimum(gain, MOST_PHASE / field.abs().flatten(1).amax(1).clamp_min(1e-9))
    sign = torch.where(draw.chance(0.5, batch), 1.0, -1.0)
    return field * per_pixel(gain * sign * (kind != NOTHING)), kind


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
    filtered = draw.chance(FILTERED_SHARE, batch).nonzero()[:, 0]
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
        wrapped = _resampled(draw, cross.angle(), truth)
        valid = footprint(draw, batch, side, side, 0.12, 0.15)
    return to_batch(truth, wrapped, estimate, valid)


def _resampled(draw: Draw, wrapped: Tensor, truth: Truth) -> Tensor:
    """Interpolates some scenes as if their phase were any number, as some processors do, and their truth with them."""
    index = draw.chance(RESAMPLED_SHARE, len(wrapped)).nonzero()[:, 0]
    if len(index) == 0:
        return wrapped
    part = per_pixel(draw.uniform(len(index), low=0.1, high=0.9))
    for dim in (1, 2):
        for field in (wrapped, truth.deformation, truth.background):
            field[index] = field[index] * (1.0 - part) + field[index].roll(-1, dim) * part
    return wrapped


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

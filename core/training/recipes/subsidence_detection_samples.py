"""Interferograms with troughs among what is mistaken for them: air, hills, ruptures, broad bowls, lost coherence."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from ...simulate.atmosphere import ramp, stratified, turbulence
from ...simulate.deformation import okada
from ...simulate.draw import Draw, per_pixel
from ...simulate.fields import coordinates
from ...simulate.phase_noise import critical_coherence
from ...simulate.scene import Scene, SceneOptions, simulate
from ...simulate.terrain import TerrainSource
from ..recipe import Batch
from .phase_unwrapping_samples import LEAST_COHERENCE, observe, rupture, slope_of
from .trough_shapes import trough

TROUGHS = 2  # at most, beside each other in a scene
TROUGH_SHARE = (0.75, 0.4)  # of the scenes that have the first, the second
DECOY_SHARES = (0.08, 0.12, 0.2)  # of the scenes with a rupture, a bowl too broad to be one, an earthquake
PEAK = (1.5, 120.0)  # rad; log-uniform
ABOVE_AIR_SHARE = 0.85  # of the troughs, those that are drawn deep enough to be told from the air
FAINT, FAINT_SHARE = 8.0, 0.5  # rad; of the troughs, those that are drawn below it: bowls of about a fringe
FAINT_WEIGHT = 3.0  # of their pixels in the loss: they are seen by nothing but their slope
AROUND = 33  # pixels: side of the square around each pixel of a trough that weighs as much
SMALL, MOST_WEIGHT = 1500, 3.0  # pixels below which those of a trough weigh more, since it is troughs that count
STEEPEST = 6.5  # rad per pixel
LEAST_PEAK = 2.5  # rad; what is shallower is neither asked for nor held against the network
OUTLINE = 0.1  # of the peak: what moved more belongs to the trough,
VISIBLE = 0.8  # rad, an eighth of a fringe: if it also moved more than this
KNOWN_SHARE, FAINT_KNOWN_SHARE = 0.4, 0.5  # of a trough that must be coherent for anybody to see it
OVER_AIR = 3.5  # times the deviation of the air: the least peak of what can be told from it
BROAD = (110.0, 300.0)  # pixels: radius of bowls that are too broad, several kilometres at 20 m
BROAD_PEAK = (2.0, 60.0)  # rad
QUAKE = ((120.0, 400.0), (70.0, 250.0), (55.0, 160.0))  # pixels: length, width, depth of the upper edge
QUAKE_PEAK = (4.0, 70.0)  # rad; log-uniform
AIR = (0.05, 1.0)  # rad over a scene of some kilometres; Hanssen (2001), section 4.7, has 0.2 to 0.8 in C-band
ROUGH_AIR_SHARE, ROUGH_AIR = 0.08, 2.5
LAYERED, TOPOGRAPHY = 0.8, 0.5  # rad of layered air over the relief; share of the simulator's height errors
RATE = (0.001, 0.3)  # rad per pixel of the ramp that orbits leave

FLATTENED_SHARE = 0.96  # of the interferograms that are looked through for movement
LOOKS, LOOKS_WEIGHTS = (1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0), (2.0, 2.0, 2.0, 4.0, 2.0, 2.0, 1.0)


def scaled(draw: Draw, field: Tensor, air: Tensor) -> Tensor:
    """Troughs (rad) of a drawn depth that are nowhere too steep, sinking or rising, in air (count,) rad."""
    count = len(field)
    least = torch.where(draw.chance(ABOVE_AIR_SHARE, count), (OVER_AIR * air).clamp(LEAST_PEAK, FAINT), PEAK[0])
    most = torch.where(draw.chance(FAINT_SHARE, count), torch.full_like(air, FAINT), PEAK[1])
    peak = least * (most / least) ** draw.uniform(count) * draw.pick((-1.0, 1.0), count)
    steepest = slope_of(field).flatten(1).amax(1).clamp_min(1e-9)
    return field * per_pixel(peak * (STEEPEST / (peak.abs() * steepest)).clamp(max=1.0))


def outline(field: Tensor, lost: Tensor, air: Tensor) -> tuple[Tensor, Tensor]:
    """What belongs to each trough (count, rows, cols), and what is to be left out of the loss; both bool.

    field rad; lost bool, where phase is noise; air (count,) rad, its deviation. Shallow and unseen ones are left out.
    """
    size = field.abs()
    peak = per_pixel(size.flatten(1).amax(1))
    inside = size > (OUTLINE * peak).clamp_min(VISIBLE)
    known = (inside & ~lost).flatten(1).sum(1) / inside.flatten(1).sum(1).clamp_min(1)
    enough = torch.where(peak < FAINT, FAINT_KNOWN_SHARE, KNOWN_SHARE)
    seen = (peak >= LEAST_PEAK) & (peak >= OVER_AIR * per_pixel(air)) & (per_pixel(known) >= enough)
    return inside & seen, inside & ~seen


def worth(field: Tensor, mask: Tensor) -> Tensor:
    """What each pixel weighs in the loss (count, rows, cols), 1 far from troughs; field rad, mask their outlines.

    What is around a trough weighs as much as the trough, or else outlines would be drawn too wide.
    """
    faint = field.abs().flatten(1).amax(1) < FAINT
    small = (SMALL / mask.flatten(1).sum(1).clamp_min(1)).sqrt().clamp(1.0, MOST_WEIGHT)
    inside = mask * per_pixel(small * (1.0 + (FAINT_WEIGHT - 1.0) * faint))
    for window in ((AROUND, 1), (1, AROUND)):
        inside = functional.max_pool2d(inside, window, 1, (window[0] // 2, window[1] // 2))
    return inside.clamp_min(1.0)


def background(draw: Draw, scene: Scene) -> tuple[Tensor, Tensor]:
    """Phase (batch, rows, cols), rad, of air, orbits and the elevation model's errors; the air's deviation (batch,)."""
    batch, rows, cols = scene.elevation.shape
    strength = draw.log_uniform(batch, low=AIR[0], high=AIR[1])
    rough = draw.chance(ROUGH_AIR_SHARE, batch)
    strength = torch.where(rough, draw.uniform(batch, low=AIR[1], high=ROUGH_AIR), strength)
    air = turbulence(draw, batch, rows, cols, slope=(2.0, 3.2), coarse=2) * per_pixel(strength)
    air = air + stratified(scene.elevation) * per_pixel(LAYERED * draw.normal(batch))
    orbit = ramp(draw, draw.log_uniform(batch, low=RATE[0], high=RATE[1]), rows, cols)
    return air + orbit + TOPOGRAPHY * scene.topographic_phase, strength


def decoys(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    """Movement (batch, rows, cols), rad, that is no trough: slip along a line, bowls broader than a scene."""
    slip = rupture(draw, batch, rows, cols) * per_pixel(draw.log_uniform(batch, low=2.0, high=40.0))
    y, x = coordinates(rows, cols, draw.device)
    radius = per_pixel(draw.uniform(batch, low=BROAD[0], high=BROAD[1]))
    angle, away = draw.uniform(batch, high=2 * math.pi), draw.uniform(batch, high=1.5)
    u = (x - per_pixel(away * angle.cos()) * radius) / radius
    v = (y - per_pixel(away * angle.sin()) * radius) / radius
    bowl = torch.exp(-0.5 * (u.square() + v.square())) * per_pixel(
        draw.log_uniform(batch, low=BROAD_PEAK[0], high=BROAD_PEAK[1])
    )
    chosen = [draw.chance(share, batch) for share in DECOY_SHARES]
    total = slip * per_pixel(chosen[0]) + bowl * per_pixel(chosen[1])
    index = chosen[2].nonzero()[:, 0]
    if len(index):
        total[index] += quakes(draw, len(index), rows, cols)
    return total


def quakes(draw: Draw, count: int, rows: int, cols: int) -> Tensor:
    """Phase (count, rows, cols), rad, of buried faults, most of whose lobes are larger than a scene."""
    length, width, top = (draw.log_uniform(count, low=low, high=high) for low, high in QUAKE)
    dip = draw.uniform(count, low=30.0, high=89.0)
    away = draw.uniform(2, count, low=-0.7, high=0.7) * max(rows, cols)
    fault = okada.Fault(
        east=away[0],
        north=away[1],
        depth=top + width / 2 * torch.sin(torch.deg2rad(dip)),
        strike=draw.uniform(count, high=360.0),
        dip=dip,
        length=length,
        width=width,
        slip=torch.ones_like(dip),
        rake=draw.uniform(count, low=-180.0, high=180.0),
        opening=torch.zeros_like(dip),
    )
    y, x = coordinates(rows, cols, draw.device)
    east, north, up = (part.float() for part in okada.displacement(fault, x, -y))
    field = 0.78 * up + 0.61 * east - 0.1 * north  # seen from the west, at 39 degrees
    peak = draw.log_uniform(count, low=QUAKE_PEAK[0], high=QUAKE_PEAK[1])
    return field / per_pixel(field.abs().flatten(1).amax(1).clamp_min(1e-9)) * per_pixel(peak)


def simulate_batch(
    generator: torch.Generator, batch: int, side: int, device: torch.device, terrain: TerrainSource | None
) -> Batch:
    """Inputs (batch, 5, side, side); trough (0, 1) and weight (0 where unsure), both (batch, side, side) float32."""
    plain = SceneOptions(batch=batch, rows=side, cols=side, geocoded_share=0.0, filtered_share=0.0)
    options = replace(plain, flattened_share=FLATTENED_SHARE, looks=LOOKS, looks_weights=LOOKS_WEIGHTS)
    scene = simulate(options, generator, device, terrain)
    draw = Draw(generator, device)
    with torch.no_grad():
        still, air = background(draw, scene)
        moved = [
            scaled(draw, trough(draw, batch, side, side), air) * per_pixel(draw.chance(TROUGH_SHARE[place], batch))
            for place in range(TROUGHS)
        ]
        phase = still + decoys(draw, batch, side, side) + sum(moved)
        fall = per_pixel(draw.uniform(batch)) * slope_of(phase) / (2 * math.pi)  # Zebker and Villasenor (1992)
        coherence = (scene.true_coherence * (1.0 - fall)).clamp(LEAST_COHERENCE, 0.98)
        cross, estimate = observe(draw, phase, coherence, scene.looks)
        lost = (coherence < per_pixel(critical_coherence(scene.looks))) | ~scene.valid
        outlines = [outline(field, lost, air) for field in moved]
    inside = outlines[0][0] | outlines[1][0]
    unsure = (outlines[0][1] | outlines[1][1]) & ~inside
    weight = (~unsure).float() * torch.maximum(*(worth(moved[i], outlines[i][0]) for i in range(TROUGHS)))
    seen = scene.valid.float()
    wrapped = cross.angle()
    planes = (wrapped.cos() * seen, wrapped.sin() * seen, seen, estimate * seen, torch.ones_like(seen))
    return {"inputs": torch.stack(planes, 1), "trough": inside.float(), "weight": weight}

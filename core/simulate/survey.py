"""One large simulated interferogram on a map, as a user asks for it: chosen source, atmosphere, coherence and looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .atmosphere import stratified, turbulence
from .country import carved_terrain, countryside, water_bodies
from .draw import Draw
from .fields import enlarge, enlarge_smoothly, power_law
from .geometry import (
    gradient_magnitude,
    layover_and_shadow,
    line_of_sight,
    phase_per_mm,
    range_slope,
    topographic_factor,
)
from .pair import estimate_coherence, multilook_pair
from .phase_noise import critical_coherence
from .scattering import Ground, Scattering, Variety, scatter, stable_coherence
from .sensors import SENSORS
from .sources import Map, displacement
from .terrain import add_roughness

HEADING, INCIDENCE = -13.0, 39.0  # degrees; Sentinel-1 ascending, middle of the swath
BASELINE = 60.0  # m, perpendicular
DAYS = 12.0
WINDOW = 5.0  # pixels of the coherence estimate
OVERSAMPLING = 1.15
ELEVATION_ERROR = 3.0  # m, standard deviation; what is left of the topographic phase
STRATIFIED_SHARE = 0.2  # of the variance of the atmosphere, where there is relief
DRAINED_SIZE, COVER_SIZE, FIELD_SIZE = 768, 4096, 1024  # pixels a side beyond which a layer is coarser and enlarged
RELIEF = 0.025  # standard deviation of the heights over the extent of the scene
HIGHEST = 900.0  # m, of that deviation
BAND = 512  # rows of speckle at a time
BAND_HALO = 8  # rows that a band takes from its neighbours: half the coherence window and the point spread
BYTES_PER_PIXEL = 110  # peak of memory, with a margin: 88 were measured at 4096 x 4096


@dataclass(frozen=True)
class Request:
    """What to simulate: size in pixels, ground size of a pixel (m), and what a user may choose."""

    rows: int
    cols: int
    step_east: float
    step_north: float
    source: str
    atmosphere: float  # mm, standard deviation along the line of sight
    coherence: float  # true coherence of stable bare ground
    looks: int
    wavelength: float  # m
    generated: bool  # whether the terrain is, and not from an elevation model


@dataclass
class Truth:
    """What is known before any noise, (1, rows, cols)."""

    elevation: Tensor
    coherence: Tensor
    power: Tensor
    deformation: Tensor  # mm toward the satellite
    unwrapped: Tensor  # rad
    decorrelated: Tensor  # bool


@dataclass
class Images:
    """What a processor would deliver, (1, rows, cols)."""

    wrapped: Tensor
    coherence_estimate: Tensor
    amplitude: Tensor


def _coarse(rows: int, cols: int, largest: int) -> tuple[int, int]:
    factor = max(1, math.ceil(max(rows, cols) / largest))
    return -(-rows // factor), -(-cols // factor)


def make_terrain(draw: Draw, request: Request) -> Tensor:
    """Heights (1, rows, cols) m of a generated landscape above the sea."""
    rows, cols = request.rows, request.cols
    small = _coarse(rows, cols, FIELD_SIZE)
    pixel = torch.tensor([request.step_east * cols / small[1]])
    extent = min(rows * request.step_north, cols * request.step_east)
    height = carved_terrain(draw, *small) * min(RELIEF * extent, HIGHEST)
    height = add_roughness(draw, height, pixel)
    height = enlarge_smoothly(height, rows, cols)
    return height - height.min() + 20.0


def sheared_layover(elevation: Tensor, step_east: float, incidence: float, heading: float) -> tuple[Tensor, Tensor]:
    """Layover and shadow (1, rows, cols bool) on a map: along lines in the direction the radar looks, by shearing rows.

    A line that leaves the map continues at the height of its edge. Angles in degrees; the radar looks to its right.
    """
    rows, cols = elevation.shape[1:]
    rise = math.tan(math.radians(-heading))  # rows up per column to the right
    eastward = math.cos(math.radians(heading)) > 0
    shift = torch.round((torch.arange(cols) - cols / 2) * rise).long()
    step = torch.tensor([step_east * math.hypot(1.0, rise)])
    theta = torch.tensor([math.radians(incidence)])
    layover, shadow = torch.zeros(2, 1, rows, cols, dtype=torch.bool)
    column = torch.arange(cols)[None, :]
    first, last = int(shift.min()), rows + int(shift.max())
    for start in range(first, last, BAND):
        line = torch.arange(start, min(start + BAND, last))[:, None]
        row = line - shift[None, :]
        inside = (row >= 0) & (row < rows)
        row = row.clamp(0, rows - 1)
        profile = elevation[:, row, column]
        folded, dark = layover_and_shadow(profile if eastward else profile.flip(-1), step, theta)
        if not eastward:
            folded, dark = folded.flip(-1), dark.flip(-1)
        where = (row[inside], column.expand_as(row)[inside])
        layover[0][where], shadow[0][where] = folded[0][inside], dark[0][inside]
    return layover, shadow


def make_truth(draw: Draw, request: Request, elevation: Tensor) -> Truth:
    """Land cover, coherence, deformation and noise-free phase over heights (1, rows, cols) m, finite everywhere."""
    scattering = _scattering(draw, request, elevation)
    look = line_of_sight(HEADING, INCIDENCE)
    ground = Map(elevation, request.step_east, request.step_north)
    deformation = displacement(draw, request.source, ground, request.wavelength, look)
    per_mm = phase_per_mm(request.wavelength)
    unwrapped = deformation * per_mm
    unwrapped -= _atmosphere(draw, request, elevation) * per_mm
    unwrapped += _elevation_error(draw, request)
    limit = float(critical_coherence(torch.tensor([float(request.looks)])))
    return Truth(
        elevation, scattering.coherence, scattering.power, deformation, unwrapped, scattering.coherence < limit
    )


def _scattering(draw: Draw, request: Request, elevation: Tensor) -> Scattering:
    rows, cols = elevation.shape[1:]
    size = _coarse(rows, cols, COVER_SIZE)
    height = enlarge(elevation, *size, "bilinear")
    scale = cols / size[1]
    step = torch.tensor([request.step_east * scale])
    small = _coarse(*size, DRAINED_SIZE)
    water = water_bodies(draw, enlarge(height, *small, "bilinear"), request.generated)
    water = enlarge(water.float(), *size, "bilinear") > 0.5
    water |= (height <= 0.0) & (gradient_magnitude(height, step) < 1e-3)  # the sea, flat at zero in elevation models
    layover, shadow = sheared_layover(height, float(step), INCIDENCE, HEADING)
    cover, parcel = countryside(draw, height, gradient_magnitude(height, step), water)
    sensor = SENSORS[0]
    ground = Ground(
        cover=cover,
        parcel=parcel,
        range_slope=range_slope(height, step).masked_fill(water, 0.0),
        layover=layover & ~water,
        shadow=shadow & ~water,
        incidence=torch.tensor([math.radians(INCIDENCE)]),
        wavelength=torch.tensor([request.wavelength]),
        baseline=torch.tensor([BASELINE]),
        slant_range=torch.tensor([sensor.slant_range]),
        bandwidth=torch.tensor([sensor.bandwidth]),
        days=torch.tensor([DAYS]),
        noise=torch.tensor([sensor.noise]),
        critical=critical_coherence(torch.tensor([float(request.looks)])),
    )
    found = scatter(draw, ground, Variety(spread=0.0, fading_share=0.0, clear_share=0.0))
    coherence = found.coherence * (request.coherence / float(stable_coherence(ground)))
    coherence = enlarge(coherence.clamp(0.0, 0.995), rows, cols, "nearest")
    return Scattering(enlarge(found.power, rows, cols, "nearest"), coherence)


def _atmosphere(draw: Draw, request: Request, elevation: Tensor) -> Tensor:
    """Delay along the line of sight, mm, with exactly the standard deviation asked for."""
    rows, cols = elevation.shape[1:]
    small = _coarse(rows, cols, FIELD_SIZE)
    delay = enlarge(turbulence(draw, 1, *small), rows, cols)
    delay += math.sqrt(STRATIFIED_SHARE) * stratified(elevation)
    deviation, mean = torch.std_mean(delay)
    return (delay - mean) * (request.atmosphere / deviation)


def _elevation_error(draw: Draw, request: Request) -> Tensor:
    small = _coarse(request.rows, request.cols, FIELD_SIZE)
    error = enlarge(power_law(draw, *small, torch.tensor([1.5])), request.rows, request.cols)
    factor = topographic_factor(
        torch.tensor(BASELINE),
        torch.tensor(request.wavelength),
        torch.tensor(SENSORS[0].slant_range),
        torch.tensor(math.radians(INCIDENCE)),
    )
    return error * (ELEVATION_ERROR * float(factor))


def observe(draw: Draw, request: Request, truth: Truth) -> Images:
    """Draws the two noisy images and forms what a processor delivers: wrapped phase, coherence estimate, amplitude."""
    rows = request.rows
    images = Images(*(torch.empty_like(truth.unwrapped) for _ in range(3)))
    looks, oversampling = torch.tensor([float(request.looks)]), torch.tensor([OVERSAMPLING])
    window = torch.tensor([WINDOW])
    carried: tuple[Tensor, ...] = ()
    done = 0
    for start in range(0, rows, BAND):
        part = slice(start, min(start + BAND, rows))
        drawn = multilook_pair(
            draw, truth.unwrapped[:, part], truth.coherence[:, part], truth.power[:, part], looks, oversampling
        )
        # The estimate at the end of a band waits for the next one, so that no seam shows.
        joined = drawn if not carried else tuple(torch.cat(pair, dim=1) for pair in zip(carried, drawn, strict=True))
        cross, first, second = joined
        above = part.stop - cross.shape[1]
        upto = part.stop if part.stop == rows else part.stop - BAND_HALO
        estimate = estimate_coherence(cross, first, second, window, torch.zeros_like(first))
        inner, target = slice(done - above, upto - above), slice(done, upto)
        images.wrapped[:, target] = cross[:, inner].angle()
        images.coherence_estimate[:, target] = estimate[:, inner]
        images.amplitude[:, target] = (0.5 * (first + second)).sqrt()[:, inner]
        carried = tuple(layer[:, -2 * BAND_HALO :] for layer in joined)
        done = upto
    return images

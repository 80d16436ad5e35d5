"""Where the radar stands, and what it cannot see: lines of sight, layover, shadow, baselines."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor

from .draw import per_pixel

Wavelength = TypeVar("Wavelength", float, Tensor)


def line_of_sight(heading: float, incidence: float, *, right_looking: bool = True) -> tuple[float, float, float]:
    """Unit vector (east, north, up) from the ground to the satellite.

    Heading of flight and incidence angle in degrees, heading clockwise from north (Sentinel-1 ascending about -13,
    descending about -167). A displacement d moves the ground toward the satellite by d . vector. Hanssen (2001), 5.1.
    """
    side = 90.0 if right_looking else -90.0
    azimuth = math.radians(heading + side)  # the way the radar looks, over ground
    theta = math.radians(incidence)
    return -math.sin(theta) * math.sin(azimuth), -math.sin(theta) * math.cos(azimuth), math.cos(theta)


def range_slope(elevation: Tensor, pixel: Tensor) -> Tensor:
    """Rise per metre along columns (range), positive where the ground faces the radar; elevation (batch, r, c) m."""
    rise = torch.empty_like(elevation)
    rise[..., 1:-1] = (elevation[..., 2:] - elevation[..., :-2]) / 2
    rise[..., 0] = elevation[..., 1] - elevation[..., 0]
    rise[..., -1] = elevation[..., -1] - elevation[..., -2]
    return rise / per_pixel(pixel)


def gradient_magnitude(elevation: Tensor, pixel: Tensor) -> Tensor:
    """Slope of the ground as rise over run (batch, r, c)."""
    gy, gx = torch.gradient(elevation, dim=(1, 2))
    return torch.hypot(gx, gy) / per_pixel(pixel)


def layover_and_shadow(elevation: Tensor, pixel: Tensor, incidence: Tensor) -> tuple[Tensor, Tensor]:
    """Which ground pixels share their slant range with others, and which the radar does not reach.

    elevation (batch, rows, cols) m, range increasing along columns; pixel (batch,) m; incidence (batch,) rad.
    Active and passive layover: slant range is not monotonic there, found by running extremes from both sides. Shadow:
    a nearer point stands higher across the beam. Two bool tensors; a pixel in shadow is not in layover.
    """
    sine, cosine = per_pixel(torch.sin(incidence)), per_pixel(torch.cos(incidence))
    ground = torch.arange(elevation.shape[-1], device=elevation.device, dtype=torch.float32) * per_pixel(pixel)
    slant = ground * sine - elevation * cosine
    across = ground * cosine + elevation * sine
    tolerance = 1e-3 * per_pixel(pixel)
    shadow = across < torch.cummax(across, dim=-1).values - tolerance
    # What lies in shadow returns nothing, so it folds over nothing.
    lit_high = torch.cummax(slant.masked_fill(shadow, -math.inf), dim=-1).values
    lit_low = torch.cummin(slant.masked_fill(shadow, math.inf).flip(-1), dim=-1).values.flip(-1)
    layover = ((slant < lit_high - tolerance) | (slant > lit_low + tolerance)) & ~shadow
    return layover, shadow


def topographic_factor(baseline: Tensor, wavelength: Tensor, slant_range: Tensor, incidence: Tensor) -> Tensor:
    """Radians of phase per metre of height, 4 pi B / (wavelength R sin(incidence)); all (batch,), m and rad."""
    return 4 * math.pi * baseline / (wavelength * slant_range * torch.sin(incidence))


def phase_per_mm(wavelength: Wavelength) -> Wavelength:
    """Radians of phase per mm of displacement toward the satellite: -4 pi / wavelength (m); of a delay, minus that."""
    return -4e-3 * math.pi / wavelength

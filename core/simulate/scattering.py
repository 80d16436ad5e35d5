"""What a ground of known cover sends back: power, and true coherence by its physical causes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import enlarge, power_law
from .land_cover import TRAITS, LandCover
from .sensors import C_BAND, SPEED_OF_LIGHT

LAYOVER_COHERENCE = (0.02, 0.3)
_STEADIER = 0.6  # by how much classes vary less in scenes whose looks suit the ground
DECAY_WAVELENGTH_POWER = 1.0  # longer waves look past leaves: decay times grow with the wavelength


@dataclass(frozen=True)
class Variety:
    """How scenes differ: law of temporal decay by family, spread of the classes' traits, share where coherence fades.

    `spread` 0 takes the traits as they stand in the table. Coherence fades gradually where snow or rain were.
    In `clear_share` of the scenes the looks suit the ground, as a surveyor chooses them: no class lies, on average,
    within `clearance` of the coherence below which its phase is beyond use, and classes vary less.
    """

    family: str = "train"
    spread: float = 1.0
    fading_share: float = 0.35
    clear_share: float = 0.7
    clearance: float = 0.2


@dataclass
class Ground:
    """Everything scattering depends on; (batch, rows, cols) but for the last block, which is (batch,)."""

    cover: Tensor  # LandCover codes
    parcel: Tensor  # uniform number per parcel, 0..1
    range_slope: Tensor  # rise per metre toward far range
    layover: Tensor
    shadow: Tensor
    incidence: Tensor  # rad
    wavelength: Tensor  # m
    baseline: Tensor  # m, perpendicular
    slant_range: Tensor  # m
    bandwidth: Tensor  # Hz
    days: Tensor  # between the two images
    noise: Tensor  # dB
    critical: Tensor  # coherence below which the phase is beyond use


@dataclass
class Scattering:
    """Expected power of both images, noise included (linear), and the true coherence."""

    power: Tensor
    coherence: Tensor


def _by_class(draw: Draw, batch: int, name: str, jitter: float) -> Tensor:
    base = torch.tensor([getattr(TRAITS[code], name) for code in LandCover], device=draw.device)
    return base + jitter * draw.normal(batch, len(base))


def _look_up(table: Tensor, cover: Tensor) -> Tensor:
    return table.gather(1, cover.flatten(1)).view(cover.shape)


def scatter(draw: Draw, ground: Ground, variety: Variety) -> Scattering:
    """Draws power and true coherence of a scene."""
    batch, rows, cols = ground.cover.shape
    quarter = (-(-rows // 4), -(-cols // 4))
    smooth = power_law(draw, *quarter, draw.uniform(3 * batch, low=1.2, high=2.8), periodicity=1.5)
    wind, variation, fading = enlarge(smooth, rows, cols, "bilinear").chunk(3)
    signal = _backscatter(draw, ground, wind, variety.spread)
    noise = per_pixel(10.0 ** (ground.noise / 10.0))
    coherence = _temporal(draw, ground, variation, variety) * _geometric(ground)
    strength = per_pixel(draw.uniform(batch) * draw.chance(variety.fading_share, batch))
    middle = per_pixel(draw.uniform(batch, low=-1.2, high=1.2))
    sharpness = per_pixel(draw.log_uniform(batch, low=0.8, high=6.0))
    coherence = coherence * (1.0 - strength * torch.sigmoid(sharpness * (fading - middle)))
    low, high = LAYOVER_COHERENCE
    folded = per_pixel(draw.uniform(batch, low=low, high=high))
    coherence = torch.where(ground.layover, torch.minimum(coherence, folded), coherence)
    coherence = coherence * signal / (signal + noise)
    texture = _look_up(_by_class(draw, batch, "texture", 0.0).expand(batch, -1), ground.cover)
    power = signal * torch.exp(texture * draw.normal(batch, rows, cols) - texture.square() / 2) + noise
    return Scattering(power, coherence.clamp(0.0, 0.995))


def _backscatter(draw: Draw, ground: Ground, wind: Tensor, spread: float) -> Tensor:
    batch = len(ground.cover)
    table = _by_class(draw, batch, "backscatter", 2.0 * spread)
    # Water is dark when calm, and as bright as land when the wind roughens it.
    table[:, LandCover.WATER] = draw.uniform(batch, low=-26.0, high=-9.0)
    gusts = per_pixel(draw.uniform(batch, low=0.0, high=5.0))
    decibel = _look_up(table, ground.cover)
    decibel = decibel + torch.where(ground.cover == LandCover.WATER, wind * gusts, 3.0 * (ground.parcel - 0.5))
    incidence = per_pixel(ground.incidence)
    local = incidence - torch.atan(ground.range_slope)
    # The lit area of a pixel goes with 1 / sin of the local incidence.
    area = torch.sin(incidence) / torch.sin(local.clamp_min(0.08))
    power = torch.exp(decibel * 0.2302585) * area.clamp(0.05, 8.0)
    power = torch.where(ground.layover, power * per_pixel(draw.uniform(batch, low=1.5, high=4.0)), power)
    return power.masked_fill(ground.shadow, 1e-6)


def _geometric(ground: Ground) -> Tensor:
    """Spectral shift: what the baseline leaves of the common bandwidth, by local slope (Gatelli et al. 1994)."""
    local = per_pixel(ground.incidence) - torch.atan(ground.range_slope)
    scale = SPEED_OF_LIGHT / (ground.wavelength * ground.slant_range * ground.bandwidth) * ground.baseline.abs()
    lost = per_pixel(scale) / torch.tan(local).abs().clamp_min(0.05)
    return (1.0 - lost).clamp_min(0.0)


def _temporal(draw: Draw, ground: Ground, variation: Tensor, variety: Variety) -> Tensor:
    batch = len(ground.cover)
    instant = _by_class(draw, batch, "coherence", 0.04 * variety.spread).clamp(0.0, 0.99)
    lasting = _by_class(draw, batch, "lasting", 0.05 * variety.spread).clamp(0.0, 0.9)
    instant[:, LandCover.WATER], lasting[:, LandCover.WATER] = 0.0, 0.0
    lasting = torch.minimum(lasting, instant)
    longer = (ground.wavelength / C_BAND) ** DECAY_WAVELENGTH_POWER
    slower = torch.pow(draw.log_uniform(batch, len(LandCover), low=0.5, high=2.0), variety.spread)
    decay_days = _by_class(draw, batch, "days", 0.0) * longer[:, None] * slower
    passed = ground.days[:, None] / decay_days
    # The held-out family decays as a Lorentzian (slow at long times) and not as an exponential.
    decay = torch.exp(-passed) if variety.family == "train" else 1.0 / (1.0 + passed.square()).sqrt()
    table = (instant - lasting) * decay + lasting
    clear = draw.chance(variety.clear_share, batch)
    table = torch.where(clear[:, None], _cleared(table, ground.critical[:, None], variety.clearance), table)
    value = _look_up(table, ground.cover)
    land = ground.cover != LandCover.WATER
    steadiness = 1.0 - _STEADIER * clear.to(value.dtype)
    strength = per_pixel(draw.uniform(batch, low=0.0, high=0.12) * steadiness)
    parcel = per_pixel(draw.uniform(batch, low=0.0, high=0.5) * steadiness) * (ground.parcel - 0.5)
    varied = value * (1.0 + parcel) + strength * variation
    return torch.where(land, varied, value).clamp(0.0, 0.99)


def _cleared(table: Tensor, critical: Tensor, clearance: float) -> Tensor:
    """Coherences moved away from the critical one until they are at least `clearance` from it, or at 0."""
    above = table - critical
    return torch.where(above < 0, above.clamp(max=-clearance), above.clamp(min=clearance)) + critical


def stable_coherence(ground: Ground) -> Tensor:
    """True coherence (batch,) of flat bare ground, by the traits as they stand in the table."""
    bare = TRAITS[LandCover.BARE]
    days = bare.days * (ground.wavelength / C_BAND) ** DECAY_WAVELENGTH_POWER
    temporal = (bare.coherence - bare.lasting) * torch.exp(-ground.days / days) + bare.lasting
    thermal = 1.0 / (1.0 + 10.0 ** ((ground.noise - bare.backscatter) / 10.0))
    scale = SPEED_OF_LIGHT / (ground.wavelength * ground.slant_range * ground.bandwidth) * ground.baseline.abs()
    return temporal * thermal * (1.0 - scale / torch.tan(ground.incidence)).clamp_min(0.0)

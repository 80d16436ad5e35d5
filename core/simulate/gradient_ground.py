"""Ground of a gradient scene: what moves without being a landslide, and how coherent each place stays."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean, coordinates, power_law, quantile_level, standardise
from .geometry import layover_and_shadow
from .land_cover import voronoi
from .water import meander

BOWLS = 3  # most of them per scene
BOWL_RADIUS = (120.0, 1500.0)  # m
BOWL_RATE = (8.0, 250.0)  # mm per year
GENTLE = math.tan(math.radians(9.0))  # rise over run where most subsidence is
GENTLE_SHARE = 0.8  # of the bowls lie on ground that is no steeper
ODD_SHARE = (1e-5, 3e-3)  # of pixels that go their own way, or have no data
CLUSTER_SHARE = (3e-5, 1e-3)  # of pixels that are the middle of a cluster of such
CLUSTER_SIDES = ((3, 3), (1, 5), (5, 1), (3, 5), (5, 3))  # rows and columns that a cluster lies in
CLUSTER_FILLED = (0.3, 0.8)  # of these pixels are odd, which makes clusters of 2 to 12
CLUSTER_RATE = (3.0, 80.0)  # mm per year
CLUSTER_LOSS = 0.8  # of coherence, at most
PATCHES, EDGE_WARP = 40, 6.0  # land covers of a held-out scene, and how far (pixels) their edges are bent
PATCH_BIAS = 8.0  # mm per year: largest bias of a land cover in short interferograms (Ansari et al. 2021)


def distractors(draw: Draw, steepness: Tensor, pixel: Tensor, family: str) -> tuple[Tensor, Tensor]:
    """Rate (batch, rows, cols) mm per year toward the satellite of bowls, lines and fields; and where bowls are."""
    batch, rows, cols = steepness.shape
    rate = torch.zeros(batch, rows, cols)
    taken = torch.zeros(batch, rows, cols, dtype=torch.bool)
    for _ in range(BOWLS):
        shape = _bowl(draw, steepness, pixel, family)
        there = per_pixel(draw.chance(0.35, batch))
        size = per_pixel(draw.log_uniform(batch, low=BOWL_RATE[0], high=BOWL_RATE[1]))
        sign = torch.where(per_pixel(draw.chance(0.8, batch)), -1.0, 1.0)
        rate += shape * size * sign * there
        taken |= (shape > 0.2) & there
    line = _line(draw, batch, rows, cols) * per_pixel(draw.log_uniform(batch, low=4.0, high=60.0))
    there = per_pixel(draw.chance(0.25, batch))
    rate -= line * there
    field = _field(draw, batch, rows, cols, family) * per_pixel(draw.chance(0.4, batch))
    rate += field
    wide = power_law(draw, rows, cols, torch.full((batch,), 3.2)) * per_pixel(draw.uniform(batch, high=8.0))
    return rate + wide, taken


def scattered(draw: Draw, family: str, batch: int, rows: int, cols: int) -> tuple[Tensor, Tensor, Tensor]:
    """Odd pixels: their rate (mm per year), the share of coherence left of them (0 to 1), and those without data.

    Poles, roofs, wrong heights: over the step of a gradient each looks like a pair of opposite spots. Clusters of them
    are for training alone, so that held-out scenes stay comparable with those measured before.
    """
    odd = draw.chance(0.5, batch) * draw.log_uniform(batch, low=ODD_SHARE[0], high=ODD_SHARE[1])
    there = draw.uniform(batch, rows, cols) < per_pixel(odd)
    size = per_pixel(draw.log_uniform(batch, low=5.0, high=80.0))
    lost = draw.chance(0.3, batch) * draw.log_uniform(batch, low=ODD_SHARE[0], high=ODD_SHARE[1])
    rate = there * size * draw.normal(batch, rows, cols)
    absent = draw.uniform(batch, rows, cols) < per_pixel(lost)
    if family != "train":
        return rate, torch.ones(batch, rows, cols), absent
    clustered, kept = _clusters(draw, batch, rows, cols)
    return rate + clustered, kept, absent


def _clusters(draw: Draw, batch: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Rate (mm per year) of small clusters of odd pixels, and the share of coherence (0 to 1) that is left of it.

    Roofs, rubble, vents, wrong cycles: pixels of a cluster go the same way, each its own, or both.
    """
    share = draw.chance(0.6, batch) * draw.log_uniform(batch, low=CLUSTER_SHARE[0], high=CLUSTER_SHARE[1])
    kind = draw.integers(batch, rows, cols, high=len(CLUSTER_SIDES))
    seeds = draw.uniform(batch, rows, cols) < per_pixel(share)
    level = draw.normal(batch, rows, cols)
    there = torch.zeros(batch, rows, cols, dtype=torch.bool)
    common = torch.zeros(batch, rows, cols)
    for number, sides in enumerate(CLUSTER_SIDES):
        mine = seeds & (kind == number)
        there |= _spread(mine.float(), sides) > 0
        for sign in (1.0, -1.0):
            common += sign * _spread((sign * level).clamp_min(0.0) * mine, sides)
    filled = per_pixel(draw.uniform(batch, low=CLUSTER_FILLED[0], high=CLUSTER_FILLED[1]))
    there &= draw.uniform(batch, rows, cols) < filled
    alike = per_pixel(draw.uniform(batch))
    rate = alike * common + (1.0 - alike) * draw.normal(batch, rows, cols)
    size = per_pixel(draw.log_uniform(batch, low=CLUSTER_RATE[0], high=CLUSTER_RATE[1]))
    loss = per_pixel(draw.uniform(batch, high=CLUSTER_LOSS)) * draw.uniform(batch, rows, cols).sqrt()
    return there * size * rate, 1.0 - there * loss


def _spread(field: Tensor, sides: tuple[int, int]) -> Tensor:
    """Largest value of a window of odd sides around each pixel (batch, rows, cols)."""
    padding = (sides[0] // 2, sides[1] // 2)
    return torch.nn.functional.max_pool2d(field[:, None], sides, 1, padding)[:, 0]


def _bowl(draw: Draw, steepness: Tensor, pixel: Tensor, family: str) -> Tensor:
    """One bowl of depth 1: a distorted Gaussian, a flat-floored trough over a panel, or one from a point at depth."""
    batch, rows, cols = steepness.shape
    gentle = (box_mean(steepness, 9) < GENTLE) | ~per_pixel(draw.chance(GENTLE_SHARE, batch))
    flat = gentle.flatten(1)
    chosen = (flat * draw.uniform(*flat.shape)).argmax(1)
    y = torch.arange(rows)[None, :, None] - per_pixel(chosen // cols)
    x = torch.arange(cols)[None, None, :] - per_pixel(chosen % cols)
    radius = per_pixel(draw.log_uniform(batch, low=BOWL_RADIUS[0], high=BOWL_RADIUS[1]) / pixel).clamp_min(4.0)
    angle = per_pixel(draw.uniform(batch, high=math.pi))
    longer = per_pixel(draw.log_uniform(batch, low=1.0, high=2.5))
    u = (x * torch.cos(angle) + y * torch.sin(angle)) / radius / longer
    v = (y * torch.cos(angle) - x * torch.sin(angle)) / radius
    skew = u + per_pixel(draw.uniform(batch, low=-0.3, high=0.3)) * v.square().clamp(max=2.0)
    if family != "train":
        mogi = (1.0 + 2.0 * (u.square() + v.square())).pow(-1.5)
        disk = torch.sigmoid((1.0 - torch.hypot(skew, v)) * 6.0)
        return torch.where(per_pixel(draw.chance(0.5, batch)), mogi, disk)
    gauss = torch.exp(-(skew.square() + v.square()))
    trough = 0.25 * _between(u) * _between(v)
    return torch.where(per_pixel(draw.chance(0.5, batch)), gauss, trough) * per_pixel(flat.any(1))


def _between(u: Tensor) -> Tensor:
    return torch.erf(3.0 * (u + 0.8)) - torch.erf(3.0 * (u - 0.8))


def _line(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    """A straight embankment or line of buildings that settles: 1 on it, 0 beside it."""
    y, x = coordinates(rows, cols, draw.device)
    angle = per_pixel(draw.uniform(batch, high=math.pi))
    offset = per_pixel(draw.uniform(batch, low=-0.4, high=0.4)) * rows
    width = per_pixel(draw.log_uniform(batch, low=1.5, high=5.0))
    away = (x * torch.cos(angle) + y * torch.sin(angle) - offset) / width
    along = (y * torch.cos(angle) - x * torch.sin(angle)) / rows
    part = torch.sigmoid((per_pixel(draw.uniform(batch, low=0.1, high=0.6)) - along.abs()) * 30.0)
    return torch.exp(-away.square()) * part


def _field(draw: Draw, batch: int, rows: int, cols: int, family: str) -> Tensor:
    """Bias of land cover: patches of one rate each, by season and soil."""
    size = per_pixel(draw.uniform(batch, high=PATCH_BIAS))
    if family == "train":
        shape = power_law(draw, rows, cols, draw.uniform(batch, low=1.8, high=2.8))
        return (shape > per_pixel(draw.uniform(batch, low=-0.5, high=1.5))).float() * size
    return _patches(draw, batch, rows, cols) * size


def _patches(draw: Draw, batch: int, rows: int, cols: int) -> Tensor:
    """Patches with bent edges, of one random value from 0 to 1 each."""
    warp = EDGE_WARP * power_law(draw, rows, cols, torch.full((batch,), 2.4))
    cells = voronoi(draw, batch, rows, cols, PATCHES, warp)
    return draw.uniform(batch, PATCHES).gather(1, cells.flatten(1)).view(batch, rows, cols)


def coherence(
    draw: Draw, elevation: Tensor, steepness: Tensor, pixel: Tensor, incidence: Tensor, family: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean coherence of an interferogram (batch, rows, cols), the share of them that snow spares, and where nothing is.

    Vegetation by patches, decorrelation by slope, water in the lowest ground and in rivers, layover and shadow.
    """
    batch, rows, cols = elevation.shape
    best = per_pixel(draw.uniform(batch, low=0.5, high=0.95))
    worst = best * per_pixel(draw.uniform(batch, low=0.3, high=0.9))
    if family == "train":
        shape = power_law(draw, rows, cols, draw.uniform(batch, low=1.6, high=2.8))
        green = torch.sigmoid((shape - per_pixel(draw.uniform(batch, low=-1.0, high=1.5))) * 4.0)
    else:
        green = box_mean(_patches(draw, batch, rows, cols).square(), 3)
    value = best + (worst - best) * green
    texture = power_law(draw, rows, cols, torch.full((batch,), 1.5))
    value = (value * (1.0 + 0.08 * texture)).clamp(0.05, 0.97)
    value = value * (1.0 - 0.4 * (steepness / 1.2).clamp(max=1.0))
    lying, dark = layover_and_shadow(elevation, pixel, incidence)
    value = torch.where(box_mean((lying | dark).float(), 3) > 0.4, 0.08, value)
    water = _water(draw, elevation)
    value = torch.where(water, 0.0, value)
    snowline = quantile_level(elevation, draw.uniform(batch, low=0.3, high=1.6).clamp(max=1.0))
    spared = per_pixel(draw.uniform(batch, low=0.25, high=0.8))
    snowed = (elevation > snowline) & per_pixel(draw.chance(0.4, batch))
    return value, torch.where(snowed, spared, 1.0), water


def _water(draw: Draw, elevation: Tensor) -> Tensor:
    """Lakes in the lowest ground, rivers in the valleys and across."""
    batch, rows, cols = elevation.shape
    rough = elevation + 0.03 * elevation.flatten(1).std(1)[:, None, None] * standardise(
        power_law(draw, rows, cols, torch.full((batch,), 2.0))
    )
    lake = rough < quantile_level(rough, draw.log_uniform(batch, low=0.01, high=0.3))
    valley = elevation - box_mean(elevation, 15)
    river = valley < quantile_level(valley, draw.log_uniform(batch, low=0.01, high=0.06))
    water = lake & per_pixel(draw.chance(0.25, batch))
    water |= river & per_pixel(draw.chance(0.4, batch))
    return water | (meander(draw, batch, rows, cols, (0.8, 5.0)) & per_pixel(draw.chance(0.2, batch)))

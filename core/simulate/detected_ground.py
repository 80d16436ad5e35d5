"""What detected images are simulated over: maps of true coherence and of expected power at both dates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .draw import Draw, per_pixel
from .fields import box_mean, enlarge, power_law
from .land_cover import landscape, parcels, patchwork, voronoi
from .phase_noise import critical_coherence
from .scattering import Ground, Variety, scatter
from .scene import SceneOptions, View, draw_view
from .water import drawn_water, natural_water

MOST_COHERENCE = 0.99
CLASSES = 24  # kinds of ground that one scene can have
BENDS = (1.0, 2.0, 6.0)  # pixels that the edges of held-out cells are bent by
INCOHERENT_SHARE = 0.2  # of the kinds of ground have no coherence at all, as water has none
POINT_POWER = (5.0, 100.0)  # of a single strong scatterer over its surroundings
BUILT_POWER = (0.25, 6.0)  # of what lasts in towns over the ground between it
BUILT_SPREAD = (0.8, 2.2)  # standard deviation of its logarithm from pixel to pixel
PATCH_SIZES = (1.5, 2.5, 4.0, 6.0)  # pixels between the points that small patches are drawn from
PATCH_COVER = (0.03, 0.35)  # of the ground that is in such patches
PATCH_DIMMING = 1.2  # largest, of ln power in them


@dataclass(frozen=True)
class GroundOptions:
    """Shares of scenes; `textured` and `changing` 0 leave speckle alone to vary within an area."""

    family: str = "train"
    land_share: float = 0.3  # scenes whose coherence and power go together as land cover has it; free ones otherwise
    textured_share: float = 0.6
    smooth_share: float = 0.4  # where coherence also varies within an area
    changing_share: float = 0.5  # where backscatter changes between the dates
    points_share: float = 0.25  # with single strong scatterers
    incoherent_share: float = INCOHERENT_SHARE
    concentrated_share: float = 0.4  # free scenes whose areas are all of like coherence; others spread evenly
    texture: float = 0.9  # largest standard deviation of ln power within an area
    contrast: float = 6.0  # dB, largest standard deviation between areas
    cells: int = 40  # areas of a held-out scene
    field_width: float = 8.0  # pixels, least width of the fields of a training scene
    bent_share: float = 0.67  # of held-out scenes, whose edges are not straight
    built_share: float = 0.0  # where much of the power comes from structures that last, as in towns
    patchy_share: float = 0.0  # with small patches whose coherence is lost


@dataclass
class PairGround:
    """float32 (batch, rows, cols): true coherence, and expected power (linear) at either date."""

    coherence: Tensor
    first: Tensor
    second: Tensor


def draw_ground(draw: Draw, batch: int, rows: int, cols: int, options: GroundOptions) -> PairGround:
    """Draws the ground of a batch of scenes."""
    land = draw.chance(options.land_share, batch)
    coherence = torch.empty(batch, rows, cols, device=draw.device)
    power = torch.empty_like(coherence)
    number = torch.empty_like(coherence)
    for chosen, make in ((land, _land), (~land, _free)):
        index = chosen.nonzero()[:, 0]
        if len(index):
            coherence[index], power[index], number[index] = make(draw, len(index), rows, cols, options)
    if options.built_share > 0:
        coherence, power = _with_structures(draw, coherence, power, number, options)
    if options.patchy_share > 0:
        coherence, power = _with_patches(draw, coherence, power, options)
    _add_points(draw, coherence, power, options)
    change = _change(draw, coherence, number, options)
    return PairGround(coherence.clamp(0.0, MOST_COHERENCE), power * torch.exp(-change), power * torch.exp(change))


def _free(draw: Draw, batch: int, rows: int, cols: int, options: GroundOptions) -> tuple[Tensor, Tensor, Tensor]:
    """Areas whose coherence, brightness and texture have nothing to do with each other."""
    kind = _areas(draw, batch, rows, cols, options)
    count = int(kind.max()) + 1
    middle, width = draw.uniform(batch, 1), draw.pick([0.15, 0.4], batch, 1)
    flat = draw.uniform(batch, count)
    like = (middle + width * (flat - 0.5)).clamp(0.0, 0.98)
    table = torch.where(draw.chance(options.concentrated_share, batch, 1), like, flat * 0.98)
    table = torch.where(draw.chance(options.incoherent_share, batch, count), 0.04 * flat, table)
    decibel = -10.0 + draw.uniform(batch, 1, low=0.5, high=options.contrast) * draw.normal(batch, count)
    textured = draw.chance(options.textured_share, batch)[:, None] & draw.chance(0.6, batch, count)
    texture = draw.uniform(batch, count, high=options.texture) * textured
    coherence, level, rough = (_look_up(values, kind) for values in (table, decibel, texture))
    coherence = coherence + _smooth_variation(draw, coherence, options.smooth_share)
    power = torch.exp(0.2302585 * level + _grain(draw, rough))
    return coherence, power, _look_up(draw.uniform(batch, count), kind)


def _land(draw: Draw, batch: int, rows: int, cols: int, options: GroundOptions) -> tuple[Tensor, Tensor, Tensor]:
    """Land cover as interferograms are simulated over, with its texture and its loss of coherence."""
    view = draw_view(draw, SceneOptions(batch=batch))
    half = (-(-rows // 2), -(-cols // 2))
    rise = power_law(draw, *half, draw.uniform(batch, low=2.0, high=3.0), periodicity=1.5)
    height = enlarge(rise * per_pixel(draw.log_uniform(batch, low=0.3, high=30.0)), rows, cols, "bilinear")
    if options.family == "train":
        water = natural_water(draw, enlarge(height, *half, "bilinear"), rows, cols)
    else:
        water = drawn_water(draw, batch, rows, cols)
    down, across = torch.gradient(box_mean(height, 5), dim=(1, 2))
    metres = per_pixel(view.pixel)
    paint = landscape if options.family == "train" else patchwork
    cover, parcel = paint(draw, torch.hypot(down, across) / metres, water)
    slope = (across / metres).clamp(-0.5, 0.5).masked_fill(water, 0.0)
    scattering = scatter(draw, _seen(view, cover, parcel, slope), Variety(options.family, clear_share=0.0))
    return scattering.coherence, scattering.power, parcel


def _seen(view: View, cover: Tensor, parcel: Tensor, slope: Tensor) -> Ground:
    return Ground(
        cover=cover,
        parcel=parcel,
        range_slope=slope,
        layover=torch.zeros_like(cover, dtype=torch.bool),
        shadow=torch.zeros_like(cover, dtype=torch.bool),
        incidence=view.incidence,
        wavelength=view.wavelength,
        baseline=view.baseline,
        slant_range=view.slant_range,
        bandwidth=view.bandwidth,
        days=view.days,
        noise=view.noise,
        critical=critical_coherence(view.looks),
    )


def _areas(draw: Draw, batch: int, rows: int, cols: int, options: GroundOptions) -> Tensor:
    """Index of the kind of ground (batch, rows, cols) int64: fields and regions, or cells around points (held out)."""
    half = (-(-rows // 2), -(-cols // 2))
    rough = enlarge(power_law(draw, *half, draw.uniform(2 * batch, low=2.0, high=3.4), 1.5), rows, cols, "bilinear")
    first, second = rough.chunk(2)
    if options.family != "train":
        bend = draw.pick(BENDS, batch) * draw.chance(options.bent_share, batch)
        return voronoi(draw, batch, rows, cols, options.cells, first * per_pixel(bend))
    plot = parcels(
        draw,
        rows,
        cols,
        draw.log_uniform(batch, low=options.field_width, high=90.0),
        draw.log_uniform(batch, low=0.5, high=4.0),
    )
    levels = per_pixel(draw.pick([1.0, 2.0, 3.0, 5.0], batch))
    region = (torch.special.ndtr(first) * levels).long().clamp(max=7)
    field = 8 + (plot * 15.99).long()
    farmed = second < per_pixel(draw.uniform(batch, low=-1.5, high=1.5))
    kind = torch.where(farmed, field, region)
    return torch.where(_lines(draw, first), CLASSES - 1, kind)


def _lines(draw: Draw, field: Tensor) -> Tensor:
    """Narrow bands along the contours of a field (bool), such as roads, dikes and rivers; some scenes have none."""
    batch = len(field)
    down, across = torch.gradient(field, dim=(1, 2))
    away = (field - per_pixel(draw.normal(batch))).abs() / torch.hypot(down, across).clamp_min(0.01)
    return away < per_pixel(draw.pick([0.0, 1.0, 2.0, 3.0], batch, weights=[3, 1, 1, 1]))


def _look_up(table: Tensor, kind: Tensor) -> Tensor:
    return table.gather(1, kind.flatten(1)).view(kind.shape)


def _smooth_variation(draw: Draw, coherence: Tensor, share: float) -> Tensor:
    batch, rows, cols = coherence.shape
    field = power_law(draw, -(-rows // 4), -(-cols // 4), draw.uniform(batch, low=1.2, high=3.0), 1.5)
    strength = draw.log_uniform(batch, low=0.02, high=0.4) * draw.chance(share, batch)
    return enlarge(field, rows, cols, "bilinear") * per_pixel(strength)


def _grain(draw: Draw, rough: Tensor) -> Tensor:
    """Texture of ln power with this standard deviation, of one to three pixels' size by scene."""
    batch, rows, cols = rough.shape
    noise = draw.normal(batch, rows, cols)
    coarse = 3.0 * box_mean(noise, 3)
    mixed = torch.where(per_pixel(draw.chance(0.4, batch)), coarse, noise)
    return rough * mixed - rough.square() / 2


def _add_points(draw: Draw, coherence: Tensor, power: Tensor, options: GroundOptions) -> None:
    """Single strong scatterers, in place: bright, and stable, as corners of buildings are."""
    batch, rows, cols = coherence.shape
    wanted = per_pixel(draw.chance(options.points_share, batch))
    field = enlarge(
        power_law(draw, -(-rows // 4), -(-cols // 4), draw.uniform(batch, low=1.5, high=3.0), 1.5), rows, cols
    )
    density = per_pixel(draw.log_uniform(batch, low=0.002, high=0.2)) * (field > 0)
    point = (draw.uniform(batch, rows, cols) < density) & wanted
    low, high = POINT_POWER
    gain = draw.log_uniform(batch, rows, cols, low=low, high=high)
    power *= torch.where(point, gain, 1.0)
    stable = torch.where(point, 0.99 - 0.3 * draw.uniform(batch, rows, cols).square(), 0.0)
    stable = functional.max_pool2d(stable, 3, 1, 1)  # a scatterer rules its neighbours too, by the side lobes
    torch.maximum(coherence, stable, out=coherence)


def _with_structures(
    draw: Draw, coherence: Tensor, power: Tensor, number: Tensor, options: GroundOptions
) -> tuple[Tensor, Tensor]:
    """Coherence and power with structures that last added to what is there, more in some areas, none in others.

    A pixel is as coherent as its parts, each weighed by its power: what is bright is coherent, as in towns.
    """
    batch, rows, cols = coherence.shape
    bare = (number * 31.0).remainder(1.0) < per_pixel(draw.uniform(batch, low=0.3, high=0.9))
    wanted = per_pixel(draw.chance(options.built_share, batch)) & ~bare
    field = enlarge(
        power_law(draw, -(-rows // 4), -(-cols // 4), draw.uniform(batch, low=1.5, high=3.0), 1.5), rows, cols
    )
    by_area = per_pixel(draw.uniform(batch, high=3.0)) * ((number * 57.0).remainder(1.0) - 0.5)
    usual = per_pixel(draw.log_uniform(batch, low=BUILT_POWER[0], high=BUILT_POWER[1]).log())
    spread = per_pixel(draw.uniform(batch, low=BUILT_SPREAD[0], high=BUILT_SPREAD[1]))
    rough = _grain(draw, spread.expand(batch, rows, cols))
    lasting = torch.exp(usual + field * per_pixel(draw.uniform(batch, high=1.5)) + by_area + rough) * wanted
    stable = per_pixel(draw.uniform(batch, low=0.7, high=0.97))
    total = power * (1.0 + lasting)
    mixed = (coherence + lasting * stable) / (1.0 + lasting)
    around = box_mean(mixed * total, 3) / box_mean(total, 3)  # what is bright rules its neighbours, by the side lobes
    return torch.where(wanted, around, coherence), total


def _with_patches(draw: Draw, coherence: Tensor, power: Tensor, options: GroundOptions) -> tuple[Tensor, Tensor]:
    """Coherence and power with small patches of ground that lasts less than what is around it, and is a bit darker.

    So are trees, canals, sites and cars between buildings; brightness hardly tells them.
    """
    batch, rows, cols = coherence.shape
    spacing = draw.pick(PATCH_SIZES, batch).tolist()
    fields = [draw.normal(1, math.ceil(rows / step), math.ceil(cols / step)) for step in spacing]
    field = torch.cat([enlarge(values, rows, cols, "bilinear") for values in fields])
    field = field / field.std((1, 2), keepdim=True)
    low, high = PATCH_COVER
    lost = torch.special.ndtr(field) < per_pixel(draw.log_uniform(batch, low=low, high=high))
    lost = lost & per_pixel(draw.chance(options.patchy_share, batch))
    kept = per_pixel(draw.uniform(batch, high=0.5))
    dimming = per_pixel(draw.uniform(batch, high=PATCH_DIMMING))
    return torch.where(lost, coherence * kept, coherence), torch.where(lost, power * torch.exp(-dimming), power)


def _change(draw: Draw, coherence: Tensor, number: Tensor, options: GroundOptions) -> Tensor:
    """Half the change of ln power between the dates: by area, more where coherence is low, and slowly across."""
    batch, rows, cols = coherence.shape
    amount = draw.log_uniform(batch, low=0.03, high=0.6) * draw.chance(options.changing_share, batch)
    slow = enlarge(
        power_law(draw, -(-rows // 8), -(-cols // 8), draw.uniform(batch, low=2.0, high=3.0), 1.5), rows, cols
    )
    swing = (number * 89.0).remainder(1.0) - 0.5
    return per_pixel(amount) * ((1.0 - coherence) * 2.0 * swing + 0.3 * slow)

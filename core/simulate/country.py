"""The landscape of a large survey: carved terrain, and what covers it by height, slope and water."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from .drainage import drain, largest_lakes
from .draw import Draw
from .fields import box_mean, coordinates, enlarge, enlarge_smoothly, power_law, quantile_level, standardise
from .hydrology import steepest_neighbour
from .land_cover import LandCover, parcels
from .water import meander

CARVED_SIZE = 384  # pixels a side of the grid on which terrain is carved
RELIEF_SLOPE = 2.4  # radial spectral slope before water has carved it
TILT = 1.2  # fall from one side to the other, in standard deviations of the relief
CARVINGS = 12
INCISION, AREA_POWER, DEEPEST = 0.02, 0.6, 0.8  # share of the fall to the next cell cut at once, by cells drained
MOUNTAINS = 0.4  # how much steeper high ground is than low, per standard deviation of height
BASIN_SHARE, BASIN_DEPTH = 0.04, 1.0  # of the scene; in standard deviations of the relief and of the field of basins
LAKE_SHARE, LEAST_LAKE = 0.035, 12  # of the scene; cells of the drainage grid
RIVER_CELLS, STREAM_CELLS = 2500, 500  # drained cells from which water is a few pixels wide, or one
FOREST_SHARE, TOWN_SHARE, ROCK_SHARE = 0.3, 0.03, 0.06
STEEP_FIELD = 0.12  # rise over run above which nobody ploughs


def _split(rows: int, cols: int, largest: int) -> tuple[int, int]:
    factor = max(1.0, max(rows, cols) / largest)
    return max(8, math.ceil(rows / factor)), max(8, math.ceil(cols / factor))


def carved_terrain(draw: Draw, rows: int, cols: int) -> Tensor:
    """Relief with valleys and plains (1, rows, cols), mean 0 and standard deviation 1.

    A tilted fractal, whose hollows are filled and whose drainage cuts in, by the stream-power law (Howard 1994).
    """
    high, wide = _split(rows, cols, CARVED_SIZE)
    height = power_law(draw, high, wide, torch.tensor([RELIEF_SLOPE]))
    y, x = coordinates(high, wide, draw.device)
    turn = float(draw.uniform(1)) * 2 * math.pi
    height = height + TILT * (x * math.cos(turn) + y * math.sin(turn)) / max(high, wide)
    for _ in range(CARVINGS):
        drainage = drain(height[0].numpy())
        level = torch.from_numpy(drainage.level)[None]
        share = (INCISION * torch.from_numpy(drainage.area)[None].pow(AREA_POWER)).clamp(max=DEEPEST)
        height = level - share * steepest_neighbour(level)[1]
        height = 0.85 * height + 0.15 * box_mean(height, 3)
    height = standardise(height)
    height = height + MOUNTAINS * height.clamp_min(0.0).square()
    basin = power_law(draw, high, wide, torch.tensor([RELIEF_SLOPE]))
    height = height - BASIN_DEPTH * (basin - quantile_level(basin, torch.tensor([1.0 - BASIN_SHARE]))).clamp_min(0.0)
    return standardise(enlarge_smoothly(height, rows, cols))


def water_bodies(draw: Draw, height: Tensor, generated: bool) -> Tensor:  # noqa: FBT001
    """Lakes in the largest hollows, rivers along the drainage, and on generated ground a meandering one (bool).

    height (1, rows, cols) m, on the grid the drainage is found on; the water is on the same grid.
    """
    # Heights in whole metres are full of flats, on which no water would run.
    rough = height + 0.3 * draw.uniform(*height.shape)
    drainage = drain(rough[0].numpy().astype(np.float32))
    spread = float(height.std())
    lake = largest_lakes(drainage, LAKE_SHARE, LEAST_LAKE, max(1.0, 0.01 * spread))
    river = torch.from_numpy(drainage.area > RIVER_CELLS)[None]
    river = max_pool2d(river[:, None].float(), 3, 1, 1)[:, 0] > 0
    water = torch.from_numpy(lake)[None] | river | torch.from_numpy(drainage.area > STREAM_CELLS)[None]
    if generated:
        rows, cols = height.shape[1:]
        water |= meander(draw, 1, rows, cols, width=(1.5, 4.0))
    return water


def countryside(draw: Draw, height: Tensor, steepness: Tensor, water: Tensor) -> tuple[Tensor, Tensor]:
    """What grows and stands there: (land cover int64, number per parcel 0..1), each (1, rows, cols).

    height m, steepness rise over run, water bool. Fields lie on flat low ground in parcels of two layouts, towns among
    them; woods on slopes; rock where it is high and steep; roads cross it all.
    """
    rows, cols = height.shape[1:]
    small = _split(rows, cols, 1024)
    fields = enlarge(power_law(draw, *small, torch.tensor([2.2, 2.2, 1.8])), rows, cols, "bilinear")
    wood, town, layout = fields[0:1], fields[1:2], fields[2:3]
    steepness = box_mean(steepness, 7)
    size = draw.log_uniform(2, low=10.0, high=24.0), draw.uniform(2, low=1.0, high=3.0)
    first, second = (parcels(draw, rows, cols, size[0][k : k + 1], size[1][k : k + 1]) for k in (0, 1))
    plot = torch.where(layout > 0, first, second)
    kinds = torch.tensor([LandCover.CROP] * 8 + [LandCover.GRASS] * 3 + [LandCover.FOREST, LandCover.BARE])
    farmed = (steepness < STEEP_FIELD) & (standardise(height) + 0.5 * wood < 0.7)
    cover = torch.where(farmed, kinds[(plot * len(kinds)).long().clamp(max=len(kinds) - 1)], int(LandCover.GRASS))
    hilly = standardise(box_mean(steepness, 31))
    wooded = wood + 1.2 * hilly
    cover = torch.where(_top(wooded, FOREST_SHARE) & ~(farmed & (plot < 0.6)), int(LandCover.FOREST), cover)
    cover = torch.where(
        _top(standardise(height) + 0.5 * standardise(steepness), ROCK_SHARE), int(LandCover.BARE), cover
    )
    cover = torch.where(_top(town - hilly, TOWN_SHARE), int(LandCover.URBAN), cover)
    cover = torch.where(water, int(LandCover.WATER), cover)
    return torch.where(_roads(draw, rows, cols), int(LandCover.ROAD), cover), plot


def _top(field: Tensor, share: float) -> Tensor:
    return field > quantile_level(field, torch.tensor([1.0 - share]))


def _roads(draw: Draw, rows: int, cols: int, lines: int = 4) -> Tensor:
    """Straight roads two or three pixels wide, over bridges where there is water."""
    y, x = coordinates(rows, cols, draw.device)
    road = torch.zeros(1, rows, cols, dtype=torch.bool)
    for _ in range(lines):
        angle = float(draw.uniform(1)) * math.pi
        offset = (float(draw.uniform(1)) - 0.5) * max(rows, cols)
        road |= (x * math.cos(angle) + y * math.sin(angle) - offset).abs() < 1.2
    return road

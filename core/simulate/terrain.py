"""Ground to simulate on: crops of real elevation tiles where there are any, else fractal terrain cut by water."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import rasterio
import torch
import torch.nn.functional as functional
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean, power_law, standardise
from .hydrology import flow

METRES_PER_DEGREE = 111_320.0
VOID_BELOW = -500.0  # SRTM marks voids by -32768
LAND_SAMPLING = 16  # every so many pixels of a tile stand for the places where a crop may be centred
RELIEF_SLOPE = (1.9, 2.5)  # radial spectral slopes of natural relief
MIRRORED_SHARE = 0.5
STEEPEST_MEAN = (0.08, 0.5)  # mean rise over run that a scene is flattened to where it is above; log-uniform
ROUGHNESS = 0.2  # relief below the resolution of a tile, per unit of slope and pixel


class Tile:
    """One elevation model: heights (rows, cols) m, ground size of its pixels along rows and columns in metres."""

    def __init__(self, path: Path) -> None:
        with rasterio.open(path) as source:
            heights = source.read(1).astype(np.float32)
            step_x, step_y = abs(source.transform.a), abs(source.transform.e)
            if source.crs is not None and source.crs.is_geographic:
                latitude = source.transform.f + source.transform.e * source.height / 2
                step_x *= METRES_PER_DEGREE * math.cos(math.radians(latitude))
                step_y *= METRES_PER_DEGREE
        known = np.isfinite(heights) & (heights > VOID_BELOW)
        heights[~known] = float(np.median(heights[known]))
        self.name = path.stem
        self.heights = torch.from_numpy(heights)
        self.step_x, self.step_y = step_x, step_y
        land = self.heights[::LAND_SAMPLING, ::LAND_SAMPLING] > 1.0
        self.land = land.nonzero().float() * LAND_SAMPLING

    def cut(self, rows: int, cols: int, pixel: float, centre: Tensor, angle: float, mirrored: bool) -> Tensor:  # noqa: FBT001
        """Heights (rows, cols) around a place (row, column) of the tile, turned by an angle (rad).

        Linear interpolation, smoothed over the spacing of the tile where that is coarser, so that facets do not show:
        cubic convolution does not keep the slope of a plane.
        """
        size = torch.tensor(self.heights.shape, dtype=torch.float32)
        step = torch.tensor([pixel / self.step_y, pixel / self.step_x])
        reach = math.hypot(rows, cols)
        step = step * min(1.0, (float(size.min()) - 4) / (reach * float(step.max())))
        window = 2 * int(0.5 / float(step.max())) + 1
        rows, cols = rows + window - 1, cols + window - 1
        margin = (reach + window) / 2 * float(step.max()) + 1
        centre = torch.minimum(torch.maximum(centre, torch.full((2,), margin)), size - 1 - margin)
        y = (torch.arange(rows) - (rows - 1) / 2)[:, None]
        x = ((torch.arange(cols) - (cols - 1) / 2) * (-1.0 if mirrored else 1.0))[None, :]
        row = centre[0] + step[0] * (y * math.cos(angle) + x * math.sin(angle))
        col = centre[1] + step[1] * (x * math.cos(angle) - y * math.sin(angle))
        grid = torch.stack([col / (size[1] - 1) * 2 - 1, row / (size[0] - 1) * 2 - 1], dim=-1)[None]
        fine = functional.grid_sample(
            self.heights[None, None], grid, mode="bilinear", padding_mode="border", align_corners=True
        )
        return functional.avg_pool2d(functional.avg_pool2d(fine, (window, 1), 1), (1, window), 1)[0, 0]


class TerrainSource:
    """Real elevation tiles of a folder, kept in memory, from which scenes are cut at random."""

    def __init__(self, folder: Path) -> None:
        self.tiles = [Tile(path) for path in sorted(folder.glob("*.tif"))]
        if not self.tiles:
            message = f"there are no elevation tiles (*.tif) in {folder}"
            raise FileNotFoundError(message)

    def sample(self, draw: Draw, rows: int, cols: int, pixel: Tensor) -> Tensor:
        """Heights (batch, rows, cols) m at pixel (batch,) m, each from a random tile, place, direction and flip.

        A scene larger than its tile takes the whole tile, stretched.
        """
        numbers = draw.uniform(len(pixel), 4).cpu().tolist()
        scenes = []
        for size, (which, place, turn, flip) in zip(pixel.tolist(), numbers, strict=True):
            tile = self.tiles[int(which * len(self.tiles))]
            centre = tile.land[int(place * len(tile.land))]
            scenes.append(tile.cut(rows, cols, size, centre, turn * 2 * math.pi, flip < MIRRORED_SHARE))
        return torch.stack(scenes).to(draw.device)


def find_terrain(kind: str) -> TerrainSource | None:
    """The tiles for "train" or "validation", or None where there are none.

    They lie in terrain/<kind> of the folder that FRINGELENS_DATA names, else of shared/data beside the checkout.
    """
    named = os.environ.get("FRINGELENS_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = data / "terrain" / kind
    return TerrainSource(folder) if any(folder.glob("*.tif")) else None


def spectral_terrain(draw: Draw, batch: int, rows: int, cols: int, erosion_steps: int = 8) -> Tensor:
    """Fractal relief with valleys (batch, rows, cols), mean 0 and standard deviation 1.

    Random-phase fractals have no drainage; a few steps of stream-power incision and hill-slope diffusion cut it
    (Howard 1994; detachment-limited, area exponent 0.5).
    """
    low, high = RELIEF_SLOPE
    height = power_law(draw, rows, cols, draw.uniform(batch, low=low, high=high))
    for _ in range(erosion_steps):
        area, drop = flow(height)[:2]
        cut = 0.25 * (area / 100.0).sqrt().clamp(max=2.0) * drop
        height = height - torch.minimum(cut, 0.9 * drop)
        height = 0.8 * height + 0.2 * box_mean(height, 3)
    return standardise(height)


def make_elevation(draw: Draw, rows: int, cols: int, pixel: Tensor, source: TerrainSource | None) -> Tensor:
    """Heights (batch, rows, cols) m of random scenes: real tiles with a random vertical scale, or spectral terrain."""
    batch = len(pixel)
    if source is None:
        extent = pixel * math.sqrt(rows * cols)
        relief = per_pixel(draw.log_uniform(batch, low=0.002, high=0.08) * extent)
        return spectral_terrain(draw, batch, rows, cols) * relief.clamp(max=800.0)
    height = source.sample(draw, rows, cols, pixel)
    height = height * per_pixel(draw.pick([0.4, 1.0, 1.6, 2.4], batch, weights=[1, 4, 2, 1]))
    gy, gx = torch.gradient(height, dim=(1, 2))
    steep = torch.hypot(gx, gy).mean(dim=(1, 2)) / pixel
    allowed = draw.log_uniform(batch, low=STEEPEST_MEAN[0], high=STEEPEST_MEAN[1])
    return height * per_pixel((allowed / steep.clamp_min(1e-6)).clamp(max=1.0))


def add_roughness(draw: Draw, height: Tensor, pixel: Tensor) -> Tensor:
    """Adds the relief that a 90 m tile cannot hold, in proportion to the local slope."""
    batch, rows, cols = height.shape
    gy, gx = torch.gradient(height, dim=(1, 2))
    slope = box_mean(torch.hypot(gx, gy), 5)
    detail = power_law(draw, rows, cols, draw.uniform(batch, low=1.6, high=2.4), periodicity=1.5)
    detail = standardise(detail - box_mean(detail, 9))
    lacking = (90.0 / pixel).clamp(0.3, 4.0)
    return height + detail * slope * ROUGHNESS * per_pixel(lacking)

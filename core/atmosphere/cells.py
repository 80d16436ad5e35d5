"""The coarse cells that the atmosphere is found on: means of square blocks of pixels, and the way back to pixels.

Delay is smooth, so that a quarter of a 100 m grid holds nearly all of it and a network sees far at little cost. Cells
are made of whole pixels counted from the corner of the raster, whatever the tiles, so that tiles do not show.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..raster.grid import Grid
from ..raster.window import Window

CELL = 400.0  # m, a quarter of the grid of 100 m that is usual for such products
FEWEST = 64  # cells along the shorter side, where there are as many pixels: of small scenes cells are smaller
MOST = 4_000_000  # cells of a scene; of larger scenes cells are larger
METRES_PER_DEGREE = 111_320.0
USUAL_PIXEL = 100.0  # m, where neither file nor user knows

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


def ground_pixel(grid: Grid) -> tuple[float, float] | None:
    """Metres along rows and columns that a pixel covers; None in radar geometry, which does not say.

    Degrees are taken at the latitude of the middle. A transform without CRS counts as metres where a pixel is at least
    one of its units, as in local metric grids.
    """
    step_right = math.hypot(grid.transform.a, grid.transform.d)
    step_down = math.hypot(grid.transform.b, grid.transform.e)
    if grid.crs is None:
        return (step_down, step_right) if grid.is_georeferenced and min(step_down, step_right) > 1.0 else None
    if grid.crs.is_geographic:
        latitude = grid.transform.f + grid.transform.e * grid.height / 2
        shrink = max(math.cos(math.radians(latitude)), 0.05)
        return step_down * METRES_PER_DEGREE, step_right * METRES_PER_DEGREE * shrink
    unit = float(grid.crs.linear_units_factor[1])
    return step_down * unit, step_right * unit


@dataclass(frozen=True)
class Cells:
    """Blocks of `down` x `right` pixels of a raster of `pixels` (rows, columns); `spacing` is their size in m."""

    pixels: tuple[int, int]
    down: int
    right: int
    spacing: float

    @classmethod
    def of(cls, shape: tuple[int, int], pixel: tuple[float, float]) -> Cells:
        """Cells for a raster of `shape` whose pixels are so many metres along rows and columns."""
        high, wide = shape[0] * pixel[0], shape[1] * pixel[1]
        size = min(CELL, min(high, wide) / FEWEST)
        size = max(size, math.sqrt(high * wide / MOST))
        down, right = (max(1, round(size / step)) for step in pixel)
        return cls(shape, down, right, math.sqrt(down * pixel[0] * right * pixel[1]))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return -(-self.pixels[0] // self.down), -(-self.pixels[1] // self.right)

    def windows(self, side: int) -> Iterator[Window]:
        """Windows of about `side` pixels that cover the raster and cut no cell."""
        height = max(1, side // self.down) * self.down
        width = max(1, side // self.right) * self.right
        for row in range(0, self.pixels[0], height):
            for column in range(0, self.pixels[1], width):
                yield Window(row, column, min(height, self.pixels[0] - row), min(width, self.pixels[1] - column))

    def of_window(self, window: Window) -> tuple[slice, slice]:
        """The cells of a window that cuts none."""
        row, column = window.row // self.down, window.column // self.right
        rows, columns = -(-window.height // self.down), -(-window.width // self.right)
        return slice(row, row + rows), slice(column, column + columns)

    def sums(self, values: npt.NDArray[np.generic]) -> Float64:
        """Sums over the cells of a window's values (rows, columns); the window cuts no cell."""
        rows, columns = range(0, values.shape[0], self.down), range(0, values.shape[1], self.right)
        by_row = np.add.reduceat(values.astype(np.float64), rows, axis=0)
        return np.asarray(np.add.reduceat(by_row, columns, axis=1))

    def sizes(self) -> Float64:
        """Pixels in each cell (rows, columns of cells); those at the far edges may have fewer."""
        rows = np.minimum(self.down, self.pixels[0] - self.down * np.arange(self.shape[0]))
        columns = np.minimum(self.right, self.pixels[1] - self.right * np.arange(self.shape[1]))
        return np.asarray(rows[:, None] * columns[None, :], np.float64)

    def enlarge(self, field: Float, window: Window) -> Float64:
        """A field of cells at the pixels of a window, by cubic convolution (Keys 1981) between cell centres."""
        rows, by_row = _taps(window.row, window.height, self.down, self.shape[0])
        columns, by_column = _taps(window.column, window.width, self.right, self.shape[1])
        first, last = int(columns.min()), int(columns.max()) + 1
        strip = np.zeros((window.height, last - first))
        for tap in range(rows.shape[1]):
            strip += by_row[:, tap, None] * field[rows[:, tap], first:last]
        result = np.zeros((window.height, window.width))
        for tap in range(columns.shape[1]):
            result += by_column[:, tap] * strip[:, columns[:, tap] - first]
        return result


def _taps(start: int, length: int, step: int, count: int) -> tuple[npt.NDArray[np.int64], Float64]:
    """Cells (pixels, 4) around each of `length` pixels from `start`, and their weights; edges are repeated."""
    place = (start + np.arange(length) + 0.5) / step - 0.5
    base = np.floor(place).astype(np.int64)
    t = place - base
    weights = np.stack(
        (
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ),
        axis=1,
    )
    return np.clip(base[:, None] + np.arange(-1, 3), 0, count - 1), weights


def fill_smoothly(values: Float, known: Bool) -> Float:
    """Values (rows, columns) with those that are not known taken from means of ever larger surroundings; 0 if none is.

    Pull and push over a pyramid (Gortler et al. 1996).
    """
    if known.all() or not known.any():
        return np.where(known, values, np.float32(0))
    rows, columns = values.shape
    padded = np.zeros((rows + rows % 2, columns + columns % 2), np.float64)
    weight = np.zeros_like(padded)
    padded[:rows, :columns], weight[:rows, :columns] = np.where(known, values, 0), known
    quarters = (padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
    total, count = padded.reshape(quarters).sum((1, 3)), weight.reshape(quarters).sum((1, 3))
    coarse = fill_smoothly((total / np.maximum(count, 1)).astype(np.float32), count > 0)
    whole = Cells((rows, columns), 2, 2, 1.0).enlarge(coarse, Window(0, 0, rows, columns))
    return np.where(known, values, whole).astype(np.float32)

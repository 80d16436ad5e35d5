"""Means of an interferogram and of what is known beside it over cells, read tile by tile."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..progress import Progress
from ..raster.mask import Mask
from ..raster.quantities import Coherence
from ..raster.source import Source
from ..raster.window import Window
from .cells import Cells, fill_smoothly
from .estimate import Means
from .unwrapped import Unwrapped

HIGHEST = 10_000.0  # m; beyond it a height is none, as where a DEM does not declare its nodata

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass
class Beside:
    """What is known beside an interferogram, on its grid; absent rasters are None."""

    cells: Cells
    mask: Mask | None = None
    elevation: Source | None = None
    heights: Float | None = None  # of the cells, m, filled; found with the first interferogram

    def valid(self, window: Window, there: Bool) -> Bool:
        """Where pixels of a window are there and not masked."""
        return there & ~self.mask.read(window) if self.mask else there

    def height(self, window: Window) -> tuple[Float, Bool] | None:
        """Heights of a window and where they are known; None without an elevation model."""
        if self.elevation is None:
            return None
        patch = self.elevation.read(window)
        return patch.values, patch.valid & (np.abs(patch.values) < HIGHEST)

    def filled_height(self, window: Window) -> Float64 | None:
        """Heights of a window, from those of the cells where a pixel has none; None without an elevation model."""
        heights = self.height(window)
        if heights is None or self.heights is None:
            return None
        return np.where(heights[1], heights[0], self.cells.enlarge(self.heights, window))


def means_of(
    phase: Unwrapped, beside: Beside, tile: int, progress: Progress, coherence: Coherence | None = None
) -> Means:
    """Means over the valid pixels of each cell; `coherence` is that of this interferogram."""
    cells = beside.cells
    total, count, coherent, height, known = (np.zeros(cells.shape) for _ in range(5))
    tiles = list(cells.windows(tile))
    for index, window in enumerate(tiles):
        progress.update(index / len(tiles), "reading")
        where = cells.of_window(window)
        patch = phase.read(window)
        valid = beside.valid(window, patch.valid)
        total[where], count[where] = cells.sums(np.where(valid, patch.values, 0)), cells.sums(valid)
        if coherence is not None:
            coherent[where] = cells.sums(np.where(valid, coherence.read(window).values, 0))
        heights = beside.height(window) if beside.heights is None else None
        if heights is not None:
            height[where], known[where] = cells.sums(np.where(heights[1], heights[0], 0)), cells.sums(heights[1])
    if beside.heights is None and beside.elevation is not None:
        beside.heights = fill_smoothly(_mean(height, known), known > 0)
    share = (count / cells.sizes()).astype(np.float32)
    return Means(_mean(total, count), share, beside.heights, None if coherence is None else _mean(coherent, count))


def means_of_arrays(
    cells: Cells, values: Float, valid: Bool, elevation: Float | None = None, coherence: Float | None = None
) -> Means:
    """The same of arrays (rows, columns) in memory; NaN of the elevation is not known."""
    count, sizes = cells.sums(valid), cells.sizes()
    heights = None
    if elevation is not None:
        known = np.isfinite(elevation)
        there = cells.sums(known)
        heights = fill_smoothly(_mean(cells.sums(np.where(known, elevation, 0)), there), there > 0)
    coherent = None if coherence is None else _mean(cells.sums(np.where(valid, coherence, 0)), count)
    total = cells.sums(np.where(valid, values, 0))
    return Means(_mean(total, count), np.asarray(count / sizes, np.float32), heights, coherent)


def _mean(total: Float64, count: Float64) -> Float:
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), 0), np.float32)


@dataclass
class Spread:
    """Sums that a standard deviation is made of, piece by piece."""

    count: int = 0
    total: float = 0.0
    square: float = 0.0

    def add(self, values: npt.NDArray[np.floating]) -> None:
        """More values."""
        exact = values.astype(np.float64)
        self.count += exact.size
        self.total += float(exact.sum())
        self.square += float(np.square(exact).sum())

    def deviation(self) -> float:
        """Standard deviation; NaN of nothing."""
        if not self.count:
            return math.nan
        return math.sqrt(max(self.square / self.count - (self.total / self.count) ** 2, 0.0))

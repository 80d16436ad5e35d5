"""A stack of gradients and the ground under it, as detectors read them window by window."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..errors import InputError
from ..progress import Progress
from ..raster.grid import Grid, check_same_grid
from ..raster.products import zero_is_nodata
from ..raster.quantities import Coherence
from ..raster.source import Source
from ..raster.window import Window, scattered_windows
from .slopes import REACH, Surface, surface

BANDS = 3  # x gradient, y gradient, stack coherence
METRES_PER_DEGREE = 111_320.0

# Squares that the noise of the raster is taken from.
_SAMPLE_SIDE, _SAMPLE_COUNT = 128, 100

# Half of the differences of a gradient from zero are smaller than this many deviations.
_MEDIAN = 0.6745
_LEAST_NOISE = 1e-6

# Heights of the ground, from the deepest shore to the highest peak, in metres.
_LOWEST, _HIGHEST = -500.0, 9000.0

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


class Seen(NamedTuple):
    """Gradients (2, rows, columns) rad per year and pixel, coherence (rows, columns), where both are valid; else 0."""

    gradient: Float
    coherence: Float
    valid: Bool


@dataclass
class GradientInput:
    """The opened stack, and the elevation model where there is one."""

    x: Source
    y: Source
    coherence: Coherence
    dem: Source | None

    @property
    def grid(self) -> Grid:
        """Where the pixels lie."""
        return self.x.grid

    @property
    def interferograms(self) -> int | None:
        """How many were stacked, as the file says; None where it does not."""
        words = self.x.tags.get("FRINGELENS_INTERFEROGRAMS", "")
        return int(words) if words.isdigit() else None

    def read(self, window: Window) -> Seen:
        """The stack in a window."""
        x, y, coherence = self.x.read(window), self.y.read(window), self.coherence.read(window)
        valid = x.valid & y.valid & coherence.valid
        gradient = np.where(valid, np.stack((x.values, y.values)), np.float32(0))
        return Seen(gradient, np.where(valid, coherence.values, np.float32(0)), valid)

    def ground(self, window: Window) -> Surface | None:
        """Slopes in a window (1, rows, columns); None without an elevation model."""
        if self.dem is None:
            return None
        around = window.widened(REACH, self.grid.shape)
        patch = self.dem.read(around)
        heights = torch.from_numpy(np.where(patch.valid, patch.values, np.float32(np.nan)))[None]
        step_x, step_y = steps(self.grid, around.row, around.height)
        whole = surface(heights, step_x[None], step_y[None])
        row, column = window.row - around.row, window.column - around.column
        part = (slice(None), slice(row, row + window.height), slice(column, column + window.width))
        return Surface(whole.right[part], whole.down[part], whole.known[part])

    def samples(self) -> Iterator[Seen]:
        """The stack in squares from all over; the choice does not depend on any tiling."""
        for window in scattered_windows(self.grid.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
            yield self.read(window)

    def noise(self) -> float:
        """Robust deviation of the gradients over the whole raster, rad per year and pixel; 1 where nothing is valid."""
        sizes = [np.abs(seen.gradient[:, seen.valid]).ravel() for seen in self.samples()]
        values = np.concatenate(sizes)
        return max(float(np.median(values)) / _MEDIAN, _LEAST_NOISE) if values.size else 1.0


@contextlib.contextmanager
def opened_gradients(parameters: Mapping[str, Any], progress: Progress) -> Iterator[GradientInput]:
    """INPUT with its three bands and DEM, open, on one grid that has a place on the map, and plausible."""
    path, dem = parameters["INPUT"], parameters["DEM"]
    zero = zero_is_nodata(path, requested=parameters["ZERO_IS_NODATA"], name="INPUT", progress=progress)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Source(path, band=1, zero_is_nodata=zero, name="INPUT"))
        _check_bands(first)
        others = [stack.enter_context(Source(path, band=band, name="INPUT")) for band in range(2, BANDS + 1)]
        ground = stack.enter_context(Source(dem, name="DEM")) if dem is not None else None
        grids = {"INPUT": (first.path, first.grid)}
        if ground is not None:
            grids["DEM"] = (ground.path, ground.grid)
        check_same_grid(**grids)
        _check_place(first)
        opened = GradientInput(first, others[0], Coherence(others[1], progress), ground)
        opened.coherence.check()
        _check_heights(opened)
        yield opened


def steps(grid: Grid, row: int, rows: int) -> tuple[Tensor, Tensor]:
    """Metres from pixel to pixel along columns and along rows, for each of `rows` rows (rows,) from `row` on."""
    t = grid.transform
    along, down = math.hypot(t.a, t.d), math.hypot(t.b, t.e)
    if grid.crs is None or not grid.crs.is_geographic:
        unit = grid.crs.linear_units_factor[1] if grid.crs is not None else 1.0
        return torch.full((rows,), along * unit), torch.full((rows,), down * unit)
    middle = np.arange(row, row + rows) + 0.5
    latitude = np.radians(t.f + t.e * middle + t.d * grid.width / 2)
    across = np.maximum(np.cos(latitude), 1e-3) * along * METRES_PER_DEGREE
    return torch.from_numpy(across.astype(np.float32)), torch.full((rows,), down * METRES_PER_DEGREE)


def _check_bands(source: Source) -> None:
    if source.count < BANDS or source.is_complex:
        message = (
            f"INPUT: {source.path} has {source.count} band(s) of {source.dtype}; a gradient stack has three: gradient"
            " along columns, gradient along rows (radians per year and pixel), stack coherence. Make one of your"
            " interferograms with 'Stack phase gradients' (stackphasegradients)."
        )
        raise InputError(message)


def _check_place(source: Source) -> None:
    if source.grid.crs is not None:
        return
    degrees = " Its pixels look like degrees (EPSG:4326?)." if source.grid.looks_like_degrees else ""
    message = (
        f"INPUT: {source.path} has no CRS, so that areas and slopes cannot be known.{degrees} Geocode it, or give it"
        " the CRS that it is in ('Assign projection' in QGIS, gdal_edit.py -a_srs)."
    )
    raise InputError(message)


def _check_heights(opened: GradientInput) -> None:
    """Refuse an elevation model whose values cannot be metres."""
    if opened.dem is None:
        return
    for window in scattered_windows(opened.grid.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
        patch = opened.dem.read(window)
        values = patch.values[patch.valid]
        if values.size and (values.min() < _LOWEST or values.max() > _HIGHEST):
            message = (
                f"DEM: the heights of {opened.dem.path} reach from {values.min():.6g} to {values.max():.6g}, which are"
                " no metres (feet? nodata not declared?). Give heights in metres, and declare its nodata value."
            )
            raise InputError(message)

"""A raster on another grid, read as if it lay on that of the job, by a resampling that the user named."""

from __future__ import annotations

import contextlib
import math
import os

from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from ..errors import GridMismatchError, InputError
from . import diagnose
from .grid import Grid, difference
from .source import Source

# What a user may name, and for what.
METHODS = {"bilinear": Resampling.bilinear, "cubic": Resampling.cubic, "average": Resampling.average}
TOLERANCE = 1e-3  # pixels by which places may be interpolated; 0 is a fault in rasterio's WarpedVRT


class AlignedSource(Source):
    """A source whose pixels are resampled onto another grid while they are read; what it does not cover is invalid.

    The transformation is all but exact, so that the pixels do not depend on the windows they are read in.
    """

    def __init__(self, path: str | os.PathLike[str], onto: Grid, method: str, *, name: str) -> None:
        super().__init__(path, name=name)
        self._original = self._dataset
        try:
            self._check_crs(onto)
            self._warp(onto, method)
        except RasterioError as error:
            self._original.close()
            message = (
                f"{name}: {self.path} cannot be resampled onto the grid of INPUT: {diagnose.reason(error)}. Bring it "
                "onto that grid with gdalwarp or 'Warp (reproject)' in QGIS."
            )
            raise InputError(message) from error
        except BaseException:
            self._original.close()
            raise

    def close(self) -> None:
        """Release the file."""
        super().close()
        with contextlib.suppress(RasterioError):
            self._original.close()

    def _check_crs(self, onto: Grid) -> None:
        if onto.crs is None or self.grid.crs is None:
            which = f"{self.name} ({self.path})" if self.grid.crs is None else "INPUT"
            message = (
                f"{self.name} cannot be resampled onto the grid of INPUT, because {which} has no CRS. Give it one "
                "('Assign projection' in QGIS); in radar geometry, resample with your processor's lookup table."
            )
            raise GridMismatchError(message)

    def _warp(self, onto: Grid, method: str) -> None:
        self._dataset = WarpedVRT(
            self._original,
            crs=onto.crs,
            transform=onto.transform,
            width=onto.width,
            height=onto.height,
            resampling=METHODS[method],
            tolerance=TOLERANCE,
            dtype="float32",
            nodata=math.nan,
            src_nodata=self._original.nodatavals[self.band - 1],
            warp_mem_limit=64,
        )
        self.grid = onto


def source_on(path: str, grid: Grid, method: str, *, name: str, first: str) -> Source:
    """A source on `grid`, resampled by `method` where it is not and the method is not none.

    Raises GridMismatchError that says how to align it, and that an option does; `first` is the path of INPUT.
    """
    source = Source(path, name=name)
    why = difference(grid, source.grid)
    if not why:
        return source
    source.close()
    if method == "none":
        message = (
            f"{name} and INPUT do not lie on the same grid: {why}. {name} ({path}) has {source.grid.describe()}; INPUT "
            f"({first}) has {grid.describe()}. Set {name}_RESAMPLING to bilinear (average where {name} is finer), or "
            "bring it onto the grid of INPUT with gdalwarp or 'Warp (reproject)' in QGIS."
        )
        raise GridMismatchError(message)
    return AlignedSource(path, grid, method, name=name)

"""One GeoTIFF that is being written: tiled, compressed, described, with overviews, and checked when it is closed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.enums import Resampling
from rasterio.errors import RasterioError

from ..errors import OutputError
from .diagnose import missing_blocks, reason
from .folder import siblings
from .gdal import environment, open_to_read, open_to_write
from .grid import Grid
from .window import Window

# Side of the blocks of an output; rasters below it are stored in strips.
BLOCK = 256

# Rasters with a side beyond this get overviews, halved until they are within it.
_LARGEST_WITHOUT_OVERVIEWS = 2048

# Fastest level: the phase is noise to a compressor, and higher levels gain 2 % for several times the time.
_DEFLATE_LEVEL = 1


class RasterSink:
    """One output raster, open for writing; made by `Outputs.raster`."""

    def __init__(self, path: Path, part: Path, dataset: Any, overview: Resampling) -> None:
        self.path, self.part = path, part
        self._dataset, self._overview = dataset, overview

    def write(self, window: Window, values: npt.NDArray[Any]) -> None:
        """Write a window: (rows, columns) or (bands, rows, columns) in the type of the raster, nodata where invalid."""
        cube = values[np.newaxis] if values.ndim == 2 else values
        expected = (self._dataset.count, window.height, window.width)
        if cube.shape != expected or cube.dtype != self._dataset.dtypes[0]:
            message = f"{cube.dtype} {cube.shape} written to a window of {self._dataset.dtypes[0]} {expected}"
            raise ValueError(message)
        with self._telling_of_disk():
            self._dataset.write(cube, window=window.for_rasterio())

    def describe(self, bands: Sequence[str], units: Sequence[str], tags: Mapping[str, str]) -> None:
        """Write names, units and tags; before the first pixel, so that they lie at the head of the file."""
        with environment():
            for index, (description, unit) in enumerate(zip(bands, units, strict=True), start=1):
                if description:
                    self._dataset.set_band_description(index, description)
                if unit:
                    self._dataset.set_band_unit(index, unit)
            if tags:
                self._dataset.update_tags(**tags)

    def finish(self) -> None:
        """Add overviews, close, and make sure that every byte reached the disk."""
        with self._telling_of_disk():
            self._dataset.close()
            with environment(COMPRESS_OVERVIEW="DEFLATE", GDAL_TIFF_OVR_BLOCKSIZE=BLOCK):
                self._build_overviews()
            with self.part.open("rb+") as written:
                os.fsync(written.fileno())
            with open_to_read(self.part) as dataset:
                if missing_blocks(dataset, self.part.stat().st_size, count_absent=True):
                    message = "some blocks are missing"
                    raise OSError(message)

    def discard(self) -> None:
        """Close and delete the unfinished file; never raises."""
        with contextlib.suppress(RasterioError, OSError):
            self._dataset.close()
        for path in siblings(self.part):
            with contextlib.suppress(OSError):
                path.unlink()

    def _build_overviews(self) -> None:
        factors = overview_factors(self._dataset.height, self._dataset.width)
        if factors:
            with open_to_write(self.part, "r+") as dataset:
                dataset.build_overviews(factors, self._overview)

    @contextlib.contextmanager
    def _telling_of_disk(self) -> Iterator[None]:
        """Turn GDAL's 'write failed' into what the user can act on."""
        try:
            yield
        except (RasterioError, OSError) as error:
            free = shutil.disk_usage(self.path.parent).free
            dataset = self._dataset
            needed = dataset.height * dataset.width * dataset.count * np.dtype(dataset.dtypes[0]).itemsize
            message = (
                f"{self.path} cannot be written: {reason(error)}. It needs up to {needed:,} bytes and the disk has "
                f"{free:,} bytes free (a quota may be lower). Free some space or choose another folder."
            )
            raise OutputError(message) from error


def overview_factors(height: int, width: int) -> list[int]:
    """Reductions of the overviews of a raster: 2, 4, ... until the larger side is small; none for small rasters."""
    factors = []
    factor = 1
    while max(height, width) / factor > _LARGEST_WITHOUT_OVERVIEWS:
        factor *= 2
        factors.append(factor)
    return factors


def create(part: Path, grid: Grid, dtype: str, nodata: float, count: int) -> Any:
    """A new, empty GeoTIFF, nodata declared; raises OutputError where it cannot be made."""
    options: dict[str, Any] = {
        "driver": "GTiff",
        "height": grid.height,
        "width": grid.width,
        "count": count,
        "dtype": dtype,
        "nodata": nodata,
        "compress": "deflate",
        "zlevel": _DEFLATE_LEVEL,
        "predictor": 3 if dtype.startswith("float") else 2,
        "interleave": "band",
        "bigtiff": "IF_SAFER",
    }
    if min(grid.height, grid.width) >= BLOCK:
        options |= {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK}
    if grid.crs is not None:
        options["crs"] = grid.crs
    if grid.transform != Affine.identity():
        options["transform"] = grid.transform
    try:
        return open_to_write(part, "w", **options)
    except (RasterioError, OSError) as error:
        part.unlink(missing_ok=True)
        message = f"no file can be made in {part.parent}: {reason(error)}. Choose another folder for the output."
        raise OutputError(message) from error

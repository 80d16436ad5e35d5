"""Reading a raster window by window, with one mask for all the ways a pixel can be missing."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError, RasterioIOError

from ..errors import InputError
from . import diagnose
from .gdal import open_to_read
from .grid import Grid
from .window import Window

# More pixels than any interferogram has (100,000 x 100,000): a header that declares more is damaged or hostile.
_MOST_PIXELS = 10**10

# No quantity of radar interferometry reaches this in any unit; formats without NaN use such values as nodata.
_LARGEST_MAGNITUDE = 1e30

_MOST_NAMES_LISTED = 12


@dataclass(frozen=True)
class Patch:
    """A window's pixels: `values` (rows, columns) float32 or complex64, finite, 0 where `valid` (bool) is False."""

    values: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]


class Source:
    """One band of a raster, open for reading; a context manager. A handle belongs to one thread at a time.

    Nodata, NaN, infinities, absurd magnitudes, the file's own mask and, with `zero_is_nodata`, exact zeros are
    all invalid. Raises `InputError` that names `name`, the file and the remedy.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        band: int | None = None,
        zero_is_nodata: bool = False,
        name: str = "INPUT",
    ) -> None:
        self.path, self.name = os.fspath(path), name
        self._zero_is_nodata = zero_is_nodata
        diagnose.check_before_opening(self.path, name)
        try:
            self._dataset = open_to_read(self.path)
        except (RasterioError, OSError, ValueError) as error:
            raise diagnose.cannot_open(self.path, name, error) from error
        try:
            self.band = self._choose_band(band)
            self._check()
        except BaseException:
            self._dataset.close()
            raise
        self.grid = Grid(self._dataset.crs, self._dataset.transform, self._dataset.height, self._dataset.width)
        self.stamp = stamp_of(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None and stamp_of(self.path) != self.stamp:
            message = f"{self.name}: {self.path} was changed by another program while it was read. Run again."
            raise InputError(message)

    def close(self) -> None:
        """Release the file."""
        self._dataset.close()

    @property
    def count(self) -> int:
        """Number of bands in the file."""
        return int(self._dataset.count)

    @property
    def dtype(self) -> str:
        """Type of the stored pixels, in the file's words (`complex_int16` among them)."""
        return str(self._dataset.dtypes[self.band - 1])

    @property
    def is_complex(self) -> bool:
        """Whether the pixels are complex, whatever their precision."""
        return self.dtype.startswith("complex")

    @property
    def unit(self) -> str:
        """The unit that the file declares for the band; empty where it declares none."""
        return str(self._dataset.units[self.band - 1] or "")

    @property
    def is_scaled(self) -> bool:
        """Whether the file declares a scale or an offset; `read` applies them."""
        return (self._dataset.scales[self.band - 1], self._dataset.offsets[self.band - 1]) != (1.0, 0.0)

    @property
    def is_uint8(self) -> bool:
        """Whether the pixels are plain bytes, 0 to 255, with no scale declared."""
        return self.dtype == "uint8" and not self.is_scaled

    @property
    def is_integer(self) -> bool:
        """Whether the pixels are whole numbers with no scale declared."""
        return not self.is_complex and np.issubdtype(np.dtype(self.dtype), np.integer) and not self.is_scaled

    @property
    def tags(self) -> dict[str, str]:
        """What the file says of itself."""
        return {str(name): str(value) for name, value in self._dataset.tags().items()}

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of the blocks that the file is stored in."""
        rows, columns = self._dataset.block_shapes[self.band - 1]
        return int(rows), int(columns)

    def read(self, window: Window) -> Patch:
        """The pixels of a window inside the raster; complex64 for complex files, else float32."""
        try:
            raw = self._dataset.read(self.band, window=window.for_rasterio())
            valid = self._stored_mask(window)
        except (RasterioIOError, OSError) as error:
            message = (
                f"{self.name}: {self.path} cannot be read at {window.describe()}: the file is damaged or incomplete. "
                f"Copy or download it again. (GDAL: {diagnose.reason(error)})"
            )
            raise InputError(message) from error
        return self._to_patch(raw, valid)

    def _to_patch(self, raw: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None) -> Patch:
        good = _usable(raw)
        if valid is not None:
            good &= valid
        missing = self._nodata_pixels(raw)
        if missing is not None:
            good &= ~missing
        if self._zero_is_nodata:
            good &= raw != 0
        values = np.where(good, raw, raw.dtype.type(0))
        if self.is_scaled:
            values = values * self._dataset.scales[self.band - 1] + self._dataset.offsets[self.band - 1]
            values = np.where(good, values, 0)
        return Patch(values.astype(np.complex64 if self.is_complex else np.float32, copy=False), good)

    def _nodata_pixels(self, raw: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
        """Where the declared nodata stands; compared in the type of the pixels, of complex ones as GDAL does."""
        nodata = self._dataset.nodatavals[self.band - 1]
        if nodata is None or np.isnan(nodata):
            return None
        if np.iscomplexobj(raw):
            stored = np.asarray(nodata, raw.real.dtype)
            return np.asarray((raw.real == stored) & ((raw.imag == 0) | (raw.imag == stored)))
        if np.issubdtype(raw.dtype, np.integer):
            limits = np.iinfo(raw.dtype)
            if nodata != int(nodata) or not limits.min <= nodata <= limits.max:
                return None
            return np.asarray(raw == raw.dtype.type(int(nodata)))
        with np.errstate(over="ignore"):
            return np.asarray(raw == raw.dtype.type(nodata))

    def _stored_mask(self, window: Window) -> npt.NDArray[np.bool_] | None:
        """The file's own mask or alpha band, where it has one besides nodata."""
        flags = self._dataset.mask_flag_enums[self.band - 1]
        if MaskFlags.per_dataset not in flags or MaskFlags.nodata in flags:
            return None
        return np.asarray(self._dataset.read_masks(self.band, window=window.for_rasterio()) > 0)

    def _choose_band(self, band: int | None) -> int:
        dataset = self._dataset
        if dataset.count == 0:
            names = [str(n) for n in dataset.subdatasets]
            listed = "; ".join(names[:_MOST_NAMES_LISTED]) or "none"
            message = f"{self.name}: {self.path} holds no raster itself. Give one of its subdatasets: {listed}."
            raise InputError(message)
        if band is None and dataset.count == 1:
            return 1
        if band is None or not 1 <= band <= dataset.count:
            which = "no band was chosen" if band is None else f"there is no band {band}"
            chosen = self.name in ("INPUT", "INPUTS")
            remedy = "Set BAND" if chosen else "Export the one that is meant (gdal_translate -b)"
            message = f"{self.name}: {self.path} has {dataset.count} bands and {which}: {self._bands()}. {remedy}."
            raise InputError(message)
        return band

    def _bands(self) -> str:
        dataset = self._dataset
        parts = [
            f"{i} {description or 'unnamed'} ({dtype})"
            for i, description, dtype in zip(dataset.indexes, dataset.descriptions, dataset.dtypes, strict=True)
        ]
        more = f", and {len(parts) - _MOST_NAMES_LISTED} more" if len(parts) > _MOST_NAMES_LISTED else ""
        return ", ".join(parts[:_MOST_NAMES_LISTED]) + more

    def _check(self) -> None:
        """Refuse what can be seen without reading pixels: absurd size, no extent, cut short."""
        dataset = self._dataset
        if dataset.height * dataset.width > _MOST_PIXELS:
            message = (
                f"{self.name}: {self.path} declares {dataset.height} rows x {dataset.width} columns, more than is "
                "possible for an interferogram: its header is damaged, or it must be cut (gdal_translate -srcwin)."
            )
            raise InputError(message)
        if dataset.transform.is_degenerate:
            message = f"{self.name}: {self.path} has pixels without extent. Set its transform (gdal_edit.py -a_ullr)."
            raise InputError(message)
        diagnose.check_whole(dataset, self.path, self.name)


def stamp_of(path: str) -> tuple[int, int] | None:
    """Size and time of change of a file, to notice that somebody replaced it; None where there is none to look at."""
    file = diagnose.file_of(path)
    with contextlib.suppress(OSError):
        if file is not None:
            status = Path(file).stat()
            return status.st_size, status.st_mtime_ns
    return None


def _usable(raw: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where values are finite and of a magnitude that can be meant."""
    if np.iscomplexobj(raw):
        return _usable(raw.real) & _usable(raw.imag)
    if np.issubdtype(raw.dtype, np.integer):
        return np.ones(raw.shape, bool)
    return np.asarray(np.abs(raw) < _LARGEST_MAGNITUDE)

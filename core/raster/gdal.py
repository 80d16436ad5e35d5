"""How GDAL is set up: little cache, no network, no code from files, and which formats are opened at all."""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetReader

# Formats that interferograms come in. An allow-list, since every further driver is a parser of untrusted bytes.
DRIVERS = (
    "GTiff",
    "VRT",
    "DERIVED",
    "ENVI",
    "ISCE",
    "ROI_PAC",
    "HDF5",
    "HDF5Image",
    "netCDF",
    "HFA",
    "EHdr",
    "AAIGrid",
    "GSAG",
    "GSBG",
    "GS7BG",
    "SRTMHGT",
    "SAGA",
    "RST",
    "PCIDSK",
    "SNAP_TIFF",
    "JP2OpenJPEG",
    "PNG",
)

# Megabytes of decoded blocks that GDAL keeps: one row of tiles of a striped raster 25,000 columns wide, or so.
# A variable of the process and no option of a rasterio.Env: that empties the cache on entering and leaving.
_CACHE = ("GDAL_CACHEMAX", "256")

_OPTIONS: dict[str, Any] = {
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "GDAL_HTTP_MAX_RETRY": 0,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_TIFF_INTERNAL_MASK": True,
}

# `warnings.catch_warnings` swaps a list that all threads share.
_warnings_lock = threading.Lock()


def environment(**further: Any) -> rasterio.Env:
    """The settings under which every raster is opened; a context manager."""
    return rasterio.Env(**{**_OPTIONS, **further})


def open_to_read(path: str | os.PathLike[str]) -> Any:
    """An open rasterio dataset, by one of `DRIVERS`; raises rasterio's errors."""
    os.environ.setdefault(*_CACHE)
    with _quiet(), environment():
        return DatasetReader(os.fspath(path), driver=list(DRIVERS))


def open_to_write(path: str | os.PathLike[str], mode: str, **options: Any) -> Any:
    """An open rasterio dataset, new with the options given (`w`) or an existing one (`r+`)."""
    os.environ.setdefault(*_CACHE)
    with _quiet(), environment():
        return rasterio.open(path, mode, **options)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without rasterio's warning that radar geometry has no transform, which is no fault here."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield

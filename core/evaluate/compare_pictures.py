"""Small pictures of rasters as PNG, with what the runtime has anyway."""

from __future__ import annotations

import base64
import warnings

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

Float = NDArray[np.float64]

SIDE = 480  # pixels of the longer side of a picture
_BLANK = (235, 235, 235)  # where there are no data

# Colours between which is interpolated: evenly spaced on 0..1. Cyclic ones end where they begin.
_STOPS = {
    "cyclic": (
        (230, 80, 80), (240, 210, 90), (90, 190, 110), (80, 190, 220), (100, 100, 210), (200, 90, 190), (230, 80, 80),
    ),
    "rising": ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)),
    "diverging": ((33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43)),
}  # fmt: skip


def stride_for(shape: tuple[int, int]) -> int:
    """Every how many pixels a picture takes one."""
    return max(1, -(-max(shape) // SIDE))


def picture(values: Float, low: float, high: float, scale: str) -> str:
    """A data address (PNG, base64) of values (rows, columns) between low and high; NaN is grey.

    `scale` is cyclic, rising or diverging.
    """
    share = np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)
    stops = np.asarray(_STOPS[scale], np.float64)
    position = np.nan_to_num(share) * (len(stops) - 1)
    bands = np.stack([np.interp(position, np.arange(len(stops)), stops[:, i]) for i in range(3)])
    shown = np.where(np.isfinite(values), bands, np.asarray(_BLANK, np.float64)[:, None, None])
    return "data:image/png;base64," + base64.b64encode(_png(shown.astype(np.uint8))).decode("ascii")


def _png(bands: NDArray[np.uint8]) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a picture in a page has no place on the map
        with MemoryFile() as memory:
            with memory.open(driver="PNG", width=bands.shape[2], height=bands.shape[1], count=3, dtype="uint8") as png:
                png.write(bands)
            return bytes(memory.read())

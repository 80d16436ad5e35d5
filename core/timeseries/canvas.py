"""A raster in a scratch file that crops are painted on, before it is written tile by tile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..raster.window import Window
from .scratch import Planes

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


class Canvas:
    """Planes (bands, rows, columns), NaN until painted; on disk, and only as far as they are painted."""

    def __init__(self, bands: int, shape: tuple[int, int]) -> None:
        self._bands = bands
        self._planes = Planes(bands + 1, shape)  # the last is 1 where it is painted

    def paint(self, window: Window, planes: Float, own: Bool) -> None:
        """Paint what is not painted yet, and what is the painter's `own` (rows, columns) in any case."""
        before = self._planes.read(self._bands, window) > 0
        for band, plane in enumerate(planes):
            kept = np.where(before & ~own, self._planes.read(band, window), plane) if before.any() else plane
            self._planes.write(band, window, kept)
        self._planes.write(self._bands, window, np.ones(own.shape, np.float32))

    def read(self, window: Window) -> Float:
        """The planes of a window."""
        painted = self._planes.read(self._bands, window) > 0
        found = np.full((self._bands, window.height, window.width), np.nan, np.float32)
        if painted.any():
            for band, plane in enumerate(found):
                plane[painted] = self._planes.read(band, window)[painted]
        return found

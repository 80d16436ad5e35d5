"""A raster in a scratch file that crops are painted on, before it is written tile by tile."""

from __future__ import annotations

import tempfile

import numpy as np
from numpy.typing import NDArray

from ..raster.window import Window

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


class Canvas:
    """Planes (bands, rows, columns), NaN until painted; on disk only as far as it is painted, gone with this object."""

    def __init__(self, bands: int, shape: tuple[int, int]) -> None:
        with tempfile.TemporaryFile(prefix="fringelens-") as file:  # has no name; goes however the process ends
            self._planes = np.memmap(file, np.float32, "w+", shape=(bands, *shape))
        with tempfile.TemporaryFile(prefix="fringelens-") as file:
            self._painted = np.memmap(file, np.bool_, "w+", shape=shape)

    def paint(self, window: Window, planes: Float, own: Bool) -> None:
        """Paint what is not painted yet, and what is the painter's `own` (rows, columns) in any case."""
        place = window.slices
        free = own | ~self._painted[place]
        self._planes[(slice(None), *place)] = np.where(free, planes, self._planes[(slice(None), *place)])
        self._painted[place] = True

    def read(self, window: Window) -> Float:
        """The planes of a window."""
        place = window.slices
        painted = np.asarray(self._painted[place])
        return np.where(painted, self._planes[(slice(None), *place)], np.float32(np.nan))

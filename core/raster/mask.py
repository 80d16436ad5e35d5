"""A raster that says which pixels to fill or to leave out: 1 there, 0 elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .source import Source
from .window import Window, scattered_windows

_SAMPLE_SIDE, _SAMPLE_COUNT = 256, 25
_LARGEST = 255


class Mask:
    """1 (or anything but 0) marks a pixel; 0 and no data do not, as rasterised polygons have it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        if source.is_complex:
            message = f"{source.name}: {source.path} is complex. Give a mask of 0 and 1."
            raise InputError(message)

    def check(self) -> None:
        """Sample the raster and refuse what cannot be a mask: more than bytes can hold, or fractions."""
        for window in scattered_windows(self.source.grid.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
            patch = self.source.read(window)
            values = patch.values[patch.valid]
            if values.size == 0:
                continue
            if values.min() < 0 or values.max() > _LARGEST or bool((values != np.rint(values)).any()):
                message = (
                    f"{self.source.name}: {self.source.path} holds values from {values.min():.6g} to "
                    f"{values.max():.6g}: not a mask of 0 and 1. Make one with 'Mask decorrelated "
                    "areas' or the raster calculator."
                )
                raise InputError(message)

    def read(self, window: Window) -> npt.NDArray[np.bool_]:
        """Where pixels are marked (rows, columns)."""
        patch = self.source.read(window)
        return np.asarray(patch.valid & (patch.values != 0))

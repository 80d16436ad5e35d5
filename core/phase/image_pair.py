"""Two detected images of one grid, read as a pair that lies on each other to whole pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..raster.intensity import LogIntensity
from ..raster.source import Patch
from ..raster.window import Window
from .registration import NONE, Shift

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


@dataclass
class ImagePair:
    """The two opened images, and how many whole pixels they lie off each other."""

    first: LogIntensity
    second: LogIntensity
    shift: Shift = NONE

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of either."""
        return self.first.source.grid.shape

    def read(self, window: Window) -> tuple[Float, Float, Bool]:
        """Log intensities about the median of each image, 0 where either is invalid, and where both are valid.

        Whole pixels of misregistration are put right: what is read belongs to the middle between the images, half a
        pixel beyond it where their shift is odd.
        """
        one, two = (
            _read_at(image, window, offset, self.shape)
            for image, offset in zip((self.first, self.second), self.shift.offsets, strict=True)
        )
        valid = one.valid & two.valid
        return np.where(valid, one.values, np.float32(0)), np.where(valid, two.values, np.float32(0)), valid


def _read_at(image: LogIntensity, window: Window, offset: tuple[int, int], shape: tuple[int, int]) -> Patch:
    """What lies at x + offset of an image, for each x of a window; invalid beyond its edges."""
    if offset == (0, 0):
        return image.read(window)
    wanted = Window(window.row + offset[0], window.column + offset[1], window.height, window.width)
    (row, end_row), (column, end_column) = (
        (min(max(start, 0), whole), min(max(start + length, 0), whole))
        for start, length, whole in zip(wanted[:2], wanted[2:], shape, strict=True)
    )
    values, valid = np.zeros(wanted[2:], np.float32), np.zeros(wanted[2:], np.bool_)
    if end_row > row and end_column > column:
        there = Window(row, column, end_row - row, end_column - column)
        patch, place = image.read(there), there.within(wanted)
        values[place], valid[place] = patch.values, patch.valid
    return Patch(values, valid)

"""How a raster is cut into tiles so that the cuts cannot be seen: with a halo, and on one sampling grid for all sizes.

A network that samples down looks at the raster on a grid of `multiple_of` pixels. Tiles start on that grid, reach at
least `halo` pixels beyond their interior, and end beyond the raster's edge at the same place whatever their size, so
that each pixel is computed from the same numbers in every tiling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..raster.window import Window

# Interiors of tiles at least this large start on whole blocks of the output, which are then written once.
_BLOCK = 256

Read = Callable[[Window], npt.NDArray[np.float32] | None]


class Tile(NamedTuple):
    """`interior` is what the tile answers for; `reach` is what the network sees and may lie outside the raster."""

    interior: Window
    reach: Window

    @property
    def crop(self) -> tuple[slice, slice]:
        """Where the interior lies in the reach."""
        row, column = self.interior.row - self.reach.row, self.interior.column - self.reach.column
        return slice(row, row + self.interior.height), slice(column, column + self.interior.width)


class Plan(NamedTuple):
    """The raster's shape and the network's needs: from these a window's reach follows."""

    shape: tuple[int, int]
    halo: int
    multiple_of: int

    def tiles(self, size: int) -> Iterator[Tile]:
        """Tiles with interiors of about `size` pixels, at most half as much again, row by row."""
        rows, columns = self.shape
        row_step, column_step = self._step(rows, size), self._step(columns, size)
        for row in range(0, rows, row_step):
            for column in range(0, columns, column_step):
                height, width = min(row_step, rows - row), min(column_step, columns - column)
                yield self.tile(Window(row, column, height, width))

    def tile(self, interior: Window) -> Tile:
        """The tile of an interior that starts on the sampling grid."""
        row, height = self._reach(interior.row, interior.height, self.shape[0])
        column, width = self._reach(interior.column, interior.width, self.shape[1])
        return Tile(interior, Window(row, column, height, width))

    def split(self, tile: Tile) -> list[Tile]:
        """The tile cut into two along its longer side; only itself where it is as small as can be."""
        row, column, height, width = tile.interior
        half = self.align(max(height, width) // 2)
        if half >= max(height, width):
            return [tile]
        if height >= width:
            parts = [Window(row, column, half, width), Window(row + half, column, height - half, width)]
        else:
            parts = [Window(row, column, height, half), Window(row, column + half, height, width - half)]
        return [self.tile(part) for part in parts]

    def align(self, size: int) -> int:
        """`size` rounded up to the sampling grid, at least one step of it."""
        return max(1, -(-size // self.multiple_of)) * self.multiple_of

    def _step(self, length: int, size: int) -> int:
        """A step near `size` that cuts `length` into pieces of like size, on the sampling grid."""
        step = self.align(size)
        block = int(np.lcm(_BLOCK, self.multiple_of))
        unit = block if step % block == 0 else self.multiple_of
        pieces = max(1, round(length / step))
        return -(-length // (pieces * unit)) * unit

    def _reach(self, start: int, length: int, whole: int) -> tuple[int, int]:
        """First pixel and length of the reach along one axis."""
        halo = self.align(self.halo) if self.halo else 0
        edge = min(halo, self.multiple_of)  # how far beyond the raster the network is shown its reflection
        first = max(start - halo, -edge)
        end = self.align(whole) + edge
        last = min(self.align(start + length) + halo, end)
        return first, last - first


def read_reflected(read: Read, reach: Window, shape: tuple[int, int]) -> npt.NDArray[np.float32] | None:
    """The planes (channels, rows, columns) of a reach; beyond the raster, its reflection about the edge pixel.

    None where `read` gives None.
    """
    rows = _Axis(reach.row, reach.height, shape[0])
    columns = _Axis(reach.column, reach.width, shape[1])
    needed = Window(rows.first, columns.first, rows.length, columns.length)
    planes = read(needed)
    if planes is None or needed == reach:
        return planes
    whole = np.empty((len(planes), reach.height, reach.width), np.float32)
    whole[:, rows.inside, columns.inside] = planes[:, rows.taken, columns.taken]
    whole[:, rows.inside, columns.outside] = planes[:, rows.taken][:, :, columns.reflected]
    whole[:, rows.outside] = planes[:, rows.reflected][:, :, columns.source]
    return whole


class _Axis:
    """Where the pixels of a reach come from along one axis, as positions in what is read (`first`, `length`)."""

    def __init__(self, start: int, length: int, whole: int) -> None:
        wanted = np.arange(start, start + length)
        source = _reflect(wanted, whole)
        self.first = int(source.min())
        self.length = int(source.max()) + 1 - self.first
        self.source = source - self.first
        begin, end = max(start, 0), min(start + length, whole)
        self.inside = slice(begin - start, end - start)
        self.taken = slice(begin - self.first, end - self.first)
        self.outside = np.flatnonzero(source != wanted)
        self.reflected = self.source[self.outside]


def _reflect(index: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Indices brought into 0..length - 1 by reflecting at both ends as often as needed."""
    period = max(1, 2 * (length - 1))
    folded = index % period
    return np.where(folded >= length, period - folded, folded)

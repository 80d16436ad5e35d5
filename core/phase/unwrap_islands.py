"""Levels of islands: areas of phase that no pixel connects, brought to each other by what their shores say.

Everything is decided on cells of a grid that belongs to the raster, so that the levels do not depend on its tiles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .unwrap_levels import forest
from .wrap import CYCLE

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Int = NDArray[np.int64]

CELL = 16  # pixels on a side
SLOPE = 0.75  # of the phase beside a gap, that goes on across it: air is no plane, and a ramp is one
NARROWEST = 1.5  # gaps up to so many times the narrowest between two islands count
AXES = (0, 1)


class Cells(NamedTuple):
    """Sums over the pixels of each piece in each cell, in no order; all of one length."""

    cell: Int  # row of cells times their number in a row, plus column
    piece: Int
    pixels: Double
    phase: Double  # rad
    row: Double
    column: Double


def cells_of(corner: tuple[int, int], width: int, phase: Float, pieces: NDArray[np.int32]) -> Cells:
    """Cells of the part (rows, columns) from `corner` on of a raster of `width` pixels; pieces below 0 are none."""
    rows, columns = (start + np.arange(size) for start, size in zip(corner, phase.shape, strict=True))
    per_row = -(-width // CELL)
    inside = pieces >= 0
    cell = ((rows // CELL)[:, None] * per_row + (columns // CELL)[None, :])[inside]
    piece = pieces[inside].astype(np.int64)
    first = int(cell.min()) if cell.size else 0
    most = int(piece.max()) + 1 if piece.size else 1
    keys, which = np.unique((cell - first) * most + piece, return_inverse=True)
    down, right = (np.broadcast_to(a, phase.shape)[inside] for a in (rows[:, None], columns[None, :]))
    sums = _sums(which, keys.size, (np.ones(which.size), phase[inside], down, right))
    return Cells(keys // most + first, keys % most, *sums)


def island_levels(parts: list[Cells], shape: tuple[int, int], shifts: Int, islands: Int) -> Int:
    """Cycles to add to every island (islands,) so that each goes on from its nearest neighbours as they lead to it.

    `shifts` and `islands` say of each piece its level within its island, and which that is. The largest stays.
    """
    count = int(islands.max(initial=-1)) + 1
    if count < 2:
        return np.zeros(count, np.int64)
    cells = _joined(parts, shifts, islands)
    field = _Field(cells, (-(-shape[0] // CELL), -(-shape[1] // CELL)))
    found, trees = forest(count, field.links(cells))
    sizes = np.bincount(cells.piece, cells.pixels, count)
    anchor = np.zeros(int(trees.max()) + 1, np.int64)
    order = np.argsort(sizes, kind="stable")
    anchor[trees[order]] = found[order]  # the largest of a tree is written last
    return found - anchor[trees]


def _joined(parts: list[Cells], shifts: Int, islands: Int) -> Cells:
    """All parts as one, by islands instead of pieces."""
    whole = Cells(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    phase = whole.phase + CYCLE * shifts[whole.piece] * whole.pixels
    island = islands[whole.piece]
    most = int(islands.max()) + 1
    keys, which = np.unique(whole.cell * most + island, return_inverse=True)
    sums = _sums(which, keys.size, (whole.pixels, phase, whole.row, whole.column))
    return Cells(keys // most, keys % most, *sums)


def _sums(which: Int, size: int, columns: Iterable[NDArray[Any]]) -> list[Double]:
    """Sum of each column by group."""
    return [np.asarray(np.bincount(which, values, size), np.float64) for values in columns]


class _Field:
    """The island that has most of each cell (0 none, else its number plus one), its mean phase, place and slope."""

    def __init__(self, cells: Cells, shape: tuple[int, int]) -> None:
        order = np.argsort(cells.pixels, kind="stable")
        at = cells.cell[order]
        self.island = np.zeros(shape, np.int64)
        self.island.ravel()[at] = cells.piece[order] + 1  # the largest is written last
        self.phase = np.zeros(shape)
        self.phase.ravel()[at] = (cells.phase / cells.pixels)[order]
        self.place = np.zeros((2, *shape))
        for axis, sums in zip(AXES, (cells.row, cells.column), strict=True):
            self.place[axis].ravel()[at] = (sums / cells.pixels)[order]
        self.slope = np.stack([self._slope(axis) for axis in AXES])

    def _slope(self, axis: int) -> Double:
        """Rad per pixel along an axis, from the neighbours of the same island; the mean of 3 x 3 cells of it."""
        step = np.diff(self.phase, axis=axis)
        way = np.diff(self.place[axis], axis=axis)
        same = (np.diff(self.island, axis=axis) == 0) & (np.delete(self.island, -1, axis) > 0) & (way > 0)
        pair = np.where(same, step / np.where(same, way, 1.0), 0.0)
        total, count = np.zeros(self.island.shape), np.zeros(self.island.shape)
        for side in (slice(None, -1), slice(1, None)):
            here = (side, slice(None)) if axis == 0 else (slice(None), side)
            total[here] += pair
            count[here] += same
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), 0.0))

    def links(self, cells: Cells) -> list[tuple[int, int, int]]:
        """Islands with their cycles, nearest pairs first."""
        whole = np.concatenate([self._within(cells), self._across()])
        whole = whole[np.argsort(whole[:, 3], kind="stable")]
        return [(int(one), int(other), int(cycles)) for one, other, cycles, _ in whole]

    def _within(self, cells: Cells) -> Double:
        """Rows of (first, second, cycles, distance): small islands against the one that has most of their cell."""
        first, second = cells.piece, self.island.ravel()[cells.cell] - 1
        other = first != second
        place = np.stack([cells.row, cells.column]) / cells.pixels
        way = place - self.place.reshape(2, -1)[:, cells.cell]
        expected = self.phase.ravel()[cells.cell] + (self.slope.reshape(2, -1)[:, cells.cell] * way).sum(0)
        cycles = np.rint((cells.phase / cells.pixels - expected) / CYCLE)
        return np.asarray(np.stack([first, second, cycles, np.hypot(*way)], 1)[other])

    def _across(self) -> Double:
        """Rows of (first, second, cycles, distance) of islands that face each other."""
        nearest = ndimage.distance_transform_edt(self.island == 0, return_distances=False, return_indices=True)
        home = nearest[0] * self.island.shape[1] + nearest[1]
        pairs = [(home[:-1].ravel(), home[1:].ravel()), (home[:, :-1].ravel(), home[:, 1:].ravel())]
        one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
        island = self.island.ravel()
        facing = island[one] != island[other]
        one, other = one[facing], other[facing]
        swap = island[one] > island[other]
        one, other = np.where(swap, other, one), np.where(swap, one, other)
        one, other = np.divmod(np.unique(one * island.size + other), island.size)
        return self._agreed(one, other)

    def _agreed(self, one: Int, other: Int) -> Double:
        """What the shores of each pair of islands say together, from cells that face each other."""
        island = self.island.ravel()
        place, slope = self.place.reshape(2, -1), self.slope.reshape(2, -1)
        way = place[:, other] - place[:, one]
        rise = SLOPE * 0.5 * ((slope[:, one] + slope[:, other]) * way).sum(0)
        cycles = (self.phase.ravel()[one] + rise - self.phase.ravel()[other]) / CYCLE
        distance = np.hypot(*way)
        order = np.lexsort((distance, island[other], island[one]))
        borders = np.flatnonzero(np.diff(island[one][order]) | np.diff(island[other][order])) + 1
        rows = []
        for part in np.split(order, borders):
            if part.size:
                near = part[distance[part] <= NARROWEST * distance[part[0]]]
                middle = round(float(np.median(cycles[near])))
                rows.append((island[one[part[0]]] - 1, island[other[part[0]]] - 1, middle, distance[part[0]]))
        return np.array(rows, np.float64).reshape(-1, 4)

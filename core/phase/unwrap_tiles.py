"""Tiles that were unwrapped one by one, brought to one level by whole cycles from where they overlap."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..raster.window import Window
from .congruence import add_cycles, cycles_between
from .unwrap_islands import Cells, cells_of, island_levels
from .unwrap_levels import Link, levels
from .unwrap_line import Unwrapped
from .unwrap_pieces import NOWHERE, Histogram, histogram, overlaps, pieces_of, touching
from .unwrap_scratch import Kept, Scratch

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Int = NDArray[np.int32]

OVERLAP = 8  # tiles reach into their neighbours by this part of their side
LEAST_OVERLAP = 64  # pixels


class Tile(NamedTuple):
    """`core` is what a tile answers for, `reach` what is unwrapped for it."""

    core: Window
    reach: Window


def layout(shape: tuple[int, int], side: int) -> list[Tile]:
    """Tiles of at most `side` pixels on a side, alike, that cover a raster (rows, columns); only one where it fits."""
    rows, columns = shape
    overlap = max(LEAST_OVERLAP, side // OVERLAP)
    tiles = []
    for top, height in _parts(rows, side):
        for left, width in _parts(columns, side):
            core = Window(top, left, height, width)
            tiles.append(Tile(core, core.widened(overlap, shape)))
    return tiles


def _parts(length: int, side: int) -> list[tuple[int, int]]:
    count = -(-length // side)
    edges = [round(i * length / count) for i in range(count + 1)]
    return [(start, stop - start) for start, stop in itertools.pairwise(edges)]


class Mosaic:
    """Collects unwrapped tiles in a scratch file, then hands them out on one level. Memory: two tiles.

    Tiles are levelled where they overlap, islands by what their shores say. The level of all is that of the largest
    component: half of its pixels lie in or below the cycle of zero.
    """

    def __init__(self, tiles: list[Tile]) -> None:
        self._tiles = tiles
        self._shape = (
            max(tile.core.row + tile.core.height for tile in tiles),
            max(tile.core.column + tile.core.width for tile in tiles),
        )
        self._scratch = Scratch()
        self._kept: list[tuple[Kept, Kept]] = []  # cycles and piece of each pixel of a reach
        self._links: list[Link] = []
        self._sure: list[bool] = []  # whether a piece is a component of its solver
        self._counts: list[Histogram] = []  # how many pixels of each piece are in which cycle, by tiles
        self._cells: list[Cells] = []

    def add(self, wrapped: Float, valid: Bool, unwrapped: Unwrapped) -> None:
        """Take the next tile of the layout; arrays have the shape of its reach."""
        index, first = len(self._kept), len(self._sure)
        cycles = cycles_between(unwrapped.phase, wrapped)
        pieces, sure = pieces_of(unwrapped.components.astype(np.int32), valid, first)
        self._sure += sure
        self._kept.append((self._scratch.keep(cycles), self._scratch.keep(pieces)))
        self._links += touching(pieces)
        tile = self._tiles[index]
        core = tile.core.within(tile.reach)
        self._counts.append(histogram(pieces[core], cycles[core]))
        phase = add_cycles(wrapped[core], cycles[core])
        self._cells.append(cells_of(tile.core[:2], self._shape[1], phase, pieces[core]))
        for other in range(index):
            self._compare(other, index)

    def solve(self) -> None:
        """Find the level and the final component of every piece, once all tiles are there."""
        found = levels(len(self._sure), self._links)
        sure = np.asarray(self._sure, bool)
        piece, cycle, count = (np.concatenate(column) for column in zip(*self._counts, strict=True))
        most = int(found.components.max(initial=0)) + 1
        totals = np.bincount(found.components[piece], count * sure[piece], most)
        order = np.argsort(-totals, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(1, len(order) + 1)
        self._labels = np.where(sure & (totals[found.components] > 0), rank[found.components], 0).astype(np.uint32)
        shifts = found.shifts + island_levels(self._cells, self._shape, found.shifts, found.islands)[found.islands]
        largest = found.components[piece] == order[0]
        self._shifts = shifts - _middle((cycle + shifts[piece])[largest], count[largest])

    def read(self, index: int, wrapped: Float) -> Unwrapped:
        """Phase and components of a tile's core; `wrapped` is its wrapped phase. Phase is 0 where there are no data."""
        tile = self._tiles[index]
        core = tile.core.within(tile.reach)
        cycles, pieces = (self._scratch.read(plane, core) for plane in self._kept[index])
        shift = np.append(self._shifts, 0)[pieces]  # the last stands for NOWHERE
        label = np.append(self._labels, 0)[pieces]
        phase = add_cycles(wrapped, (cycles + shift).astype(np.int32))
        return Unwrapped(np.where(pieces == NOWHERE, np.float32(0), phase), label.astype(np.uint32))

    @property
    def component_count(self) -> int:
        """Number of components there are in the end."""
        return int(self._labels.max(initial=0))

    def _compare(self, first: int, second: int) -> None:
        """Link the pieces of two tiles by how many cycles lie between them where they overlap."""
        both = intersection(self._tiles[first].reach, self._tiles[second].reach)
        if both is None:
            return
        planes = []
        for index in (first, second):
            there = both.within(self._tiles[index].reach)
            planes += [self._scratch.read(plane, there) for plane in self._kept[index]]
        self._links += overlaps(*planes)


def _middle(cycles: NDArray[np.int64], counts: NDArray[np.int64]) -> int:
    """The cycle below and in which half of the pixels lie, from how many are in which; 0 of none."""
    if not cycles.size:
        return 0
    order = np.argsort(cycles, kind="stable")
    reached = np.cumsum(counts[order])
    return int(cycles[order][np.searchsorted(reached, reached[-1] / 2)])


def intersection(first: Window, second: Window) -> Window | None:
    """What two windows share."""
    row, column = max(first.row, second.row), max(first.column, second.column)
    last_row = min(first.row + first.height, second.row + second.height)
    last_column = min(first.column + first.width, second.column + second.width)
    if last_row <= row or last_column <= column:
        return None
    return Window(row, column, last_row - row, last_column - column)

"""Tiles that were unwrapped one by one, brought to one level by whole cycles from where they overlap."""

from __future__ import annotations

import itertools
import tempfile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..raster.window import Window
from .congruence import add_cycles, cycles_between
from .unwrap_levels import Link, levels
from .unwrap_line import Unwrapped

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Int = NDArray[np.int32]

OVERLAP = 8  # tiles reach into their neighbours by this part of their side
LEAST_OVERLAP = 64  # pixels
NOWHERE = -1  # node of a pixel without data


class Tile(NamedTuple):
    """`core` is what a tile answers for, `reach` what is unwrapped for it."""

    core: Window
    reach: Window


def layout(shape: tuple[int, int], side: int) -> list[Tile]:
    """Tiles of at most `side` pixels on a side, alike, that cover a raster (rows, columns); only one where it fits."""
    rows, columns = shape
    overlap = max(LEAST_OVERLAP, side // OVERLAP)
    tiles = []
    for top, height in _pieces(rows, side):
        for left, width in _pieces(columns, side):
            row, column = max(0, top - overlap), max(0, left - overlap)
            last_row, last_column = min(rows, top + height + overlap), min(columns, left + width + overlap)
            reach = Window(row, column, last_row - row, last_column - column)
            tiles.append(Tile(Window(top, left, height, width), reach))
    return tiles


def _pieces(length: int, side: int) -> list[tuple[int, int]]:
    count = -(-length // side)
    edges = [round(i * length / count) for i in range(count + 1)]
    return [(start, stop - start) for start, stop in itertools.pairwise(edges)]


class Mosaic:
    """Collects unwrapped tiles in a scratch file each, then hands them out on one level. Memory: two tiles.

    The level is that of the largest component: half of its pixels lie below the cycle of zero and half above.
    """

    def __init__(self, tiles: list[Tile]) -> None:
        self._tiles = tiles
        self._kept: list[tuple[Int, Int]] = []  # cycles and node of each pixel of a reach, on disk
        self._links: list[Link] = []
        self._sizes: list[int] = []  # of each node, in pixels of cores
        self._counts: list[dict[int, int]] = []  # how many pixels of each node are in which cycle
        self._sure: list[bool] = []  # whether a node is a component of its solver

    def add(self, wrapped: Float, valid: Bool, unwrapped: Unwrapped) -> None:
        """Take the next tile of the layout; arrays have the shape of its reach."""
        index = len(self._kept)
        cycles = cycles_between(unwrapped.phase, wrapped)
        nodes = self._nodes(unwrapped.components.astype(np.int32), valid)
        self._count(index, cycles, nodes)
        stored = (_on_disk(cycles), _on_disk(nodes))
        self._kept.append(stored)
        for other in range(index):
            self._compare(other, index)

    def solve(self) -> None:
        """Find the level and the final component of every node, once all tiles are there."""
        shifts, groups = levels(len(self._sizes), self._links)
        totals = np.bincount(groups, np.asarray(self._sizes) * np.asarray(self._sure), minlength=1)
        order = np.argsort(-totals, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(1, len(order) + 1)
        sure = np.asarray(self._sure, bool)
        self._labels = np.where(sure & (totals[groups] > 0), rank[groups], 0).astype(np.uint32)
        self._shifts = shifts - self._middle(shifts, groups, int(order[0]) if len(order) else 0)

    def read(self, index: int, wrapped: Float) -> Unwrapped:
        """Phase and components of a tile's core; `wrapped` is its wrapped phase. Phase is 0 where there are no data."""
        tile = self._tiles[index]
        rows, columns = inside(tile.core, tile.reach)
        cycles, nodes = (np.asarray(plane[rows, columns]) for plane in self._kept[index])
        shift = np.append(self._shifts, 0)[nodes]  # the last stands for NOWHERE
        label = np.append(self._labels, 0)[nodes]
        phase = add_cycles(wrapped, (cycles + shift).astype(np.int32))
        return Unwrapped(np.where(nodes == NOWHERE, np.float32(0), phase), label.astype(np.uint32))

    @property
    def component_count(self) -> int:
        """Number of components there are in the end."""
        return int(self._labels.max(initial=0))

    def _nodes(self, labels: Int, valid: Bool) -> Int:
        """Number the components on from those of earlier tiles; pixels of none go with the nearest one."""
        first = len(self._sizes)
        count = int(labels.max(initial=0))
        if not valid.any():
            return np.full(labels.shape, NOWHERE, np.int32)
        if count == 0:
            labels, count, sure = valid.astype(np.int32), 1, False
        else:
            sure = True
            if bool((valid & (labels == 0)).any()):
                nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
                labels = labels[tuple(nearest)]
        self._sizes += [0] * count
        self._counts += [{} for _ in range(count)]
        self._sure += [sure] * count
        # A solver levels its own components against each other as well as it can: a weak link, better than none.
        self._links += [Link(first, first + i, 0, 1, 0) for i in range(1, count)]
        return np.where(valid, labels + (first - 1), NOWHERE).astype(np.int32)

    def _count(self, index: int, cycles: Int, nodes: Int) -> None:
        tile = self._tiles[index]
        core = inside(tile.core, tile.reach)
        for node in np.unique(nodes[core]):
            if node == NOWHERE:
                continue
            values, counts = np.unique(cycles[core][nodes[core] == node], return_counts=True)
            self._sizes[node] += int(counts.sum())
            self._counts[node] = dict(zip(values.tolist(), counts.tolist(), strict=True))

    def _compare(self, first: int, second: int) -> None:
        """Link the nodes of two tiles by how many cycles lie between them where they overlap."""
        both = intersection(self._tiles[first].reach, self._tiles[second].reach)
        if both is None:
            return
        here, there = inside(both, self._tiles[first].reach), inside(both, self._tiles[second].reach)
        nodes, others = np.asarray(self._kept[first][1][here]), np.asarray(self._kept[second][1][there])
        shared = (nodes != NOWHERE) & (others != NOWHERE)
        difference = (self._kept[first][0][here] - self._kept[second][0][there])[shared]
        pairs, which = np.unique(np.stack([nodes[shared], others[shared]]), axis=1, return_inverse=True)
        for place in range(pairs.shape[1]):
            values, counts = np.unique(difference[which.ravel() == place], return_counts=True)
            best = int(np.argmax(counts))
            node, other = (int(n) for n in pairs[:, place])
            self._links.append(Link(node, other, int(values[best]), int(counts[best]), int(counts.sum())))

    def _middle(self, shifts: NDArray[np.int64], groups: NDArray[np.int64], largest: int) -> int:
        """The median cycle of the largest component."""
        totals: dict[int, int] = {}
        for node in np.flatnonzero(groups == largest):
            for value, count in self._counts[node].items():
                cycle = value + int(shifts[node])
                totals[cycle] = totals.get(cycle, 0) + count
        if not totals:
            return 0
        values = np.array(sorted(totals))
        reached = np.cumsum([totals[v] for v in values.tolist()])
        return int(values[np.searchsorted(reached, reached[-1] / 2)])


def inside(window: Window, around: Window) -> tuple[slice, slice]:
    """Where a window lies in an array of a larger one."""
    row, column = window.row - around.row, window.column - around.column
    return slice(row, row + window.height), slice(column, column + window.width)


def intersection(first: Window, second: Window) -> Window | None:
    """What two windows share."""
    row, column = max(first.row, second.row), max(first.column, second.column)
    last_row = min(first.row + first.height, second.row + second.height)
    last_column = min(first.column + first.width, second.column + second.width)
    if last_row <= row or last_column <= column:
        return None
    return Window(row, column, last_row - row, last_column - column)


def _on_disk(values: Int) -> Int:
    """The same array in a scratch file without a name, which vanishes with it, however the process ends."""
    with tempfile.TemporaryFile(prefix="fringelens-") as file:
        kept = np.memmap(file, np.int32, "w+", shape=values.shape)
        kept[:] = values
    return kept

"""Connected areas of high probability, gathered tile by tile: the same whatever the tiles are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..raster.window import Window

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]

BINS = 50  # of the histogram from which quantiles of an area's probability are read


@dataclass
class Area:
    """Pixels connected by their sides: how many, the rectangle around them, and their probability."""

    pixels: int
    box: Window
    peak: float
    mean: float
    histogram: npt.NDArray[np.int64]  # over 0..1
    first: tuple[int, int]  # row and column of its first pixel, row by row
    _masks: _Masks = field(repr=False)
    _parts: list[_Part] = field(repr=False)

    def quantile(self, share: float) -> float:
        """The probability that this share of the pixels stays below, to within a bin."""
        place = int(np.searchsorted(np.cumsum(self.histogram), share * self.pixels))
        return min(self.peak, (place + 0.5) / BINS)

    def mask(self) -> Bool:
        """Its pixels within the box (rows, columns)."""
        labels, _ = ndimage.label(self._masks.read(self.box))
        row, column = self.first
        return np.asarray(labels == labels[row - self.box.row, column - self.box.column])

    def planes(self) -> Float:
        """The further planes (n, rows, columns) within the box, 0 where pixels are not its own."""
        total = np.zeros((len(self._parts[0].planes), self.box.height, self.box.width), np.float32)
        for part in self._parts:
            row, column = part.box.row - self.box.row, part.box.column - self.box.column
            there = Window(row, column, part.box.height, part.box.width).slices
            total[(slice(None), *there)] += part.planes
        return total


class Regions:
    """Collects the areas where probability is at least `level`; their memory grows with what is found alone."""

    def __init__(self, level: float) -> None:
        self.level = level
        self._masks = _Masks()
        self._parts: list[_Part] = []
        self._borders: dict[tuple[int, int], int] = {}  # part by the pixels that lie at the side of a tile

    def add(self, window: Window, probability: Float, planes: Float | None = None) -> None:
        """Take one tile (rows, columns); NaN is no data. Tiles adjoin, do not overlap, and come in any order.

        `planes` (n, rows, columns) are kept, in half precision, for the areas alone.
        """
        with np.errstate(invalid="ignore"):
            inside = np.asarray(probability >= self.level)
        if not inside.any():
            return
        self._masks.add(window, inside)
        labels, count = ndimage.label(inside)
        start = len(self._parts)
        nothing = np.zeros((0, *inside.shape), np.float32)
        self._parts += _parts(labels, count, probability, nothing if planes is None else planes, window)
        for row, column in _rim(labels):
            self._borders[window.row + row, window.column + column] = start + int(labels[row, column]) - 1

    def areas(self) -> list[Area]:
        """All areas in the order of their first pixels, row by row."""
        groups: dict[int, list[_Part]] = {}
        parent = self._joined()
        for index, part in enumerate(self._parts):
            groups.setdefault(_root(parent, index), []).append(part)
        return sorted((self._area(parts) for parts in groups.values()), key=lambda area: area.first)

    def _joined(self) -> list[int]:
        """Which part each part is joined to across the sides of tiles."""
        parent = list(range(len(self._parts)))
        for (row, column), part in self._borders.items():
            for other in (self._borders.get((row, column + 1)), self._borders.get((row + 1, column))):
                if other is not None:
                    first, second = _root(parent, part), _root(parent, other)
                    parent[max(first, second)] = min(first, second)
        return parent

    def _area(self, parts: list[_Part]) -> Area:
        rows, columns = min(p.box.row for p in parts), min(p.box.column for p in parts)
        height = max(p.box.row + p.box.height for p in parts) - rows
        width = max(p.box.column + p.box.width for p in parts) - columns
        pixels = sum(p.pixels for p in parts)
        return Area(
            pixels,
            Window(rows, columns, height, width),
            max(p.peak for p in parts),
            sum(p.total for p in parts) / pixels,
            np.sum([p.histogram for p in parts], axis=0),
            min(p.first for p in parts),
            self._masks,
            parts,
        )


@dataclass
class _Part:
    """What lies of an area in one tile."""

    pixels: int
    box: Window
    peak: float
    total: float
    histogram: npt.NDArray[np.int64]
    first: tuple[int, int]
    planes: npt.NDArray[np.float16]  # (n, rows, columns) of the box, 0 where pixels are not its own


def _parts(
    labels: npt.NDArray[np.int32], count: int, probability: Float, planes: Float, window: Window
) -> Iterator[_Part]:
    for label, (rows, columns) in enumerate(ndimage.find_objects(labels, count), start=1):
        here = labels[rows, columns] == label
        values = probability[rows, columns][here]
        row, column = window.row + rows.start, window.column + columns.start
        box = Window(row, column, rows.stop - rows.start, columns.stop - columns.start)
        bins = np.minimum((values * BINS).astype(np.int64), BINS - 1)
        histogram = np.bincount(bins, minlength=BINS)
        first = (row, column + int(np.argmax(here[0])))
        kept = np.where(here, planes[:, rows, columns], 0).astype(np.float16)
        peak, total = float(values.max()), float(values.sum(dtype=np.float64))
        yield _Part(values.size, box, peak, total, histogram, first, kept)


def _rim(labels: npt.NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """The labelled pixels along the four sides of a tile."""
    last_row, last_column = labels.shape[0] - 1, labels.shape[1] - 1
    for row in {0, last_row}:
        yield from ((row, int(column)) for column in np.flatnonzero(labels[row]))
    for column in {0, last_column}:
        yield from ((int(row), column) for row in np.flatnonzero(labels[:, column]))


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


class _Masks:
    """What is inside, of those tiles that hold anything, one bit per pixel."""

    def __init__(self) -> None:
        self._tiles: list[tuple[Window, npt.NDArray[np.uint8]]] = []

    def add(self, window: Window, inside: Bool) -> None:
        self._tiles.append((window, np.packbits(inside)))

    def read(self, box: Window) -> Bool:
        """The pixels of a rectangle."""
        mask = np.zeros((box.height, box.width), bool)
        for tile, bits in self._tiles:
            row, column = max(tile.row, box.row), max(tile.column, box.column)
            height = min(tile.row + tile.height, box.row + box.height) - row
            width = min(tile.column + tile.width, box.column + box.width) - column
            if height > 0 and width > 0:
                inside = np.unpackbits(bits, count=tile.pixels).reshape(tile.height, tile.width).astype(bool)
                there = Window(row - box.row, column - box.column, height, width)
                here = Window(row - tile.row, column - tile.column, height, width)
                mask[there.slices] = inside[here.slices]
        return mask

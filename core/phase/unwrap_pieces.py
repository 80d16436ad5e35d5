"""The pieces that an unwrapped tile consists of, and how many cycles lie between pieces that touch or overlap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .unwrap_levels import Link

Bool = NDArray[np.bool_]
Int = NDArray[np.int32]
Long = NDArray[np.int64]

NOWHERE = -1  # piece of a pixel without data
LEAST_AREA = 100  # pixels; areas without a component that are smaller go with the nearest one


class Histogram(NamedTuple):
    """How many pixels of a piece lie in a cycle; three columns."""

    piece: Long
    cycle: Long
    pixels: Long


def pieces_of(labels: Int, valid: Bool, first: int) -> tuple[Int, list[bool]]:
    """Number the components (rows, columns; 0 none) from `first` on; returns them and whether each is a component.

    Valid pixels of none go with the nearest one of their area, where that has one, or else are a piece of their own.
    """
    labels = np.where(valid, labels, 0)
    numbers = np.unique(labels[labels > 0])
    lookup = np.zeros(int(numbers.max(initial=0)) + 1, np.int32)
    lookup[numbers] = np.arange(1, numbers.size + 1)
    labels = lookup[labels]
    sure = [True] * int(numbers.size)
    lost = valid & (labels == 0)
    if lost.any():
        labels, unsure = _with_lost(labels, valid, lost, len(sure))
        sure += [False] * unsure
    return np.where(valid, labels + (first - 1), NOWHERE).astype(np.int32), sure


def _with_lost(labels: Int, valid: Bool, lost: Bool, count: int) -> tuple[Int, int]:
    """Give each pixel of `lost` a label; returns the labels and how many there are beyond `count`."""
    areas, most = ndimage.label(valid)
    sizes = np.bincount(areas.ravel(), minlength=most + 1)
    settled = np.zeros(most + 1, bool)
    settled[areas[labels > 0]] = True
    alone = ~settled & ((sizes >= LEAST_AREA) | (count == 0))
    alone[0] = False
    number = np.zeros(most + 1, np.int32)
    number[alone] = count + np.arange(1, int(alone.sum()) + 1)
    labels = np.where(lost, number[areas], labels).astype(np.int32)
    if bool((lost & (labels == 0)).any()):
        down, right = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
        near, home = labels[down, right], areas[down, right]
        # The nearest one may lie across a gap, while the area has one of its own.
        largest = np.zeros(most + 1, np.int32)
        largest[areas[labels > 0]] = labels[labels > 0]
        astray = (home != areas) & (largest[areas] > 0)
        labels = np.where(lost & (labels == 0), np.where(astray, largest[areas], near), labels).astype(np.int32)
    return labels, int(alone.sum())


def histogram(pieces: Int, cycles: Int) -> Histogram:
    """Of one tile (rows, columns)."""
    seen = pieces != NOWHERE
    (piece, cycle), count = _counted(pieces[seen], cycles[seen])
    return Histogram(piece, cycle, count)


def touching(pieces: Int) -> list[Link]:
    """Links between pieces of one tile (rows, columns) that lie side by side: the solver levelled them itself."""
    sides = ((pieces[:-1].ravel(), pieces[1:].ravel()), (pieces[:, :-1].ravel(), pieces[:, 1:].ravel()))
    pairs = []
    for one, other in sides:
        border = (one != other) & (one != NOWHERE) & (other != NOWHERE)
        pairs.append((np.minimum(one, other)[border], np.maximum(one, other)[border]))
    (first, second), count = _counted(*(np.concatenate(column) for column in zip(*pairs, strict=True)))
    return [Link(int(a), int(b), 0, int(n), 0) for a, b, n in zip(first, second, count, strict=True)]


def overlaps(cycles: Int, pieces: Int, other_cycles: Int, other_pieces: Int) -> list[Link]:
    """Links between the pieces of two tiles, from the part (rows, columns) that they share."""
    shared = (pieces != NOWHERE) & (other_pieces != NOWHERE)
    between = cycles[shared] - other_cycles[shared]
    (first, second, cycle), count = _counted(pieces[shared], other_pieces[shared], between)
    order = np.lexsort((count, second, first))
    first, second, cycle, count = (column[order] for column in (first, second, cycle, count))
    changes = np.flatnonzero(np.diff(first) | np.diff(second))
    last: list[int] = [*changes.tolist(), first.size - 1] if first.size else []
    begin, links = 0, []
    for end in last:
        total = int(count[begin : end + 1].sum())
        links.append(Link(int(first[end]), int(second[end]), int(cycle[end]), int(count[end]), total))
        begin = end + 1
    return links


def _counted(*columns: NDArray[np.integer]) -> tuple[list[Long], Long]:
    """The different rows of columns of equal length, and how often each is there."""
    lows = [int(column.min()) if column.size else 0 for column in columns]
    spans = [int(column.max()) - low + 1 if column.size else 1 for column, low in zip(columns, lows, strict=True)]
    key = np.zeros(columns[0].shape, np.int64)
    for column, low, span in zip(columns, lows, spans, strict=True):
        key = key * span + (column.astype(np.int64) - low)
    keys, count = np.unique(key, return_counts=True)
    found = []
    for low, span in zip(reversed(lows), reversed(spans), strict=True):
        keys, rest = np.divmod(keys, span)
        found.append(rest + low)
    return found[::-1], count.astype(np.int64)

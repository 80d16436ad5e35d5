"""Boxes of detections: from cells that propose them to one box for each object, whatever the tiles were."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SAME_OBJECT = 0.3  # overlap (intersection over union) from which two proposals are of one object
INSIDE = 0.7  # share of the smaller box in the larger one from which they are, too

Float = npt.NDArray[np.float32]


class Boxes(NamedTuple):
    """Proposals or detections: edges (n, 4) float32 top, left, bottom, right in pixels; scores (n,) 0 to 1."""

    edges: Float
    scores: Float

    def take(self, index: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Boxes:
        """Those of an index or a mask."""
        return Boxes(self.edges[index], self.scores[index])


NONE = Boxes(np.empty((0, 4), np.float32), np.empty(0, np.float32))


def join(parts: list[Boxes]) -> Boxes:
    """All in one, in the order given."""
    if not parts:
        return NONE
    return Boxes(np.concatenate([part.edges for part in parts]), np.concatenate([part.scores for part in parts]))


def propose(score: Float, sides: Float, stride: int, origin: tuple[int, int], least: float) -> Boxes:
    """The boxes of all cells with at least this score.

    score (rows, columns) of cells of `stride` pixels, sides (4, rows, columns) pixels from the middle of a cell to the
    top, left, bottom and right; origin: row and column of the first pixel. NaN scores propose nothing.
    """
    row, column = np.nonzero(score >= least)
    y = (row + 0.5) * stride + origin[0]
    x = (column + 0.5) * stride + origin[1]
    top, left, bottom, right = sides[:, row, column]
    edges = np.stack((y - top, x - left, y + bottom, x + right), 1)
    return Boxes(edges.astype(np.float32), score[row, column].astype(np.float32))


def areas(edges: Float) -> Float:
    """Square pixels (n,)."""
    return np.asarray(np.maximum(edges[:, 2] - edges[:, 0], 0) * np.maximum(edges[:, 3] - edges[:, 1], 0))


def intersections(first: Float, second: Float) -> Float:
    """Square pixels shared by each pair of boxes: (n, 4) and (m, 4) to (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    size = np.maximum(high - low, 0)
    shared: Float = size[..., 0] * size[..., 1]
    return shared


def overlaps(first: Float, second: Float) -> Float:
    """Intersection over union of each pair of boxes: (n, 4) and (m, 4) to (n, m)."""
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.asarray(shared / np.maximum(union, np.float32(1e-6)))


def merge(proposals: Boxes) -> Boxes:
    """One box for each object: greedy by score, each the mean of those it stands for, weighted by their scores.

    Proposals that overlap the best one, or lie in it or around it, are the same object. The result does not depend on
    their order, which tiles change: equal scores are ordered by place.
    """
    edges, scores = proposals
    order = np.lexsort((edges[:, 3], edges[:, 2], edges[:, 1], edges[:, 0], -scores))
    edges, scores = edges[order], scores[order]
    left = np.ones(len(scores), bool)
    kept: list[Boxes] = []
    for best in range(len(scores)):
        if not left[best]:
            continue
        near = np.flatnonzero(left & _touching(edges, edges[best]))
        same = near[_is_same(edges[best : best + 1], edges[near])]
        left[same] = False
        left[best] = False
        kept.append(Boxes(_mean(edges[same], scores[same], edges[best]), scores[best : best + 1]))
    return join(kept)


def _touching(edges: Float, one: Float) -> npt.NDArray[np.bool_]:
    apart = (edges[:, 2] < one[0]) | (edges[:, 0] > one[2]) | (edges[:, 3] < one[1]) | (edges[:, 1] > one[3])
    return np.asarray(~apart)


def _is_same(best: Float, others: Float) -> npt.NDArray[np.bool_]:
    shared = intersections(best, others)[0]
    smaller = np.minimum(areas(best), areas(others))
    return np.asarray((overlaps(best, others)[0] > SAME_OBJECT) | (shared > INSIDE * np.maximum(smaller, 1e-6)))


def _mean(edges: Float, scores: Float, best: Float) -> Float:
    """Mean of the boxes much like the best one, weighted by the squares of their scores."""
    alike = overlaps(best[None], edges)[0] > 0.5
    weight = scores[alike] ** 2
    if not weight.sum() > 0:
        return best[None]
    mean: Float = (edges[alike] * weight[:, None]).sum(0, keepdims=True) / weight.sum()
    return mean.astype(np.float32)

"""From boxes and the probability of bodies to the pixels of each detection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..raster.window import Window
from .boxes import Boxes, Float, intersections

# Probability from which a pixel belongs to a body; the next one where that fills too little of the box.
LEVELS = (0.5, 0.4, 0.3, 0.2, 0.1)
MARGIN = 0.15  # share of a box by which its body may reach beyond
RIVAL = 0.6  # share of a detection's score from which another one can claim pixels of it
# Shares of its box that a body fills (an ellipse 0.79), tuned on scenes of the training family: below the first the
# level falls, and what stays below the second is no outline, so that the box itself, rounded, stands for it.
FULL_SHARE, LEAST_SHARE = 0.6, 0.4

Bool = npt.NDArray[np.bool_]
Probability = Callable[[Window], Float]


def window_of(edges: Float, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """First row and column, height and width of the pixels that a box (4,) and its margin cover, within the raster."""
    top, left, bottom, right = (float(value) for value in edges)
    grow_y, grow_x = MARGIN * (bottom - top) + 1, MARGIN * (right - left) + 1
    row, column = max(0, int(np.floor(top - grow_y))), max(0, int(np.floor(left - grow_x)))
    last_row = min(shape[0], int(np.ceil(bottom + grow_y)))
    last_column = min(shape[1], int(np.ceil(right + grow_x)))
    return row, column, max(0, last_row - row), max(0, last_column - column)


def rivals(boxes: Boxes, index: int) -> Float:
    """The boxes (n, 4) that share pixels with one and are not much less sure, without itself."""
    shared = intersections(boxes.edges[index : index + 1], boxes.edges)[0] > 0
    shared &= boxes.scores >= RIVAL * boxes.scores[index]
    shared[index] = False
    return np.asarray(boxes.edges[shared])


def body_of(probability: Probability, boxes: Boxes, index: int, shape: tuple[int, int]) -> tuple[Bool, Window]:
    """The pixels of one of `boxes`, beside its rivals among them, in a window of a raster of `shape`, and that window.

    probability: of bodies, in a window. Outside the raster there are no pixels.
    """
    window = Window(*window_of(boxes.edges[index], shape))
    if window.height < 1 or window.width < 1:
        return np.zeros((window.height, window.width), bool), window
    edges, origin = boxes.edges[index], (window.row, window.column)
    return outline(probability(window), edges, rivals(boxes, index), origin), window


def outline(body: Float, edges: Float, others: Float, origin: tuple[int, int]) -> Bool:
    """The pixels (rows, columns) of one detection in the probability `body` of a window that begins at `origin`.

    Pixels that also lie in the box of another detection (n, 4) belong to the one whose middle is nearer, in half-sides.
    Only the largest connected part counts, without holes. A faint body is less probable than half, though its box is
    right: the level falls until the body fills the box. Where it comes nowhere near, an ellipse in the box stands in.
    """
    mine = _distance(edges, body.shape, origin)
    free = np.ones(body.shape, bool)
    for other in others:
        free &= mine <= _distance(other, body.shape, origin)
    size = (edges[2] - edges[0]) * (edges[3] - edges[1])
    for level in LEVELS:
        with np.errstate(invalid="ignore"):
            inside = _largest((body >= level) & free)
        if np.count_nonzero(inside) >= FULL_SHARE * size:
            break
    if np.count_nonzero(inside) >= LEAST_SHARE * size:
        return inside
    known = np.isfinite(body) | ~np.isfinite(body).any()
    return np.asarray((mine <= 1.0) & known, bool)


def _largest(inside: Bool) -> Bool:
    """The largest connected part, without holes."""
    labels, count = ndimage.label(inside)
    if not count:
        return inside
    sizes = np.bincount(labels.ravel())[1:]
    return np.asarray(ndimage.binary_fill_holes(labels == 1 + int(sizes.argmax())), bool)


def _distance(edges: Float, shape: tuple[int, ...], origin: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Distance of each pixel from the middle of a box, 1 on the ellipse that the box holds."""
    top, left, bottom, right = (float(value) for value in edges)
    y = np.arange(shape[0])[:, None] + 0.5 + origin[0] - (top + bottom) / 2
    x = np.arange(shape[1])[None, :] + 0.5 + origin[1] - (left + right) / 2
    return np.asarray(np.hypot(y / max((bottom - top) / 2, 0.5), x / max((right - left) / 2, 0.5)))

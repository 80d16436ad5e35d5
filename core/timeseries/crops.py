"""Rectangles around detections, and which of their pixels belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from ..raster.grid import Grid
from ..raster.vector import Feature
from ..raster.window import Window

Bool = NDArray[np.bool_]


class Crop(NamedTuple):
    """A detection: its number, the window around it, and its pixels there (rows, columns)."""

    fid: int
    window: Window
    inside: Bool
    others: Bool  # pixels of other detections, which may move too

    def around(self, rim: int) -> Window:
        """The part of the window that is at most `rim` rows and columns away from those of the detection."""
        rows, columns = (np.flatnonzero(self.inside.any(axis)) for axis in (1, 0))
        top, left = max(0, int(rows[0]) - rim), max(0, int(columns[0]) - rim)
        height = min(self.window.height, int(rows[-1]) + rim + 1) - top
        width = min(self.window.width, int(columns[-1]) + rim + 1) - left
        return Window(self.window.row + top, self.window.column + left, height, width)


def crops_of(features: Sequence[Feature], grid: Grid, margin: int) -> list[Crop]:
    """A crop with `margin` pixels around each feature that has pixels in the raster, in order.

    Pixels belong to a polygon that their middle is in; a polygon too small for that has those that it touches.
    """
    shapes = {feature.fid: _geometry(feature) for feature in features}
    boxes = {feature.fid: _box(feature, grid) for feature in features}
    crops = []
    for fid, box in boxes.items():
        if box is None:
            continue
        window = _widened(box, margin, grid)
        inside = _burnt([shapes[fid]], window, grid)
        near = [shapes[one] for one, its in boxes.items() if one != fid and its is not None and _meet(its, window)]
        others = _burnt(near, window, grid) if near else np.zeros(inside.shape, bool)
        if inside.any():
            crops.append(Crop(fid, window, inside, others & ~inside))
    return crops


def _geometry(feature: Feature) -> dict[str, object]:
    polygons = [[ring.tolist() for ring in rings] for rings in feature.polygons]
    return {"type": "MultiPolygon", "coordinates": polygons}


def _box(feature: Feature, grid: Grid) -> Window | None:
    """The pixels that a feature's outlines span, inside the raster; None where there are none."""
    points = np.concatenate([rings[0] for rings in feature.polygons])
    t = ~grid.transform
    columns = t.a * points[:, 0] + t.b * points[:, 1] + t.c
    rows = t.d * points[:, 0] + t.e * points[:, 1] + t.f
    top, left = max(0, int(np.floor(rows.min()))), max(0, int(np.floor(columns.min())))
    bottom, right = min(grid.height, int(np.ceil(rows.max()))), min(grid.width, int(np.ceil(columns.max())))
    return Window(top, left, bottom - top, right - left) if bottom > top and right > left else None


def _widened(box: Window, margin: int, grid: Grid) -> Window:
    top, left = max(0, box.row - margin), max(0, box.column - margin)
    bottom = min(grid.height, box.row + box.height + margin)
    right = min(grid.width, box.column + box.width + margin)
    return Window(top, left, bottom - top, right - left)


def _meet(one: Window, other: Window) -> bool:
    return (
        one.row < other.row + other.height
        and other.row < one.row + one.height
        and one.column < other.column + other.width
        and other.column < one.column + one.width
    )


def _burnt(shapes: Sequence[dict[str, object]], window: Window, grid: Grid) -> Bool:
    """Where shapes lie in a window (rows, columns)."""
    t = grid.transform
    x = t.a * window.column + t.b * window.row + t.c
    y = t.d * window.column + t.e * window.row + t.f
    moved = Affine(t.a, t.b, x, t.d, t.e, y)
    shape = (window.height, window.width)
    marked = np.zeros(shape, bool)
    for touched in (False, True):
        marked = rasterize(shapes, shape, transform=moved, all_touched=touched, dtype="uint8").astype(bool)
        if marked.any():
            break
    return marked

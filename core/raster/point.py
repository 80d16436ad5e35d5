"""A point that a user names, as a pixel of a raster."""

from __future__ import annotations

import re

from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.warp import transform as warp

from ..errors import InputError
from .grid import Grid

_POINT = re.compile(r"^\s*([^,\s]+)\s*,\s*([^,\s]+)\s*(?:\[([^\[\]]+)\])?\s*$")


def pixel_of(point: str, grid: Grid, name: str) -> tuple[int, int]:
    """Row and column of "x,y" in the grid's CRS, or of "x,y [EPSG:4326]"; raises InputError where it is outside."""
    match = _POINT.match(point)
    if match is None:
        message = f'{name}: {point!r} is no point. Give it as "x,y", or with its CRS as "x,y [EPSG:4326]".'
        raise InputError(message)
    x, y, code = float(match[1]), float(match[2]), match[3]
    if code and grid.crs is not None:
        x, y = _transformed(x, y, code, grid.crs, name)
    column, row = _applied(~grid.transform, x, y)
    if not (0 <= row < grid.height and 0 <= column < grid.width):
        message = f"{name}: {point} lies outside the raster ({grid.describe()}). Choose a point inside it."
        raise InputError(message)
    return int(row), int(column)


def place_of(row: int, column: int, grid: Grid) -> tuple[float, float]:
    """Coordinates x and y of the middle of a pixel."""
    return _applied(grid.transform, column + 0.5, row + 0.5)


def _applied(transform: Affine, x: float, y: float) -> tuple[float, float]:
    """Written out, because the operator for it changed from one version of affine to the next."""
    t = transform
    return float(t.a * x + t.b * y + t.c), float(t.d * x + t.e * y + t.f)


def _transformed(x: float, y: float, code: str, target: CRS, name: str) -> tuple[float, float]:
    try:
        xs, ys = warp(CRS.from_user_input(code), target, [x], [y])
    except CRSError as error:
        message = f"{name}: the CRS {code} of the point is not known ({error}). Give the point in the raster's CRS."
        raise InputError(message) from error
    return float(xs[0]), float(ys[0])

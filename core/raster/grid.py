"""Where the pixels of a raster lie, and whether two rasters lie on the same ones."""

from __future__ import annotations

import os
from dataclasses import dataclass

from affine import Affine
from rasterio.crs import CRS

from ..errors import GridMismatchError

# Two grids are the same when no corner of one lies further than this from its place on the other, in pixels.
TOLERANCE_PIXELS = 1e-3

# Pixels larger than this are no degrees: 11 km.
LARGEST_DEGREES = 0.1


@dataclass(frozen=True)
class Grid:
    """Coordinate reference system, transform from pixel to map, and size in pixels; radar geometry has no `crs`."""

    crs: CRS | None
    transform: Affine
    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def is_georeferenced(self) -> bool:
        """Whether the pixels have a place on the map; radar geometry has none."""
        return self.crs is not None or self.transform != Affine.identity()

    @property
    def looks_like_degrees(self) -> bool:
        """Whether there is no CRS, and the transform is one of longitude and latitude by the size of its pixels."""
        sides = abs(self.transform.a), abs(self.transform.e)
        return self.crs is None and self.is_georeferenced and max(sides) < LARGEST_DEGREES

    def describe(self) -> str:
        """The grid in the words of an error message."""
        size = f"{self.height} rows x {self.width} columns"
        if not self.is_georeferenced:
            return f"{size}, radar geometry (no CRS, no transform)"
        t = self.transform
        turned = f", rotated by ({t.b:.9g}, {t.d:.9g})" if t.b or t.d else ""
        return f"{size}, {self._crs_name()}, pixel ({t.a:.9g}, {t.e:.9g}), origin ({t.c:.9g}, {t.f:.9g}){turned}"

    def _crs_name(self) -> str:
        if self.crs is None:
            return "no CRS"
        code = self.crs.to_epsg()
        return f"EPSG:{code}" if code else str(self.crs.to_wkt())[:60]


def check_same_grid(**grids: tuple[str | os.PathLike[str], Grid]) -> None:
    """Raise `GridMismatchError`, naming both grids, unless all are the same within a thousandth of a pixel.

    Keywords are parameter names, values (path, grid). All may lack a CRS (radar geometry); some alone may not.
    """
    names = list(grids)
    first_path, first = grids[names[0]]
    for name in names[1:]:
        path, grid = grids[name]
        why = difference(first, grid)
        if why:
            remedy = crs_remedy(first, grid) or (
                f"Bring {name} onto the grid of {names[0]} first, with gdalwarp or 'Warp (reproject)' in QGIS."
            )
            message = (
                f"{name} and {names[0]} do not lie on the same grid: {why}. {name} ({path}) has "
                f"{grid.describe()}; {names[0]} ({first_path}) has {first.describe()}. {remedy}"
            )
            raise GridMismatchError(message)


def crs_remedy(first: Grid, other: Grid) -> str:
    """What to do where only one of two grids has a CRS; empty where both or none have one."""
    if (first.crs is None) == (other.crs is None):
        return ""
    bare = first if first.crs is None else other
    if first.shape == other.shape and _largest_shift(first, other) <= TOLERANCE_PIXELS:
        return "Give the one without CRS that of the other, if it lies there: 'Assign projection' in QGIS."
    guess = " (its pixels look like degrees: EPSG:4326?)" if bare.looks_like_degrees else ""
    return (
        f"Give the one without CRS its own{guess} with 'Assign projection' in QGIS or gdal_edit.py -a_srs, then bring"
        " it onto the other grid with gdalwarp."
    )


def difference(first: Grid, other: Grid) -> str:
    """What tells two grids apart; empty when nothing does."""
    if first.shape != other.shape:
        return "their sizes differ"
    if (first.crs is None) != (other.crs is None):
        return "one has a CRS and the other has none"
    if first.crs is not None and other.crs is not None and not _same_crs(first.crs, other.crs):
        return "their CRS differ"
    shift = _largest_shift(first, other)
    if shift > TOLERANCE_PIXELS:
        return f"they are up to {shift:.3g} pixels apart"
    return ""


def _same_crs(first: CRS, other: CRS) -> bool:
    if first == other:
        return True
    code = first.to_epsg()
    return code is not None and code == other.to_epsg()


def _largest_shift(first: Grid, other: Grid) -> float:
    """How far a corner of `other` lies from the same corner of `first`, in pixels of `first`."""
    if first.transform == other.transform:
        return 0.0
    to_pixel = ~first.transform
    shift = 0.0
    for column in (0, first.width):
        for row in (0, first.height):
            there = _apply(to_pixel, *_apply(other.transform, column, row))
            shift = max(shift, abs(there[0] - column), abs(there[1] - row))
    return shift


def _apply(transform: Affine, x: float, y: float) -> tuple[float, float]:
    """A point through a transform; written out, since the operator for it depends on the version of affine."""
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f

"""From marked pixels to polygons, and how large a polygon is on the ground."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.features import shapes
from rasterio.warp import transform as warp

from ..errors import InputError
from ..raster.vector import Ring, Rings

# WGS 84. Other ellipsoids in use give areas within 1e-4 of it.
_AXIS, _FLATTENING = 6_378_137.0, 1 / 298.257223563
_ECCENTRICITY2 = _FLATTENING * (2 - _FLATTENING)
_ECCENTRICITY = math.sqrt(_ECCENTRICITY2)

# Edges are cut into pieces no longer than this, in degrees, because what is straight in a CRS is not so on the map of
# equal areas: the error of a piece grows with its cube, and is 1e-6 of the area of a square of one degree.
_LONGEST_EDGE = 0.05
_METRES_PER_DEGREE = 111_320.0

_WGS84 = CRS.from_epsg(4326)


class Region(NamedTuple):
    """Connected pixels of one label, as a polygon with its holes in map coordinates."""

    label: int
    rings: Rings


def polygons_of(
    labels: npt.NDArray[np.integer] | npt.NDArray[np.bool_], transform: Affine, row: int = 0, column: int = 0
) -> list[Region]:
    """Polygons along the pixel edges around each region of equal labels (rows, columns); 0 and False are background.

    Pixels that touch at a corner alone are two regions, so that every polygon is valid. In the order of their first
    pixels, row by row. `row` and `column` say where in the raster of `transform` the labels begin.
    """
    t, (x, y) = transform, _apply(transform, column, row)
    transform = Affine(t.a, t.b, x, t.d, t.e, y)
    values = labels.astype(np.int32)
    found = shapes(values, mask=values != 0, connectivity=4, transform=transform)
    regions = [Region(int(v), tuple(np.array(r, np.float64) for r in s["coordinates"])) for s, v in found]
    to_pixel = ~transform
    return sorted(regions, key=lambda region: _first_pixel(region.rings[0], to_pixel))


def _first_pixel(ring: Ring, to_pixel: Affine) -> tuple[int, int]:
    """Row and column of the uppermost, then leftmost, corner of an outline."""
    columns = np.rint(to_pixel.a * ring[:, 0] + to_pixel.b * ring[:, 1] + to_pixel.c).astype(int)
    rows = np.rint(to_pixel.d * ring[:, 0] + to_pixel.e * ring[:, 1] + to_pixel.f).astype(int)
    return min(zip(rows.tolist(), columns.tolist(), strict=True))


def geodesic_area(polygon: Rings, crs: CRS | None) -> float:
    """Square metres on the WGS 84 ellipsoid within the outline and outside the holes; edges are straight in `crs`.

    Good to 1e-5. Raises InputError without a CRS, or where its coordinates have no place on the ellipsoid. Authalic
    latitude: Snyder (1987), Map projections, USGS Professional Paper 1395, equation 3-12. No polygon around a pole.
    """
    if crs is None:
        message = (
            "without a CRS areas are not known. Geocode the input, or give it a CRS ('Assign projection' in QGIS)."
        )
        raise InputError(message)
    outline, *holes = (_ring_area(ring, crs) for ring in polygon)
    return outline - sum(holes)


def least_pixels(area: float, transform: Affine, shape: tuple[int, int], crs: CRS | None) -> int:
    """How many pixels in the middle of a raster of `shape` make up `area` (m2), 1 at least; InputError without CRS."""
    row, column = shape[0] // 2, shape[1] // 2
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ring = np.array([_apply(transform, column + x, row + y) for x, y in corners])
    return max(1, math.ceil(area / geodesic_area((ring,), crs)))


def _ring_area(ring: Ring, crs: CRS) -> float:
    """Square metres within a ring, whichever way it runs round."""
    dense = _densified(ring, crs)
    try:
        lon, lat = (np.array(values) for values in warp(crs, _WGS84, dense[:, 0].tolist(), dense[:, 1].tolist()))
    except (CRSError, RuntimeError) as error:
        message = f"the area of a polygon is not known: its CRS cannot be brought to longitude and latitude ({error})."
        raise InputError(message) from error
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        message = "the area of a polygon is not known: it lies where its CRS has no longitude and latitude."
        raise InputError(message)
    step = np.radians((np.diff(lon) + 180.0) % 360.0 - 180.0)  # across the date line too
    height = _authalic(np.radians(lat))
    height = height - height[0]  # of a small polygon the differences are all that counts
    return abs(float(np.sum(0.5 * (height[1:] + height[:-1]) * step)))


def _authalic(latitude: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Area between the equator and a latitude (radians), m2 per radian of longitude."""
    sine = np.sin(latitude)
    scaled = _ECCENTRICITY * sine
    q = (1 - _ECCENTRICITY2) * (sine / (1 - scaled**2) + np.arctanh(scaled) / _ECCENTRICITY)
    return np.asarray(0.5 * _AXIS**2 * q)


def _densified(ring: Ring, crs: CRS) -> Ring:
    """The ring with points along its longer edges."""
    longest = _LONGEST_EDGE
    if crs.is_geographic:  # an edge across the date line is short
        ring = np.column_stack((np.unwrap(ring[:, 0], period=360.0), ring[:, 1]))
    else:
        longest *= _METRES_PER_DEGREE / crs.linear_units_factor[1]
    pieces = np.maximum(1, np.ceil(np.abs(np.diff(ring, axis=0)).max(1) / longest)).astype(int)
    if (pieces == 1).all():
        return ring
    parts = [
        start + (stop - start) * (np.arange(count) / count)[:, None]
        for start, stop, count in zip(ring[:-1], ring[1:], pieces.tolist(), strict=True)
    ]
    return np.concatenate([*parts, ring[-1:]])


def _apply(transform: Affine, x: float, y: float) -> tuple[float, float]:
    """A point through a transform; written out, since the operator for it depends on the version of affine."""
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f

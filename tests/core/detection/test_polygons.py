"""Marked pixels to polygons, and their areas against closed forms."""

import math
from itertools import pairwise

import numpy as np
import pytest
from affine import Affine
from fringelens.core.detection.polygons import geodesic_area, least_pixels, polygons_of
from fringelens.core.errors import InputError
from rasterio.crs import CRS
from rasterio.warp import transform as warp

GRID = Affine(20, 0, 500_000, 0, -20, 4_400_000)
AXIS, FLATTENING = 6_378_137.0, 1 / 298.257223563
ECCENTRICITY2 = FLATTENING * (2 - FLATTENING)


def plane_area(rings):
    areas = [abs(0.5 * np.sum(r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1])) for r in rings]
    return areas[0] - sum(areas[1:])


def box(west, south, east, north):
    return (np.array([(west, south), (east, south), (east, north), (west, north), (west, south)], float),)


def test_polygons_have_the_area_of_their_pixels_with_holes_taken_out(rng):
    mask = rng.random((40, 50)) > 0.4
    regions = polygons_of(mask, GRID)
    assert sum(plane_area(region.rings) for region in regions) == pytest.approx(mask.sum() * 400.0)
    assert any(len(region.rings) > 1 for region in regions)


def test_labels_stay_with_their_polygons_in_the_order_of_their_first_pixels():
    labels = np.zeros((6, 9), int)
    labels[1:3, 6:8], labels[2:5, 1:4] = 7, 3
    regions = polygons_of(labels, GRID)
    assert [region.label for region in regions] == [7, 3]
    assert regions[0].rings[0].min(0).tolist() == [500_000 + 6 * 20, 4_400_000 - 3 * 20]


def test_pixels_that_touch_at_a_corner_are_two_polygons():
    assert len(polygons_of(np.eye(2, dtype=bool), GRID)) == 2


def test_part_of_a_raster_has_the_polygons_that_it_has_in_the_whole():
    mask = np.zeros((30, 40), bool)
    mask[12:17, 20:31] = True
    part = polygons_of(mask[10:20, 15:], GRID, 10, 15)[0].rings
    np.testing.assert_array_equal(part[0], polygons_of(mask, GRID)[0].rings[0])


def test_nothing_marked_gives_no_polygon():
    assert polygons_of(np.zeros((5, 5), bool), GRID) == []


@pytest.mark.parametrize("south", [-60.0, -1.0, 0.0, 45.0, 70.0])
def test_area_of_a_degree_square_is_that_of_its_zone(south):
    """Integral of the radii of curvature over the zone, by Simpson's rule."""
    latitude = np.radians(np.linspace(south, south + 1, 2001))
    curve = 1 - ECCENTRICITY2 * np.sin(latitude) ** 2
    ring = AXIS**2 * (1 - ECCENTRICITY2) * np.cos(latitude) / curve**2
    weights = np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    expected = math.radians(1) * float(ring @ weights) * (latitude[1] - latitude[0]) / 3
    assert geodesic_area(box(10, south, 11, south + 1), CRS.from_epsg(4326)) == pytest.approx(expected, rel=1e-6)


def test_the_same_polygon_has_the_same_area_in_degrees_and_in_metres():
    square = box(500_000, 4_400_000, 520_000, 4_420_000)
    utm, wgs84 = CRS.from_epsg(32634), CRS.from_epsg(4326)
    dense = np.concatenate([a + (b - a) * np.linspace(0, 1, 50)[:, None] for a, b in pairwise(square[0])])
    lon, lat = warp(utm, wgs84, dense[:, 0].tolist(), dense[:, 1].tolist())
    in_degrees = geodesic_area((np.column_stack((lon, lat)),), wgs84)
    assert geodesic_area(square, utm) == pytest.approx(in_degrees, rel=1e-5)
    assert in_degrees == pytest.approx(4e8 / 0.9996**2, rel=1e-5)  # scale of the central meridian


def test_area_of_one_small_pixel_is_not_lost_in_rounding():
    assert geodesic_area(box(500_000, 4_400_000, 500_001, 4_400_001), CRS.from_epsg(32634)) == pytest.approx(
        1 / 0.9996**2, rel=1e-5
    )


def test_area_across_the_date_line_is_that_of_the_same_box_elsewhere():
    crs = CRS.from_epsg(4326)
    ring = box(179.9, 10, 180.1, 10.2)[0]
    ring[ring[:, 0] > 180, 0] -= 360
    assert geodesic_area((ring,), crs) == pytest.approx(geodesic_area(box(0, 10, 0.2, 10.2), crs), rel=1e-9)


def test_holes_are_taken_out():
    crs = CRS.from_epsg(32634)
    outer, hole = box(500_000, 4_400_000, 501_000, 4_401_000), box(500_200, 4_400_200, 500_700, 4_400_700)
    assert geodesic_area(outer + hole, crs) == pytest.approx(geodesic_area(outer, crs) * 0.75, rel=1e-6)


def test_a_minimum_area_becomes_pixels_of_the_raster():
    assert least_pixels(4000.0, GRID, (100, 100), CRS.from_epsg(32634)) == 10
    assert least_pixels(0.0, GRID, (100, 100), CRS.from_epsg(32634)) == 1


def test_without_a_crs_areas_are_refused_with_the_remedy():
    with pytest.raises(InputError, match="Assign projection"):
        geodesic_area(box(0, 0, 1, 1), None)

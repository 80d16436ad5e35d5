"""Whether two rasters lie on the same pixels."""

import pytest
from affine import Affine
from fringelens.core.errors import GridMismatchError
from fringelens.core.raster.grid import Grid, check_same_grid
from rasterio.crs import CRS

UTM = CRS.from_epsg(32634)
PLACE = Affine(30, 0, 500_000, 0, -30, 4_400_000)


def grid(crs=UTM, transform=PLACE, height=400, width=500):
    return Grid(crs, transform, height, width)


def shifted(pixels):
    return grid(transform=PLACE @ Affine.translation(pixels, 0))


@pytest.mark.parametrize(
    "other",
    [grid(), shifted(0.0009), grid(transform=PLACE @ Affine.scale(1 + 1e-9)), grid(crs=CRS.from_wkt(UTM.to_wkt()))],
)
def test_equal_grids_pass(other):
    check_same_grid(INPUT=("a.tif", grid()), COHERENCE=("b.tif", other))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (shifted(0.3), "0.3 pixels apart"),
        (shifted(0.0011), "pixels apart"),
        (grid(transform=PLACE @ Affine.scale(1 + 1e-5)), "pixels apart"),
        (grid(transform=PLACE @ Affine.rotation(0.01)), "pixels apart"),
        (grid(height=399), "sizes differ"),
        (grid(crs=CRS.from_epsg(32633)), "CRS differ"),
        (grid(crs=None), "one has a CRS"),
    ],
)
def test_differing_grids_are_refused_and_both_are_described(other, reason):
    with pytest.raises(GridMismatchError, match=reason) as caught:
        check_same_grid(INPUT=("a.tif", grid()), COHERENCE=("b.tif", other))
    message = str(caught.value)
    for part in ("INPUT", "a.tif", grid().describe(), "COHERENCE", "b.tif", other.describe(), "QGIS"):
        assert part in message


def test_radar_geometry_passes_where_all_lack_a_place():
    radar = grid(crs=None, transform=Affine.identity())
    check_same_grid(INPUT=("a.tif", radar), COHERENCE=("b.tif", radar))
    assert not radar.is_georeferenced
    assert "radar geometry" in radar.describe()


def test_radar_geometry_does_not_pass_beside_a_map():
    with pytest.raises(GridMismatchError, match="one has a CRS"):
        check_same_grid(INPUT=("a.tif", grid(crs=None, transform=Affine.identity())), AMPLITUDE=("b.tif", grid()))


def test_a_south_up_grid_is_the_same_as_itself_only():
    up = grid(transform=Affine(30, 0, 500_000, 0, 30, 4_388_000))
    check_same_grid(INPUT=("a.tif", up), COHERENCE=("b.tif", up))
    with pytest.raises(GridMismatchError):
        check_same_grid(INPUT=("a.tif", grid()), COHERENCE=("b.tif", up))

"""Cells: their size, sums that no tiling changes, and the way back to pixels."""

import numpy as np
import pytest
from affine import Affine
from fringelens.core.atmosphere.cells import Cells, fill_smoothly, ground_pixel
from fringelens.core.raster.grid import Grid
from fringelens.core.raster.window import Window
from rasterio.crs import CRS

UTM = CRS.from_epsg(32634)


@pytest.mark.parametrize(
    ("crs", "step", "expected"),
    [(UTM, 30.0, (30.0, 30.0)), (CRS.from_epsg(2263), 100.0, (30.48, 30.48)), (None, 40.0, (40.0, 40.0))],
)
def test_a_pixel_is_as_large_as_its_crs_says(crs, step, expected):
    grid = Grid(crs, Affine(step, 0, 5e5, 0, -step, 4e6), 100, 100)
    assert ground_pixel(grid) == pytest.approx(expected, rel=1e-4)


def test_degrees_shrink_with_latitude():
    grid = Grid(CRS.from_epsg(4326), Affine(0.001, 0, 10, 0, -0.001, 60.05), 100, 100)
    down, right = ground_pixel(grid)
    assert down == pytest.approx(111.3, rel=1e-2)
    assert right == pytest.approx(down / 2, rel=1e-2)


def test_radar_geometry_does_not_say():
    assert ground_pixel(Grid(None, Affine.identity(), 100, 100)) is None


def test_cells_are_of_like_size_whatever_the_pixels():
    assert Cells.of((3000, 3000), (20.0, 20.0)).down == 20
    assert Cells.of((3000, 3000), (100.0, 100.0)).down == 4
    lying = Cells.of((6000, 6000), (14.0, 4.0))
    assert (lying.down, lying.right) == (round(375 / 14), round(375 / 4))
    small = Cells.of((60, 100), (150.0, 150.0))
    assert small.shape == (60, 100)


def test_a_huge_raster_has_a_bounded_number_of_cells():
    rows, columns = Cells.of((60_000, 80_000), (100.0, 100.0)).shape
    assert rows * columns < 4.5e6


@pytest.mark.parametrize("tile", [7, 16, 64, 1000])
def test_sums_do_not_depend_on_tiles(rng, tile):
    values = rng.standard_normal((61, 83)).astype(np.float32)
    cells = Cells((61, 83), 4, 3, 1.0)
    found = np.zeros(cells.shape)
    for window in cells.windows(tile):
        found[cells.of_window(window)] = cells.sums(values[window.slices])
    assert (found == cells.sums(values)).all()
    assert found[2, 5] == pytest.approx(values[8:12, 15:18].sum(), rel=1e-5)
    assert found[15, 27] == pytest.approx(values[60:, 81:].sum(), rel=1e-5)
    assert cells.sizes().sum() == 61 * 83


def test_a_smooth_field_comes_back_from_its_cells():
    y, x = np.mgrid[:120, :160].astype(np.float64)
    field = np.sin(x / 25) + np.cos(y / 30) + 0.01 * x
    cells = Cells((120, 160), 4, 4, 1.0)
    coarse = (cells.sums(field) / cells.sizes()).astype(np.float32)
    back = cells.enlarge(coarse, Window(0, 0, 120, 160))
    assert np.abs(back - field)[8:-8, 8:-8].max() < 5e-3
    part = Window(33, 50, 40, 61)
    assert (cells.enlarge(coarse, part) == back[part.slices]).all()


def test_cells_of_one_pixel_change_nothing(rng):
    field = rng.standard_normal((20, 30)).astype(np.float32)
    assert Cells((20, 30), 1, 1, 1.0).enlarge(field, Window(0, 0, 20, 30)) == pytest.approx(field)


def test_holes_are_filled_between_their_edges():
    _, x = np.mgrid[:64, :64].astype(np.float32)
    known = np.ones((64, 64), bool)
    known[20:40, 25:45] = False
    filled = fill_smoothly(np.where(known, x, 1e9), known)
    assert (filled[known] == x[known]).all()
    assert 15 < filled[~known].min() < filled[~known].max() < 55
    assert not fill_smoothly(x, np.zeros_like(known)).any()

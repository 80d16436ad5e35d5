"""Many rasters on one grid: all that do not fit are named at once, few are open, windows cover the grid."""

import gc
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from fringelens.core.errors import GridMismatchError, InputError
from fringelens.core.progress import Silent
from fringelens.core.raster import stack as module
from fringelens.core.raster.quantities import Coherence
from fringelens.core.raster.stack import Stack, check_grids
from fringelens.core.raster.window import Window


@pytest.fixture
def rasters(write_raster):
    return [str(write_raster(f"{i}.tif", np.full((6, 8), i, np.float32))) for i in range(5)]


def test_patches_come_in_the_order_of_the_files_with_one_open_at_a_time(rasters, monkeypatch):
    alive, most = [0], [0]

    class Counting(module.Source):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            alive[0] += 1
            most[0] = max(most[0], alive[0])

        def close(self):
            super().close()
            alive[0] -= 1

    monkeypatch.setattr(module, "Source", Counting)
    with Stack(rasters, Silent()) as stack:
        read = [(index, patch.values[0, 0]) for index, patch in stack.read(Window(1, 2, 3, 4))]
    assert read == [(i, float(i)) for i in range(5)]
    assert (alive, most) == ([0], [1])


def test_all_rasters_off_the_grid_are_named_at_once(rasters, write_raster):
    moved = write_raster("moved.tif", np.zeros((6, 8), np.float32), transform=Affine(30, 0, 0, 0, -30, 0))
    small = write_raster("small.tif", np.zeros((5, 8), np.float32))
    other = write_raster("other.tif", np.zeros((6, 8), np.float32), crs="EPSG:32635")
    with pytest.raises(GridMismatchError) as caught:
        Stack([*rasters, str(moved), str(small), str(other)], Silent())
    text = str(caught.value)
    assert "3 of 8 rasters" in text
    assert all(str(path) in text for path in (rasters[0], moved, small, other))
    assert all(words in text for words in ("sizes differ", "CRS differ", "gdalwarp"))


def test_all_files_that_cannot_be_used_are_named_at_once(rasters, tmp_path):
    empty, text = tmp_path / "empty.tif", tmp_path / "text.tif"
    empty.touch()
    text.write_text("no raster")
    with pytest.raises(InputError) as caught:
        Stack([rasters[0], str(empty), str(text), str(tmp_path / "absent.tif")], Silent())
    assert "3 of 4 files" in str(caught.value)
    assert all(name in str(caught.value) for name in ("empty.tif", "text.tif", "absent.tif"))


def test_a_stack_without_any_fault_of_its_own_is_held_against_another_grid(rasters, write_raster):
    coherence = str(write_raster("c.tif", np.zeros((7, 8), np.float32)))
    with Stack(rasters, Silent()) as stack, Stack([coherence], Silent(), name="COHERENCES") as other:
        own, others = (stack.grid, stack.paths[0]), [(other.paths[0], other.grid)]
    with pytest.raises(GridMismatchError, match="COHERENCES: 1 of 2"):
        check_grids(*own, others, "COHERENCES")


def test_files_that_change_meanwhile_are_named(rasters):
    with pytest.raises(InputError, match=r"changed by another program.*3\.tif"), Stack(rasters, Silent()):
        Path(rasters[3]).write_bytes(b"other")


def test_zeros_are_missing_where_asked_for_or_a_product_writes_them(write_raster):
    values = np.zeros((6, 8), np.float32)
    plain, product = str(write_raster("a.tif", values)), str(write_raster("20180331_20180717.geo.unw.tif", values))
    with Stack([plain, product], Silent()) as stack:
        assert [bool(patch.valid.any()) for _, patch in stack.read(Window(0, 0, 6, 8))] == [True, False]
    with Stack([plain, product], Silent(), zero_is_nodata=True) as stack:
        assert [bool(patch.valid.any()) for _, patch in stack.read(Window(0, 0, 6, 8))] == [False, False]


def test_what_the_pixels_mean_is_applied_to_each_file(write_raster):
    path = str(write_raster("c.tif", np.full((6, 8), 255, np.uint8)))
    with Stack([path], Silent()) as stack:
        ((_, patch),) = stack.read(Window(0, 0, 6, 8), lambda source: Coherence(source, Silent()))
    np.testing.assert_allclose(patch.values, 1)


@pytest.mark.parametrize("profile", [{"tiled": True, "blockxsize": 16, "blockysize": 16}, {"blockysize": 2}])
@pytest.mark.parametrize("side", [16, 24, 200])
def test_windows_cover_the_grid_once_and_follow_the_blocks(write_raster, profile, side):
    path = str(write_raster("a.tif", np.zeros((50, 70), np.float32), **profile))
    with Stack([path], Silent()) as stack:
        found = stack.windows(side)
        striped = stack.block_shape[1] == 70
    count = np.zeros((50, 70), int)
    for window in found:
        count[window.slices] += 1
        assert window.pixels <= max(side * side, 70 * 2) * 2
    assert (count == 1).all()
    assert all(window.width == 70 for window in found) == (striped or side >= 70)


def test_nothing_stays_open_when_reading_is_left_early(rasters):
    with Stack(rasters, Silent()) as stack:
        for _ in stack.read(Window(0, 0, 1, 1)):
            break
    gc.collect()
    with rasterio.open(rasters[0], "r+") as again:
        assert again.count == 1

"""Detections as pixels of the raster, and canvases that crops are painted on."""

import numpy as np
from affine import Affine
from fringelens.core.raster.grid import Grid
from fringelens.core.raster.vector import Feature
from fringelens.core.raster.window import Window
from fringelens.core.timeseries.canvas import Canvas
from fringelens.core.timeseries.crops import crops_of
from fringelens.core.timeseries.scratch import Planes

GRID = Grid(None, Affine(10, 0, 1000, 0, -10, 5000), 60, 80)


def box(fid, row, column, height, width):
    """A rectangle along pixel edges."""
    x, y = 1000 + 10 * column, 5000 - 10 * row
    right, below = x + 10 * width, y - 10 * height
    ring = np.array([(x, y), (right, y), (right, below), (x, below), (x, y)], float)
    return Feature(fid, {}, ((ring,),))


def test_a_crop_has_the_pixels_of_its_polygon_and_a_margin():
    (crop,) = crops_of([box(7, 20, 30, 5, 8)], GRID, 6)
    assert crop.fid == 7
    assert crop.window == Window(14, 24, 17, 20)
    assert np.argwhere(crop.inside).min(0).tolist() == [6, 6]
    assert crop.inside.sum() == 40


def test_what_is_around_a_detection_ends_at_its_window():
    (crop,) = crops_of([box(7, 20, 30, 5, 8)], GRID, 6)
    assert crop.around(2) == Window(18, 28, 9, 12)
    assert crop.around(50) == crop.window
    (corner,) = crops_of([box(1, 0, 0, 3, 3)], GRID, 10)
    assert corner.around(4) == Window(0, 0, 7, 7)


def test_margins_end_at_the_raster_and_what_is_outside_is_left_out():
    crops = crops_of([box(1, 0, 0, 3, 3), box(2, 100, 100, 3, 3)], GRID, 10)
    assert [crop.window for crop in crops] == [Window(0, 0, 13, 13)]


def test_a_polygon_smaller_than_a_pixel_has_the_pixel_it_touches():
    (crop,) = crops_of([box(1, 20.1, 30.1, 0.2, 0.2)], GRID, 5)
    assert crop.inside.sum() == 1


def test_other_detections_in_a_crop_are_known():
    first, second = crops_of([box(1, 20, 20, 5, 5), box(2, 20, 28, 5, 5)], GRID, 10)
    assert first.others.sum() == 25
    assert second.others.sum() == 25
    assert not (first.inside & first.others).any()


def test_a_canvas_keeps_what_was_first_and_what_is_the_painters_own():
    canvas = Canvas(1, (4, 6))
    window = Window(0, 0, 4, 4)
    canvas.paint(window, np.ones((1, 4, 4), np.float32), np.zeros((4, 4), bool))
    own = np.zeros((4, 4), bool)
    own[0, 0] = True
    canvas.paint(Window(0, 2, 4, 4), np.full((1, 4, 4), 2, np.float32), own)
    (plane,) = canvas.read(Window(0, 0, 4, 6))
    assert plane[0].tolist() == [1, 1, 2, 1, 2, 2]
    assert plane[1].tolist() == [1, 1, 1, 1, 2, 2]
    assert np.isnan(Canvas(2, (3, 3)).read(Window(0, 0, 3, 3))).all()


def test_planes_on_disk_are_what_was_written_and_zero_elsewhere(rng):
    planes, expected = Planes(3, (20, 30)), np.zeros((3, 20, 30), np.float32)
    for band, window in ((0, Window(2, 3, 5, 7)), (2, Window(0, 0, 20, 30)), (2, Window(10, 20, 10, 10))):
        values = rng.normal(size=(window.height, window.width)).astype(np.float32)
        planes.write(band, window, values)
        expected[(band, *window.slices)] = values
    for band in range(3):
        assert np.array_equal(planes.read(band, Window(1, 2, 18, 27)), expected[band, 1:19, 2:29])

"""Polygons drawn on the map: the mean of what lies in them, as one more curve, and as a reference."""

from __future__ import annotations

import math

import pytest

from .conftest import DAYS, LEFT, PIXEL, RATES, SIDE, TOP, place_of, years


@pytest.fixture
def draw(dock, desktop, layers, wait):
    """Hand a polygon of these corners, in the CRS of the raster, to the dock as the map tool does; wait for it."""
    from fringelens.plugin.series import look
    from qgis.core import QgsGeometry, QgsPointXY

    def polygon(*corners) -> None:
        outline = QgsGeometry.fromPolygonXY([[QgsPointXY(*corner) for corner in corners]])
        outline.transform(look.transform(layers["raster"].crs(), desktop.canvas.mapSettings().destinationCrs()))
        dock.pick_outline(outline)
        wait()

    return polygon


def corner_of(column: float, row: float) -> tuple[float, float]:
    """The upper left corner of a pixel."""
    return LEFT + PIXEL * column, TOP - PIXEL * row


def test_the_mean_is_that_of_the_pixels_whose_middle_lies_inside(dock, draw, desktop, layers):
    desktop.active = layers["raster"]
    draw(corner_of(2, 0), corner_of(8, 0), corner_of(2, 6))  # a triangle: middles with column + row <= 7
    inside = [(column, row) for column in range(2, SIDE) for row in range(SIDE) if column + row + 1 < 8]
    mean = sum(column for column, _ in inside) / len(inside)
    spread = math.sqrt(sum((column - mean) ** 2 for column, _ in inside) / (len(inside) - 1))
    (curve,) = dock.plot.curves
    assert f"({len(inside)} pixels)" in curve.series.name
    assert curve.series.values == pytest.approx([mean * number for number in range(len(DAYS))], abs=1e-4)
    assert curve.series.sigmas == pytest.approx([spread * number for number in range(len(DAYS))], abs=1e-4)


def test_each_polygon_is_one_more_curve_and_none_is_shown_twice(dock, draw, desktop, layers):
    desktop.active = layers["raster"]
    for _ in range(2):
        draw(corner_of(2, 2), corner_of(4, 2), corner_of(4, 4), corner_of(2, 4))
    draw(corner_of(6.2, 2.2), corner_of(6.4, 2.2), corner_of(6.4, 2.4))  # smaller than a pixel: that pixel
    first, second = (curve.series for curve in dock.plot.curves)
    assert first.values[4] == pytest.approx(2.5 * 4)
    assert second.values[4] == pytest.approx(6 * 4)
    draw(corner_of(-9, -9), corner_of(-8, -9), corner_of(-8, -8))
    assert "Nothing to show here" in dock.status.text()


def test_series_of_a_table_and_of_detections_are_averaged_too(dock, draw, desktop, layers):
    corners = [(place_of(1)[0] - 40, place_of(1)[1] + 40), (place_of(2)[0] + 40, place_of(1)[1] + 40)]
    corners += [(place_of(2)[0] + 40, place_of(2)[1] - 40), (place_of(1)[0] - 40, place_of(2)[1] - 40)]
    for name in ("table", "detections"):
        desktop.active = layers[name]
        draw(*corners)
    for curve in dock.plot.curves:
        assert curve.series.name.endswith("(2 series)")
        assert curve.series.values[5] == pytest.approx(0.5 * (RATES[1] + RATES[2]) * years(DAYS[5]))
        assert curve.series.values[2] == pytest.approx(RATES[1] * years(DAYS[2]))  # the second has none there
    assert len(dock.plot.curves) == 2


def test_a_mean_can_be_the_reference(dock, draw, desktop, layers):
    desktop.active = layers["raster"]
    draw(corner_of(2, 2), corner_of(4, 2), corner_of(4, 4), corner_of(2, 4))
    draw(corner_of(6, 2), corner_of(7, 2), corner_of(7, 3), corner_of(6, 3))
    dock.listing.referred.emit(0)
    (curve,) = dock.plot.curves
    assert curve.series.values[4] == pytest.approx((6 - 2.5) * 4)
    dock.unrefer.trigger()
    assert dock.plot.curves[0].series.values[4] == pytest.approx(6 * 4)


def test_areas_are_outlined_on_the_map_in_the_colours_of_their_curves(dock, draw, desktop, layers):
    from qgis.gui import QgsRubberBand

    def outlined() -> list[str]:
        bands = [item for item in desktop.canvas.scene().items() if isinstance(item, QgsRubberBand)]
        return sorted(band.strokeColor().name() for band in bands if band.size())

    desktop.active = layers["raster"]
    dock.show()
    draw(corner_of(2, 2), corner_of(4, 2), corner_of(4, 4), corner_of(2, 4))
    draw(corner_of(6, 2), corner_of(7, 2), corner_of(7, 3), corner_of(6, 3))
    assert outlined() == sorted(curve.colour for curve in dock.plot.curves)
    dock._clear()
    assert outlined() == []


@pytest.fixture
def tool(desktop, qgis_application):
    """The map tool, what it has told, and a mouse."""
    from fringelens.plugin.series.outline import OutlineTool
    from qgis.gui import QgsMapMouseEvent
    from qgis.PyQt.QtCore import QEvent, QPoint, Qt
    from qgis.PyQt.QtGui import QKeyEvent

    made, told = OutlineTool(desktop.canvas), []
    made.drawn.connect(told.append)

    def mouse(x, y, *, button="Left", kind="Release"):
        pressed = getattr(Qt.MouseButton, f"{button}Button")
        name = {"Release": "MouseButtonRelease", "DoubleClick": "MouseButtonDblClick", "Move": "MouseMove"}[kind]
        event = QgsMapMouseEvent(desktop.canvas, getattr(QEvent.Type, name), QPoint(x, y), pressed)
        getattr(made, f"canvas{kind}Event")(event)

    def key(name):
        pressed = getattr(Qt.Key, f"Key_{name}")
        made.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, pressed, Qt.KeyboardModifier.NoModifier))

    return made, told, mouse, key


def test_corners_are_set_taken_back_and_ended_with_the_right_button(tool, desktop):
    _, told, mouse, key = tool
    for x, y in ((10, 10), (60, 10), (60, 60), (200, 200)):
        mouse(x, y)
        mouse(x + 5, y, kind="Move")
    key("Backspace")
    mouse(0, 0, button="Right")
    (polygon,) = told
    assert len(polygon.asPolygon()[0]) == 4  # three corners, closed
    side = 50 * desktop.canvas.mapUnitsPerPixel()
    assert polygon.area() == pytest.approx(side**2 / 2)


def test_a_double_click_ends_and_what_is_no_area_is_not_told(tool, desktop):
    _, told, mouse, key = tool
    for x, y in ((10, 10), (60, 10)):
        mouse(x, y)
    mouse(0, 0, button="Right")
    for x, y in ((10, 10), (60, 10), (60, 60)):
        mouse(x, y)
    key("Escape")
    mouse(0, 0, button="Right")
    assert told == []
    for x, y in ((10, 10), (60, 10), (60, 60)):
        mouse(x, y)
    mouse(60, 60, kind="DoubleClick")
    mouse(60, 60)  # the second release of a double-click
    assert len(told) == 1
    mouse(0, 0, button="Right")
    assert len(told) == 1


def test_a_polygon_that_crosses_itself_is_made_whole(tool, desktop):
    _, told, mouse, _ = tool
    for x, y in ((10, 10), (60, 60), (60, 10), (10, 60)):
        mouse(x, y)
    mouse(0, 0, button="Right")
    (polygon,) = told
    assert polygon.isGeosValid()
    side = 50 * desktop.canvas.mapUnitsPerPixel()
    assert polygon.area() == pytest.approx(side**2 / 2)  # both halves of the bow tie

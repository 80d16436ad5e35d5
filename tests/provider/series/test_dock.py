"""The dock: clicks become curves, in the background; comparing, referring, exporting."""

from __future__ import annotations

import csv

import pytest

from .conftest import DAYS, RATES, place_of


@pytest.fixture
def pick(dock, desktop, layers, wait):
    """Click a place of the raster's CRS on the map, and wait for what it shows."""
    from fringelens.plugin.series import look
    from qgis.core import QgsRectangle

    def click(x, y, *, adds=False, reach=5.0, is_click=True, is_reference=False):
        there = look.transform(layers["raster"].crs(), desktop.canvas.mapSettings().destinationCrs())
        area = there.transformBoundingBox(QgsRectangle(x - reach, y - reach, x + reach, y + reach))
        if is_reference:
            dock.pick_reference(area, is_click=is_click)
        else:
            dock.pick(area, is_click=is_click, adds=adds)
        wait()

    return click


def names(dock) -> list[str]:
    return [curve.series.name for curve in dock.plot.curves]


def test_a_click_shows_a_series_and_the_next_takes_its_place(dock, pick, desktop, layers):
    desktop.active = layers["table"]
    pick(*place_of(1))
    assert names(dock) == ["series 1"]
    assert dock.plot.curves[0].trend.velocity == pytest.approx(RATES[1])
    pick(*place_of(2))
    assert names(dock) == ["series 2"]


def test_the_fastest_pixel_of_a_detection_is_shown_where_asked_for(dock, pick, desktop, layers):
    desktop.active = layers["table"]
    pick(*place_of(1), adds=True)
    dock.options.set("fastest", True)
    pick(*place_of(1), adds=True)
    assert names(dock) == ["series 1", "series 1 (fastest)"]
    assert dock.plot.curves[1].trend.velocity == pytest.approx(2 * RATES[1])
    assert "−60.0" in dock.plot.curves[1].series.note


def test_with_ctrl_and_with_a_rectangle_series_are_added_each_once(dock, pick, desktop, layers):
    desktop.active = layers["detections"]
    pick(*place_of(1), adds=True)
    pick(*place_of(1), adds=True)
    pick(*place_of(2), reach=500.0, is_click=False)
    assert sorted(names(dock)) == ["series 1", "series 2", "series 3"]
    assert len({curve.colour for curve in dock.plot.curves}) == 3
    pick(*place_of(3))  # those that were added are kept
    assert len(names(dock)) == 3


def test_nothing_here_is_said(dock, pick):
    pick(400_000.0, 2_000_000.0)
    assert "Nothing to show here" in dock.status.text()
    pick(500_010.0, 2_159_990.0)  # a pixel without data
    assert "no displacement at this place" in dock.status.text()


def test_a_reference_is_taken_off_until_it_is_dropped_or_its_layer_goes(dock, pick, desktop, layers, project):
    desktop.active = layers["table"]
    pick(*place_of(1), adds=True)
    pick(*place_of(3), is_reference=True)
    assert names(dock) == ["series 1 − series 3"]
    assert dock.plot.curves[0].trend.velocity == pytest.approx(RATES[1] - RATES[3])
    assert dock.unrefer.isEnabled()
    dock.unrefer.trigger()
    assert names(dock) == ["series 1"]
    pick(*place_of(3), is_reference=True)
    desktop.active = None
    project.removeMapLayer(layers["table"].id())
    assert names(dock) == ["series 1"]


def test_what_is_selected_is_added(dock, pick, desktop, layers, wait):
    dock.add_selected()
    assert "Select" in dock.status.text()
    desktop.active = layers["detections"]
    layers["detections"].selectByIds([2, 3])
    dock.add_selected()
    wait()
    assert names(dock) == ["series 2", "series 3"]


def test_the_list_hides_renames_and_removes(dock, pick, desktop, layers):
    from qgis.PyQt.QtCore import Qt

    desktop.active = layers["table"]
    for number in RATES:
        pick(*place_of(number), adds=True)
    dock.listing.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert names(dock) == ["series 2", "series 3"]
    dock.listing.item(1).setText("the fast one")
    assert names(dock) == ["the fast one", "series 3"]
    dock.listing.item(1).setSelected(True)
    dock.listing.remove_selected()
    assert names(dock) == ["series 3"]
    assert dock.listing.count() == 2


def test_options_are_kept_for_the_next_time(dock, desktop, settings):
    from fringelens.plugin.series import fit
    from fringelens.plugin.series.dock import SeriesDock

    dock.model.setCurrentText(fit.ANNUAL)
    dock.residuals.setChecked(True)
    again = SeriesDock(desktop)
    assert again.options.view.model == again.model.currentText() == fit.ANNUAL
    assert again.residuals.isChecked()
    again.close_down()


def test_the_table_and_the_picture_are_written(dock, pick, desktop, layers, tmp_path):
    from qgis.PyQt.QtGui import QImage

    desktop.active = layers["table"]
    pick(*place_of(1), adds=True)
    pick(*place_of(3), adds=True)
    assert dock.export(str(tmp_path / "out.csv"))
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert len(rows) == 2 * len(DAYS)
    assert float(rows[0]["velocity_per_yr"]) == pytest.approx(RATES[1], abs=1e-3)
    assert dock.export(str(tmp_path / "out.png"))
    image = QImage(str(tmp_path / "out.png"))
    assert image.width() >= 1800
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert {curve.colour for curve in dock.plot.curves} <= colours
    assert not dock.export(str(tmp_path / "missing" / "out.csv"))
    assert "could not be written" in dock.status.text()


def test_the_mouse_reads_out_the_nearest_value(dock, pick, desktop, layers):
    from qgis.PyQt.QtCore import QPointF

    desktop.active = layers["table"]
    pick(*place_of(1), adds=True)
    dock.options.set("residuals", True)
    dock.plot.resize(900, 500)
    curve = dock.plot.curves[0]
    place = dock.plot.plot().main.point(DAYS[4].toordinal(), curve.series.values[4])
    reading = dock.plot.nearest(place + QPointF(3, 3))
    assert reading.index == 4
    text = "\n".join(reading.text())
    assert DAYS[4].isoformat() in text
    assert f"−{abs(curve.series.values[4]):.1f} ± 0.4 mm" in text
    assert "residual +0.0" in text or "residual −0.0" in text
    assert dock.plot.nearest(QPointF(-500, -500)) is None
    dock.plot.grab()  # draws without a complaint


def test_zoom_stays_until_everything_is_asked_for(dock, pick, desktop, layers):
    from qgis.PyQt.QtCore import QPoint, QPointF, Qt
    from qgis.PyQt.QtGui import QWheelEvent

    desktop.active = layers["table"]
    pick(*place_of(1), adds=True)
    dock.plot.resize(900, 500)
    before = dock.plot.days
    middle = QPointF(450, 250)
    none = Qt.MouseButton.NoButton
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
        wheel = QWheelEvent(
            middle, middle, QPoint(), QPoint(0, 120), none, modifier, Qt.ScrollPhase.NoScrollPhase, False
        )
        dock.plot.wheelEvent(wheel)
    assert dock.plot.days[1] - dock.plot.days[0] == pytest.approx((before[1] - before[0]) / 1.2)
    zoomed = dock.plot.days
    pick(*place_of(2), adds=True)
    assert dock.plot.days == zoomed
    dock.plot.mouseDoubleClickEvent(None)
    assert dock.plot.days == before


def test_a_reader_that_fails_is_told_and_harms_nothing(dock, pick, wait):
    class Broken:
        name, identity = "broken", ("a", "b")

        def read(self):
            message = "the disk is gone"
            raise OSError(message)

    dock.show_queries([Broken()], adds=True, place=None)
    wait()
    assert "broken: the disk is gone" in dock.status.text()


def test_marks_are_on_the_map_where_the_series_are(dock, pick, desktop, layers):
    from qgis.gui import QgsVertexMarker

    desktop.active = layers["table"]
    dock.show()
    pick(*place_of(1), adds=True)
    pick(*place_of(3), is_reference=True)
    marks = [item for item in desktop.canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    assert len(marks) == 2
    dock.close_down()
    assert not [item for item in desktop.canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    from qgis.core import QgsProject

    QgsProject.instance().layersWillBeRemoved.connect(dock._forget_layers)  # the fixture closes it down again
    desktop.canvas.destinationCrsChanged.connect(dock._mark)


def test_a_task_that_is_forgotten_tells_nobody(qgis_application):
    from fringelens.plugin.series import reading

    class Quick:
        name, identity = "quick", ("a", "b")

        def read(self):
            return []

    heard = []
    task = reading.ReadTask([Quick()], lambda *answer: heard.append(answer))
    assert task.run()
    task.forget()
    task.finished(True)
    assert heard == []

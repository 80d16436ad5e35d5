"""Small products as displacementseries writes them, layers of them, and a desktop that is only a map."""

from __future__ import annotations

import math
import time
from array import array
from datetime import date, timedelta

import pytest

pytest.importorskip("qgis.core")

DAYS = [date(2018, 1, 6) + timedelta(days=12 * i) for i in range(20)]
SIDE, PIXEL, LEFT, TOP = 12, 30, 500_000, 2_160_000
RATES = {1: -30.0, 2: -12.0, 3: 4.0}  # mm/yr of the detections


def years(day: date) -> float:
    return (day - DAYS[0]).days / 365.25


def place_of(number: int) -> tuple[float, float]:
    """The middle of a detection."""
    return LEFT + 100.0 * number, TOP - 100.0 * number


@pytest.fixture
def crs():
    from osgeo import osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32614)
    return reference


@pytest.fixture
def raster(tmp_path, crs):
    """Displacement with a band for each date: column times date number in mm; column 0 has no data."""
    from osgeo import gdal

    path = tmp_path / "displacement.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, len(DAYS), gdal.GDT_Float32)
    made.SetGeoTransform((LEFT, PIXEL, 0, TOP, 0, -PIXEL))
    made.SetProjection(crs.ExportToWkt())
    for number, day in enumerate(DAYS):
        band = made.GetRasterBand(number + 1)
        row = [math.nan] + [float(column * number) for column in range(1, SIDE)]
        band.WriteRaster(0, 0, SIDE, SIDE, array("f", row * SIDE).tobytes())
        band.SetDescription(day.isoformat())
        band.SetNoDataValue(math.nan)
        band.SetUnitType("mm")
    made.FlushCache()
    return path


@pytest.fixture
def table(tmp_path, crs):
    """The table of three detections; the second has no value on the third date."""
    from osgeo import ogr

    path = tmp_path / "series.gpkg"
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = source.CreateLayer("series", crs, ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("id", ogr.OFTInteger))
    layer.CreateField(ogr.FieldDefn("date", ogr.OFTDate))
    for name in ("displacement_mm", "std_mm", "velocity_mm_yr", "velocity_std_mm_yr", "peak_mm", "peak_velocity_mm_yr"):
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal))
    for number, rate in RATES.items():
        for i, day in enumerate(DAYS):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature["id"], feature["date"] = number, day.isoformat()
            if (number, i) != (2, 2):
                feature["displacement_mm"], feature["std_mm"] = rate * years(day), 0.1 * i
            feature["velocity_mm_yr"], feature["velocity_std_mm_yr"] = rate, 0.5
            feature["peak_mm"], feature["peak_velocity_mm_yr"] = 2 * rate * years(day), 2 * rate
            feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT ({} {})".format(*place_of(number))))
            layer.CreateFeature(feature)
    return path


@pytest.fixture
def detections(tmp_path, crs):
    """Squares of 60 m around the middles, whose feature numbers are those of the table."""
    from osgeo import ogr

    path = tmp_path / "detections.gpkg"
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = source.CreateLayer("detections", crs, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("score", ogr.OFTReal))
    for number in RATES:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetFID(number)
        feature["score"] = 0.5 + 0.1 * number
        x, y = place_of(number)
        ring = ", ".join(f"{x + dx} {y + dy}" for dx, dy in ((-30, -30), (30, -30), (30, 30), (-30, 30), (-30, -30)))
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
        layer.CreateFeature(feature)
    return path


@pytest.fixture
def project(qgis_application):
    """The project of QGIS, empty before and after."""
    from qgis.core import QgsProject

    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture
def layers(project, raster, table, detections):
    """The three as layers of the project, by name."""
    from qgis.core import QgsRasterLayer, QgsVectorLayer

    made = {
        "raster": QgsRasterLayer(str(raster), "displacement"),
        "table": QgsVectorLayer(f"{table}|layername=series", "series", "ogr"),
        "detections": QgsVectorLayer(str(detections), "detections", "ogr"),
    }
    project.addMapLayers(list(made.values()))
    return made


class Desktop:
    """What the plugin asks of QGIS's window."""

    def __init__(self) -> None:
        from qgis.gui import QgsMapCanvas
        from qgis.PyQt.QtWidgets import QMainWindow

        self.window, self.canvas, self.active = QMainWindow(), QgsMapCanvas(), None
        self.window.setCentralWidget(self.canvas)

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def activeLayer(self):
        return self.active


@pytest.fixture
def desktop(layers):
    """A map of the layers, in degrees, so that every click is transformed."""
    from qgis.core import QgsCoordinateReferenceSystem

    made = Desktop()
    made.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    made.canvas.setLayers(list(layers.values()))
    yield made
    made.window.deleteLater()


@pytest.fixture
def dock(settings, desktop):
    """The dock over that desktop."""
    from fringelens.plugin.series.dock import SeriesDock

    made = SeriesDock(desktop)
    yield made
    made.close_down()
    made.deleteLater()


@pytest.fixture
def wait(qgis_application):
    """Let events pass until nothing is read in the background."""
    from fringelens.plugin.series import reading

    def until_read() -> None:
        deadline = time.monotonic() + 30.0
        while reading._RUNNING:
            qgis_application.processEvents()
            assert time.monotonic() < deadline

    return until_read

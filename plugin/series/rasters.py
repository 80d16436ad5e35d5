"""Reads series from rasters with a band for each date. Needs qgis.core, no window."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, List, Tuple

from osgeo import gdal
from qgis.core import QgsGeometry, QgsPoint, QgsPointXY, QgsRaster, QgsRasterLayer, QgsRectangle

from .model import TOWARD, Row, Series, average, date_in, made

FEWEST_DATES = 2
MOST_SAMPLES = 60  # columns and rows that are read of an area; larger ones are thinned out
ROUNDING = 1e-6  # of a pixel
UNITS = {"metre": "m", "metres": "m", "meter": "m", "meters": "m", "millimetre": "mm", "radians": "rad"}
SIGMA_WORDS = re.compile(r"std|sigma|uncertainty", re.IGNORECASE)

Bands = Tuple[Tuple[int, date], ...]


def bands_of(layer: QgsRasterLayer) -> Bands:
    """The bands that hold displacement, each with its date; none where the layer is no series."""
    provider = layer.dataProvider()
    if provider is None or not layer.isValid() or layer.bandCount() < FEWEST_DATES:
        return ()
    found = []
    for band in range(1, layer.bandCount() + 1):
        text = provider.generateBandName(band)
        day = date_in(text.partition(":")[2] or text)
        if day is not None and not SIGMA_WORDS.search(text):
            found.append((band, day))
    return tuple(found) if len(found) >= FEWEST_DATES else ()


def sigma_bands_of(layer: QgsRasterLayer) -> Bands:
    """The bands of the same raster that hold standard deviations, each with its date."""
    provider = layer.dataProvider()
    texts = [(band, provider.generateBandName(band)) for band in range(1, layer.bandCount() + 1)]
    return tuple((b, day) for b, text in texts if SIGMA_WORDS.search(text) for day in [date_in(text)] if day)


def unit_of(layer: QgsRasterLayer) -> str:
    """The unit of a raster's values as its file says; millimetres where it does not."""
    raster = gdal.Open(layer.source()) if layer.providerType() == "gdal" else None
    unit = raster.GetRasterBand(1).GetUnitType() if raster is not None else ""
    return UNITS.get(unit.lower(), unit) or "mm"


class _Query:
    """What reading a pixel and reading a rectangle share; made in the main thread, read in any."""

    def __init__(self, layer: QgsRasterLayer, name: str, companions: Tuple[Any, ...]) -> None:
        self.name, self.layer_id = name, layer.id()
        self._provider = layer.dataProvider().clone()
        self._bands, self._sigma_bands = bands_of(layer), {d: b for b, d in sigma_bands_of(layer)}
        self._unit = unit_of(layer)
        self._companions = [(said, one.dataProvider().clone()) for said, one in companions]

    def _series(self, rows: List[Row], name: str, note: str = "") -> Series:
        return made(name, rows, self._unit, TOWARD, note)


class PixelQuery(_Query):
    """Reads the series of one pixel; `point` is in the CRS of the layer."""

    def __init__(self, layer: QgsRasterLayer, point: QgsPointXY, companions: Tuple[Any, ...] = ()) -> None:
        """`companions` are (what they hold, layer) on the same ground, such as velocity and its deviation."""
        column, row = _pixel(layer, point)
        super().__init__(layer, f"{layer.name()} {column}, {row}", companions)
        self.identity = (layer.id(), f"{column},{row}")
        self._point = point

    def read(self) -> List[Series]:
        """The series; none where the pixel has no data."""
        found = _identify(self._provider, self._point)
        rows = []
        for band, day in self._bands:
            sigma = found.get(self._sigma_bands.get(day, 0), math.nan)
            rows.append((day, found.get(band, math.nan), sigma))
        notes = []
        for said, provider in self._companions:
            value = _identify(provider, self._point).get(1, math.nan)
            if math.isfinite(value):
                notes.append(f"{said} {value:.1f}".replace("-", "−"))
        series = self._series(rows, self.name, ", ".join(notes))
        return [series] if series.values else []


class AreaQuery(_Query):
    """Reads the mean of the pixels whose middle lies in an area, and how far they differ."""

    def __init__(self, layer: QgsRasterLayer, area: QgsGeometry) -> None:
        """`area` is in the CRS of the layer; pixels are thinned out beyond `MOST_SAMPLES` in a row or column."""
        self._area = area.intersection(QgsGeometry.fromRect(layer.extent()))
        self._within = _whole_pixels(layer, self._area.boundingBox())
        column, row = _pixel(layer, self._within.center())
        super().__init__(layer, f"{layer.name()} around {column}, {row}", ())
        self.identity = (layer.id(), area.asWkt(3))
        self._columns = _samples(self._within.width(), layer.rasterUnitsPerPixelX())
        self._rows = _samples(self._within.height(), layer.rasterUnitsPerPixelY())

    def read(self) -> List[Series]:
        """The mean as one series, whose deviations are those among the pixels; none where no pixel has data."""
        cells = self._cells()
        pixels: List[List[Row]] = [[] for _ in cells]
        for band, day in self._bands:
            block = self._provider.block(band, self._within, self._columns, self._rows)
            for rows, (row, column) in zip(pixels, cells):
                if not block.isNoData(row, column):
                    rows.append((day, block.value(row, column), math.nan))
        several = [s for s in (self._series(rows, "") for rows in pixels) if s.values]
        if not several:
            return []
        name = f"{self.name} ({len(several)} pixels)"
        return [average(name, several)]

    def _cells(self) -> List[Tuple[int, int]]:
        """Rows and columns of the samples inside; of an area between the middles of pixels, the one that holds it."""
        wide, high = self._within.width() / self._columns, self._within.height() / self._rows
        engine = QgsGeometry.createGeometryEngine(self._area.constGet())
        engine.prepareGeometry()
        found = []
        for row in range(self._rows):
            y = self._within.yMaximum() - (row + 0.5) * high
            for column in range(self._columns):
                if engine.intersects(QgsPoint(self._within.xMinimum() + (column + 0.5) * wide, y)):
                    found.append((row, column))
        if found:
            return found
        inner = self._area.pointOnSurface().asPoint()
        row, column = (self._within.yMaximum() - inner.y()) / high, (inner.x() - self._within.xMinimum()) / wide
        return [(min(max(int(row), 0), self._rows - 1), min(max(int(column), 0), self._columns - 1))]


def _identify(provider: Any, point: QgsPointXY) -> Any:
    """Band numbers and their values at a point; no data is left out."""
    answer = provider.identify(point, QgsRaster.IdentifyFormat.IdentifyFormatValue)
    found = {}
    for band, value in (answer.results() if answer.isValid() else {}).items():
        try:
            found[int(band)] = float(value)
        except (TypeError, ValueError):  # NULL: no data
            continue
    return found


def _pixel(layer: QgsRasterLayer, point: QgsPointXY) -> Tuple[int, int]:
    extent = layer.extent()
    column = math.floor((point.x() - extent.xMinimum()) / layer.rasterUnitsPerPixelX())
    row = math.floor((extent.yMaximum() - point.y()) / layer.rasterUnitsPerPixelY())
    return column, row


def _whole_pixels(layer: QgsRasterLayer, area: QgsRectangle) -> QgsRectangle:
    """A rectangle widened to the edges of pixels, within the raster."""
    extent, wide, high = layer.extent(), layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
    left, right = ((edge - extent.xMinimum()) / wide for edge in (area.xMinimum(), area.xMaximum()))
    top, bottom = ((extent.yMaximum() - edge) / high for edge in (area.yMaximum(), area.yMinimum()))
    # Edges that miss a whole pixel by rounding do not take in one more.
    first, last = math.floor(left + ROUNDING), max(math.ceil(right - ROUNDING), math.floor(left + ROUNDING) + 1)
    upper, lower = math.floor(top + ROUNDING), max(math.ceil(bottom - ROUNDING), math.floor(top + ROUNDING) + 1)
    return QgsRectangle(
        extent.xMinimum() + first * wide,
        extent.yMaximum() - lower * high,
        extent.xMinimum() + last * wide,
        extent.yMaximum() - upper * high,
    )


def _samples(length: float, pixel: float) -> int:
    return min(max(round(length / pixel), 1), MOST_SAMPLES)

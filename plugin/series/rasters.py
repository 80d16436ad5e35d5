"""Reads series from rasters with a band for each date. Needs qgis.core, no window."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, List, Tuple

from osgeo import gdal
from qgis.core import QgsPointXY, QgsRaster, QgsRasterLayer, QgsRectangle

from .model import TOWARD, Row, Series, average, date_in, made

FEWEST_DATES = 2
MOST_SAMPLES = 40  # columns and rows that are read of a rectangle; larger ones are thinned out
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
    """Reads the mean of the pixels in a rectangle, and how far they differ; `area` is in the CRS of the layer."""

    def __init__(self, layer: QgsRasterLayer, area: QgsRectangle) -> None:
        """Pixels are thinned out where there are more than `MOST_SAMPLES` in a row or column."""
        self._area = area.intersect(layer.extent())
        column, row = _pixel(layer, self._area.center())
        super().__init__(layer, f"{layer.name()} around {column}, {row}", ())
        self.identity = (layer.id(), self._area.toString(3))
        self._columns = _samples(self._area.width(), layer.rasterUnitsPerPixelX())
        self._rows = _samples(self._area.height(), layer.rasterUnitsPerPixelY())

    def read(self) -> List[Series]:
        """The mean as one series, whose deviations are those among the pixels."""
        cells = self._columns * self._rows
        pixels: List[List[Row]] = [[] for _ in range(cells)]
        for band, day in self._bands:
            block = self._provider.block(band, self._area, self._columns, self._rows)
            for i in range(cells):
                if not block.isNoData(i // self._columns, i % self._columns):
                    pixels[i].append((day, block.value(i // self._columns, i % self._columns), math.nan))
        several = [s for s in (self._series(rows, "") for rows in pixels) if s.values]
        if not several:
            return []
        name = f"{self.name} ({len(several)} pixels)"
        return [average(name, several)]


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


def _samples(length: float, pixel: float) -> int:
    return min(max(round(length / pixel), 1), MOST_SAMPLES)

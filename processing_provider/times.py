"""Sets the dates of a raster with a band for each date, so that QGIS's temporal controller plays it (QGIS 3.38 on)."""

from __future__ import annotations

import re
from datetime import date
from typing import Dict, List

from qgis.core import Qgis, QgsDateTimeRange, QgsRasterLayer
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")


def dates_of(layer: QgsRasterLayer) -> List[date]:
    """The dates that the names of its bands end in; none unless every band has one."""
    provider = layer.dataProvider()
    found = [_DATE.search(provider.generateBandName(band)) for band in range(1, layer.bandCount() + 1)]
    return [date(*(int(part) for part in match.groups())) for match in found if match] if all(found) else []


def ranges(dates: List[date]) -> Dict[int, QgsDateTimeRange]:
    """When each band is shown: from its date until the next one; the last as long as the one before it."""
    if len(dates) < 2:
        return {}
    ends = [*dates[1:], dates[-1] + (dates[-1] - dates[-2])]
    pairs = enumerate(zip(dates, ends), start=1)
    return {band: QgsDateTimeRange(_midnight(begin), _midnight(end), True, False) for band, (begin, end) in pairs}


def play(layer: QgsRasterLayer) -> None:
    """Let the temporal controller show a band at its time; older QGIS cannot, and the layer stays as it is."""
    mode = getattr(getattr(Qgis, "RasterTemporalMode", None), "FixedRangePerBand", None)
    by_band = ranges(dates_of(layer)) if mode is not None else {}
    if by_band:
        times = layer.temporalProperties()
        times.setMode(mode)
        times.setFixedRangePerBand(by_band)
        times.setIsActive(True)


def _midnight(day: date) -> QDateTime:
    return QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0))

"""Finds the series in a table: one row for each date, or one column for each date. Needs qgis.core, no window."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from qgis.core import (
    QgsExpression,
    QgsFeatureRequest,
    QgsGeometry,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt.QtCore import QDate, QDateTime

from .model import TOWARD, Series, average, date_in, made

# What the columns are called, in small letters, by us and by others; the first that is there counts.
IDS = ("id", "detection", "detection_id", "point", "point_id", "pid", "code", "ps_id")
DATES = ("date", "datetime", "time", "epoch", "acquisition")
VALUES = ("displacement_mm", "displacement", "disp_mm", "disp", "los_mm", "value")
SIGMAS = ("std_mm", "stddev_mm", "std", "stddev", "sigma_mm", "sigma", "uncertainty")
VELOCITIES = ("velocity_mm_yr", "velocity", "vel", "mean_velocity", "rate_mm_yr")
VELOCITY_SIGMAS = ("velocity_std_mm_yr", "velocity_std", "vel_std", "v_stdev", "mean_velocity_std", "rate_std_mm_yr")
FASTEST, FASTEST_VELOCITY = "peak_mm", "peak_velocity_mm_yr"  # of the fastest pixel of a detection
FEWEST_DATES = 3  # columns with a date in their name that make a table of series


class Columns(NamedTuple):
    """Where in a layer the series are; `dates` is one column, or with `days` one for each date."""

    id: str
    dates: str
    value: str
    sigma: str
    velocity: str
    velocity_std: str
    days: Tuple[Tuple[str, date], ...] = ()
    piece: str = ""
    fastest: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether there is a column for each date, and so a row for each series."""
        return bool(self.days)


def columns_of(layer: QgsVectorLayer) -> Optional[Columns]:
    """The columns of a layer that holds series; None where it does not."""
    names = [field.name() for field in layer.fields()]
    velocity, velocity_std = _first(names, VELOCITIES), _first(names, VELOCITY_SIGMAS)
    dates, value = _first(names, DATES), _first(names, VALUES)
    if dates and value:
        sigma, piece = _first(names, SIGMAS), _first(names, ("piece",))
        fastest = FASTEST if {FASTEST, FASTEST_VELOCITY} <= set(names) else ""
        return Columns(_first(names, IDS), dates, value, sigma, velocity, velocity_std, (), piece, fastest)
    days = tuple((name, day) for name in names for day in [_day_of_column(name)] if day)
    if len(days) >= FEWEST_DATES:
        return Columns(_first(names, IDS), "", "", "", velocity, velocity_std, days)
    return None


class TableQuery:
    """Reads one series of a layer; made in the main thread, read in any."""

    def __init__(self, layer: QgsVectorLayer, columns: Columns, key: Any) -> None:
        """`key` is the value of the id column, or the feature's number where a row holds a series or no id is there."""
        self.name = series_name(layer, columns, key)
        self.layer_id = layer.id()
        self.identity: Tuple[str, ...] = (layer.id(), str(key))
        self._columns, self._source = columns, QgsVectorLayerFeatureSource(layer)
        self._unit = unit_of(columns.value)
        self._request = QgsFeatureRequest()
        self._request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        if columns.is_wide:
            self._request.setFilterFid(int(key))
        elif columns.id:
            self._request.setFilterExpression(QgsExpression.createFieldEqualityExpression(columns.id, key))

    def take_fastest(self) -> None:
        """Read the fastest pixel of a detection and not its mean, where the table has that."""
        columns = self._columns
        if columns.fastest:
            self.name, self.identity = f"{self.name} (fastest)", (*self.identity, FASTEST)
            velocity = columns.velocity and FASTEST_VELOCITY
            self._columns = columns._replace(value=columns.fastest, sigma="", velocity=velocity, velocity_std="")

    def read(self) -> List[Series]:
        """The series; none where the rows have no value."""
        rows, note = [], ""
        pieces = set()
        for feature in self._source.getFeatures(self._request):
            note = note or self._about(feature)
            rows += list(self._rows(feature))
            pieces.add(feature[self._columns.piece] if self._columns.piece else 0)
        if len(pieces) > 1:
            parts = f"{len(pieces)} pieces of a network that is not connected, whose levels are a guess"
            note = f"{note}; {parts}" if note else parts
        series = made(self.name, rows, self._unit, TOWARD if not self._columns.is_wide else "Displacement", note)
        return [series] if series.values else []

    def _rows(self, feature: Any) -> Iterator[Tuple[date, float, float]]:
        columns = self._columns
        for name, day in columns.days:
            yield day, _number(feature[name]), math.nan
        day = None if columns.is_wide else _day(feature[columns.dates])
        if day is not None:
            yield day, _number(feature[columns.value]), _number(feature[columns.sigma]) if columns.sigma else math.nan

    def _about(self, feature: Any) -> str:
        velocity = _number(feature[self._columns.velocity]) if self._columns.velocity else math.nan
        if not math.isfinite(velocity):
            return ""
        sigma = _number(feature[self._columns.velocity_std]) if self._columns.velocity_std else math.nan
        text = f"{velocity:+.1f}" + (f" ± {sigma:.1f}" if math.isfinite(sigma) else "")
        return f"in the table: {text} mm/yr".replace("-", "−")


class TableAreaQuery(TableQuery):
    """Reads the mean of the series whose features touch an area, in one pass over the table."""

    def __init__(self, layer: QgsVectorLayer, columns: Columns, area: QgsGeometry) -> None:
        """`area` is in the CRS of the layer."""
        super().__init__(layer, columns, 0)
        self.name, self.identity = f"{layer.name()}, area", (layer.id(), area.asWkt(3))
        self._area = area
        self._request = QgsFeatureRequest().setFilterRect(area.boundingBox())

    def read(self) -> List[Series]:
        """The mean as one series, whose deviations are those among the series."""
        columns, by_key = self._columns, {}
        engine = QgsGeometry.createGeometryEngine(self._area.constGet())
        engine.prepareGeometry()
        for feature in self._source.getFeatures(self._request):
            if engine.intersects(feature.geometry().constGet()):
                key = feature.id() if columns.is_wide else feature[columns.id] if columns.id else 0
                by_key.setdefault(key, []).extend(self._rows(feature))
        quantity = "Displacement" if columns.is_wide else TOWARD
        several = [s for s in (made("", rows, self._unit, quantity) for rows in by_key.values()) if s.values]
        return [average(f"{self.name} ({len(several)} series)", several)] if several else []


def series_name(layer: QgsVectorLayer, columns: Columns, key: Any) -> str:
    """What a series is called: its layer and its number."""
    return f"{layer.name()} {key}" if columns.is_wide or columns.id else str(layer.name())


def keys_of(layer: QgsVectorLayer, columns: Columns, request: QgsFeatureRequest, most: int) -> List[Any]:
    """The keys of the series that the features of a request belong to, each once, in order; at most so many."""
    keys: List[Any] = []
    for feature in layer.getFeatures(request):
        key = feature.id() if columns.is_wide or not columns.id else feature[columns.id]
        if key not in keys:
            keys.append(key)
        if len(keys) >= most:
            break
    return keys


def has_key(layer: QgsVectorLayer, columns: Columns, key: Any, area: QgsRectangle) -> bool:
    """Whether a table has rows of this id, in `area` where its rows have a place."""
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setLimit(1)
    request.setFilterExpression(QgsExpression.createFieldEqualityExpression(columns.id, key))
    if layer.isSpatial():
        request.setFilterRect(area)
    return any(True for _ in layer.getFeatures(request))


def unit_of(column: str) -> str:
    """The unit of a column of values by its name; millimetres where it does not say."""
    ending = column.lower().rpartition("_")[2]
    return ending if ending in ("mm", "cm", "m", "rad") else "mm"


def _first(names: Sequence[str], wanted: Sequence[str]) -> str:
    by_small = {name.lower(): name for name in reversed(names)}
    return next((by_small[w] for w in wanted if w in by_small), "")


def _day_of_column(name: str) -> Optional[date]:
    """The date of D20190131, D_20190131 or 20190131 (EGMS); not of a name that only mentions one."""
    bare = name[1:].lstrip("_") if name[:1] in ("D", "d") else name
    return date_in(bare) if len(bare) == 8 and bare.isdigit() else None


def _day(value: Any) -> Optional[date]:
    if isinstance(value, QDateTime):
        value = value.date()
    if isinstance(value, QDate):
        return date(value.year(), value.month(), value.day()) if value.isValid() else None
    return date_in(str(value))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):  # NULL, or a text that is no number
        return math.nan

"""Rows of a table of series: one for each place and date, the place being a pixel or all pixels of a detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..raster.vector import Field
from .motion import Motion
from .network import NOT_SEEN, Network

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Int = NDArray[np.int64]

SURE = 2.0  # standard deviations that are taken off a speed before the fastest pixel is chosen

MEANINGS = {
    "id": "number of the detection (its fid), or of the point",
    "date": "acquisition",
    "displacement_mm": "mm toward the satellite since the first date: mean of the detection's pixels",
    "std_mm": "mm: standard deviation of the displacement against the first date, of a single pixel",
    "trend_mm": "mm: the fitted straight line at this date",
    "velocity_mm_yr": "mm per year toward the satellite",
    "velocity_std_mm_yr": "mm per year: standard deviation of the velocity, of a single pixel",
    "peak_mm": "mm: displacement of the fastest pixel",
    "peak_velocity_mm_yr": "mm per year: velocity of the fastest pixel",
    "pixels": "pixels that the series is the mean of",
    "piece": "connected piece of the network that the date is in; the level between pieces is a guess",
    "interferograms": "interferograms of this date",
    "x": "easting or longitude, in the CRS of the layer",
    "y": "northing or latitude, in the CRS of the layer",
}


@dataclass
class Place:
    """One series; all per date but the numbers."""

    number: int
    row: int
    column: int
    pixels: int
    series: Double
    std: Double
    line: Double
    velocity: float
    velocity_std: float
    peak: Double
    peak_velocity: float
    pieces: Int
    degrees: Int


def place_of_pixel(number: int, row: int, column: int, found: Motion, pixel: int) -> Place:
    """The series of one pixel."""
    velocity, series = float(found.velocity[pixel]), found.series[:, pixel]
    return Place(
        number,
        row,
        column,
        1,
        series,
        found.std[:, pixel],
        found.line[:, pixel],
        velocity,
        float(found.velocity_std[pixel]),
        series,
        velocity,
        found.pieces[:, pixel],
        found.degrees[:, pixel],
    )


@dataclass
class Gathering:
    """Takes the pixels of one detection block by block. Errors of neighbours are taken as one: they share the air."""

    network: Network
    count: int = 0
    _sums: list[Double] = field(default_factory=list)  # of series, squared std, line, and pixels; each per date
    _velocity: float = 0.0
    _variance: float = 0.0
    _valid: Int | None = None  # pixels of each pair
    _best: tuple[float, float, Double] | None = None  # speed that is sure, velocity, series
    _places: list[Int] = field(default_factory=list)

    def add(self, found: Motion, valid: Bool, inside: Bool, rows: Int, columns: Int) -> None:
        """Pixels of a block that are `inside` (pixels,); `valid` is (pairs, pixels), the others (pixels,)."""
        chosen = np.flatnonzero(inside & np.isfinite(found.velocity))
        if not len(chosen):
            return
        series, std, line = (plane[:, chosen] for plane in (found.series, found.std, found.line))
        there = np.isfinite(series)
        sums = [np.nan_to_num(plane).sum(1) for plane in (series, std**2, line)] + [there.sum(1).astype(np.float64)]
        self._sums = [old + new for old, new in zip(self._sums, sums, strict=True)] if self._sums else sums
        velocity, deviation = found.velocity[chosen], np.nan_to_num(found.velocity_std[chosen])
        self.count += len(chosen)
        self._velocity += float(velocity.sum())
        self._variance += float(np.square(deviation).sum())
        seen = valid[:, chosen].sum(1)
        self._valid = seen if self._valid is None else self._valid + seen
        sure = np.abs(velocity) - SURE * deviation
        best = int(np.argmax(sure))
        if self._best is None or sure[best] > self._best[0]:
            self._best = (float(sure[best]), float(velocity[best]), series[:, best].copy())
        self._places.append(np.stack([rows[chosen], columns[chosen]]))

    def place(self, number: int) -> Place | None:
        """The mean of all, at the pixel nearest to their middle; None where there was none."""
        if self._best is None or self._valid is None:
            return None
        places = np.concatenate(self._places, axis=1)
        nearest = int(np.argmin(np.square(places - places.mean(1, keepdims=True)).sum(0)))
        series, variance, line, there = self._sums
        seen = np.where(there > 0, there, np.nan)
        common = (self._valid * 2 > self.count)[:, None]
        pieces = self.network.pieces(common).kinds[:, 0]
        return Place(
            number,
            int(places[0, nearest]),
            int(places[1, nearest]),
            self.count,
            series / seen,
            np.sqrt(variance / seen),
            line / seen,
            self._velocity / self.count,
            float(np.sqrt(self._variance / self.count)),
            self._best[2],
            self._best[1],
            pieces,
            self.network.degrees(common)[:, 0],
        )


def fields_of(
    network: Network, places: Sequence[Place], scale: float, xy: Double
) -> tuple[Double, Double, list[Field]]:
    """Places and columns of the table, in mm with `scale` mm for each unit of phase; `xy` is (places, 2)."""
    dates = len(network.dates)
    each = np.repeat(np.arange(len(places)), dates)
    size = abs(scale)

    def whole(values: list[float]) -> Double:
        return np.array(values, np.float64)[each] if places else np.zeros(0)

    def dated(planes: list[Double] | list[Int], factor: float = 1.0) -> Double:
        flat = np.concatenate([plane.astype(np.float64) for plane in planes]) if planes else np.zeros(0)
        return np.asarray(factor * flat + 0.0, np.float64)  # + 0.0 makes -0 a plain 0

    columns = {
        "id": whole([p.number for p in places]).astype(np.int32),
        "date": np.tile(np.array(network.dates, "datetime64[D]"), len(places)),
        "displacement_mm": dated([p.series for p in places], scale),
        "std_mm": dated([p.std for p in places], size),
        "trend_mm": dated([p.line for p in places], scale),
        "velocity_mm_yr": scale * whole([p.velocity for p in places]),
        "velocity_std_mm_yr": size * whole([p.velocity_std for p in places]),
        "peak_mm": dated([p.peak for p in places], scale),
        "peak_velocity_mm_yr": scale * whole([p.peak_velocity for p in places]),
        "pixels": whole([p.pixels for p in places]).astype(np.int32),
        "piece": dated([_numbered(p.pieces) for p in places]).astype(np.int32),
        "interferograms": dated([p.degrees for p in places]).astype(np.int32),
        "x": whole(xy[:, 0].tolist()),
        "y": whole(xy[:, 1].tolist()),
    }
    fields = [Field(name, values, MEANINGS[name]) for name, values in columns.items()]
    return columns["x"], columns["y"], fields


def _numbered(pieces: Int) -> Int:
    """Pieces as 1, 2, ... in the order of their dates; 0 for dates without data."""
    names = [name for name in dict.fromkeys(pieces.tolist()) if name != NOT_SEEN]
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return np.array([numbers.get(name, 0) for name in pieces.tolist()], np.int64)

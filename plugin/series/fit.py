"""Trends through a series by weighted least squares; the standard library alone, since a handful of terms is all."""

from __future__ import annotations

import math
from datetime import date
from typing import List, NamedTuple, Optional, Sequence, Tuple

from .model import Series

DAYS_A_YEAR = 365.25
NONE, LINEAR, QUADRATIC, ANNUAL, SEASONS = (
    "none",
    "linear",
    "quadratic",
    "linear and annual",
    "linear, annual and semi-annual",
)
MODELS = (NONE, LINEAR, QUADRATIC, ANNUAL, SEASONS)
SMALLEST_PIVOT = 1e-10  # of normal equations scaled to a unit diagonal: below it two terms cannot be told apart

Matrix = List[List[float]]


class Trend(NamedTuple):
    """A fitted trend; velocities in the unit of the series per year."""

    model: str
    middle: date  # time is counted from here, where the velocity of a quadratic trend holds
    coefficients: Tuple[float, ...]  # level, velocity, then what the model adds
    velocity_std: float
    residuals: Tuple[float, ...]
    rms: float

    @property
    def velocity(self) -> float:
        """The mean velocity."""
        return self.coefficients[1]

    @property
    def amplitude(self) -> float:
        """Half of what the annual term goes up and down; NaN where the model has none."""
        return math.hypot(*self.coefficients[2:4]) if self.model in (ANNUAL, SEASONS) else math.nan

    def at(self, day: float) -> float:
        """The trend on a day, counted as `date.toordinal` does; fractions are allowed."""
        return _dot(terms(self.model, (day - self.middle.toordinal()) / DAYS_A_YEAR), self.coefficients)

    def text(self, unit: str) -> str:
        """The velocity with its standard deviation, and the annual amplitude where there is one."""
        said = f"{self.velocity:+.1f} ± {self.velocity_std:.1f} {unit}/yr".replace("-", "−")
        return f"{said}, annual {self.amplitude:.1f} {unit}" if math.isfinite(self.amplitude) else said


def terms(model: str, years: float) -> List[float]:
    """The terms of a model at a time."""
    found = [1.0, years]
    if model == QUADRATIC:
        found.append(years * years)
    cycles = {ANNUAL: (1,), SEASONS: (1, 2)}.get(model, ())
    for cycle in cycles:
        angle = 2.0 * math.pi * cycle * years
        found += [math.sin(angle), math.cos(angle)]
    return found


def fit(series: Series, model: str) -> Optional[Trend]:
    """The trend of a series; None where there is no model, or too few dates to tell its terms apart.

    Weights are 1 / sigma squared where every value has a standard deviation, else equal; a zero, as at the date that
    all others are relative to, counts as the smallest of the others. The standard deviation of the velocity takes dates
    as independent; it follows from the scatter about the trend, and is never less than what the standard deviations of
    the values alone make it.
    """
    if model == NONE or len(series.dates) <= len(terms(model, 0.0)):
        return None
    middle = date.fromordinal(round((series.dates[0].toordinal() + series.dates[-1].toordinal()) / 2))
    rows = [terms(model, (d - middle).days / DAYS_A_YEAR) for d in series.dates]
    least = min((s for s in series.sigmas if s > 0), default=math.nan)
    weighted = math.isfinite(least) and all(math.isfinite(s) for s in series.sigmas)
    weights = [max(s, least) ** -2 for s in series.sigmas] if weighted else [1.0] * len(rows)
    inverse = _inverse(_normal(rows, weights))
    if inverse is None:
        return None
    right = [sum(w * r[i] * v for w, r, v in zip(weights, rows, series.values)) for i in range(len(inverse))]
    coefficients = tuple(_dot(line, right) for line in inverse)
    residuals = tuple(v - _dot(r, coefficients) for r, v in zip(rows, series.values))
    scatter = sum(w * e * e for w, e in zip(weights, residuals)) / (len(rows) - len(inverse))
    scale = max(scatter, 1.0) if weighted else scatter
    rms = math.sqrt(sum(e * e for e in residuals) / len(residuals))
    return Trend(model, middle, coefficients, math.sqrt(scale * inverse[1][1]), residuals, rms)


def _normal(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> Matrix:
    count = len(rows[0])
    return [[sum(w * r[i] * r[j] for w, r in zip(weights, rows)) for j in range(count)] for i in range(count)]


def _inverse(matrix: Matrix) -> Optional[Matrix]:
    """The inverse by Gauss and Jordan with pivots, of a matrix scaled to a unit diagonal; None where it has none."""
    size = len(matrix)
    if any(matrix[i][i] <= 0 for i in range(size)):
        return None
    scales = [math.sqrt(matrix[i][i]) for i in range(size)]
    work = [
        [matrix[i][j] / (scales[i] * scales[j]) for j in range(size)] + [float(i == j) for j in range(size)]
        for i in range(size)
    ]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(work[i][column]))
        if abs(work[pivot][column]) < SMALLEST_PIVOT:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [v / work[column][column] for v in work[column]]
        for i in range(size):
            if i != column:
                factor = work[i][column]
                work[i] = [v - factor * p for v, p in zip(work[i], work[column])]
    return [[work[i][size + j] / (scales[i] * scales[j]) for j in range(size)] for i in range(size)]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other))

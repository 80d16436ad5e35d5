"""From unwrapped, referred phases to series and velocities, many pixels at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .closure import open_loops, whole_cycles
from .invert import Inverted, invert, numbers_per_pixel
from .network import LEAST_INTERFEROGRAMS, NOT_SEEN, Network
from .robust import CONSISTENT, robust_weights
from .trend import Trend, design_of, fit_trend

Double = NDArray[np.float64]
Int = NDArray[np.int64]

LEAST_DATES = 0.5  # share of the dates that a pixel must have
CHUNK = 2**18  # numbers in the largest array that is worked on at once: small enough for the processor's cache
CLOSES = 0.6  # rad: a fit without a residual beyond this has no interferogram that is off by a cycle


@dataclass
class Motion:
    """Series of pixels in the unit of the phase, per year for velocities; NaN where a pixel or its date has no data."""

    series: Double  # (dates, pixels), 0 at the first date
    std: Double  # (dates, pixels), against the first date
    line: Double  # (dates, pixels), the fitted trend
    velocity: Double  # (pixels,)
    velocity_std: Double  # (pixels,)
    pieces: Int  # (dates, pixels): first date of the piece that each date belongs to, NOT_SEEN without data
    degrees: Int  # (dates, pixels): interferograms of each date
    changed: Int  # (pixels,): interferograms that whole cycles were taken out of
    loops: Int  # (3, pixels): loops of three, those that missed before, and after whole cycles were taken out

    @classmethod
    def joined(cls, parts: list[Motion]) -> Motion:
        """Pixels of all parts, in order."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in fields(cls)))


def motion(network: Network, phase: Double, weight: Double, *, robust: bool, baselines: Double | None = None) -> Motion:
    """Series and velocities of phases (pairs, pixels) with inverse variances of the same shape, 0 without data.

    `robust` takes whole cycles out that do not close, and then outliers; else it is plain weighted least squares.
    `baselines` (dates,) in metres asks for the error of the elevation model. Each pixel stands for itself, so that
    neither its neighbours nor the tiles have a say. Memory beyond the inputs is bounded.
    """
    size = max(64, CHUNK // numbers_per_pixel(network))
    starts = range(0, max(phase.shape[1], 1), size)
    parts = [(phase[:, s : s + size].astype(np.float64), weight[:, s : s + size].astype(np.float64)) for s in starts]
    return Motion.joined([_part(network, *part, robust=robust, baselines=baselines) for part in parts])


def _part(network: Network, phase: Double, weight: Double, *, robust: bool, baselines: Double | None) -> Motion:
    weight = _enough(network, weight)
    valid = weight > 0
    phase = np.where(valid, phase, 0.0)
    whole, missed = open_loops(network, phase, valid)
    changed, adapted = np.zeros(phase.shape[1], np.int64), weight
    if robust:
        first = invert(network, phase, weight)
        doubtful = np.flatnonzero((np.abs(first.residual) > CLOSES).any(0))
        if len(doubtful):
            cycles = whole_cycles(network, phase[:, doubtful], weight[:, doubtful])
            phase[:, doubtful] -= 2.0 * np.pi * cycles
            changed[doubtful] = (cycles != 0).sum(0)
            first = invert(network, phase, weight, first.pieces)
        adapted = robust_weights(network, phase, weight, first)
    after = open_loops(network, phase, valid)[1] if changed.any() else missed
    found = invert(network, phase, adapted, design=design_of(network, baselines))
    variance = _variance(found, weight, adapted) * (CONSISTENT if robust else 1.0)
    trend = fit_trend(network, found, variance, baselines)
    labels = found.pieces.kinds[:, found.pieces.kind]
    series, line = _levelled(network, found.series, labels, trend, baselines)
    return Motion(
        series,
        trend.std,
        line,
        trend.velocity,
        trend.velocity_std,
        labels,
        network.degrees(valid),
        changed,
        np.stack([whole, missed, after]),
    )


def _enough(network: Network, weight: Double) -> Double:
    """Weights without the pixels that have too little for a series."""
    valid = weight > 0
    dates = (network.degrees(valid) > 0).sum(0)
    least = max(LEAST_INTERFEROGRAMS, LEAST_DATES * len(network.dates))
    return np.where((valid.sum(0) >= LEAST_INTERFEROGRAMS) & (dates >= least), weight, 0.0)


def _variance(found: Inverted, weight: Double, adapted: Double) -> Double:
    """Variance of an observation of weight 1 (pixels,): 1 where nothing is left over to tell it from."""
    kept = np.divide(adapted, weight, out=np.zeros_like(weight), where=weight > 0).sum(0)
    freedom = kept - found.pieces.unknowns
    squares = (adapted * np.square(found.residual)).sum(0)
    return np.where(freedom > 0.5, squares / np.maximum(freedom, 0.5), 1.0)


def _levelled(
    network: Network, series: Double, labels: Int, trend: Trend, baselines: Double | None
) -> tuple[Double, Double]:
    """Series and line less what the elevation's error does, both from the first date of the network on.

    A pixel that lacks the first date is put where its trend says that it was when it came to be seen.
    """
    first = np.argmax(labels != NOT_SEEN, axis=0)
    if baselines is not None:
        series = series - trend.baseline_rate * (baselines[:, None] - baselines[first])
        trend.line += trend.baseline_rate * baselines[first]
    rise = np.nan_to_num(trend.velocity) * network.years[first]
    return series + rise, trend.line + rise

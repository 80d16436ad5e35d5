"""Velocity of a series, how well it is known, and the error of the elevation model that shows in the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .network import NOT_SEEN, Network, Pieces

Double = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass
class Trend:
    """What a straight line for each piece of the network says of each pixel; NaN where it says nothing."""

    velocity: Double  # (pixels,) per year
    velocity_std: Double  # (pixels,)
    line: Double  # (dates, pixels)
    std: Double  # (dates, pixels): of the series, against the first date of the pixel
    baseline_rate: Double  # (pixels,) phase per metre of perpendicular baseline; 0 where it was not asked for


def fit_trend(
    network: Network,
    series: Double,
    cofactor: Double,
    variance: Double,
    pieces: Pieces,
    baselines: Double | None = None,
) -> Trend:
    """Least squares through series (dates, pixels): a level for each piece, and one velocity.

    With `baselines` (dates,) in metres also the error of the elevation model, which is in proportion to them
    (Berardino et al. 2002, equation 20).

    A date's error has two parts: that of the network, with the covariance `variance` (pixels,) times `cofactor`
    (pixels, dates, dates); and what the date itself has, atmosphere above all, alike and independent for all dates.
    The second is what the misfit of the line has beyond what the first explains; movement that is not even counts in
    it. Both go into the standard deviations.
    """
    pixels = series.shape[1]
    rates, planes = np.full((2, pixels), np.nan), np.full((2, *series.shape), np.nan)
    result = Trend(rates[0], rates[1], planes[0], planes[1], np.zeros(pixels))
    for index, labels in enumerate(pieces.kinds.T):
        used = np.flatnonzero(labels != NOT_SEEN)
        design = _design(network.years[used], labels[used], None if baselines is None else baselines[used])
        if design is None:
            continue
        chosen = np.flatnonzero(pieces.kind == index)
        here = np.ix_(used, chosen)
        _fit(result, here, design, series[here], cofactor[np.ix_(chosen, used, used)], variance[chosen])
    return result


def _design(years: Double, labels: Int, baselines: Double | None) -> Double | None:
    """Columns: velocity, error of the elevation, a level for each piece; None where the velocity cannot be told."""
    levels = (labels[:, None] == np.unique(labels)).astype(np.float64)
    columns = [years[:, None], np.zeros((len(years), 1)) if baselines is None else baselines[:, None], levels]
    design = np.concatenate(columns, axis=1)
    enough = np.linalg.matrix_rank(design) == design.shape[1] - (baselines is None)
    return design if enough else None


def _fit(
    result: Trend, here: tuple[Int, ...], design: Double, series: Double, cofactor: Double, variance: Double
) -> None:
    """Fit the pixels of one design and put what is found into the result at `here` (dates, pixels)."""
    chosen = here[1].ravel()
    inverse = np.linalg.pinv(design)
    found = inverse @ series
    misfit = series - design @ found
    outside = np.eye(len(design)) - design @ inverse
    freedom = len(design) - np.linalg.matrix_rank(design)
    explained = variance * np.einsum("ij,pji->p", outside, cofactor)
    own = np.full(len(chosen), np.nan)
    if freedom > 0:
        own = np.maximum(np.square(misfit).sum(0) - explained, 0.0) / freedom
    row = inverse[0]
    result.velocity[chosen] = found[0]
    result.velocity_std[chosen] = np.sqrt(variance * np.einsum("i,pij,j->p", row, cofactor, row) + own * (row @ row))
    result.baseline_rate[chosen] = found[1]
    without = design.copy()
    without[:, 1] = 0.0
    result.line[here] = without @ found
    twice = np.full((len(design), 1), 2.0)  # a difference has the errors of two dates; the first has none to itself
    twice[0] = 0.0
    spread = variance * np.diagonal(cofactor, axis1=1, axis2=2).T + twice * own
    result.std[here] = np.sqrt(spread)

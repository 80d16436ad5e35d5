"""Velocity of a series, how well it is known, and the error of the elevation model that shows in the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .invert import Design, Inverted, Spread
from .network import NOT_SEEN, Network

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


def fit_trend(network: Network, found: Inverted, variance: Double, baselines: Double | None = None) -> Trend:
    """Least squares through series: a level for each piece, and one velocity.

    With `baselines` (dates,) in metres also the error of the elevation model, which is in proportion to them
    (Berardino et al. 2002, equation 20). `found` was inverted with `design_of` the same.

    A date's error has two parts: that of the network, `variance` (pixels,) times the spread that was found; and what
    the date itself has, atmosphere above all, alike and independent for all dates. The second is what the misfit of the
    line has beyond what the first explains; movement that is not even counts in it. Both go into the standard
    deviations.
    """
    pixels = found.series.shape[1]
    rates, planes = np.full((2, pixels), np.nan), np.full((2, *found.series.shape), np.nan)
    result = Trend(rates[0], rates[1], planes[0], planes[1], np.zeros(pixels))
    design_for = design_of(network, baselines)
    for index, (labels, spread) in enumerate(zip(found.pieces.kinds.T, found.spreads, strict=True)):
        design = design_for(labels)
        if design is None or spread is None:
            continue
        chosen = np.flatnonzero(found.pieces.kind == index)
        here = np.ix_(np.flatnonzero(labels != NOT_SEEN), chosen)
        _fit(result, here, design, found.series[here], spread, variance[chosen])
    return result


def design_of(network: Network, baselines: Double | None) -> Design:
    """The lines that series are fitted with: columns for velocity, error of the elevation, and a level for each piece.

    None where the velocity cannot be told.
    """

    def design(labels: Int) -> Double | None:
        used = np.flatnonzero(labels != NOT_SEEN)
        levels = (labels[used, None] == np.unique(labels[used])).astype(np.float64)
        elevation = np.zeros(len(used)) if baselines is None else baselines[used]
        columns = np.column_stack([network.years[used], elevation, levels])
        enough = np.linalg.matrix_rank(columns) == columns.shape[1] - (baselines is None)
        return columns if enough else None

    return design


def _fit(
    result: Trend, here: tuple[Int, ...], design: Double, series: Double, spread: Spread, variance: Double
) -> None:
    """Fit the pixels of one design and put what is found into the result at `here` (dates, pixels)."""
    chosen = here[1].ravel()
    inverse = np.linalg.pinv(design)
    found = inverse @ series
    misfit = series - design @ found
    freedom = len(design) - np.linalg.matrix_rank(design)
    both = inverse @ inverse.T  # inverse = both @ design.T, so that sums with the columns of the design are enough
    explained = variance * (spread.variance.sum(0) - np.einsum("ab,bap->p", both, spread.between))
    own = np.full(len(chosen), np.nan)
    if freedom > 0:
        own = np.maximum(np.square(misfit).sum(0) - explained, 0.0) / freedom
    of_velocity = np.einsum("a,abp,b->p", both[0], spread.between, both[0])
    result.velocity[chosen] = found[0]
    result.velocity_std[chosen] = np.sqrt(variance * of_velocity + own * both[0, 0])
    result.baseline_rate[chosen] = found[1]
    without = design.copy()
    without[:, 1] = 0.0
    result.line[here] = without @ found
    twice = np.full((len(design), 1), 2.0)  # a difference has the errors of two dates; the first has none to itself
    twice[0] = 0.0
    result.std[here] = np.sqrt(variance * spread.variance + twice * own)

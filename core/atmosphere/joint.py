"""Interferograms of one network of dates together: steady movement is set aside, then the air of each date is found.

In one interferogram a slow movement is far below the air, and what removes the air removes the movement too. Over many
dates the air averages out and the movement adds up, so that it is found first, from all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from .cells import Cells
from .epochs import incidence, rate_weights
from .estimate import Estimate, Means, Predict, estimate, made_consistent, movement
from .trend import TERMS, Trend

DAYS_PER_YEAR = 365.25
FEWEST_DATES = 4  # below it nothing averages out
LEAST_SHARE = 0.5  # of the weights of a cell's valid interferograms

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


def estimate_together(
    means: Sequence[Means],
    pairs: Sequence[tuple[date, date]],
    cells: Cells,
    millimetres: float,
    predict: Predict | None,
) -> list[Estimate]:
    """Atmosphere of every interferogram (second date minus first); corrections close around triplets.

    But for a constant: that of an interferogram is arbitrary, and is taken so that what does not move is zero.
    """
    still = list(means)
    if predict is not None:
        steady = steady_rate(means, pairs, cells, millimetres, predict)
        years = _years(pairs)
        still = [_without(one, steady * np.float32(span)) for one, span in zip(means, years, strict=True)]
    found = made_consistent([estimate(one, cells, millimetres, predict) for one in still], pairs)
    return [_levelled(one, cells, estimated) for one, estimated in zip(still, found, strict=True)]


def steady_rate(
    means: Sequence[Means], pairs: Sequence[tuple[date, date]], cells: Cells, millimetres: float, predict: Predict
) -> Float:
    """Steady movement on cells, in the unit of the interferograms per year; 0 where it cannot be told.

    Each interferogram gives up its trend, all together a rate, and of this the network takes what is left of the air.
    """
    dates, matrix = incidence(pairs)
    years = _years(pairs)
    nothing = np.zeros(cells.shape, np.float32)
    weights = rate_weights(matrix, years)
    if len(dates) < FEWEST_DATES or not weights.any():
        return nothing
    total, reached = np.zeros(cells.shape), np.zeros(cells.shape)
    for one, weight, span in zip(means, weights, years, strict=True):
        total += weight * movement(one, cells, estimate(one, cells, millimetres, None))
        reached += weight * span * (one.share > 0)
    known = reached > LEAST_SHARE
    span = (dates[-1] - dates[0]).days / DAYS_PER_YEAR
    summed = np.where(known, total / np.where(known, reached, 1.0) * span, 0).astype(np.float32)
    share = np.where(known, np.mean([one.share for one in means], axis=0), 0).astype(np.float32)
    whole = Means(summed, share, means[0].elevation, None)
    return movement(whole, cells, estimate(whole, cells, millimetres, predict)) / np.float32(span)


def _levelled(means: Means, cells: Cells, found: Estimate) -> Estimate:
    """The estimate with the constant that leaves a median of zero."""
    valid = means.share > 0
    if not valid.any():
        return found
    coefficients = found.trend.coefficients.copy()
    coefficients[TERMS.index("constant")] += float(np.median(movement(means, cells, found)[valid]))
    return replace(found, trend=Trend(coefficients, found.trend.deviation))


def _without(means: Means, moved: Float) -> Means:
    return replace(means, values=np.where(means.share > 0, means.values - moved, 0).astype(np.float32))


def _years(pairs: Sequence[tuple[date, date]]) -> Float64:
    return np.array([(second - first).days / DAYS_PER_YEAR for first, second in pairs])

"""The atmosphere of one interferogram on its cells: trend, predicted delay, how sure it is, how much of it to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from ..raster.window import Window
from .cells import Cells, fill_smoothly
from .epochs import consistent, incidence
from .farfield import plane_beside
from .gate import gate, standing_out, variance_left
from .planes import planes_of
from .trend import TERMS, Trend, fit_trend, positions

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Predict = Callable[[Float], Float]  # planes (9, rows, columns) to delay and log variance (2, rows, columns)

FRAME = 32  # cells of nothing around a scene: as far as the engine reflects a raster at its edge
# Quarter turns of a scene, its sign, and whether it is mirrored first: what hangs on the side from which it is seen, or
# on what is called up, is the network's error and not the air, and goes when answers are averaged.
VIEWS = ((0, 1.0, False), (1, -1.0, True), (2, 1.0, False), (3, -1.0, True))
SIGNED = slice(2)  # planes that change with the sign
NEVER = 1e-12  # of a deviation that is 0: nothing varies, so that nothing is predicted


@dataclass
class Means:
    """Means over the valid pixels of each cell (rows, columns); absent rasters are None."""

    values: Float  # 0 where share is 0
    share: Float  # 0..1, of a cell's pixels that are valid
    elevation: Float | None = None  # m, filled where it is not known
    coherence: Float | None = None


@dataclass
class Estimate:
    """The atmosphere of an interferogram in its unit: the trend, and on cells the delay beside it and its variance."""

    trend: Trend
    delay: Float | None = None
    variance: Float | None = None


def estimate(means: Means, cells: Cells, millimetres: float, predict: Predict | None) -> Estimate:
    """Trend and delay of one interferogram; the trend alone where there is no network (`predict` None)."""
    down, right = cell_positions(cells)
    trend = fit_trend(means.values, means.share, down, right, means.elevation)
    if predict is None:
        return Estimate(trend)
    if trend.deviation < NEVER:
        return Estimate(trend, np.zeros(cells.shape, np.float32), np.zeros(cells.shape, np.float32))
    residual = _beside_trend(means, cells, trend)
    planes = planes_of(
        residual, means.share, trend.deviation, cells.spacing, millimetres, means.elevation, means.coherence
    )
    answer = _seen(planes, predict)
    # A delay is the residual less what moves, which says nothing where there is no residual.
    delay = fill_smoothly(answer[0] * np.float32(trend.deviation), means.share > 0)
    variance = np.exp(answer[1]) * np.float32(trend.deviation**2)
    return _corrected(means, cells, trend, delay, variance)


def _corrected(means: Means, cells: Cells, trend: Trend, delay: Float, variance: Float) -> Estimate:
    """The estimate that a delay beside a trend, of such a variance, gives: split anew, gated, and its plane mended."""
    down, right = cell_positions(cells)
    # All of the air without what moves: its trend is bent by no movement, and stays where the rest is not taken out.
    air = trend.at(down, right, means.elevation) + delay
    trend = Trend(fit_trend(air, means.share, down, right, means.elevation).coefficients, trend.deviation)
    delay = (air - trend.at(down, right, means.elevation)).astype(np.float32)
    taken = gate(variance, means.share)
    # Where it would be a guess the air is as around, so that what moves stands out from the air beside it.
    around = fill_smoothly(delay, (means.share > 0) & (taken == 1.0))
    delay, doubted = around + taken * (delay - around), delay - around
    left = _beside_trend(means, cells, trend)
    coefficients = trend.coefficients.copy()
    coefficients[:3] += plane_beside(left, left - delay, means.share, down, right)
    found = Estimate(Trend(coefficients, trend.deviation), delay)
    return _without_faint(means, cells, found, doubted, variance)


def _without_faint(means: Means, cells: Cells, found: Estimate, doubted: Float, variance: Float) -> Estimate:
    """The estimate with what is left that does not stand out from the network's error; and its variance."""
    valid = means.share > 0
    if found.delay is None or not valid.any():
        return replace(found, variance=variance)
    moved = movement(means, cells, found)
    moved = np.where(valid, moved - np.median(moved[valid]), 0).astype(np.float32)
    faint = (1.0 - standing_out(moved, variance, means.share)) * moved
    deviation = float((moved - faint)[valid].std())
    left = variance_left(doubted, variance, gate(variance, means.share), deviation)
    return Estimate(found.trend, found.delay + fill_smoothly(faint, valid), left)


def _seen(planes: Float, predict: Predict) -> Float:
    """Mean delay and logarithm of the mean variance (2, rows, columns) of a scene seen from VIEWS."""
    delay, variance = np.zeros(planes.shape[1:], np.float32), np.zeros(planes.shape[1:], np.float32)
    for turns, sign, mirrored in VIEWS:
        shown = planes[..., ::-1].copy() if mirrored else planes.copy()
        shown[SIGNED] *= np.float32(sign)
        answer = np.rot90(_framed(np.rot90(shown, turns, (1, 2)), predict), -turns, (1, 2))
        answer = answer[..., ::-1] if mirrored else answer
        delay += answer[0] * np.float32(sign / len(VIEWS))
        variance += np.exp(answer[1]) / np.float32(len(VIEWS))
    return np.stack((delay, np.log(variance)))


def _framed(planes: Float, predict: Predict) -> Float:
    """The answer to planes with nothing around them: a reflection of the air at the edge would look like a source."""
    inner = slice(FRAME, -FRAME)
    return predict(np.pad(planes, ((0, 0), (FRAME, FRAME), (FRAME, FRAME))))[:, inner, inner]


def _beside_trend(means: Means, cells: Cells, trend: Trend) -> Float:
    """What a trend leaves of the values, 0 where nothing is valid."""
    left = means.values - trend.at(*cell_positions(cells), means.elevation)
    return np.where(means.share > 0, left, 0).astype(np.float32)


def movement(means: Means, cells: Cells, found: Estimate) -> Float:
    """What is left of the values on cells; 0 where nothing is valid."""
    left = _beside_trend(means, cells, found.trend)
    return left if found.delay is None else np.where(means.share > 0, left - found.delay, 0).astype(np.float32)


def cell_positions(cells: Cells) -> tuple[Float64, Float64]:
    """Places of cell centres (rows, 1) and (1, columns), as `Trend.at` takes them."""
    longest = max(cells.pixels)
    down = positions(0, cells.shape[0], cells.pixels[0], longest, cells.down)
    right = positions(0, cells.shape[1], cells.pixels[1], longest, cells.right)
    return down[:, None], right[None, :]


def pixel_positions(cells: Cells, window: Window) -> tuple[Float64, Float64]:
    """Places of the pixels of a window (rows, 1) and (1, columns)."""
    longest = max(cells.pixels)
    down = positions(window.row, window.height, cells.pixels[0], longest)
    right = positions(window.column, window.width, cells.pixels[1], longest)
    return down[:, None], right[None, :]


def made_consistent(estimates: Sequence[Estimate], pairs: Sequence[tuple[date, date]]) -> list[Estimate]:
    """Estimates whose trends and delays are differences of one per date, so that they close around triplets.

    Trends weigh by what they leave, delays by their variance in each cell.
    """
    _, matrix = incidence(pairs)
    coefficients = np.stack([one.trend.coefficients for one in estimates])
    spread = np.array([one.trend.deviation**2 for one in estimates])
    spread = np.where(spread > 0, spread, np.inf)
    coefficients = consistent(coefficients, np.repeat(spread[:, None], len(TERMS), axis=1), matrix)
    trends = [Trend(row, one.trend.deviation) for row, one in zip(coefficients, estimates, strict=True)]
    fields = [(one.delay, one.variance) for one in estimates if one.delay is not None and one.variance is not None]
    if len(fields) < len(estimates):
        return [Estimate(trend) for trend in trends]
    shape = fields[0][0].shape
    delays, variances = (np.stack([np.ravel(field) for field in part]) for part in zip(*fields, strict=True))
    joined = consistent(delays.astype(np.float64), variances.astype(np.float64), matrix).astype(np.float32)
    return [
        Estimate(trend, delay.reshape(shape), one.variance)
        for trend, delay, one in zip(trends, joined, estimates, strict=True)
    ]

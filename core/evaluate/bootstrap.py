"""Confidence intervals over scenes: pixels of one scene are no independent samples, scenes are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES, FEWER = 1000, 500  # the fewer where each takes a ranking of all detections
LEVEL = 0.95
SEED = 20_231


class Estimate(NamedTuple):
    """A value with its confidence interval."""

    value: float
    low: float
    high: float

    def show(self, scale: float = 1.0, digits: int = 3) -> str:
        """Value and interval, such as 0.912 (0.900-0.921)."""
        value, low, high = (f"{scale * number:.{digits}f}" for number in self)
        return f"{value} ({low}-{high})"


def pooled(totals: NDArray[np.float64], ratio: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Estimate:
    """A ratio of sums over all scenes, with the percentile interval of resampled scenes.

    totals (scenes, kinds) are sums of each scene; `ratio` maps (n, kinds) sums to (n,) values.
    """
    scenes = len(totals)
    draws = np.random.default_rng(SEED).multinomial(scenes, np.full(scenes, 1.0 / scenes), RESAMPLES)
    edge = 100.0 * (1.0 - LEVEL) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):  # a sample without a pixel of a kind has no ratio
        values = ratio(draws.astype(np.float64) @ totals)
        value = float(ratio(totals.sum(0, keepdims=True))[0])
    values = values[np.isfinite(values)]
    if not values.size:
        return Estimate(value, math.nan, math.nan)
    low, high = np.percentile(values, [edge, 100.0 - edge])
    return Estimate(value, float(low), float(high))


def resampled(scenes: int, measure: Callable[[Sequence[int]], float]) -> Estimate:
    """What a measure of some scenes (their numbers, which may repeat) gives of all, with its percentile interval."""
    draws = np.random.default_rng(SEED).integers(scenes, size=(FEWER, scenes))
    values = np.array([measure(draw.tolist()) for draw in draws])
    values = values[np.isfinite(values)]
    value = measure(range(scenes))
    if not values.size:
        return Estimate(value, math.nan, math.nan)
    edge = 100.0 * (1.0 - LEVEL) / 2.0
    low, high = np.percentile(values, [edge, 100.0 - edge])
    return Estimate(value, float(low), float(high))

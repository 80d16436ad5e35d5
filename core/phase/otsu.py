"""Decorrelation masks by Otsu's threshold: on coherence, and on coherence and amplitude together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Counts = NDArray[np.float64]

BINS = 256


def otsu_threshold(counts: Counts, centres: NDArray[np.float64]) -> float:
    """The value that splits a histogram with the greatest variance between the classes; values above it are the upper.

    counts and centres (bins,), centres rising. The only centre where all values are in one bin; ValueError where the
    histogram is empty. Otsu (1979), IEEE Trans. SMC 9(1).
    """
    total = counts.sum()
    if total == 0:
        msg = "no valid pixel to choose a threshold from"
        raise ValueError(msg)
    below = np.cumsum(counts)
    above = total - below
    sums = np.cumsum(counts * centres)
    inside = (below > 0) & (above > 0)
    if not inside.any():
        return float(centres[int(np.argmax(counts))])
    mean_below = sums / np.maximum(below, 1e-300)
    mean_above = (sums[-1] - sums) / np.maximum(above, 1e-300)
    between = np.where(inside, below * above * (mean_below - mean_above) ** 2, -1.0)
    return float(centres[int(np.argmax(between))])


def histogram(values: Float, valid: Bool, low: float, high: float) -> Counts:
    """Counts (BINS,) of the valid values between low and high; histograms of tiles may be added."""
    counts, _ = np.histogram(np.clip(values[valid], low, high), BINS, (low, high))
    return counts.astype(np.float64)


def centres(low: float, high: float) -> NDArray[np.float64]:
    """Centres (BINS,) of the bins of `histogram`."""
    edges = np.linspace(low, high, BINS + 1)
    return (edges[:-1] + edges[1:]) / 2


def coherence_threshold(counts: Counts) -> float:
    """Otsu's threshold on coherence, from its histogram between 0 and 1."""
    return otsu_threshold(counts, centres(0.0, 1.0))


def otsu_mask(coherence: Float, threshold: float) -> Bool:
    """Decorrelated where the coherence is not above the threshold."""
    return coherence <= threshold


def otsu2_mask(coherence: Float, log_amplitude: Float, coherence_limit: float, amplitude_limit: float) -> Bool:
    """Decorrelated where coherence and log amplitude are both low, as on water."""
    return (coherence <= coherence_limit) & (log_amplitude <= amplitude_limit)

"""Metrics of what is left of the atmosphere, about the level of the ground that does not move."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

PEAK = 0.8  # of the largest true movement, above which pixels count as its peak
GREY_LEVELS = 255.0  # to which the poster scales its maps

Bool = NDArray[np.bool_]
AnyFloat = NDArray[np.floating]


def left_over(movement: AnyFloat, truth: AnyFloat, valid: Bool) -> float:
    """Standard deviation of the error over the valid pixels: an interferogram knows no constant."""
    return float(np.std((movement - truth)[valid], dtype=np.float64))


def peak_ratio(movement: AnyFloat, truth: AnyFloat, valid: Bool) -> float:
    """Recovered over true movement where the truth is near its largest; NaN where nothing moves or is valid.

    The level is the median of the error.
    """
    size = np.abs(truth)
    if not valid.any() or size[valid].max() == 0:
        return math.nan
    core = valid & (size >= PEAK * size[valid].max())
    level = float(np.median((movement - truth)[valid]))
    return float((movement[core] - level).mean() / truth[core].mean())


def two_term_ssim(movement: AnyFloat, truth: AnyFloat, total: AnyFloat, valid: Bool) -> float:
    """The poster's SSIM: luminance times contrast of the whole map, on maps scaled to 0..255 by the range of `total`.

    Li and Sagiya (poster), section 3C. 1 for equal means and deviations, whatever the structure.
    """
    fields = [truth[valid].astype(np.float64), movement[valid].astype(np.float64)]
    fields[1] -= np.median(fields[1] - fields[0])
    low, high = float(total[valid].min()), float(total[valid].max())
    grey = [(field - low) * GREY_LEVELS / max(high - low, 1e-9) for field in fields]
    (mean, spread), (other_mean, other_spread) = ((field.mean(), field.std()) for field in grey)
    luminance = 2 * mean * other_mean / max(mean**2 + other_mean**2, 1e-12)
    contrast = 2 * spread * other_spread / max(spread**2 + other_spread**2, 1e-12)
    return float(luminance * contrast)


def coverage(movement: AnyFloat, truth: AnyFloat, deviation: AnyFloat, valid: Bool) -> float:
    """Share of the valid pixels whose error about the median is within the stated deviation."""
    error = (movement - truth)[valid]
    return float(np.mean(np.abs(error - np.median(error)) <= deviation[valid]))

"""How much of a predicted delay is taken out: all of it where it is known, none where a guess would do harm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

REACH = 15  # cells along the side of the window in which delay and its error are compared
NONE, ALL = 0.3, 1.0  # power of the predicted delay over the variance of its error: below nothing, above all is taken
TINY = 1e-12

Float = npt.NDArray[np.float32]


def gate(atmosphere: Float, variance: Float, share: Float) -> Float:
    """Share 0..1 (rows, columns) of a delay to take out, from its stated variance, averaged over valid cells around.

    The expected squared error of taking out w times a delay whose error has this variance falls with w as long as the
    delay's power exceeds the variance; where the network only guesses, the interferogram is left as it is.
    """
    weight = (share > 0).astype(np.float64)
    count = ndimage.uniform_filter(weight, REACH, mode="nearest")
    power = ndimage.uniform_filter(np.square(atmosphere, dtype=np.float64) * weight, REACH, mode="nearest")
    error = ndimage.uniform_filter(variance.astype(np.float64) * weight, REACH, mode="nearest")
    ratio = power / np.maximum(error, TINY)
    taken = np.clip((ratio - NONE) / (ALL - NONE), 0.0, 1.0)
    return np.where(count > TINY, taken, 1.0).astype(np.float32)


def variance_left(atmosphere: Float, variance: Float, taken: Float) -> Float:
    """Variance of what is left where `taken` of a delay with this variance is taken out."""
    kept = np.square((1.0 - taken) * atmosphere, dtype=np.float64)
    return np.asarray(variance + kept, np.float32)

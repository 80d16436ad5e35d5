"""Coherence from two intensities by their correlation in a window, and the number of looks from the images."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

BLOCK = 8  # pixels of the squares in which speckle is measured
FEWEST_BLOCKS = 4
# Looks are counted in bins of this width (natural logarithm), over this range, and the fullest is taken.
BIN, RANGE = 0.1, (math.log(0.3), math.log(200.0))
SMOOTH = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0


def window_coherence(first: Float, second: Float, valid: Bool, looks: float, window: int) -> Float:
    """Coherence 0..1 from intensities (rows, columns), linear in any gain, by window x window pixels; 0 where invalid.

    Guarnieri and Prati (1997): of images with L looks E[I1 I2] is (1 + coherence^2 / L) times the product of the means,
    and E[I^2] is (1 + 1/L) times the squared mean, so that coherence^2 = (L + 1) r - L with
    r = <I1 I2> / sqrt(<I1^2> <I2^2>). Texture that the images share raises it.
    """
    seen = valid.astype(np.float64)
    one, two = first * seen, second * seen

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(uniform_filter(values, window, mode="constant"), np.float64)

    scale = np.sqrt(np.maximum(mean(one * one) * mean(two * two), 0.0))
    ratio = np.divide(mean(one * two), scale, out=np.zeros_like(scale), where=scale > np.finfo(np.float64).tiny)
    square = np.clip((looks + 1.0) * ratio - looks, 0.0, 1.0)
    return np.where(valid, np.sqrt(square), 0.0).astype(np.float32)


def block_looks(intensity: Float, valid: Bool) -> npt.NDArray[np.float64]:
    """Squared mean over variance in each whole square of BLOCK pixels that is all valid: looks, less where not even."""
    rows, columns = (side // BLOCK * BLOCK for side in intensity.shape)
    shape = (rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
    squares = intensity[:rows, :columns].astype(np.float64).reshape(shape).swapaxes(1, 2).reshape(-1, BLOCK * BLOCK)
    whole = valid[:rows, :columns].reshape(shape).swapaxes(1, 2).reshape(-1, BLOCK * BLOCK).all(1)
    squares = squares[whole]
    mean, variance = squares.mean(1), squares.var(1, ddof=1)
    good = (variance > 0) & (mean > 0)
    return np.asarray(mean[good] ** 2 / variance[good], np.float64)


def estimate_looks(values: npt.NDArray[np.float64]) -> float | None:
    """The most frequent of `block_looks`; None of too few.

    Even areas all give the same looks and pile up there, while edges and texture spread to lower ones; correlated
    speckle counts as the looks that its intensities vary by.
    """
    if len(values) < FEWEST_BLOCKS:
        return None
    low, high = RANGE
    counts, edges = np.histogram(np.log(values), np.arange(low, high + BIN, BIN))
    smooth = np.convolve(counts, SMOOTH, mode="same")
    peak = int(smooth.argmax())
    return float(np.exp(0.5 * (edges[peak] + edges[peak + 1])))

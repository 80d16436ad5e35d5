"""A predicted trough fitted to the fringes: its depth is changed, smoothly over its area, until they agree best.

A network that sees only noise on the steepest flank says what is usual, and so is often a tenth too shallow or too
deep. The fringes tell better, if all of them are asked at once: where the model is right, the phase that is left does
not turn, so that its mean over a few pixels is long. The length is a smooth function of the model and has one summit
within reach.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize

Float = NDArray[np.float32]
Double = NDArray[np.float64]

# Steps of the fit: values along each side that the change of depth is interpolated from, more with each step.
GRIDS = (2, 5, 9)
ITERATIONS = 15  # of each step
BLUR = 2.0  # pixels; standard deviation of the window whose mean phasor is looked at
STIFFNESS = 0.2  # what a change of depth of 1 from one value to the next costs, in squared length of the phasor
LEAST_GAIN = 1e-4  # of the squared length; less is nothing


class Fit(NamedTuple):
    """The changed model (rad), and the mean squared length of the phasor (0..1) before and after."""

    model: Double
    before: float
    after: float


def refine(phase: Float, model: Float, weight: Float) -> Fit:
    """Fit a model (rows, columns; rad, 0 around the trough) to a wrapped phase; `weight` 0..1 says where to look."""
    share = weight.astype(np.float64) / max(float(weight.sum()), 1e-9)
    shape, change = phase.shape, np.zeros((1, 1))
    before = _length(phase, model, share)[0]
    for size in GRIDS:
        down, right = _basis(shape[0], size), _basis(shape[1], size)
        change = _basis(size, len(change)) @ change @ _basis(size, len(change)).T
        change = _climb(phase, model, share, change, down, right)
    changed = model * (1.0 + down @ change @ right.T)
    after = _length(phase, changed, share)[0]
    if after < before + LEAST_GAIN:
        return Fit(model.astype(np.float64), before, before)
    return Fit(changed, before, after)


def _climb(phase: Float, model: Float, share: Double, change: Double, down: Double, right: Double) -> Double:
    """The change on its grid (size, size) that lengthens the mean phasors most, less what its unevenness costs."""
    shape = change.shape

    def cost(flat: Double) -> tuple[float, Double]:
        values = flat.reshape(shape)
        length, slope = _length(phase, model * (1.0 + down @ values @ right.T), share)
        rows, columns = np.diff(values, axis=0), np.diff(values, axis=1)
        uneven = STIFFNESS * ((rows**2).mean() + (columns**2).mean())
        bend = np.zeros(shape)
        bend[1:] += rows / rows.size
        bend[:-1] -= rows / rows.size
        bend[:, 1:] += columns / columns.size
        bend[:, :-1] -= columns / columns.size
        gain = down.T @ (slope * model) @ right
        return uneven - length, (2.0 * STIFFNESS * bend - gain).ravel()

    found = minimize(cost, change.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return np.asarray(found.x).reshape(shape)


def _length(phase: Float, model: NDArray[np.floating], share: Double) -> tuple[float, Double]:
    """Mean squared length of the windowed phasor of what is left, and its derivative by the model at each pixel."""
    rest = np.exp(1j * (phase - model)).astype(np.complex64)
    mean = gaussian_filter(rest, BLUR, mode="constant")
    back = gaussian_filter(share.astype(np.float32) * mean, BLUR, mode="constant")
    length = float((share * (mean.real**2 + mean.imag**2)).sum())
    return length, 2.0 * (rest * back.conj()).imag.astype(np.float64)


def _basis(length: int, size: int) -> Double:
    """Weights (length, size) that interpolate `size` evenly spaced values, smoothly between them."""
    if size == 1:
        return np.ones((length, 1))
    position = np.linspace(0, size - 1, length)
    left = np.minimum(position.astype(int), size - 2)
    part = position - left
    part = part * part * (3.0 - 2.0 * part)
    weights = np.zeros((length, size))
    weights[np.arange(length), left] = 1.0 - part
    weights[np.arange(length), left + 1] = part
    return weights

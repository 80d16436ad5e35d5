"""Differences between neighbouring pixels of a phase, as far as a wrapped phase shows them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from .wrap import wrap

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


class Gradient(NamedTuple):
    """Phase to the next pixel minus this one, rad per pixel: `down` (rows), `right` (columns), same shape as the phase.

    0 in the last row (down) or column (right) and where either pixel is invalid.
    """

    down: Float
    right: Float

    def magnitude(self) -> Float:
        """Length of the gradient, rad per pixel."""
        return np.hypot(self.down, self.right)


def differences(phase: Float, valid: Bool, *, wrapped: bool) -> Gradient:
    """Forward differences of a phase (rows, columns), rad; into (-pi, pi] if `wrapped`, where steeper ones alias."""
    down, right = np.zeros_like(phase), np.zeros_like(phase)
    down[:-1], right[:, :-1] = np.diff(phase, axis=0), np.diff(phase, axis=1)
    if wrapped:
        down, right = wrap(down).astype(phase.dtype, copy=False), wrap(right).astype(phase.dtype, copy=False)
    down[:-1][~(valid[1:] & valid[:-1])] = 0
    right[:, :-1][~(valid[:, 1:] & valid[:, :-1])] = 0
    return Gradient(down, right)


def fringe_rate(signal: NDArray[np.complex64], window: int) -> Gradient:
    """Local fringe frequency (rad per pixel, in (-pi, pi]): angle of the mean product of each pixel with its neighbour.

    `signal` (rows, columns) is complex and 0 where invalid; `window` pixels on a side are averaged. Spagnolini (1995),
    IEEE TGRS 33(3).
    """
    down, right = np.zeros_like(signal), np.zeros_like(signal)
    down[:-1] = signal[1:] * signal[:-1].conj()
    right[:, :-1] = signal[:, 1:] * signal[:, :-1].conj()
    return Gradient(_mean_angle(down, window), _mean_angle(right, window))


def _mean_angle(products: NDArray[np.complex64], window: int) -> Float:
    real = uniform_filter(products.real, window, mode="constant")
    imaginary = uniform_filter(products.imag, window, mode="constant")
    return np.asarray(np.arctan2(imaginary, real), np.float32)

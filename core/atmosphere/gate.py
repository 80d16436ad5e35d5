"""How much of a predicted delay is taken out: all of it where it is known, none where a guess would eat movement.

And how much of the movement is kept that is left then: what does not rise above the usual error is air.

Bounds: least error, with a recovered peak within 5 % of the true one, of sources at signal to noise 0.5 to 5 in
simulated air over training terrain, with scenes as small as real ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

# Stated deviation over that of half of the scene: up to the first all of the delay is taken, beyond the second none.
SURE, GUESS = 2.5, 5.0
# Deviation that holds 68 % of the errors of the mean of all views, over that which the network states for one (their
# squares agree on average, and a few large errors make most of it); and what goes everywhere with the movement. Both
# from scenes of all signals to noise over training terrain.
SPREAD, FAR = 0.45, 0.05
AROUND = 3.0  # cells, deviation of the surroundings that the power of movement is taken from

Float = npt.NDArray[np.float32]


def gate(variance: Float, share: Float) -> Float:
    """Share 0..1 (rows, columns) of a delay to take out, from the stated variance of its error.

    Where the network cannot tell delay from movement, the mean of what it thinks possible would take half of a movement
    away. What it says does not count there, and the stated deviation says so.
    """
    valid = share > 0
    if not valid.any():
        return np.ones_like(variance)
    deviation = np.sqrt(np.maximum(variance, 0.0))
    usual = max(float(np.median(deviation[valid])), 1e-12)
    return np.clip((GUESS - deviation / usual) / (GUESS - SURE), 0.0, 1.0).astype(np.float32)


def standing_out(moved: Float, variance: Float, share: Float) -> Float:
    """Share 0..1 (rows, columns) of movement to keep: Wiener's, its power around over that and the usual error's.

    moved: about the level of the scene, any unit; variance: as the network states it, in the square of that. The error
    is that of half of the scene, since where the network is less sure something moves.
    """
    valid = share > 0
    if not valid.any():
        return np.ones_like(moved)
    there = gaussian_filter(valid.astype(np.float32), AROUND, mode="constant")
    power = gaussian_filter(np.where(valid, np.square(moved), 0), AROUND, mode="constant") / np.maximum(there, 1e-3)
    usual = SPREAD**2 * float(np.median(variance[valid]))
    return np.asarray(power / np.maximum(power + usual, 1e-30), np.float32)


def variance_left(doubted: Float, variance: Float, taken: Float, moved: float) -> Float:
    """Variance of what is left where only `taken` of a doubted delay with this variance is taken out.

    moved: deviation of what is left, of which a share is the network's error everywhere.
    """
    kept = np.square((1.0 - taken) * doubted, dtype=np.float64)
    return np.asarray(SPREAD**2 * variance + kept + (FAR * moved) ** 2, np.float32)

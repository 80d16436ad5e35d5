"""How much an interferogram counts at a pixel: the inverse variance of its phase, from the coherence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]
Bool = NDArray[np.bool_]

LEAST_COHERENCE = 0.05  # below it an estimate of coherence is its own bias; also what unknown coherence counts as
USUAL_COHERENCE = 0.5  # where none is given: all interferograms count alike, with an error that is usual
FLOOR = 0.1  # rad: what filters, resampling and soil moisture leave even where the coherence is 1


def phase_variance(coherence: Double, looks: float) -> Double:
    """Variance (rad2) of multilooked phase, for coherence 0..1: the bound of Cramér and Rao, and a floor.

    Rodriguez and Martin (1992), IEE Proceedings F 139(2): (1 - c2) / (2 looks c2).
    """
    square = np.square(np.clip(coherence, LEAST_COHERENCE, 1.0))
    return np.asarray((1.0 - square) / (2.0 * looks * square) + FLOOR**2)


def weights(coherence: Double | None, valid: Bool, looks: float) -> Double:
    """Inverse variances (rad-2) of the shape of `valid`, 0 where it is False."""
    known = np.full(valid.shape, USUAL_COHERENCE) if coherence is None else coherence
    return np.where(valid, 1.0 / phase_variance(known, looks), 0.0)

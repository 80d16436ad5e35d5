"""Whether a predicted topographic phase explains the fringes that are there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


def fringe_change(phase: Float, removed: Float, valid: Bool) -> NDArray[np.float64]:
    """Sum of the cosines of the change to the next column: of the phase, and of it less `removed` (rad): (2,).

    The higher, the fewer fringes; valid pixels with a valid neighbour count.
    """
    pairs = valid[:, 1:] & valid[:, :-1]
    steps = np.diff(phase.astype(np.float64), axis=1)[pairs]
    slopes = np.diff(removed.astype(np.float64), axis=1)[pairs]
    return np.array([np.cos(steps).sum(), np.cos(steps - slopes).sum()])

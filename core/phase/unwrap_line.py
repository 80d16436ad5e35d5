"""What the two-dimensional solvers refuse: a single row or column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .congruence import make_congruent

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


class Unwrapped(NamedTuple):
    """Phase (rad; 0 where invalid), and the connected component of each pixel, 1 the largest; 0 belongs to none."""

    phase: Float
    components: NDArray[np.uint32]


def too_narrow(phase: Float) -> bool:
    """Whether there are no closed loops to speak of."""
    return bool(min(phase.shape) < 2)


def line(phase: Float, valid: Bool) -> Unwrapped:
    """Unwrap one row or column (1, n) or (n, 1): each step between valid neighbours is below half a cycle.

    Itoh (1982), Applied Optics 21(14). Gaps are stepped over, so that all is one component.
    """
    whole = np.zeros(phase.shape, np.float32)
    seen = phase[valid]
    whole[valid] = make_congruent(np.unwrap(seen.astype(np.float64)), seen)
    return Unwrapped(whole, valid.astype(np.uint32))

"""Phase into one cycle, and into its cosine and sine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

CYCLE = 2.0 * np.pi


def wrap(phase: NDArray[np.floating]) -> NDArray[np.floating]:
    """Phase (any shape, rad) into (-pi, pi], in the precision it came in; NaN stays NaN."""
    wrapped: NDArray[np.floating] = phase - CYCLE * np.ceil((phase - np.pi) / CYCLE)
    return wrapped.astype(phase.dtype, copy=False)


def phasor(phase: Float, valid: Bool) -> NDArray[np.complex64]:
    """Unit complex numbers of a phase (rad); 0 where invalid."""
    turned: NDArray[np.complex64] = np.exp(1j * np.where(valid, phase, 0)).astype(np.complex64)
    turned[~valid] = 0
    return turned

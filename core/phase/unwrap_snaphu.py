"""SNAPHU, where the user has installed it: free for non-commercial use only, so it does not come along."""

from __future__ import annotations

import importlib.util

import numpy as np
from numpy.typing import NDArray

from ..errors import DependencyError
from .congruence import make_congruent
from .unwrap_line import Unwrapped, line, too_narrow
from .unwrap_mcf import LEAST_COHERENCE

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

COST = "defo"  # its cost model for deformation, which expects steps more than the one for topography


def is_installed() -> bool:
    """Whether the runtime has the package `snaphu`."""
    return importlib.util.find_spec("snaphu") is not None


def check_installed() -> None:
    """Raise `DependencyError` with the remedy where it is not."""
    if not is_installed():
        message = (
            "METHOD snaphu needs the package snaphu, which is free for non-commercial use only and therefore does not "
            "come along. Install it into the runtime (pip install --no-deps snaphu), or choose METHOD mcf."
        )
        raise DependencyError(message)


def snaphu(phase: Float, valid: Bool, coherence: Float, looks: float) -> Unwrapped:
    """Unwrap a wrapped phase (rows, columns; rad), congruent with it. Chen and Zebker (2001), JOSA A 18(2)."""
    check_installed()
    import snaphu as package

    if not valid.any() or too_narrow(phase):
        return line(phase, valid)
    signal = np.exp(1j * phase.astype(np.float32)).astype(np.complex64)
    signal[~valid] = 0
    trusted = np.clip(np.where(valid, coherence, 0), LEAST_COHERENCE, 1).astype(np.float32)
    unwrapped, components = package.unwrap(signal, trusted, nlooks=max(looks, 1.0), cost=COST, mask=valid)
    congruent = make_congruent(np.where(valid, unwrapped, phase), phase)
    return Unwrapped(np.where(valid, congruent, 0).astype(np.float32), np.asarray(components, np.uint32))

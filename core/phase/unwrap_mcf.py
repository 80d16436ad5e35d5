"""Minimum-cost flow, by whirlwind-insar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .congruence import make_congruent
from .goldstein import goldstein
from .unwrap_line import Unwrapped, line, too_narrow

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

LEAST_COHERENCE = 1e-3  # whirlwind takes pixels of coherence 0 as missing; ours says that by `valid` alone
MOST_LOOKS = 300.0  # of its cost model


def mcf(phase: Float, valid: Bool, coherence: Float, looks: float, *, strength: float = 0.0) -> Unwrapped:
    """Unwrap a wrapped phase (rows, columns; rad), congruent with it; coherence 0..1 and looks >= 1 set the costs.

    `strength` 0..1 is that of a Goldstein filter of what guides the flow; the phase itself is not filtered. Runs
    without hearing a cancel: see unwrap_process.py.
    """
    import whirlwind

    if not valid.any() or too_narrow(phase):
        return line(phase, valid)
    signal = np.exp(1j * phase.astype(np.float32)).astype(np.complex64)
    signal[~valid] = 0
    trusted = np.clip(np.where(valid, coherence, 0), LEAST_COHERENCE, 1).astype(np.float32)
    guide = np.where(valid, goldstein(signal, strength), 0).astype(np.complex64)
    unwrapped, components = whirlwind.unwrap(guide, trusted, min(max(looks, 1.0), MOST_LOOKS), mask=valid)
    congruent = make_congruent(np.where(valid, unwrapped, phase), phase)
    return Unwrapped(np.where(valid, congruent, 0).astype(np.float32), components)

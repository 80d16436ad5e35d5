"""How far a phase can be trusted where no coherence is given: how well neighbours agree once the local slope is out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .gradients import fringe_rate
from .wrap import phasor

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

WINDOW = 5  # pixels on a side


def phase_coherence(phase: Float, valid: Bool, window: int = WINDOW) -> Float:
    """Length of the mean phasor (0..1) in a window, along the local fringe; 0 where invalid.

    phase (rows, columns), rad. A stand-in for coherence that needs no amplitude: 1 for a plane of any slope below
    pi rad per pixel, and about the inverse of the window's side for noise. Only the slope of a window is taken out, so
    that sharply bent fringes lower it.
    """
    signal = phasor(phase, valid)
    rate = fringe_rate(signal, window)
    half = window // 2
    total = np.zeros_like(signal)
    count = np.zeros(phase.shape, np.float32)
    padded, present = np.pad(signal, half), np.pad(valid, half)
    rows, columns = phase.shape
    for y in range(-half, half + 1):
        for x in range(-half, half + 1):
            there = slice(half + y, half + y + rows), slice(half + x, half + x + columns)
            total += padded[there] * np.exp(-1j * (y * rate.down + x * rate.right)).astype(np.complex64)
            count += present[there]
    mean = np.abs(total) / np.maximum(count, 1)
    return np.where(valid, np.minimum(mean, 1), 0).astype(np.float32)

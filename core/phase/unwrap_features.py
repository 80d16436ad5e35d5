"""What the unwrapping network is shown, from arrays; the recipe follows it in torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

CHANNEL_COUNT = 5


def unwrap_features(phase: Float, valid: Bool, coherence: Float | None) -> Float:
    """Stack (5, rows, columns): cos, sin, valid, coherence, has_coherence; phase rad, coherence 0..1.

    All planes are 0 where `valid` is False, but has_coherence, which is 1 everywhere where there is one.
    """
    planes = np.zeros((CHANNEL_COUNT, *phase.shape), np.float32)
    np.cos(phase, out=planes[0], where=valid)
    np.sin(phase, out=planes[1], where=valid)
    planes[2] = valid
    if coherence is not None:
        np.copyto(planes[3], coherence, where=valid)
        planes[4] = 1.0
    return planes

"""How wide the gaps of a raster are, and which of them are too wide to be filled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


def too_wide(unknown: Bool, diameter: float) -> Bool:
    """The parts of gaps (rows, columns) that a disk of `diameter` pixels fits into without touching a known pixel.

    This is the opening of the gap by that disk. A pixel's answer depends on what lies within one diameter of it, so
    that tiles with such a halo agree.
    Beyond the raster nothing is known: a gap at its edge is twice as wide as it is deep.
    """
    radius = diameter / 2.0
    if not unknown.any():
        return np.zeros_like(unknown)
    if unknown.all():
        return np.ones_like(unknown)
    core = np.asarray(distance_transform_edt(unknown)) > radius
    if not core.any():
        return core
    near: Bool = np.asarray(distance_transform_edt(~core)) <= radius
    return near & unknown

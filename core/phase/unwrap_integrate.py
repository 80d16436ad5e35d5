"""Adding up gradients: the surface whose differences are nearest to given ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from .gradients import Gradient

Float = NDArray[np.float32]


def integrate(gradient: Gradient) -> Float:
    """Surface (rows, columns) of mean 0 whose forward differences are nearest to `gradient` in least squares.

    The last row of `down` and the last column of `right` say nothing. Ghiglia and Romero (1994), JOSA A 11(1), by the
    cosine transform. Needs about six times the memory of the surface.
    """
    divergence = np.zeros(gradient.down.shape, np.float32)
    divergence[:-1] += gradient.down[:-1]
    divergence[1:] -= gradient.down[:-1]
    divergence[:, :-1] += gradient.right[:, :-1]
    divergence[:, 1:] -= gradient.right[:, :-1]
    spectrum = dctn(divergence, norm="ortho", overwrite_x=True)
    rows, columns = gradient.down.shape[0], gradient.down.shape[1]
    down = 2.0 * np.cos(np.pi * np.arange(rows) / rows)[:, None] - 2.0
    scale = (down + 2.0 * np.cos(np.pi * np.arange(columns) / columns)[None, :] - 2.0).astype(np.float32)
    scale[0, 0] = 1.0
    spectrum /= scale
    spectrum[0, 0] = 0.0
    surface: Float = idctn(spectrum, norm="ortho", overwrite_x=True)
    return surface

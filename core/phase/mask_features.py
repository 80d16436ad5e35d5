"""What the mask network is shown, from arrays: one definition for the tool, the recipe follows it in torch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

NORMAL = 1.4826  # median absolute deviation to standard deviation, for a normal distribution
AMPLITUDE_LIMIT = 5.0  # normalised log amplitudes beyond this are clipped: point targets, and exact zeros
LEAST_SPREAD = 1e-3  # of log amplitude; a constant amplitude says nothing, and must not be divided by zero
CHANNEL_COUNT = 7


class AmplitudeScale(NamedTuple):
    """Median and robust deviation of ln(amplitude) over a raster; makes amplitudes of any calibration alike."""

    median: float
    spread: float

    @classmethod
    def of(cls, amplitude: Float, valid: Bool) -> AmplitudeScale:
        """From a sample of amplitudes (any shape, linear); exact zeros and invalid pixels are left out."""
        seen = amplitude[valid & (amplitude > 0)]
        if seen.size == 0:
            return cls(0.0, 1.0)
        logs = np.log(seen)
        median = float(np.median(logs))
        return cls(median, max(NORMAL * float(np.median(np.abs(logs - median))), LEAST_SPREAD))

    def normalise(self, amplitude: Float) -> Float:
        """(ln(amplitude) - median) / spread, clipped to [-5, 5]; 0 amplitude gives -5."""
        with np.errstate(divide="ignore"):
            logs = np.log(amplitude)
        scaled: Float = np.clip((logs - self.median) / self.spread, -AMPLITUDE_LIMIT, AMPLITUDE_LIMIT)
        return scaled.astype(np.float32, copy=False)


def mask_features(phase: Float, valid: Bool, coherence: Float | None, log_amplitude: Float | None) -> Float:
    """Stack (7, rows, cols): cos, sin, valid, coherence, has_coherence, log_amplitude, has_amplitude.

    phase rad; coherence 0..1; log_amplitude as `AmplitudeScale.normalise` gives it, (rows, cols) each. All planes
    are 0 where `valid` is False, but has_*, 1 everywhere if the input is there. Only invalid pixels may be NaN.
    """
    planes = np.zeros((CHANNEL_COUNT, *phase.shape), dtype=np.float32)
    np.cos(phase, out=planes[0], where=valid)
    np.sin(phase, out=planes[1], where=valid)
    planes[2] = valid
    for first, values in ((3, coherence), (5, log_amplitude)):
        if values is not None:
            np.copyto(planes[first], values, where=valid)
            planes[first + 1] = 1.0
    return planes

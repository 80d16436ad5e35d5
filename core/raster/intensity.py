"""Detected radar images: the natural logarithm of their intensity, whatever scale the file has."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..progress import Progress
from .quantities import sample
from .source import Patch, Source
from .window import Window

SCALES = ("power", "amplitude", "decibel")

# Natural logarithm of power of one unit of a scale's own logarithm.
_POWER_OF_AMPLITUDE = 2.0
_PER_DECIBEL = math.log(10.0) / 10.0

# Decibels of any radar image lie within this; digital numbers of 16 bits squared are 96 dB.
_MOST_DECIBELS = 150.0

# What is exactly 0 has no logarithm. It is taken this far below the median, which is farther than speckle goes.
_ZERO_BELOW_MEDIAN = 6.0

# Power of speckle varies by 1 / sqrt(looks): what varies less than that of so many looks is hardly power.
_MOST_LOOKS = 100.0
_LEAST_DECIBEL_SPREAD = 0.6  # dB; 50 looks
_ZEROS_WORTH_A_WARNING = 0.02


class LogIntensity:
    """Natural logarithm of intensity, float32, about the median of the raster; complex input gives that of its power.

    The median comes from a sample that does not depend on tiles, so that gain and calibration do not matter.
    """

    def __init__(self, source: Source, scale: str, progress: Progress) -> None:
        self.source, self._scale, self._progress = source, scale, progress
        self._median = 0.0

    def check(self) -> None:
        """Sample the raster, refuse what cannot be of this scale, and find the median; warn of what looks odd."""
        linear = _Linear(self)
        values = sample(linear)
        if values.size == 0:
            return
        self._refuse(float(values.min()), float(values.max()))
        if self._is_linear:
            self._warn_of_zeros(float(np.mean(values == 0)))
            values = values[values > 0]
        if values.size == 0:
            return
        self._warn_of_scale(values)
        self._median = float(np.median(self._logarithm(values)))

    def read(self, window: Window) -> Patch:
        """Log intensity of a window about the raster's median; 0 where invalid."""
        patch = self.read_linear(window)
        if patch.values.size and patch.valid.any():
            good = patch.values[patch.valid]
            self._refuse(float(good.min()), float(good.max()))
        with np.errstate(divide="ignore"):
            logs = self._logarithm(patch.values) - np.float32(self._median)
        logs = np.maximum(logs, np.float32(-_ZERO_BELOW_MEDIAN))
        return Patch(np.where(patch.valid, logs, np.float32(0)).astype(np.float32, copy=False), patch.valid)

    def read_linear(self, window: Window) -> Patch:
        """The values as they are stored; complex ones as their power."""
        patch = self.source.read(window)
        if not self.source.is_complex:
            return patch
        power = patch.values.real**2 + patch.values.imag**2
        return Patch(power.astype(np.float32, copy=False), patch.valid)

    @property
    def _is_linear(self) -> bool:
        return self.source.is_complex or self._scale != "decibel"

    def _logarithm(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if not self._is_linear:
            return np.asarray(values * np.float32(_PER_DECIBEL), np.float32)
        power = 1.0 if self.source.is_complex or self._scale == "power" else _POWER_OF_AMPLITUDE
        return np.asarray(np.log(values) * np.float32(power), np.float32)

    def _refuse(self, low: float, high: float) -> None:
        where = f"{self.source.name}: the values of {self.source.path} span {low:.6g} to {high:.6g}"
        if self._is_linear and low < 0:
            remedy = "If they are decibels, set SCALE to decibel; if negative values mark missing pixels, declare them"
            message = f"{where}: {self._scale} is not negative. {remedy} as nodata (gdal_edit.py -a_nodata)."
            raise InputError(message)
        if not self._is_linear and max(-low, high) > _MOST_DECIBELS:
            message = f"{where}: these are no decibels. Set SCALE to power or amplitude."
            raise InputError(message)

    def _warn_of_zeros(self, share: float) -> None:
        if share > _ZEROS_WORTH_A_WARNING:
            self._progress.warn(
                f"{self.source.name}: {100 * share:.0f} % of the pixels of {self.source.path} are exactly 0; "
                "if they lie outside the image, set ZERO_IS_NODATA"
            )

    def _warn_of_scale(self, values: npt.NDArray[np.float32]) -> None:
        """Say what the spread of the values tells about their scale; it cannot tell for sure."""
        mean, spread = float(values.mean()), float(values.std())
        what = (
            f"{self.source.name}: the values of {self.source.path} are {mean:.4g} on average and vary by {spread:.3g}"
        )
        if self._is_linear and 0 < spread < mean / math.sqrt(_MOST_LOOKS):
            self._progress.warn(f"{what}, less than speckle does; if they are decibels, set SCALE to decibel")
        elif not self._is_linear and 0 < spread < _LEAST_DECIBEL_SPREAD:
            self._progress.warn(f"{what} dB, less than speckle does; if they are not decibels, set SCALE to power")


class _Linear:
    """The stored values of an image, to be sampled before its median is known."""

    def __init__(self, image: LogIntensity) -> None:
        self.source, self._image = image.source, image

    def check(self) -> None:
        """Nothing is refused here."""

    def read(self, window: Window) -> Patch:
        """Stored values of a window."""
        return self._image.read_linear(window)

"""What a band means: wrapped phase, coherence or amplitude, in one unit, within its range or refused with a hint."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..progress import Progress
from .source import Patch, Source
from .window import Window, scattered_windows

# Products round pi to their own precision, in either direction.
_PI_TOLERANCE = 1e-3
_COHERENCE_TOLERANCE = 1e-6

# What `check` looks at: windows of this side, so many of them, spread over the raster.
_SAMPLE_SIDE, _SAMPLE_COUNT = 128, 100

# A wrapped phase fills its range; one whose values all lie in one of these is probably something else.
_SUSPECTS = (
    (-0.5, 0.5, "if it is in cycles, multiply it by 2 pi first"),
    (0.0, 1.0, "if it is a coherence, give the wrapped phase instead; if it is in cycles, multiply it by 2 pi first"),
)
_ENOUGH_FOR_A_RANGE = 10_000


class Quantity(Protocol):
    """A raster whose pixels have a known meaning."""

    source: Source

    def check(self) -> None:
        """Raise `InputError` where a sample of the raster cannot be this quantity."""

    def read(self, window: Window) -> Patch:
        """The window in canonical units; raises `InputError` where its values cannot be this quantity."""


class WrappedPhase:
    """Interferometric phase, radians in [-pi, pi] as float32; complex input gives its angle, and 0+0j is no data."""

    def __init__(self, source: Source, progress: Progress | None = None) -> None:
        self.source, self._progress = source, progress

    def check(self) -> None:
        """Sample the raster and refuse what is not wrapped; warn where the values look like cycles or a coherence."""
        refuse_whole_numbers(self.source)
        low, high, count = _sampled_range(self)
        if self._progress is None or count <= _ENOUGH_FOR_A_RANGE:
            return
        what = f"{self.source.name}: the phase of {self.source.path} spans only {low:.3g} to {high:.3g} rad"
        for least, largest, advice in _SUSPECTS:
            if low >= least - _PI_TOLERANCE and high <= largest + _PI_TOLERANCE:
                self._progress.warn(f"{what}; {advice}")
                return

    def read(self, window: Window) -> Patch:
        """Phase of a window, 0 where invalid."""
        patch = self.source.read(window)
        if self.source.is_complex:
            valid = patch.valid & (patch.values != 0)
            phase = np.where(valid, np.angle(patch.values), np.float32(0))
            return Patch(phase.astype(np.float32, copy=False), valid)
        low, high = _range(patch)
        if max(-low, high) > math.pi + _PI_TOLERANCE:
            message = (
                f"{self.source.name}: the values of {self.source.path} span {low:.6g} to {high:.6g}: "
                f"not wrapped radians ({_guess_phase_unit(low, high)}). Give the phase wrapped to -pi..pi, in radians."
            )
            raise InputError(message)
        return patch


def refuse_whole_numbers(source: Source) -> None:
    """Raise `InputError` where a phase is stored in whole numbers without a scale."""
    if source.is_integer:
        message = (
            f"{source.name}: {source.path} holds whole numbers ({source.dtype}), which cannot be radians. Give the "
            "phase as floats in radians or as complex numbers, or declare its scale in the file."
        )
        raise InputError(message)


class Coherence:
    """Coherence 0 to 1 as float32; bytes are taken as 0 to 255 and scaled, which is logged."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self.source = source
        if source.is_complex:
            message = f"{source.name}: {source.path} is complex. Give the magnitude of the coherence, 0 to 1."
            raise InputError(message)
        self._scale = 1.0
        if source.is_uint8:
            self._scale = 1 / 255
            progress.log(
                f"{source.name}: {source.path} holds bytes; coherence is taken as 0 to 255 and scaled to 0 to 1"
            )

    def check(self) -> None:
        """Sample the raster and refuse values outside 0 to 1."""
        _sampled_range(self)

    def read(self, window: Window) -> Patch:
        """Coherence of a window, 0 where invalid."""
        patch = self.source.read(window)
        low, high = _range(patch)
        low, high = low * self._scale, high * self._scale
        if low < -_COHERENCE_TOLERANCE or high > 1 + _COHERENCE_TOLERANCE:
            message = (
                f"{self.source.name}: the values of {self.source.path} span {low:.6g} to {high:.6g}: not a coherence "
                f"of 0 to 1 ({_guess_coherence_unit(low, high)}). Scale it to 0 to 1, in the raster calculator of QGIS."
            )
            raise InputError(message)
        values = np.clip(patch.values * np.float32(self._scale), 0, 1)
        return Patch(values.astype(np.float32, copy=False), patch.valid)


class Amplitude:
    """Linear amplitude, float32 of 0 and more, in any calibration; complex input gives its magnitude."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def check(self) -> None:
        """Sample the raster and refuse negative values."""
        _sampled_range(self)

    def read(self, window: Window) -> Patch:
        """Amplitude of a window, 0 where invalid."""
        patch = self.source.read(window)
        if self.source.is_complex:
            return Patch(np.abs(patch.values), patch.valid)
        low, high = _range(patch)
        if low < 0:
            message = (
                f"{self.source.name}: the values of {self.source.path} span {low:.6g} to {high:.6g}: an amplitude is "
                "not negative (decibels?). Give it linear: 10^(dB/20)."
            )
            raise InputError(message)
        return patch


def sample(quantity: Quantity) -> npt.NDArray[np.float32]:
    """The valid values of windows spread evenly over the raster; the choice does not depend on any tiling."""
    parts = [np.empty(0, np.float32)]
    for window in scattered_windows(quantity.source.grid.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
        patch = quantity.read(window)
        parts.append(patch.values[patch.valid])
    return np.concatenate(parts)


def _sampled_range(quantity: Quantity) -> tuple[float, float, int]:
    """Least and largest of a sample, and its size; zeros where nothing is valid."""
    values = sample(quantity)
    if values.size == 0:
        return 0.0, 0.0, 0
    return float(values.min()), float(values.max()), int(values.size)


def _range(patch: Patch) -> tuple[float, float]:
    """Least and largest valid value; (0, 0) where none is. Zeros stand where pixels are invalid."""
    if patch.values.size == 0 or not patch.valid.any():
        return 0.0, 0.0
    low, high = float(patch.values.min()), float(patch.values.max())
    if low < 0 < high or patch.valid.all():
        return low, high
    good = patch.values[patch.valid]
    return float(good.min()), float(good.max())


def _guess_phase_unit(low: float, high: float) -> str:
    if low >= -_PI_TOLERANCE and high <= 2 * math.pi + _PI_TOLERANCE:
        return "0 to 2 pi?"
    return "unwrapped? degrees?"


def _guess_coherence_unit(low: float, high: float) -> str:
    if low < -_COHERENCE_TOLERANCE:
        return "a phase? decibels? nodata not declared?"
    return "percent?" if high <= 100 else "0 to 255?" if high <= 255 else "an amplitude?"

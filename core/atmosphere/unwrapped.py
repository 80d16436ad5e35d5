"""An unwrapped interferogram or displacement map in a declared unit, refused where it is something else."""

from __future__ import annotations

import math

from ..errors import InputError
from ..phase.jumps import Jumps
from ..progress import Progress
from ..raster.source import Patch, Source
from ..raster.window import Window, scattered_windows

MILLIMETRES = {"metres": 1000.0, "millimetres": 1.0}
SPELLINGS = {
    "radians": ("rad", "radian", "radians"),
    "metres": ("m", "metre", "metres", "meter", "meters"),
    "millimetres": ("mm", "millimetre", "millimetres", "millimeter", "millimeters"),
}
SHORT = {"radians": "rad", "metres": "m", "millimetres": "mm"}
SAMPLE_SIDE, SAMPLE_COUNT = 128, 100
MOST_METRES = 50.0  # no interferogram spans more: the numbers are millimetres
LEAST_RADIANS = 0.05  # spread below which numbers called radians are probably metres
ENOUGH = 100  # pixels to judge by


class Unwrapped:
    """Unwrapped values of a source, in `units`; `millimetres` is the length along the line of sight of one unit."""

    def __init__(self, source: Source, units: str, wavelength: float) -> None:
        self.source, self.units = source, units
        self.millimetres = 1000.0 * wavelength / (4.0 * math.pi) if units == "radians" else MILLIMETRES[units]
        self.unit = SHORT[units]

    def check(self, progress: Progress) -> None:
        """Sample the raster; raises InputError for complex or wrapped phase and for a unit that cannot be."""
        where = f"{self.source.name}: {self.source.path}"
        if self.source.is_complex:
            message = f"{where} is complex, so it is wrapped. Unwrap it first ('Unwrap phase')."
            raise InputError(message)
        self._check_declared(where)
        jumps = Jumps()
        for window in scattered_windows(self.source.grid.shape, SAMPLE_SIDE, SAMPLE_COUNT):
            patch = self.source.read(window)
            jumps.look(patch.values, patch.valid)
        if jumps.count < ENOUGH:
            return
        low, high = jumps.low, jumps.high
        if self.units == "radians":
            self._check_radians(where, jumps, progress)
        elif self.units == "metres" and high - low > MOST_METRES:
            message = f"{where} spans {low:.4g} to {high:.4g}: more than metres can be. Set UNITS to millimetres."
            raise InputError(message)

    def read(self, window: Window) -> Patch:
        """The values of a window, 0 where invalid."""
        return self.source.read(window)

    def _check_declared(self, where: str) -> None:
        declared = self.source.unit.strip().lower()
        for name, words in SPELLINGS.items():
            if declared in words and name != self.units:
                message = (
                    f"{where} declares its unit as {self.source.unit}, and UNITS is {self.units}. Set UNITS to {name}."
                )
                raise InputError(message)

    def _check_radians(self, where: str, jumps: Jumps, progress: Progress) -> None:
        if jumps.wrapped:
            message = f"{where} {jumps.describe()}: it is still wrapped. Unwrap it first ('Unwrap phase')."
            raise InputError(message)
        low, high = jumps.low, jumps.high
        if high - low < LEAST_RADIANS:
            progress.warn(f"{where} spans only {low:.3g} to {high:.3g}; if these are metres, set UNITS to metres")

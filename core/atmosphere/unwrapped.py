"""An unwrapped interferogram or displacement map in a declared unit, refused where it is something else."""

from __future__ import annotations

import math

import numpy as np

from ..errors import InputError
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
PI_TOLERANCE = 1e-3  # rad, to which products round
JUMP = 1.25 * math.pi  # rad between neighbours: nearly a cycle
FEW_JUMPS = 1e-4  # share of such neighbours, beyond which a field within -pi and pi is wrapped
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
        low, high, count, jumps, pairs = math.inf, -math.inf, 0, 0, 0
        for window in scattered_windows(self.source.grid.shape, SAMPLE_SIDE, SAMPLE_COUNT):
            patch = self.source.read(window)
            if not patch.valid.any():
                continue
            seen = patch.values[patch.valid]
            low, high, count = min(low, float(seen.min())), max(high, float(seen.max())), count + seen.size
            found, compared = _jumps(patch)
            jumps, pairs = jumps + found, pairs + compared
        if count < ENOUGH:
            return
        if self.units == "radians":
            self._check_radians(where, low, high, jumps / max(pairs, 1), progress)
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

    def _check_radians(self, where: str, low: float, high: float, jumps: float, progress: Progress) -> None:
        within = max(high, -low) <= math.pi + PI_TOLERANCE
        if within and jumps > FEW_JUMPS:
            message = (
                f"{where} stays within -pi and pi and jumps by whole cycles ({100 * jumps:.2g} % of the neighbours "
                "do): it is still wrapped. Unwrap it first ('Unwrap phase')."
            )
            raise InputError(message)
        if high - low < LEAST_RADIANS:
            progress.warn(f"{where} spans only {low:.3g} to {high:.3g}; if these are metres, set UNITS to metres")


def _jumps(patch: Patch) -> tuple[int, int]:
    """Neighbours nearly a cycle apart, and neighbours compared."""
    found, compared = 0, 0
    for axis in (0, 1):
        step = np.abs(np.diff(patch.values.astype(np.float64), axis=axis))
        both = patch.valid[1:] & patch.valid[:-1] if axis == 0 else patch.valid[:, 1:] & patch.valid[:, :-1]
        found += int(np.count_nonzero(both & (step > JUMP)))
        compared += int(np.count_nonzero(both))
    return found, compared

"""What makes an area of probability a detected trough, and how deep it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..phase.gradients import Gradient
from ..phase.unwrap_integrate import integrate
from ..phase.wrap import CYCLE
from ..raster.window import Window
from .regions import Area

Float = npt.NDArray[np.float32]

OUTLINE_LEVEL = 0.5  # probability along the outline
LEAST_PIXELS = 12  # fewer are noise, whatever their area
_MARGIN = 2  # pixels around the rectangle of a trough, whose phase is the level that depth is counted from
MOST_PIXELS = 4_000_000  # of a rectangle whose depth is worked out: 4 planes of it are in memory at once


class Depth(NamedTuple):
    """How far the phase in a trough is from its outline, rad, signed as in the input; and in fringes."""

    phase: float
    fringes: float


def score_of(area: Area) -> float:
    """How sure a detection is, 0..1."""
    return area.mean


def depth_of(area: Area) -> Depth:
    """Depth from the gradients (down, right; rad per pixel) that are the planes of the area; NaN where too large."""
    if area.box.pixels > MOST_PIXELS:
        return Depth(np.nan, np.nan)
    around = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN))
    inside = np.pad(area.mask(), around)
    down, right = (np.pad(plane, around) for plane in area.planes()[:2])
    field = integrate(Gradient(down, right))
    values = (field - np.median(field[~inside]))[inside]
    phase = float(values[np.argmax(np.abs(values))])
    return Depth(phase, abs(phase) / CYCLE)


def whole_mask(area: Area, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The pixels of an area in a raster of `shape`."""
    mask = np.zeros(shape, bool)
    mask[Window(*area.box).slices] = area.mask()
    return mask

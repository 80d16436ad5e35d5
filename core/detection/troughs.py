"""What makes an area of probability a detected trough, and how deep it is."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..phase.gradients import Gradient
from ..phase.unwrap_integrate import integrate
from ..phase.wrap import CYCLE
from .regions import Area, Regions

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]

OUTLINE_LEVEL = 0.2  # least probability along an outline,
OUTLINE_SHARE = 0.5  # which is this share of that of the surest tenth: faint troughs are outlined as a whole
SURE = 0.9
# Mean probability at which the network gives one false alarm per 1,000 km2, which the tool is to do by default;
# on scenes like those of the benchmark, but of another seed.
NETWORK_MIDDLE = 0.42
LEAST_PIXELS = 12  # fewer are noise, whatever their area
MOST_FILLED = 2.0  # times its own pixels that an area may have with its holes
_LEAST_ODDS = 1e-6
_MARGIN = 2  # pixels around the rectangle of a trough, whose phase is the level that depth is counted from
MOST_PIXELS = 4_000_000  # of a rectangle whose depth is worked out: 4 planes of it are in memory at once


class Depth(NamedTuple):
    """How far the phase in a trough is from its outline, rad, signed as in the input; and in fringes."""

    phase: float
    fringes: float


def score_of(area: Area, middle: float = 0.5) -> float:
    """How sure a detection is, 0..1: the odds of its mean probability over those of `middle`, which scores a half."""
    mean = min(max(area.mean, _LEAST_ODDS), 1.0 - _LEAST_ODDS)
    odds = mean / (1.0 - mean) * (1.0 - middle) / middle
    return odds / (1.0 + odds)


def depth_of(area: Area, mask: Bool) -> Depth:
    """Depth from the gradients (down, right; rad per pixel) that are the planes of the area; NaN where too large.

    `mask` is the filled area in its box, of whose holes no gradients are known: they are taken as flat.
    """
    if area.box.pixels > MOST_PIXELS:
        return Depth(np.nan, np.nan)
    around = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN))
    inside = np.pad(mask, around)
    down, right = (np.pad(plane, around) for plane in area.planes()[:2])
    field = integrate(Gradient(down, right))
    values = (field - np.median(field[~inside]))[inside]
    phase = float(values[np.argmax(np.abs(values))])
    return Depth(phase, abs(phase) / CYCLE)


def outlined(regions: Regions) -> list[tuple[Area, Bool]]:
    """The areas that may be troughs with their pixels in their boxes, holes filled, the largest first.

    The flat bottom of a trough looks like any flat ground, so that a network is surer of its flanks: what they enclose
    belongs to it, and what else was found in there. A thin line around much ground encloses nothing. The last plane of
    the regions is the probability itself.
    """
    found: list[tuple[Area, Bool]] = []
    areas = [_narrowed(area) for area in regions.areas() if area.pixels >= LEAST_PIXELS]
    for area, mask in sorted(areas, key=lambda pair: (-pair[0].box.pixels, pair[0].first)):
        if area.pixels >= LEAST_PIXELS and not any(_holds(other, whole, area.first) for other, whole in found):
            filled = np.asarray(ndimage.binary_fill_holes(mask))
            found.append((area, filled if filled.sum() <= MOST_FILLED * area.pixels else mask))
    return found


def _narrowed(area: Area) -> tuple[Area, Bool]:
    """The largest part of an area that is not too unsure beside its surest pixels, and its mask in the same box."""
    mask = area.mask()
    level = OUTLINE_SHARE * area.quantile(SURE)
    if level <= OUTLINE_LEVEL or area.box.pixels > MOST_PIXELS:
        return area, mask
    probability = area.planes()[-1]
    labels, _ = ndimage.label(mask & (probability >= level))
    sizes = np.bincount(labels.ravel())[1:]
    inside = np.asarray(labels == 1 + int(sizes.argmax()))
    row, column = (int(place) for place in np.argwhere(inside)[0])
    first = (area.box.row + row, area.box.column + column)
    mean = float(probability[inside].mean(dtype=np.float64))
    return replace(area, pixels=int(sizes.max()), mean=mean, first=first), inside


def _holds(area: Area, mask: Bool, place: tuple[int, int]) -> bool:
    """Whether a pixel (row, column) of the raster lies in a filled area."""
    row, column = place[0] - area.box.row, place[1] - area.box.column
    return 0 <= row < area.box.height and 0 <= column < area.box.width and bool(mask[row, column])


def whole_mask(area: Area, mask: Bool, shape: tuple[int, int]) -> Bool:
    """The pixels of an area's box in a raster of `shape`."""
    whole = np.zeros(shape, bool)
    whole[area.box.slices] = mask
    return whole

"""What is known of a detected landslide: its pixels on the ground, its slope, and whether the radar can see it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from ..raster.vector import Field, Rings
from .gradient_input import Seen
from .slopes import Surface, aspect

HIDDEN = 0.2  # sensitivity to the line of sight below which a slope is called blind
BROAD = 3  # pixels over which the largest gradient is averaged, so that it is none of a single pixel

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


class Ground(NamedTuple):
    """Means over a body; NaN where there is no elevation model, or no line of sight for the sensitivity."""

    slope: float  # degrees
    aspect: float  # degrees clockwise from north, of the way down
    sensitivity: float  # displacement toward the satellite per motion down the slope, -1 to 1


class Landslide(NamedTuple):
    """One detection, with all that is written of it."""

    rings: Rings
    score: float
    area_m2: float
    pixels: int
    ground: Ground
    peak_gradient: float  # rad per year and pixel
    mean_coherence: float

    @property
    def kind(self) -> str:
        """The class: without an elevation model nothing tells a landslide from other ground that moves."""
        return "landslide" if math.isfinite(self.ground.slope) else "moving ground"

    @property
    def note(self) -> str:
        """What the user should know before believing how fast it is."""
        if math.isfinite(self.ground.sensitivity) and abs(self.ground.sensitivity) < HIDDEN:
            return (
                f"blind slope: the sensor sees {abs(self.ground.sensitivity):.0%} of motion down this slope;"
                " look at the other orbit"
            )
        return "" if math.isfinite(self.ground.slope) else "no elevation model here: the slope is not known"


def ground_of(body: Bool, surface: Surface | None, look: Tensor | None) -> Ground:
    """Means of a surface (1, rows, columns) over a body (rows, columns)."""
    known = torch.from_numpy(body) & surface.known[0] if surface is not None else None
    if surface is None or known is None or not bool(known.any()):
        return Ground(math.nan, math.nan, math.nan)
    slope = float(surface.degrees()[0][known].mean())
    way = aspect(float(surface.right[0][known].mean()), float(surface.down[0][known].mean()))
    seen = math.nan if look is None else float(surface.sensitivity(look)[0][known].mean())
    return Ground(slope, way, seen)


def strength_of(body: Bool, seen: Seen) -> tuple[float, float]:
    """Largest gradient (rad per year and pixel, over BROAD pixels) and mean coherence of a body; NaN where unknown."""
    there = body & seen.valid
    if not there.any():
        return math.nan, math.nan
    smooth = [uniform_filter(np.where(there, part, 0), BROAD, mode="constant") for part in seen.gradient]
    share = uniform_filter(there.astype(np.float32), BROAD, mode="constant")
    size = np.hypot(*smooth) / np.maximum(share, 1.0 / BROAD**2)
    return float(size[there].max()), float(seen.coherence[there].mean())


def fields_of(found: list[Landslide], interferograms: int | None) -> list[Field]:
    """The columns of the layer, one value for each landslide; -1 interferograms where the stack does not say."""

    def column(values: list[float], digits: int) -> npt.NDArray[np.float64]:
        return np.array(values, np.float64).round(digits)

    def words(values: list[str]) -> npt.NDArray[np.object_]:
        texts = np.empty(len(values), object)
        texts[:] = values
        return texts

    count = -1 if interferograms is None else interferograms
    return [
        Field("score", column([s.score for s in found], 4), "how sure the detection is, 0..1"),
        Field("class", words([s.kind for s in found]), "landslide, or moving ground where no slope is known"),
        Field("area_m2", column([s.area_m2 for s in found], 1), "m2, on the ellipsoid"),
        Field("slope_deg", column([s.ground.slope for s in found], 2), "degrees, mean; empty without DEM"),
        Field("aspect_deg", column([s.ground.aspect for s in found], 1), "degrees from north, way down; or empty"),
        Field("sensitivity", column([s.ground.sensitivity for s in found], 3), "share of motion down the slope that the"
              " sensor sees, positive toward it; empty without DEM, HEADING and INCIDENCE"),
        Field("peak_gradient", column([s.peak_gradient for s in found], 4), "rad per year and pixel, largest of 3x3"),
        Field("mean_coherence", column([s.mean_coherence for s in found], 3), "of the stack, 0..1"),
        Field("pixels", np.array([s.pixels for s in found], np.int64), "pixels of the input"),
        Field("interferograms", np.full(len(found), count, np.int64), "in the stack; -1 where the file does not say"),
        Field("note", words([s.note for s in found]), "what to know before believing it"),
    ]  # fmt: skip

"""What the network is shown of a scene: the residual of the trend in robust units, and what is known beside it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .trend import LEAST_RELIEF

PLANES = (
    "residual", "compressed", "share", "elevation", "has_elevation", "coherence", "has_coherence", "spacing", "scale",
)  # fmt: skip
LARGEST = 200.0  # robust deviations beyond which a value is cut; nothing is learnt from larger ones
USUAL_SPACING, USUAL_SCALE = 400.0, 10.0  # m and mm, whose logarithm is 0
NORMAL_DEVIATION = 1.4826
FLATTEST = 30.0  # m, deviation of heights below which they are not enlarged further
HIGHEST = 6.0  # robust deviations of height

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


def planes_of(
    residual: Float,
    share: Float,
    deviation: float,
    spacing: float,
    millimetres: float,
    elevation: Float | None = None,
    coherence: Float | None = None,
) -> Float:
    """Planes (9, rows, columns) of PLANES, float32, from cells of a whole scene.

    residual: what the trend leaves, any unit, 0 where share (0..1, of a cell's pixels that are valid) is 0; deviation:
    its robust deviation; spacing: of the cells, m; millimetres: of a unit of the residual along the line of sight;
    elevation in m and coherence (0..1) are None where there is none.
    """
    valid = share > 0
    scaled = np.clip(residual / max(deviation, 1e-12), -LARGEST, LARGEST) * valid
    nothing = np.zeros_like(scaled)
    everywhere = np.ones_like(scaled)
    height = nothing if elevation is None else _standard(elevation, valid)
    size = math.log(max(deviation * millimetres, 1e-6) / USUAL_SCALE)
    planes = (
        scaled,
        np.arcsinh(scaled),
        share,
        height,
        nothing if elevation is None else everywhere,
        nothing if coherence is None else coherence * valid,
        nothing if coherence is None else everywhere,
        everywhere * math.log(spacing / USUAL_SPACING),
        everywhere * np.clip(size, -6.0, 6.0),
    )
    return np.stack(planes).astype(np.float32)


def _standard(elevation: Float, valid: Bool) -> Float:
    """Heights about their median in units of their robust deviation; of flat ground, of FLATTEST."""
    known = elevation[valid] if valid.any() else elevation
    middle = float(np.median(known))
    spread = NORMAL_DEVIATION * float(np.median(np.abs(known - middle)))
    spread = max(spread, 0.5 * float(np.std(known)), FLATTEST)
    if float(np.std(known)) < LEAST_RELIEF:
        return np.zeros_like(elevation)
    return np.asarray(np.clip((elevation - middle) / spread, -HIGHEST, HIGHEST), np.float32)

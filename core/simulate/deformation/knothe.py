"""The subsidence trough over an underground mine panel, and the horizontal movement that goes with it.

Knothe (1957); the probability-integral method in the notation of He et al. (1991).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Panel:
    """Rectangular mine panels, each value a tensor (batch,).

    length, width: of the panel (m); angle: of its length from east, counter-clockwise (rad); reach: main influence
    radius, depth over the tangent of the influence angle (m); subsidence: at full extraction, positive down, in the
    unit wanted for the displacement; horizontal: ratio of horizontal movement to tilt over the radius, 0.3 to 0.4.
    """

    length: Tensor
    width: Tensor
    angle: Tensor
    reach: Tensor
    subsidence: Tensor
    horizontal: Tensor


def displacement(panel: Panel, east: Tensor, north: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """East, north and up displacement at (batch or 1, rows, cols) m from the panel's centre, in the unit of subsidence.

    The trough is S = Smax F(u, length) F(v, width), with F the difference of two error functions; the ground moves
    toward the centre by horizontal * reach * grad S.
    """
    wide = {name: getattr(panel, name)[:, None, None] for name in panel.__dataclass_fields__}
    cosine, sine = torch.cos(wide["angle"]), torch.sin(wide["angle"])
    u, v = east * cosine + north * sine, north * cosine - east * sine
    reach = wide["reach"]
    along, along_tilt = _profile(u, wide["length"], reach)
    across, across_tilt = _profile(v, wide["width"], reach)
    factor = wide["horizontal"] * reach * wide["subsidence"]
    du, dv = factor * along_tilt * across, factor * along * across_tilt
    return du * cosine - dv * sine, du * sine + dv * cosine, -wide["subsidence"] * along * across


def _profile(u: Tensor, length: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
    """Share of the full subsidence across a panel of this length, and its derivative per metre."""
    scale = math.sqrt(math.pi) / reach
    left, right = (u + length / 2) * scale, (u - length / 2) * scale
    share = 0.5 * (torch.erf(left) - torch.erf(right))
    tilt = (torch.exp(-left.square()) - torch.exp(-right.square())) / reach
    return share, tilt

"""What an elevation model says of a landslide: slope, the way down, and how much of it the radar sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

SMOOTHING = 5  # pixels over which heights are averaged before the slope is taken
REACH = SMOOTHING // 2 + 1  # pixels from a slope to the farthest height that it depends on
FLAT = 1e-6  # rise over run below which there is no way down


@dataclass
class Surface:
    """Slopes of a ground, all (n, rows, cols); nothing is known where `known` is False, and the rest is 0 there."""

    right: Tensor  # rise per metre along columns
    down: Tensor  # along rows
    known: Tensor  # bool

    @property
    def sine(self) -> Tensor:
        """Sine of the slope."""
        steep = torch.hypot(self.right, self.down)
        return steep / torch.sqrt(1.0 + steep.square())

    def planes(self) -> Tensor:
        """(n, 3, rows, cols): sine of the slope, and the way down along columns and rows times that sine."""
        flat = 1.0 / torch.sqrt(1.0 + self.right.square() + self.down.square())
        return torch.stack((self.sine, -self.right * flat, -self.down * flat), 1)

    def degrees(self) -> Tensor:
        """Slope."""
        return torch.rad2deg(torch.asin(self.sine.clamp(max=1.0)))

    def sensitivity(self, look: Tensor) -> Tensor:
        """Displacement toward the satellite per unit of motion down the surface, -1 to 1.

        look (n, 3): unit vectors along columns, against rows (north of a map), and up, to the satellite.
        """
        steep = torch.hypot(self.right, self.down).clamp_min(FLAT)
        flat = 1.0 / torch.sqrt(1.0 + steep.square())
        along, north, up = (look[:, axis, None, None] for axis in range(3))
        seen: Tensor = -flat * ((self.right * along - self.down * north) / steep + steep * up)
        return seen * self.known


def surface(elevation: Tensor, step_x: Tensor, step_y: Tensor) -> Surface:
    """Slopes of elevation (n, rows, cols) m, NaN unknown; step_x, step_y (n,) or (n, rows) m between pixels, positive.

    Heights are averaged over SMOOTHING pixels, since a body does not follow each hummock; the outermost REACH pixels
    depend on what lies beyond, and are to be cut off by whoever works in tiles.
    """
    there = torch.isfinite(elevation)
    weight = _mean(there.float())
    smooth = _mean(torch.where(there, elevation, torch.zeros_like(elevation))) / weight.clamp_min(1e-6)
    down, right = torch.gradient(smooth, dim=(1, 2))
    known = there & (_mean(there.float()) > 1.0 - 1e-4)
    known = known & (-functional.max_pool2d(-known.float()[:, None], 3, 1, 1)[:, 0] > 0.5)
    nothing = torch.zeros_like(smooth)
    return Surface(
        torch.where(known, right / step_x.view(len(step_x), -1, 1), nothing),
        torch.where(known, down / step_y.view(len(step_y), -1, 1), nothing),
        known,
    )


def aspect(right: float, down: float) -> float:
    """Degrees clockwise from north (of the rows) of the way down, 0 to 360, from mean rises along columns and rows."""
    return math.degrees(math.atan2(-right, down)) % 360.0


def _mean(field: Tensor) -> Tensor:
    return functional.avg_pool2d(field[:, None], SMOOTHING, 1, SMOOTHING // 2, count_include_pad=False)[:, 0]

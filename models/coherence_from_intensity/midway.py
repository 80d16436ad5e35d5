"""Estimates that belong between pixels, brought to pixels: images that lie an odd number of pixels off each other.

What is read off both of them belongs to the middle between two pixels; a pixel gets the mean of the two beside it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .network import CoherenceNet


def midway(values: Tensor, valid: Tensor, between: tuple[bool, bool]) -> tuple[Tensor, Tensor]:
    """Values (n, c, h, w) that lie half a pixel further along rows and columns where `between` says so, at pixels.

    Each is the mean of its own and the one before, as far as they are valid (n, 1, h, w, of 0 and 1); which then are
    valid comes second. What is nowhere valid stays as it is.
    """
    for axis, halfway in zip((2, 3), between, strict=True):
        if not halfway:
            continue
        before = [_before(planes, axis) for planes in (values, valid)]
        before[1].narrow(axis, 0, 1).zero_()
        count = valid + before[1]
        mean = (values * valid + before[0] * before[1]) / count.clamp_min(1.0)
        values, valid = torch.where(count > 0, mean, values), count.clamp_max(1.0)
    return values, valid


def _before(planes: Tensor, axis: int) -> Tensor:
    """Each pixel's neighbour before it; the first stands for its own."""
    length = planes.shape[axis]
    return torch.cat([planes.narrow(axis, 0, 1), planes.narrow(axis, 0, length - 1)], axis)


class Midway(nn.Module):
    """The network, whose answers are brought from between pixels to pixels."""

    def __init__(self, network: CoherenceNet, between: tuple[bool, bool]) -> None:
        super().__init__()
        self.network, self.between = network, between
        self.channels, self.outputs, self.multiple_of = network.channels, network.outputs, network.multiple_of
        self.halo = -(-(network.radius() + 1) // self.multiple_of) * self.multiple_of
        self.spare = network.spare

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) of the network's channels to raw values (n, 2, h, w), float32."""
        return self.trimmed(x, (0, 0, 0, 0))

    def trimmed(self, x: Tensor, sides: tuple[int, int, int, int]) -> Tensor:
        """As `forward`, less so many pixels at the top, bottom, left and right, each 0 or `spare`."""
        top, bottom, left, right = sides
        valid = x[:, 2:3, top : x.shape[2] - bottom, left : x.shape[3] - right].float()
        return midway(self.network.trimmed(x, sides).float(), valid, self.between)[0]

"""What gradients say together over wide ground: weighted sums, and the displacement that they add up to nearby.

A wide body of which no pixel stands out of the noise does so as a whole. A network can learn to add up, but its
rectified layers lose a little of a faint signal each time; these sums are exact, and given to each of its levels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

X, Y, COHERENCE, VALID = range(4)  # among CHANNELS
FLOOR = 0.05  # of the variance of the phase, so that full coherence has no infinite weight
LEAST = 1e-6
PLANES = 4  # two sums, the displacement, and the weight


class Evidence(nn.Module):
    """Fixed sums over cells, and a learned layer, zero before training, that adds them to the features of a level."""

    def __init__(self, side: int, reach: int, channels: int) -> None:
        super().__init__()
        self.side, self.reach = side, reach  # pixels along a cell; cells to the farthest that the displacement takes
        self.register_buffer("kernel", potential(reach), persistent=False)
        self.kernel: Tensor
        self.add = nn.Conv2d(PLANES, channels, 1)
        nn.init.zeros_(self.add.weight)
        nn.init.zeros_(self.add.bias)  # type: ignore[arg-type]

    def forward(self, pulls: Tensor) -> Tensor:
        """`weighted` planes (n, 3, h, w) to (n, channels, h / side, w / side)."""
        pooled = functional.avg_pool2d(pulls, self.side)
        total, power = pooled[:, :2], pooled[:, 2:]
        sums = self.side * total / torch.sqrt(power + LEAST)
        kernel = self.kernel.to(total.dtype)
        moved = functional.conv2d(total, kernel, padding=self.reach)
        spread = functional.conv2d(power, kernel.square().sum(1, keepdim=True), padding=self.reach)
        moved = self.side * moved / torch.sqrt(spread + LEAST)
        shown = torch.cat((torch.asinh(sums), torch.asinh(moved), torch.log1p(power)), 1)
        added: Tensor = self.add(shown)
        return added


def weighted(x: Tensor) -> Tensor:
    """CHANNELS (n, 10, h, w) to gradients times their weight, and the square of the weight: (n, 3, h, w).

    The weight is one over the variance of a mean of phases of that coherence, up to a factor for the whole raster.
    """
    coherence = x[:, COHERENCE : COHERENCE + 1].float()
    weight = x[:, VALID : VALID + 1].float() * coherence.square() / (1.0 - coherence.pow(4) + FLOOR)
    return torch.cat((x[:, : Y + 1].float() * weight, weight.square()), 1)


def potential(reach: int) -> Tensor:
    """Kernel (1, 2, 2 reach + 1, 2 reach + 1) that turns gradients along columns and rows into displacement.

    The gradient of the logarithm of the distance, which inverts a gradient field, tapered to zero at `reach`: the
    displacement of a place against what lies around it.
    """
    place = torch.arange(-reach, reach + 1, dtype=torch.float32)
    y, x = torch.meshgrid(place, place, indexing="ij")
    squared = x.square() + y.square()
    taper = (1.0 - squared / (reach + 0.5) ** 2).clamp_min(0.0).square() / squared.clamp_min(1.0)
    kernel = -torch.stack((x, y)) * taper
    return kernel[None] / kernel.square().sum().sqrt()

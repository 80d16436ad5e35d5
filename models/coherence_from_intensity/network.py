"""ResUNet that estimates coherence and its standard deviation from two detected images; works on 2x2 pixel cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual
from .features import CELL, COUNT, STEP, pair_features, radius

# What the network is shown, in this order: natural logarithms of intensity about the median of each raster.
CHANNELS = ("log_first", "log_second", "valid")
WIDTHS = (40, 64, 96, 144)  # channels at cells of 2, 4, 8 and 16 pixels
LEAST_DEVIATION, MOST_DEVIATION = 0.005, 0.5  # of coherence
LOG_USUAL_DEVIATION = math.log(0.1)


class CoherenceNet(nn.Module):
    """Symmetric features, four levels with skips by addition, two outputs per pixel; see `coherence_of`."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), 2
        self.stem = ConvNorm(COUNT, widths[0])
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        steps = list(pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2, relu=False) for fine, coarse in steps)
        self.beside = nn.ModuleList(ConvNorm(COUNT, coarse, 1, relu=False) for coarse in widths[1:])
        self.deep = Residual(widths[-2])
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.head = nn.Conv2d(widths[0], self.outputs * CELL**2, 3, padding=1)
        self.multiple_of = max(STEP, CELL * 2 ** len(steps))
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of

    def radius(self) -> int:
        """Pixels from an output to the farthest input that it can depend on."""
        total = radius() + 2 * CELL  # stem and head
        total += 2 * (CELL << (len(self.down) - 1))  # the deep block
        for level in range(len(self.encoder)):
            cell = CELL << level
            total += 2 * cell
            if level < len(self.decoder):
                total += cell * (2 + 1)  # 1: the way into a coarser cell
        return total

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) of CHANNELS, sides divisible by `multiple_of`, to raw values (n, 2, h, w)."""
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
            x = pair_features(x)
        features = x.contiguous(memory_format=torch.channels_last)
        x = self.stem(features)
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(x)
            if level == len(self.down) - 1:
                x = self.deep(x)
            if level < len(self.down):
                skips.append(x)
                features = functional.avg_pool2d(features, 2)
                x = functional.relu(self.down[level](x) + self.beside[level](features), inplace=True)
        for level in reversed(range(len(self.up))):
            x = functional.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](functional.relu(x + skips[level], inplace=True))
        return functional.pixel_shuffle(self.head(x), CELL)

    @torch.no_grad()
    def stretch_deviation(self, factor: float) -> None:
        """Make every stated deviation this much larger."""
        if self.head.bias is not None:
            self.head.bias[CELL**2 :] += math.log(factor)


def coherence_of(raw: Tensor) -> tuple[Tensor, Tensor]:
    """Coherence (0..1) and its standard deviation, each (n, h, w), from the network's raw values (n, 2, h, w)."""
    deviation = torch.exp(raw[:, 1] + LOG_USUAL_DEVIATION)
    return unbounded(raw).clamp(0.0, 1.0), deviation.clamp(LEAST_DEVIATION, MOST_DEVIATION)


def unbounded(raw: Tensor) -> Tensor:
    """Coherence (n, h, w) as the network gives it, which may lie beyond 0..1: for losses, whose slope must not end."""
    return raw[:, 0] * 0.5 + 0.5

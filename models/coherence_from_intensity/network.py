"""ResUNet that estimates coherence and its standard deviation from two detected images; works on 2x2 pixel cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual
from .features import CELL, COUNT, RATIOS, STATISTICS, STEP, pair_features, radius, statistics_of
from .segments import SoftSegments

# What the network is shown, in this order: natural logarithms of intensity about the median of each raster.
CHANNELS = ("log_first", "log_second", "valid")
WIDTHS = (40, 64, 96, 144)  # channels at cells of 2, 4, 8 and 16 pixels
OUTLINED = 1  # level at which areas are outlined, that is cells of 4 pixels
LEAST_DEVIATION, MOST_DEVIATION = 0.005, 0.5  # of coherence
LOG_USUAL_DEVIATION = math.log(0.1)


class CoherenceNet(nn.Module):
    """Symmetric features, four levels with skips by addition, two outputs per pixel; see `coherence_of`.

    On the way back, at cells of 4 pixels, what is known is averaged over areas: see `SoftSegments`.
    """

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
        self.segments = SoftSegments(widths[OUTLINED], STATISTICS, RATIOS)
        self.within = Residual(widths[OUTLINED])
        self.head = nn.Conv2d(widths[0], self.outputs * CELL**2, 3, padding=1)
        self.multiple_of = max(STEP, CELL * 2 ** len(steps))
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of
        # What only the features need of it, less a pixel for answers that are brought from between pixels.
        self.spare = (self.halo - (self.radius() - radius()) - 1) // self.multiple_of * self.multiple_of

    def radius(self) -> int:
        """Pixels from an output to the farthest input that it can depend on."""
        total = radius() + 2 * CELL  # stem and head
        total += 2 * (CELL << (len(self.down) - 1))  # the deep block
        total += (CELL << OUTLINED) * (self.segments.reach + 2)
        for level in range(len(self.encoder)):
            cell = CELL << level
            total += 2 * cell
            if level < len(self.decoder):
                total += cell * (2 + 1)  # 1: the way into a coarser cell
        return total

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) of CHANNELS, sides divisible by `multiple_of`, to raw values (n, 2, h, w)."""
        return self.trimmed(x, (0, 0, 0, 0))

    def trimmed(self, x: Tensor, sides: tuple[int, int, int, int]) -> Tensor:
        """As `forward`, less so many pixels at the top, bottom, left and right, each 0 or `spare`."""
        top, bottom, left, right = (side // CELL for side in sides)
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
            x = pair_features(x)
            x = x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]
        features = [x.to(_working_type(x), memory_format=torch.channels_last)]
        x = self.stem(features[0])
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(x)
            if level == len(self.down) - 1:
                x = self.deep(x)
            if level < len(self.down):
                skips.append(x)
                features.append(functional.avg_pool2d(features[level], 2))
                x = functional.relu(self.down[level](x) + self.beside[level](features[-1]), inplace=True)
        for level in reversed(range(len(self.up))):
            x = functional.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](functional.relu(x + skips[level], inplace=True))
            if level == OUTLINED:
                x = self.within(self.segments(x, *statistics_of(features[level])))
        return functional.pixel_shuffle(self.head(x), CELL)

    @torch.no_grad()
    def stretch_deviation(self, factor: float) -> None:
        """Make every stated deviation this much larger."""
        if self.head.bias is not None:
            self.head.bias[CELL**2 :] += math.log(factor)


def _working_type(x: Tensor) -> torch.dtype:
    """What convolutions will ask for, so that planes are copied once."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def coherence_of(raw: Tensor) -> tuple[Tensor, Tensor]:
    """Coherence (0..1) and its standard deviation, each (n, h, w), from the network's raw values (n, 2, h, w)."""
    deviation = torch.exp(raw[:, 1] + LOG_USUAL_DEVIATION)
    return unbounded(raw).clamp(0.0, 1.0), deviation.clamp(LEAST_DEVIATION, MOST_DEVIATION)


def unbounded(raw: Tensor) -> Tensor:
    """Coherence (n, h, w) as the network gives it, which may lie beyond 0..1: for losses, whose slope must not end."""
    return raw[:, 0] * 0.5 + 0.5

"""U-Net that tells deformation from delay on coarse cells of a scene; says the delay, and how sure it is.

The input is the residual of a plane and elevation fit. What is learnt is what moves; the delay is the residual without
it, so that where nothing moves nothing has to be reproduced (the residual learning of Li and Sagiya, turned around).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual, encode_decode
from .features import BLOCK, COUNT, layer_features, radius

# What the network is shown, in this order; planes of what is absent are zero. See `planes_of` in core/atmosphere.
CHANNELS = (
    "residual", "compressed", "share", "elevation", "has_elevation", "coherence", "has_coherence", "spacing", "scale",
)  # fmt: skip
# What it says: the delay in the unit of the residual, and the logarithm of its error's variance.
OUTPUTS = ("atmosphere", "log_variance")
WIDTHS = (32, 56, 80, 112, 128)  # channels at 2, 4, 8, 16 and 32 cells
LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE = -8.0, 8.0
MOVEMENT_SCALE = 2.0  # robust deviations that one unit of the last layer stands for


class AtmosphereNet(nn.Module):
    """Encoder and decoder of one residual block a level, skips by addition, two values per cell."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = ConvNorm(self.channels * BLOCK**2 + COUNT, widths[0])
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        steps = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.head = nn.Conv2d(widths[0], self.outputs * BLOCK**2, 3, padding=1)
        self.multiple_of = BLOCK * 2 ** len(steps)
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of

    def radius(self) -> int:
        """Cells from an output to the farthest input that it can depend on."""
        total = radius() + 3 * BLOCK  # the way into a block, stem and head
        for level in range(len(self.encoder)):
            cell = BLOCK * 2**level
            total += 2 * cell
            if level < len(self.decoder):
                total += cell * (2 + 1)  # 1: the way into a coarser cell
        return total

    def forward(self, x: Tensor) -> Tensor:
        """(n, 9, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 2, h, w) of OUTPUTS."""
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
            x = x.float()
            shown = torch.cat((x[:, :1] / MOVEMENT_SCALE, x[:, 1:]), 1)
            y = torch.cat((functional.pixel_unshuffle(shown, BLOCK), layer_features(x)), 1)
        y = y.contiguous(memory_format=torch.channels_last)
        y = encode_decode(self.stem(y), self.encoder, self.down, self.up, self.decoder)
        with torch.autocast(x.device.type, enabled=False):  # half precision would round away what a peak stands on
            raw = functional.pixel_shuffle(self.head(y.float()), BLOCK)
            moved = raw[:, :1] * MOVEMENT_SCALE
            spread = raw[:, 1:].clamp(LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE)
            return torch.cat((x[:, :1] - moved, spread), 1)

    @torch.no_grad()
    def stretch_deviation(self, factor: float) -> None:
        """Make every stated deviation this much larger."""
        if self.head.bias is not None:
            self.head.bias[BLOCK**2 :] += 2.0 * torch.log(torch.tensor(factor))

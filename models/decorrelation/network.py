"""ResUNet with selective kernels that marks decorrelated pixels; works on 2x2 pixel cells.

The first thing it does is to move every 2x2 pixels into channels, and the last to move them back: nothing is lost,
and convolutions run on a quarter of the positions with twice the channels, which a processor does three times faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import POOL_STRIDE, ConvNorm, Residual, encode_decode, levels_reach

# What the network is shown, in this order; planes of absent inputs are zero.
CHANNELS = ("cos", "sin", "valid", "coherence", "has_coherence", "log_amplitude", "has_amplitude")
CELL = 2  # pixels along the side of a cell of the finest level
WIDTHS = (32, 64, 96)  # channels at cells of 2, 4 and 8 pixels
PRODUCTS = 4  # channels that `neighbour_products` adds


def neighbour_products(x: Tensor) -> Tensor:
    """Phase change to the next column and row, as cosine and sine: (n, channels, h, w) to (n, 4, h, w).

    It does not depend on the offset of the phase, and only by a constant on a ramp; 0 where either pixel is invalid.
    """
    cosine, sine = x[:, 0:1], x[:, 1:2]
    products = []
    for step in ((0, 1, 0, 0), (0, 0, 0, 1)):
        left, right, top, bottom = step
        columns, rows = slice(right, None), slice(bottom, None)
        c = functional.pad(cosine, (left, right, top, bottom))[..., rows, columns]
        s = functional.pad(sine, (left, right, top, bottom))[..., rows, columns]
        products += [c * cosine + s * sine, s * cosine - c * sine]
    return torch.cat(products, 1)


class DecorrelationNet(nn.Module):
    """Three levels, a selective kernel in the encoder of each, skips by addition, one logit per pixel."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), 1
        self.stem = ConvNorm((self.channels + PRODUCTS) * CELL**2, widths[0])
        self.encoder = nn.ModuleList(Residual(width, selective=True) for width in widths)
        steps = list(pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.head = nn.Conv2d(widths[0], CELL**2, 3, padding=1)
        self.multiple_of = CELL * 2 ** len(steps) * POOL_STRIDE
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of

    def radius(self) -> int:
        """Pixels from an output to the farthest input that it can depend on."""
        finest = 1 + (CELL - 1) + 2 * CELL  # neighbour products, the way into a cell, stem and head
        return finest + levels_reach(self.encoder, self.decoder, CELL)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 7, h, w) of CHANNELS, sides divisible by `multiple_of`, to the logit of decorrelated (n, 1, h, w)."""
        x = torch.cat((x, neighbour_products(x)), 1)
        x = functional.pixel_unshuffle(x, CELL).contiguous(memory_format=torch.channels_last)
        x = self.stem(x)
        x = encode_decode(x, self.encoder, self.down, self.up, self.decoder)
        return functional.pixel_shuffle(self.head(x), CELL)

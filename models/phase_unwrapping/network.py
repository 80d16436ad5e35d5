"""ResUNet that predicts the gradients of the unwrapped phase, steeper ones than half a cycle per pixel included.

The network of Wu et al. (2022) regresses the unwrapped phase itself. A gradient carries the same information, but
does not depend on an offset nor on what lies beyond the tile, so that tiles do not show; adding it up is exact
arithmetic that need not be learnt. Like the mask network it works on cells of 2x2 pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual, encode_decode, levels_reach
from ..decorrelation.network import PRODUCTS, neighbour_products

# What the network is shown, in this order; planes of an absent coherence are zero.
CHANNELS = ("cos", "sin", "valid", "coherence", "has_coherence")
# What it says: gradient to the next row and column (rad per pixel, with its aliased cycles), logarithm of the
# gradient's expected absolute error (rad per pixel), logit of "the ground sinks or rises here".
OUTPUTS = ("down", "right", "log_error", "trough")
CELL = 2  # pixels along the side of a cell of the finest level
WIDTHS = (48, 80, 112, 144)  # channels at cells of 2, 4, 8 and 16 pixels
COARSEST_BLOCKS = 2  # further blocks where a pixel sees farthest
GRADIENT_SCALE = 3.0  # rad per pixel that one unit of the last layer stands for


class UnwrapNet(nn.Module):
    """Encoder and decoder of one residual block a level, skips by addition, four values per pixel."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = ConvNorm((self.channels + PRODUCTS) * CELL**2, widths[0])
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        self.coarsest = nn.Sequential(*(Residual(widths[-1]) for _ in range(COARSEST_BLOCKS)))
        steps = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.head = nn.Conv2d(widths[0], self.outputs * CELL**2, 3, padding=1)
        self.multiple_of = CELL * 2 ** len(steps)
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of

    def radius(self) -> int:
        """Pixels from an output to the farthest input that it can depend on."""
        finest = 1 + (CELL - 1) + 2 * CELL  # neighbour products, the way into a cell, stem and head
        bottom = sum(int(block.reach) for block in self.coarsest)  # type: ignore[arg-type, misc]
        return finest + levels_reach(self.encoder, self.decoder, CELL, bottom)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 4, h, w) of OUTPUTS."""
        return self.answer(self.decode(x))

    def decode(self, x: Tensor, seen: list[Tensor] | None = None) -> Tensor:
        """What the decoder holds at the finest level, cells of CELL pixels; `seen` as in `encode_decode`."""
        x = torch.cat((x, neighbour_products(x)), 1)
        x = functional.pixel_unshuffle(x, CELL).contiguous(memory_format=torch.channels_last)
        return encode_decode(self.stem(x), self.encoder, self.down, self.up, self.decoder, self.coarsest, seen)

    def answer(self, decoded: Tensor) -> Tensor:
        """OUTPUTS (n, 4, h, w) from what `decode` gave."""
        return scaled(functional.pixel_shuffle(self.head(decoded), CELL))


def scaled(raw: Tensor) -> Tensor:
    """Outputs of the last layer (n, 4, h, w) in the units of OUTPUTS."""
    return torch.cat((raw[:, :2].float() * GRADIENT_SCALE, raw[:, 2:].float()), 1)

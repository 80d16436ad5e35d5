"""What the head of DDNet sees of the phase itself, in cells of 4 to 32 pixels: bowls too gentle for a pixel's slope.

A trough of half a fringe over 50 pixels changes the phase by less than a tenth of a radian per pixel, far below the
noise, and the features of the unwrapping network are of such slopes. Averaged over cells as complex numbers, the same
phase has a fifth of the noise or less, and its change from cell to cell is ten times as large.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual, encode_decode, levels_reach
from ..phase_unwrapping.network import CHANNELS

CELL = 4  # pixels along the side of a cell of the finest level
WIDTHS = (40, 56, 72, 88)  # channels at cells of 4, 8, 16 and 32 pixels
LAGS = (1, 2, 4)  # cells between two averages whose phases are compared, and cells along the side of each average
_LEAST_WEIGHT = 0.05  # of a valid pixel of no coherence, so that averages are known where everything is noise
_TINY = 1e-6

COS, SIN, VALID, COHERENCE, HAS_COHERENCE = range(len(CHANNELS))
PRODUCTS, OTHERS = 4, 3  # planes for each lag; mean coherence, valid share, whether there is coherence


class CoarseNet(nn.Module):
    """A U-Net on the changes of the averaged phase; gives what its decoder holds at each level."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.stem = ConvNorm(len(LAGS) * (PRODUCTS + 1) + OTHERS, widths[0])
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        steps = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.multiple_of = CELL * 2 ** len(steps)

    def radius(self) -> int:
        """Pixels from a cell of the finest level to the farthest input that it can depend on."""
        farthest = (2 * LAGS[-1] + 1) * CELL  # an average of as many cells, as many cells away, and a cell itself
        return farthest + CELL + levels_reach(self.encoder, self.decoder, CELL)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(n, 5, h, w) of the unwrapping network's CHANNELS to activations of each level, coarsest first."""
        planes = phase_changes(x).contiguous(memory_format=torch.channels_last)
        seen: list[Tensor] = []
        encode_decode(self.stem(planes), self.encoder, self.down, self.up, self.decoder, None, seen)
        return seen


def phase_changes(x: Tensor) -> Tensor:
    """What the first layer is shown (n, 18, h / CELL, w / CELL), from CHANNELS (n, 5, h, w).

    For each of LAGS the products of averages that lie so many cells apart, to the right and down, as real and
    imaginary part, whose length says how much the phases in both cells agree; and that length of one average alone.
    None of it depends on the offset of the phase. Products are 0 where there are no data and beyond the raster.
    """
    coherence, known = x[:, COHERENCE : COHERENCE + 1], x[:, HAS_COHERENCE : HAS_COHERENCE + 1]
    weight = x[:, VALID : VALID + 1] * (1.0 - known + known * (coherence.square() + _LEAST_WEIGHT))
    sums = functional.avg_pool2d(torch.cat((x[:, : SIN + 1] * weight, weight), 1).float(), CELL)
    planes = []
    for lag in LAGS:
        wide = functional.avg_pool2d(functional.pad(sums, (0, lag - 1, 0, lag - 1)), lag, 1)
        mean = wide[:, :2] / (wide[:, 2:] + _TINY)
        cosine, sine = mean[:, :1], mean[:, 1:]
        for right, down in ((lag, 0), (0, lag)):
            far_cosine, far_sine = (_moved(plane, right, down) for plane in (cosine, sine))
            planes += [far_cosine * cosine + far_sine * sine, far_sine * cosine - far_cosine * sine]
        planes.append(torch.sqrt(cosine.square() + sine.square() + _TINY))
    others = torch.cat((x[:, VALID : VALID + 1], coherence, known), 1).float()
    return torch.cat((*planes, functional.avg_pool2d(others, CELL)), 1)


def _moved(plane: Tensor, right: int, down: int) -> Tensor:
    """The values so many cells to the right and down; 0 beyond the edge."""
    return functional.pad(plane, (0, right, 0, down))[..., down:, right:]

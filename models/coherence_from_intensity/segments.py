"""Averages over areas that the network outlines itself: soft segments within wide windows.

Each cell is shared out among a few classes; what is known of the cells of a class is averaged over wide windows and
handed back to its cells. So all of an area up to its edge speaks for it, as in a bilateral grid (Chen, Paris and
Durand 2007) whose axis is learnt, and as attention does whose keys are few. Windows have a fixed size, so that tiles
do not show.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm
from .windows import box_mean

CLASSES = 8  # that a cell is shared out among
LEARNT = 12  # planes of the network's own that are averaged beside the statistics
BLOCK = 2  # cells along the side of a block, of which the windows are made
WINDOW = 9  # blocks
LEVEL_REACH, LEVEL_WIDTH = 0.8, 0.12  # of log intensity: classes of brightness lie within, each about so wide
LEAST_SHARE = 1e-3  # of a window that has to be of a class for its mean
LEAST_POWER, LEAST_SQUARE = 0.01, 1e-3  # where ratios, and their roots, are taken


def by_brightness(level: Tensor) -> Tensor:
    """Shares (n, CLASSES, h, w) of cells in classes of brightness, of their logarithm (n, 1, h, w)."""
    middle = torch.linspace(-LEVEL_REACH, LEVEL_REACH, CLASSES, device=level.device).view(1, -1, 1, 1)
    away = (level.clamp(-LEVEL_REACH, LEVEL_REACH) - middle) / LEVEL_WIDTH
    return torch.softmax(-0.5 * away.square(), 1)


class SoftSegments(nn.Module):
    """Adds to activations what the statistics of their cells come to over soft segments.

    Cells are shared out twice: as the network learns to, and by brightness, whose steps are most often those of
    coherence too. The first `ratios` planes of the statistics are divided by the next one, their power, after they are
    averaged.
    """

    def __init__(self, channels: int, statistics: int, ratios: int) -> None:
        super().__init__()
        self.ratios = ratios
        self.share = nn.Conv2d(channels, CLASSES, 1)
        self.learn = nn.Conv2d(channels, LEARNT, 1)
        self.merge = ConvNorm(2 * (statistics + LEARNT + 1 + 2 * ratios), channels, 1, relu=False)
        self.reach = BLOCK * (WINDOW // 2 + 1)  # cells

    def forward(self, x: Tensor, statistics: Tensor, level: Tensor, valid: Tensor) -> Tensor:
        """(n, channels, h, w) and (n, statistics, h, w) to the first shape; sides divisible by BLOCK.

        level (n, 1, h, w): brightness of each cell, natural logarithm about that of its surroundings; valid: its share.
        """
        shares, learnt = self.share(x), self.learn(x)
        with torch.autocast(x.device.type, enabled=False):
            valid = valid.float()
            values = _corners(torch.cat([statistics, learnt, torch.ones_like(learnt[:, :1])], 1).float())
            kinds = (torch.softmax(shares.float(), 1), by_brightness(level.float()))
            planes = torch.cat([self._averaged(_corners(kind * valid), values) for kind in kinds], 1)
        merged: Tensor = self.merge(planes.to(x.dtype).contiguous(memory_format=torch.channels_last))
        return functional.relu(x + merged)

    def _averaged(self, shares: Sequence[Tensor], values: Sequence[Tensor]) -> Tensor:
        """Means over each class, handed back by shares; both by corners, values with ones behind them."""
        parts = [corner.chunk(CLASSES, 1) for corner in shares]
        tables = []
        for k in range(CLASSES):
            sums = _weighted([part[k] for part in parts], values)
            tables.append(_table(box_mean(sums, WINDOW)))
        return self._with_ratios(_interleaved([_weighted(part, tables) for part in parts]))

    def _with_ratios(self, planes: Tensor) -> Tensor:
        squares = planes[:, : self.ratios] / planes[:, self.ratios : self.ratios + 1].clamp_min(LEAST_POWER)
        squares = squares.clamp(-1.0, 1.5)
        return torch.cat([planes, squares, squares.clamp_min(LEAST_SQUARE).sqrt()], 1)


def _corners(planes: Tensor) -> tuple[Tensor, ...]:
    """The cells (n, c, h, w) at each place of a block, row by row."""
    n, c, h, w = planes.shape
    apart = functional.pixel_unshuffle(planes.contiguous(), BLOCK)
    return apart.view(n, c, BLOCK**2, h // BLOCK, w // BLOCK).unbind(2)


def _weighted(weights: Sequence[Tensor], planes: Sequence[Tensor]) -> Tensor:
    """Sum of planes (n, c, h, w), each times its weights (n, 1, h, w)."""
    total = weights[0] * planes[0]
    for weight, plane in zip(weights[1:], planes[1:], strict=True):
        total = torch.addcmul(total, weight, plane)
    return total


def _table(sums: Tensor) -> Tensor:
    """What a class comes to, from its sums over blocks and, last, its count of cells: means, logarithm of its share."""
    share = sums[:, -1:] / BLOCK**2
    means = sums[:, :-1] / (BLOCK**2 * share.clamp_min(LEAST_SHARE))
    return torch.cat([means, (share + LEAST_SHARE).log()], 1)


def _interleaved(corners: list[Tensor]) -> Tensor:
    """Cells (n, c, h, w) of the blocks whose corners, row by row, are given."""
    return functional.pixel_shuffle(torch.stack(corners, 2).flatten(1, 2), BLOCK)

"""ResUNet with window attention that finds landslides: a heat map of middles, boxes around them, and an outline.

Anchor-free in the manner of CenterNet (Zhou et al. 2019) and FCOS (Tian et al. 2019): each cell of 4x4 pixels says how
likely the middle of a landslide lies in it, and how far it is from there to the four sides of its box. The outline
comes from a second head at full resolution, which Fu et al. (2022), who have boxes alone, do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import POOL_STRIDE, ConvNorm, Residual
from .attention import DropBlock, WindowAttention
from .evidence import Evidence, weighted

# What the network is shown, in this order: gradients over their noise (asinh), coherence of the stack, validity, then
# sine of the slope, the way down along columns and rows (times the sine), motion toward the satellite per motion down
# the slope (its size), and whether there is an elevation model, and a line of sight. Absent planes are zero.
CHANNELS = (
    "x", "y", "coherence", "valid", "slope", "down_x", "down_y", "sensitivity", "has_dem", "has_look",
)  # fmt: skip
# What it says for each pixel: logit of the body of a landslide; then, alike for all pixels of a cell of STRIDE, logit
# of a middle, and the distances (pixels) from the middle of the cell to the top, left, bottom and right of its box.
OUTPUTS = ("body", "middle", "top", "left", "bottom", "right")
CELL = 2  # pixels along the side of a cell of the finest level
STRIDE = 4  # pixels along the side of a cell of the heat map
WIDTHS = (32, 48, 80, 96)  # channels at cells of 2, 4, 8 and 16 pixels
SUMMED = (7, 7, 6, 4)  # cells of each level over which gradients are added up to displacement
COARSEST_BLOCKS = 1  # further blocks where a cell sees farthest
DROPPED = 0.08  # share of the coarsest cells that training leaves out
DISTANCE_SCALE = 16.0  # pixels that one unit of softplus stands for
RARE = -4.0  # logit of a middle before training: most cells have none


class LandslideNet(nn.Module):
    """Encoder with attention at each level, decoder with skips by addition, two heads."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = ConvNorm(self.channels * CELL**2, widths[0])
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        self.attention = nn.ModuleList(WindowAttention(width) for width in widths[1:])
        self.evidence = nn.ModuleList(
            Evidence(CELL * 2**level, reach, width)
            for level, (reach, width) in enumerate(zip(SUMMED, widths, strict=True))
        )
        self.coarsest = nn.Sequential(DropBlock(DROPPED), *(Residual(widths[-1]) for _ in range(COARSEST_BLOCKS)))
        steps = list(pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)
        self.body = nn.Conv2d(widths[0], CELL**2, 3, padding=1)
        self.near = ConvNorm(widths[1], widths[1])
        self.middle = nn.Conv2d(widths[1], 1, 1)
        self.sides = nn.Conv2d(widths[1], 4, 1)
        nn.init.constant_(self.middle.bias, RARE)  # type: ignore[arg-type]
        self.multiple_of = CELL * 2 ** len(steps) * POOL_STRIDE
        self.halo = -(-self.radius() // self.multiple_of) * self.multiple_of

    def radius(self) -> int:
        """Pixels from an output to the farthest input that it can depend on."""
        total = (CELL - 1) + 2 * CELL + STRIDE * 2  # the way into a cell, stem and heads
        spare = 0  # by which sums reach farther than the levels before
        for level, block in enumerate(self.encoder):
            cell = CELL * 2**level
            spare = max(spare, cell * (SUMMED[level] + 1) - total)
            total += cell * int(block.reach)  # type: ignore[arg-type]
            total += cell * WindowAttention.reach if level else 0
            if level < len(self.decoder):
                total += cell * (int(self.decoder[level].reach) + 1)  # type: ignore[arg-type]  # 1: the way into a coarser cell
            else:
                total += cell * 2 * COARSEST_BLOCKS
        return total + spare

    def heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of body (n, 1, h, w), then by cells of STRIDE logits of middle (n, 1, …) and sides (n, 4, …) px."""
        pulls = weighted(x)
        x = functional.pixel_unshuffle(x, CELL).contiguous(memory_format=torch.channels_last)
        x = self.stem(x)
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(x + self.evidence[level](pulls))
            x = self.attention[level - 1](x) if level else x
            if level < len(self.down):
                skips.append(x)
                x = self.down[level](x)
        x = self.coarsest(x)
        coarse = x
        for level in reversed(range(len(self.up))):
            x = functional.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](functional.relu(x + skips[level]))
            coarse = self.near(x) if level == 1 else coarse
        body = functional.pixel_shuffle(self.body(x), CELL)
        sides = functional.softplus(self.sides(coarse).float()) * DISTANCE_SCALE
        return body.float(), self.middle(coarse).float(), sides

    def forward(self, x: Tensor) -> Tensor:
        """(n, 10, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 6, h, w) of OUTPUTS."""
        body, middle, sides = self.heads(x)
        cells = functional.interpolate(torch.cat((middle, sides), 1), scale_factor=STRIDE, mode="nearest")
        return torch.cat((body, cells), 1)

"""DDNet: the head that finds troughs in what the decoder of the unwrapping network holds.

Wu et al. (2022) train a twin of PUNet to detect. Here PUNet is left as it is, so that unwrapping does not change, and
a head is trained beside its own; one pass of the encoder says both where a trough is and how to unwrap it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual
from ..phase_unwrapping.network import CELL, OUTPUTS, UnwrapNet
from ..phase_unwrapping.network import WIDTHS as FEATURE_WIDTHS
from .coarse import CELL as COARSE_CELL
from .coarse import WIDTHS as COARSE_WIDTHS
from .coarse import CoarseNet

WIDTH = 48  # channels of the head at every level
SKIPPED = (COARSE_CELL // CELL).bit_length() - 1  # levels of the head that are finer than the coarse network's
ENCODER = "phase_unwrapping"  # the network whose decoder it reads


class TroughHead(nn.Module):
    """Goes once more from the coarsest level to the finest: a residual block at each but the last, sums on the way.

    What is summed are the features of the unwrapping network, which are steep in what they see, and of its own
    `CoarseNet`, for what is gentle.
    """

    def __init__(
        self,
        features: Sequence[int] = FEATURE_WIDTHS,
        width: int = WIDTH,
        coarse: Sequence[int] = COARSE_WIDTHS,
    ) -> None:
        super().__init__()
        self.outputs = 1
        self.enter = nn.ModuleList(ConvNorm(channels, width, 1, relu=False) for channels in features)
        self.blocks = nn.ModuleList(Residual(width) for _ in features[1:])
        self.last = ConvNorm(width, width)
        self.head = nn.Conv2d(width, CELL**2, 3, padding=1)
        self.coarse = CoarseNet(coarse)
        self.multiple_of = self.coarse.multiple_of
        shared = range(len(features) - SKIPPED)  # levels of both: cells of 4, 8 and 16 pixels
        self.join = nn.ModuleList(nn.Conv2d(coarse[level], width, 1, bias=False) for level in shared)
        for join in self.join:
            nn.init.zeros_(join.weight)  # type: ignore[arg-type]  # so that training may begin from a head without

    def radius(self) -> int:
        """Pixels from an output to the farthest feature that it can depend on."""
        total = 2 * CELL  # last and head
        for level, block in enumerate(self.blocks, start=1):
            cell = CELL * 2**level
            total += cell * int(block.reach) + cell // 2  # type: ignore[arg-type]  # and the way into a coarser cell
        return total

    def forward(self, features: Sequence[Tensor], x: Tensor) -> Tensor:
        """Features of every level, coarsest first, and their inputs (n, 5, h, w), to the logit (n, 1, h, w)."""
        finest = len(self.enter) - 1
        gentle = self.coarse(x)
        total = self.enter[finest](features[0]) + self._joined(gentle, finest)
        for level, block in reversed(list(enumerate(self.blocks))):
            total = functional.interpolate(block(functional.relu(total)), scale_factor=2, mode="nearest")
            total = total + self.enter[level](features[finest - level])
            if level >= SKIPPED:
                total = total + self._joined(gentle, level)
        return functional.pixel_shuffle(self.head(self.last(functional.relu(total))), CELL).float()

    def _joined(self, gentle: Sequence[Tensor], level: int) -> Tensor:
        """What the coarse network adds at a level of the head."""
        place = level - SKIPPED
        joined: Tensor = self.join[place](gentle[len(gentle) - 1 - place])
        return joined


class Detector(nn.Module):
    """The unwrapping network with this head in the place of its own for troughs: its CHANNELS in, its OUTPUTS out.

    `head` may be a whole network of the same inputs instead, as the paper's is.
    """

    def __init__(self, unwrapper: UnwrapNet, head: nn.Module) -> None:
        super().__init__()
        self.unwrapper, self.head = unwrapper, head
        self.channels, self.outputs = unwrapper.channels, len(OUTPUTS)
        self.multiple_of = math.lcm(unwrapper.multiple_of, int(head.multiple_of))  # type: ignore[arg-type]
        if isinstance(head, TroughHead):
            reach = head.radius() + max(unwrapper.radius(), head.coarse.radius())
        else:
            reach = max(unwrapper.halo, int(head.halo))  # type: ignore[arg-type]
        self.halo = -(-reach // self.multiple_of) * self.multiple_of

    def forward(self, x: Tensor) -> Tensor:
        """Gradients and their error as they are, and the head's logit in the place of the trough."""
        features: list[Tensor] = []
        answer = self.unwrapper.answer(self.unwrapper.decode(x, features))
        found = self.head(features, x) if isinstance(self.head, TroughHead) else self.head(x)
        return torch.cat((answer[:, :3], found), 1)

"""DDNet: the head that finds troughs in what the decoder of the unwrapping network holds.

Wu et al. (2022) train a twin of PUNet to detect. Here PUNet is left as it is, so that unwrapping does not change, and
a head is trained beside its own; one pass of the encoder says both where a trough is and how to unwrap it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual
from ..phase_unwrapping.network import CELL, OUTPUTS, UnwrapNet
from ..phase_unwrapping.network import WIDTHS as FEATURE_WIDTHS

WIDTH = 48  # channels of the head at every level
ENCODER = "phase_unwrapping"  # the network whose decoder it reads


class TroughHead(nn.Module):
    """Goes once more from the coarsest level to the finest: a residual block at each but the last, sums on the way."""

    def __init__(self, features: Sequence[int] = FEATURE_WIDTHS, width: int = WIDTH) -> None:
        super().__init__()
        self.outputs = 1
        self.enter = nn.ModuleList(ConvNorm(channels, width, 1, relu=False) for channels in features)
        self.blocks = nn.ModuleList(Residual(width) for _ in features[1:])
        self.last = ConvNorm(width, width)
        self.head = nn.Conv2d(width, CELL**2, 3, padding=1)

    def radius(self) -> int:
        """Pixels from an output to the farthest feature that it can depend on."""
        total = 2 * CELL  # last and head
        for level, block in enumerate(self.blocks, start=1):
            cell = CELL * 2**level
            total += cell * int(block.reach) + cell // 2  # type: ignore[arg-type]  # and the way into a coarser cell
        return total

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Features of every level, coarsest first, to the logit of a trough (n, 1, h, w)."""
        finest = len(self.enter) - 1
        x = self.enter[finest](features[0])
        for level, block in reversed(list(enumerate(self.blocks))):
            x = block(functional.relu(x))
            x = functional.interpolate(x, scale_factor=2, mode="nearest") + self.enter[level](features[finest - level])
        return functional.pixel_shuffle(self.head(self.last(functional.relu(x))), CELL).float()


class Detector(nn.Module):
    """The unwrapping network with this head in the place of its own for troughs: its CHANNELS in, its OUTPUTS out.

    `head` may be a whole network of the same inputs instead, as the paper's is.
    """

    def __init__(self, unwrapper: UnwrapNet, head: nn.Module) -> None:
        super().__init__()
        self.unwrapper, self.head = unwrapper, head
        self.channels, self.outputs, self.multiple_of = unwrapper.channels, len(OUTPUTS), unwrapper.multiple_of
        further = head.radius() if isinstance(head, TroughHead) else max(0, int(head.halo) - unwrapper.halo)  # type: ignore[arg-type]
        self.halo = unwrapper.halo + -(-further // self.multiple_of) * self.multiple_of

    def forward(self, x: Tensor) -> Tensor:
        """Gradients and their error as they are, and the head's logit in the place of the trough."""
        features: list[Tensor] = []
        answer = self.unwrapper.answer(self.unwrapper.decode(x, features))
        return torch.cat((answer[:, :3], self.head(features if isinstance(self.head, TroughHead) else x)), 1)

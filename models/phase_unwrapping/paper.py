"""The paper's own architecture: a full-resolution residual network of dilated convolutions, without down-sampling.

After Wu et al. (2022), IEEE TGRS 60, and Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3: PUNet, whose
twin DDNet detects the troughs, is DnCNN with dilated blocks. Theirs takes the wrapped phase as a number and gives the
unwrapped one; here both are in one network that is shown and says what the default does, so that the two can be
compared. Twenty times slower than the default.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm
from .network import CHANNELS, OUTPUTS, scaled

WIDTH = 64  # channels throughout
REDUCED_WIDTH = 24  # channels that two CPU cores can train
DILATIONS = (1, 2, 3)  # of the parallel branches of a block
DILATED_BLOCKS, RESIDUAL_BLOCKS = 8, 10


class DilatedBlock(nn.Module):
    """Three branches of different reach, joined by a convolution, beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(ConvNorm(width, width, dilation=dilation) for dilation in DILATIONS)
        self.join = ConvNorm(len(DILATIONS) * width, width, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, h, w) to the same shape."""
        # On processors torch's gradient of dilated convolutions in half precision is not finite (2.x, oneDNN).
        precise = torch.is_grad_enabled() and x.device.type == "cpu"
        with torch.autocast(x.device.type, enabled=torch.is_autocast_enabled(x.device.type) and not precise):
            y = x.float() if precise else x
            branches = [branch(y) for branch in self.branches]
        return functional.relu(x + self.join(torch.cat(branches, 1)))


class ResidualBlock(nn.Module):
    """One convolution beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = ConvNorm(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, h, w) to the same shape."""
        out: Tensor = x + self.conv(x)
        return out


class PaperNet(nn.Module):
    """PUNet and DDNet as one; 2.2 million parameters."""

    multiple_of = 1

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = nn.Conv2d(self.channels, width, 3, padding=1)
        self.dilated = nn.Sequential(*(DilatedBlock(width) for _ in range(DILATED_BLOCKS)))
        self.residual = nn.Sequential(*(ResidualBlock(width) for _ in range(RESIDUAL_BLOCKS)))
        self.head = nn.Conv2d(width, self.outputs, 3, padding=1)
        # One pixel each of stem, head and the residual blocks; of a dilated block the widest branch and the join.
        self.halo = 2 + RESIDUAL_BLOCKS + DILATED_BLOCKS * (max(DILATIONS) + 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS to (n, 4, h, w) of OUTPUTS."""
        return scaled(self.last(x))

    def last(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) to what the last layer gives."""
        x = functional.relu(self.stem(x.contiguous(memory_format=torch.channels_last)))
        answer: Tensor = self.head(self.residual(self.dilated(x)))
        return answer

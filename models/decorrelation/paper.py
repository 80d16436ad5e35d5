"""The paper's own architecture: SK-ResNet18 encoder, decoder of residual selective-kernel blocks.

After Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.1, and Zhang, Wang, Pei, Shi (2021), JSTARS 14; the
selective kernel after Li et al. (2019). Its selection pools over the whole input, so the result depends on the tile:
it is here to be compared with, and never the default.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm
from .network import CHANNELS

WIDTHS = (64, 128, 256, 512)  # ResNet18
REDUCTION, LEAST = 16, 32  # SKNet: squeezed channels are channels / 16, at least 32


class GlobalSelectiveKernel(nn.Module):
    """A 3x3 and a dilated 3x3 branch of half the channels each way, mixed by a softmax pooled over the whole input."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.near = ConvNorm(inputs, outputs, stride=stride)
        self.far = ConvNorm(inputs, outputs, stride=stride, dilation=2)
        squeezed = max(outputs // REDUCTION, LEAST)
        self.squeeze = nn.Conv2d(outputs, squeezed, 1)
        self.select = nn.Conv2d(squeezed, 2 * outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        near: Tensor = self.near(x)
        far: Tensor = self.far(x)
        pooled = (near + far).mean((2, 3), keepdim=True)
        chosen: Tensor = self.select(functional.relu(self.squeeze(pooled)))
        # Two branches: the softmax over them is a sigmoid of their difference.
        first, second = chosen.chunk(2, 1)
        share = torch.sigmoid(first - second).to(near.dtype)
        return share * near + (1.0 - share) * far


class ResidualSelective(nn.Module):
    """Selective kernel, 3x3 convolution, and an identity or projection beside them (SK-ResNet basic block)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = GlobalSelectiveKernel(inputs, outputs, stride)
        self.second = ConvNorm(outputs, outputs, relu=False)
        self.beside: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.beside = ConvNorm(inputs, outputs, 1, stride=stride, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        return functional.relu(self.second(self.first(x)) + self.beside(x), inplace=True)


class PaperNet(nn.Module):
    """UNet over SK-ResNet18; one logit per pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), 1
        self.multiple_of, self.halo = 32, 128  # the halo is what is affordable: global pooling sees the whole tile
        self.stem = ConvNorm(self.channels, WIDTHS[0], 7, stride=2)
        inputs = (WIDTHS[0], *WIDTHS[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(ResidualSelective(i, o, 1 if i == o else 2), ResidualSelective(o, o))
            for i, o in zip(inputs, WIDTHS, strict=True)
        )
        # The decoder halves the channels on every level and takes in the encoder's features of that level.
        skips = (WIDTHS[2], WIDTHS[1], WIDTHS[0], WIDTHS[0])
        wide = (WIDTHS[3], WIDTHS[2], WIDTHS[1], WIDTHS[0])
        narrow = (WIDTHS[2], WIDTHS[1], WIDTHS[0], WIDTHS[0] // 2)
        self.decoder = nn.ModuleList(ResidualSelective(w + s, n) for w, s, n in zip(wide, skips, narrow, strict=True))
        self.last = ResidualSelective(WIDTHS[0] // 2, WIDTHS[0] // 4)
        self.head = nn.Conv2d(WIDTHS[0] // 4, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 7, h, w) of CHANNELS, sides divisible by 32, to the logit of decorrelated (n, 1, h, w)."""
        x = self.stem(x.contiguous(memory_format=torch.channels_last))
        skips = [x]
        x = functional.max_pool2d(x, 3, 2, 1)
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        for block, skip in zip(self.decoder, (skips[3], skips[2], skips[1], skips[0]), strict=True):
            x = block(torch.cat((functional.interpolate(x, scale_factor=2, mode="nearest"), skip), 1))
        logit: Tensor = self.head(self.last(functional.interpolate(x, scale_factor=2, mode="nearest")))
        return logit

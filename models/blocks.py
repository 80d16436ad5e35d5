"""What the networks are made of: folded convolutions, selective kernels, residual blocks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

# Shape of the window over which a selective kernel pools: 4 cells every 2, so that the selection of two
# neighbouring cells comes from themselves and one more on either side. Fixed, so that tiles cannot show.
POOL_WINDOW, POOL_STRIDE, POOL_PADDING = 4, 2, 1
POOL_REACH = 2  # cells from a cell to the farthest one that its selection sees


class ConvNorm(nn.Module):
    """A convolution with batch normalisation and, if asked for, ReLU; `fold` merges the first two for inference."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, dilation: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        padding = 0 if kernel == stride else dilation * (kernel - 1) // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        x = self.norm(self.conv(x))
        return functional.relu(x, inplace=True) if self.relu else x

    def fold(self) -> None:
        """Merge the normalisation (running statistics) into the convolution; for evaluation only."""
        norm = self.norm
        if not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None or norm.running_mean is None:
            return
        scale = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
        self.conv.weight = nn.Parameter(self.conv.weight.detach() * scale[:, None, None, None], requires_grad=False)
        self.conv.bias = nn.Parameter(norm.bias.detach() - norm.running_mean * scale, requires_grad=False)
        self.norm = nn.Identity()


class SelectiveKernel(nn.Module):
    """A 3x3 and a dilated 3x3 convolution, mixed by weights that depend on the surroundings (Li et al. 2019, SKNet).

    Unlike SKNet the surroundings are a fixed window of the block's input and not the whole image, so that the
    result does not depend on the tile. Two branches need one weight each pixel and channel: a sigmoid is their softmax.
    """

    def __init__(self, channels: int, *, reduction: int = 8, least: int = 16) -> None:
        super().__init__()
        self.near = ConvNorm(channels, channels)
        self.far = ConvNorm(channels, channels, dilation=2)
        squeezed = max(channels // reduction, least)
        self.squeeze = ConvNorm(channels, squeezed, 1)
        self.select = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w), sides divisible by POOL_STRIDE, to the same shape."""
        pooled = functional.avg_pool2d(x, POOL_WINDOW, POOL_STRIDE, POOL_PADDING, count_include_pad=False)
        near = torch.sigmoid(self.select(self.squeeze(pooled)))
        near = functional.interpolate(near, scale_factor=POOL_STRIDE, mode="nearest")
        first: Tensor = self.near(x)
        second: Tensor = self.far(x)
        return second + near.to(second.dtype) * (first - second)


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity; the second one may be a selective kernel."""

    def __init__(self, channels: int, *, selective: bool = False) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = SelectiveKernel(channels) if selective else ConvNorm(channels, channels, relu=False)
        self.reach = 3 if selective else 2  # cells: 1 of the first convolution, 2 or 1 of the second

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) to the same shape."""
        return functional.relu(x + self.second(self.first(x)), inplace=True)


def levels_reach(encoder: nn.ModuleList, decoder: nn.ModuleList, cell: int, bottom: int = 0) -> int:
    """Pixels that `encode_decode` looks to each side, from the `reach` of its blocks in cells.

    `cell` is the side (pixels) of a cell of the finest level, doubled with each; `bottom` counts at the coarsest.
    """
    total = bottom * cell * int(2 ** (len(encoder) - 1))
    for level, block in enumerate(encoder):
        total += cell * 2**level * int(block.reach)  # type: ignore[arg-type]
    for level, block in enumerate(decoder):
        total += cell * 2**level * (int(block.reach) + 1)  # type: ignore[arg-type]  # 1: the way into a coarser cell
    return total


def encode_decode(
    x: Tensor,
    encoder: nn.ModuleList,
    down: nn.ModuleList,
    up: nn.ModuleList,
    decoder: nn.ModuleList,
    bottom: nn.Module | None = None,
    seen: list[Tensor] | None = None,
) -> Tensor:
    """Through the levels of a U-Net and back, skips by addition: (n, c, h, w) to the same shape.

    There is one `down`, `up` and `decoder` less than levels of the `encoder`; `bottom` works at the coarsest level.
    `seen` receives the activations on the way back, coarsest first.
    """
    skips: list[Tensor] = []
    for level, block in enumerate(encoder):
        x = block(x)
        if level < len(down):
            skips.append(x)
            x = down[level](x)
    x = x if bottom is None else bottom(x)
    if seen is not None:
        seen.append(x)
    for level in reversed(range(len(up))):
        x = functional.interpolate(up[level](x), scale_factor=2, mode="nearest")
        x = decoder[level](functional.relu(x + skips[level], inplace=True))
        if seen is not None:
            seen.append(x)
    return x


def fold(module: nn.Module) -> nn.Module:
    """Merge each batch normalisation of a network in evaluation into its convolution, in place; returns it."""
    for part in module.modules():
        if isinstance(part, ConvNorm):
            part.fold()
    return module

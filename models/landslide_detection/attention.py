"""Attention and regularisation of the landslide network: CBAM over a fixed window, DropBlock."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import POOL_PADDING, POOL_REACH, POOL_STRIDE, POOL_WINDOW, ConvNorm

SPATIAL_KERNEL = 3  # cells; CBAM has 7, which would make the halo of a tile much wider


class WindowAttention(nn.Module):
    """Weights for channels, then for places (CBAM, Woo et al. 2018), from what lies in a fixed window around.

    CBAM pools channels over the whole image; here mean and largest value of a window stand in, so that tiles do not
    show. Sides must be divisible by POOL_STRIDE.
    """

    reach = POOL_REACH + SPATIAL_KERNEL // 2  # cells from an output to the farthest input

    def __init__(self, channels: int, *, reduction: int = 4) -> None:
        super().__init__()
        self.squeeze = ConvNorm(channels, channels // reduction, 1)
        self.excite = nn.Conv2d(channels // reduction, channels, 1)
        self.place = nn.Conv2d(2, 1, SPATIAL_KERNEL, padding=SPATIAL_KERNEL // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) to the same shape."""
        mean = functional.avg_pool2d(x, POOL_WINDOW, POOL_STRIDE, POOL_PADDING, count_include_pad=False)
        most = functional.max_pool2d(x, POOL_WINDOW, POOL_STRIDE, POOL_PADDING)
        weight = torch.sigmoid(self.excite(self.squeeze(mean)) + self.excite(self.squeeze(most)))
        x = x * functional.interpolate(weight, scale_factor=POOL_STRIDE, mode="nearest")
        summary = torch.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), 1)
        return x * torch.sigmoid(self.place(summary))


class DropBlock(nn.Module):
    """In training, sets squares of all channels to zero (Ghiasi et al. 2018); does nothing in evaluation."""

    def __init__(self, share: float, side: int = 3) -> None:
        super().__init__()
        self.share, self.side = share, side

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) to the same shape."""
        if not self.training or self.share <= 0.0:
            return x
        seeds = torch.rand(x.shape[0], 1, *x.shape[2:], device=x.device) < self.share / self.side**2
        dropped = functional.max_pool2d(seeds.to(x.dtype), self.side, 1, self.side // 2)
        kept = 1.0 - dropped
        return x * kept * (kept.numel() / kept.sum().clamp_min(1.0))

"""Attention-YOLOv3 of Fu et al. (2022): Darknet-53, CBAM, DropBlock, boxes by anchors at three levels; no outlines.

Redmon and Farhadi (2018) with the attention of Woo et al. (2018), which pools over the whole input, so that the result
depends on the tile. For training and comparison alone; `width` 1 is the network of the papers, of about 62 million
parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm
from .attention import DropBlock
from .network import CHANNELS, OUTPUTS, STRIDE

WIDTH = 0.25  # of all channels, which a processor can afford
BLOCKS = (1, 2, 8, 8, 4)  # residual blocks of Darknet-53 at strides 2, 4, 8, 16, 32
STRIDES = (8, 16, 32)
# Height and width in pixels of the anchors at each stride: what boxes of the training scenes look like.
ANCHORS = (((8, 8), (9, 14), (14, 9)), ((17, 17), (20, 32), (32, 20)), ((42, 42), (50, 80), (80, 50)))
VALUES = 5  # objectness, row, column, height, width
DROPPED, NO_BODY = 0.08, -30.0
LEAK, LARGEST = 0.1, 3.0  # slope of the leaky ReLU; largest logarithm of a size over its anchor
RARE = -4.5


class Leaky(nn.Module):
    """A convolution with batch normalisation and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1) -> None:
        super().__init__()
        self.conv = ConvNorm(inputs, outputs, kernel, stride=stride, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        return functional.leaky_relu(self.conv(x), LEAK)


class Bottleneck(nn.Module):
    """The residual block of Darknet-53: 1x1, then 3x3."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze, self.widen = Leaky(channels, channels // 2, 1), Leaky(channels // 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) to the same shape."""
        wide: Tensor = self.widen(self.squeeze(x))
        return x + wide


class Cbam(nn.Module):
    """Channel, then spatial attention; pools channels over the whole input."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        squeezed = max(channels // reduction, 4)
        self.weigh = nn.Sequential(nn.Conv2d(channels, squeezed, 1), nn.ReLU(), nn.Conv2d(squeezed, channels, 1))
        self.place = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) to the same shape."""
        mean, most = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * torch.sigmoid(self.weigh(mean) + self.weigh(most))
        summary = torch.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), 1)
        return x * torch.sigmoid(self.place(summary))


class PaperNet(nn.Module):
    """Backbone, a pyramid of three levels, and a head at each."""

    def __init__(self, width: float = WIDTH) -> None:
        super().__init__()
        sizes = [int(width * 32 * 2**level) for level in range(6)]
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = Leaky(self.channels, sizes[0])
        self.stages = nn.ModuleList(
            nn.Sequential(Leaky(fine, coarse, stride=2), *(Bottleneck(coarse) for _ in range(count)))
            for fine, coarse, count in zip(sizes[:-1], sizes[1:], BLOCKS, strict=True)
        )
        self.attention = nn.ModuleList(Cbam(size) for size in sizes[3:])
        self.drop = DropBlock(DROPPED)
        inner = [size // 2 for size in sizes[3:]]  # at strides 8, 16, 32
        self.reduce = nn.ModuleList([Leaky(inner[1], inner[0], 1), Leaky(inner[2], inner[1], 1)])
        joined = [sizes[3] + inner[0], sizes[4] + inner[1], sizes[5]]
        self.neck = nn.ModuleList(
            nn.Sequential(Leaky(wide, size, 1), Leaky(size, 2 * size), Leaky(2 * size, size, 1))
            for wide, size in zip(joined, inner, strict=True)
        )
        self.head = nn.ModuleList(
            nn.Sequential(Leaky(size, 2 * size), nn.Conv2d(2 * size, len(ANCHORS[0]) * VALUES, 1)) for size in inner
        )
        for head in self.head:
            bias = head[1].bias.view(len(ANCHORS[0]), VALUES)  # type: ignore[index]
            nn.init.constant_(bias[:, 0], RARE)
        self.multiple_of, self.halo = STRIDES[-1], 128  # pooling over the whole input knows no halo that suffices

    def levels(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """For each of STRIDES: logits of objects (n, anchors, r, c), and edges (n, anchors, 4, r, c) in pixels."""
        x, taps = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            taps.append(x)
        taps = [attend(tap) for attend, tap in zip(self.attention, taps[2:], strict=True)]
        taps[2] = self.drop(taps[2])
        made: list[tuple[Tensor, Tensor]] = []
        above: Tensor | None = None
        for level in (2, 1, 0):
            tap = taps[level]
            if above is not None:
                up = functional.interpolate(self.reduce[level](above), scale_factor=2, mode="nearest")
                tap = torch.cat((tap, up), 1)
            above = self.neck[level](tap)
            made.insert(0, _boxes(self.head[level](above).float(), level))
        return made

    def forward(self, x: Tensor) -> Tensor:
        """(n, 10, h, w) of CHANNELS, sides divisible by 32, to (n, 6, h, w) of OUTPUTS: the surest box over a cell."""
        n, _, rows, cols = x.shape
        y = (torch.arange(rows // STRIDE, device=x.device) + 0.5)[:, None] * STRIDE
        column = (torch.arange(cols // STRIDE, device=x.device) + 0.5)[None, :] * STRIDE
        logits, edges = [], []
        for (logit, edge), stride in zip(self.levels(x), STRIDES, strict=True):
            factor = stride // STRIDE
            logits.append(logit.repeat_interleave(factor, 2).repeat_interleave(factor, 3))
            edges.append(edge.repeat_interleave(factor, 3).repeat_interleave(factor, 4))
        every, boxes = torch.cat(logits, 1), torch.cat(edges, 1)
        best, which = every.max(1, keepdim=True)
        index = which[:, :, None].expand(-1, -1, 4, -1, -1)
        top, left, bottom, right = boxes.gather(1, index)[:, 0].unbind(1)
        sides = torch.stack((y - top, column - left, bottom - y, right - column), 1)
        cells = functional.interpolate(torch.cat((best, sides), 1), scale_factor=STRIDE, mode="nearest")
        return torch.cat((torch.full((n, 1, rows, cols), NO_BODY, device=x.device), cells), 1)


def _boxes(raw: Tensor, level: int) -> tuple[Tensor, Tensor]:
    """Logits and edges of one level from the last layer (n, anchors * VALUES, r, c)."""
    n, _, rows, cols = raw.shape
    raw = raw.view(n, len(ANCHORS[level]), VALUES, rows, cols)
    stride = STRIDES[level]
    sizes = torch.tensor(ANCHORS[level], dtype=torch.float32, device=raw.device)[None, :, :, None, None]
    y = (torch.arange(rows, device=raw.device)[:, None] + torch.sigmoid(raw[:, :, 1])) * stride
    x = (torch.arange(cols, device=raw.device)[None, :] + torch.sigmoid(raw[:, :, 2])) * stride
    half = sizes * torch.exp(raw[:, :, 3:].clamp(-LARGEST, LARGEST)) / 2
    high, wide = half[:, :, 0], half[:, :, 1]
    return raw[:, :, 0], torch.stack((y - high, x - wide, y + high, x + wide), 2)

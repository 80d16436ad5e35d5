"""Which pixels are missing: at random, in blobs, and in the shapes that decorrelation has."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from .draw import Draw
from .fields import fast_size, quantile_level

REACH = 3.0  # standard deviations on either side that a Gaussian kernel is cut at


def random_pixels(draw: Draw, rows: int, cols: int, share: Tensor) -> Tensor:
    """Each pixel missing by itself with probability share (batch,): bool (batch, rows, cols)."""
    return draw.uniform(len(share), rows, cols) < share[:, None, None]


def blobs(draw: Draw, rows: int, cols: int, sigma: Tensor, share: Tensor) -> Tensor:
    """Where Gaussian noise smoothed with sigma (batch,) pixels is highest, share (batch,) of each scene: bool."""
    fields = torch.stack([_smooth_noise(draw, rows, cols, float(width)) for width in sigma])
    return fields > quantile_level(fields, 1.0 - share)


def _smooth_noise(draw: Draw, rows: int, cols: int, sigma: float) -> Tensor:
    """White noise (rows, cols) after a Gaussian of sigma pixels, made larger than needed so that edges do not meet."""
    margin = math.ceil(REACH * sigma)
    high, wide = fast_size(rows + margin), fast_size(cols + margin)
    fy = torch.fft.fftfreq(high, device=draw.device)[:, None]
    fx = torch.fft.rfftfreq(wide, device=draw.device)[None, :]
    gain = torch.exp(-2.0 * (math.pi * sigma) ** 2 * (fy.square() + fx.square()))
    noise = torch.fft.rfft2(draw.normal(high, wide))
    smooth: Tensor = torch.fft.irfft2(noise * gain, s=(high, wide))[:rows, :cols]
    return smooth


def cut_from(draw: Draw, bank: Tensor, batch: int, rows: int, cols: int) -> Tensor:
    """Random windows of a bank of masks (count, r, c) bool, turned and mirrored: bool (batch, rows, cols)."""
    pieces = []
    numbers = draw.uniform(batch, 4).cpu().tolist()
    for which, row, column, turn in numbers:
        mask = bank[int(which * len(bank))]
        top, left = int(row * (mask.shape[0] - rows + 1)), int(column * (mask.shape[1] - cols + 1))
        piece = mask[top : top + rows, left : left + cols]
        piece = piece.flip(1) if turn < 0.5 else piece
        pieces.append(piece.rot90(int(turn * 8) % 4) if rows == cols else piece)
    return torch.stack(pieces)


def distance_classes(gap: Tensor, edges: tuple[int, ...]) -> Tensor:
    """By how far (rows or columns) the nearest known pixel is: 0 in known pixels, else 1 + number of edges passed.

    gap bool (batch, rows, cols); edges in pixels, rising: (2, 5, 10) makes classes 1 to 4, up to 2, 5, 10 and beyond.
    """
    known = (~gap).float()[:, None]
    classes = gap.long()
    for edge in edges:
        near = functional.max_pool2d(known, 2 * edge + 1, 1, edge)[:, 0] > 0.5
        classes = classes + (gap & ~near).long()
    return classes

"""Bowls in wrapped phase without a network: where fringes close around a place, at several sizes."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

WINDOW = 5  # pixels on a side over which the fringe rate is averaged
SMOOTHING = ((1, 7), (1, 15), (4, 7), (4, 15))  # cells of so many pixels, and the cells on a side of a mean
TIMES = 3  # that the mean is taken: close to Gaussians of 3.5, 7.5, 14 and 30 pixels
COARSE = 4
HALF_DEPTH = math.pi  # rad: depth of a bowl of which the score is a half
LOBE = 0.35  # of the deepest around: what is less may be the lobe that a Laplacian has beside each bowl
LOBE_REACH = 64  # pixels around
NOISE = 0.15  # squared length of the mean product of WINDOW x WINDOW neighbours, up to which it may be noise
_LEAST_WEIGHT, _LEAST_DEPTH = 0.1, 1e-6

CHANNELS = ("cos", "sin", "valid", "row", "column")


class FringeDetector(nn.Module):
    """Multi-scale Laplacian of the phase, from the wrapped gradient alone; speaks as the detecting network does.

    The rate of the fringes (rad per pixel, from products of neighbours) is smoothed, weighted by how well neighbours
    agree, and its divergence taken: the Laplacian of the phase, which needs no unwrapping. Times twice the variance of
    the smoothing it is the depth of a Gaussian bowl of that size (Lindeberg 1998, IJCV 30, on scale selection). Fringes
    closer than two pixels alias, and noise hides them, as in all methods that read them off the phase.
    """

    channels, outputs, multiple_of = len(CHANNELS), 4, COARSE
    halo = WINDOW // 2 + 2 + COARSE * (TIMES * (SMOOTHING[-1][1] // 2) + 5) + LOBE_REACH  # 5: differences and cells

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS to (n, 4, h, w): rate down and right, 0, logit of depth over HALF_DEPTH.

        Where a raster is continued by its mirror image, its rows or columns run backward; there the rates are turned,
        or else every ramp would have a crease along the edge.
        """
        x = x.float()
        signal = torch.complex(x[:, 0].contiguous(), x[:, 1].contiguous())
        down = _averaged(functional.pad(signal[:, 1:] * signal[:, :-1].conj(), (0, 0, 0, 1)))
        right = _averaged(functional.pad(signal[:, :, 1:] * signal[:, :, :-1].conj(), (0, 1)))
        rates = [down.angle() * _difference(x[:, 3], 1).sign(), right.angle() * _difference(x[:, 4], 2).sign()]
        weight = (0.5 * (down.abs().square() + right.abs().square()) - NOISE).clamp_min(0.0)
        depth = self._depth(torch.stack((rates[0] * weight, rates[1] * weight, weight), 1))
        logit = torch.log(depth.clamp_min(_LEAST_DEPTH) / HALF_DEPTH)
        return torch.stack((down.angle(), right.angle(), torch.zeros_like(logit), logit), 1)

    def _depth(self, rates: Tensor) -> Tensor:
        """Depth (n, h, w), rad, of the bowl of whichever size fits best, from weighted rates and their weight."""
        depth = torch.zeros_like(rates[:, 0])
        for cell, side in SMOOTHING:
            smooth = functional.avg_pool2d(rates, cell) if cell > 1 else rates
            for _ in range(TIMES):
                smooth = _mean(smooth, side)
            field = smooth[:, :2] / smooth[:, 2:].clamp_min(_LEAST_WEIGHT)
            curved = (_difference(field[:, 0], 1) + _difference(field[:, 1], 2)).abs() / cell
            deep = 2.0 * cell**2 * TIMES * (side**2 - 1) / 12 * curved
            if cell > 1:
                deep = functional.interpolate(deep[:, None], scale_factor=cell, mode="bilinear")[:, 0]
            depth = torch.maximum(depth, deep)
        reach = LOBE_REACH // COARSE
        deepest = functional.max_pool2d(depth[:, None], COARSE)
        for kernel, padding in (((1, 2 * reach + 1), (0, reach)), ((2 * reach + 1, 1), (reach, 0))):
            deepest = functional.max_pool2d(deepest, kernel, 1, padding)
        deepest = functional.interpolate(deepest, scale_factor=COARSE, mode="nearest")[:, 0]
        return depth * (depth >= LOBE * deepest)


def _averaged(products: Tensor) -> Tensor:
    parts = _mean(torch.view_as_real(products).permute(0, 3, 1, 2), WINDOW)
    return torch.complex(parts[:, 0].contiguous(), parts[:, 1].contiguous())


def _mean(planes: Tensor, side: int) -> Tensor:
    """Mean over side x side pixels of (n, c, h, w), zeros beyond the edge."""
    half = side // 2
    across = functional.avg_pool2d(planes, (1, side), 1, (0, half))
    return functional.avg_pool2d(across, (side, 1), 1, (half, 0))


def _difference(plane: Tensor, dim: int) -> Tensor:
    """Half the difference between the pixels on either side (n, h, w); an edge meets the other, within the halo."""
    return 0.5 * (plane.roll(-1, dim) - plane.roll(1, dim))

"""How the residual goes with the height of the ground nearby: layers of air that differ from place to place."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 2  # cells along the side of what the features, and the finest level of the network, work on
WINDOWS = (5, 13, 29)  # blocks along the sides of the windows in which residual is held against height
LEAST_VARIANCE = 0.02  # of standardised heights, below which a window says nothing
MOST = 5.0  # robust deviations of delay that layers may stand for
COUNT = 2 * len(WINDOWS)  # planes that `layer_features` makes


def layer_features(x: Tensor) -> Tensor:
    """Delay that height explains in windows of several sizes, and how well: (n, 9, h, w) of CHANNELS to COUNT planes.

    They are (n, COUNT, h / BLOCK, w / BLOCK). Of each window: slope of the compressed residual over height, times
    height about the window's mean; and the correlation of both. 0 where there is no height or no relief.
    """
    cells = functional.avg_pool2d(torch.cat(((x[:, 2:3] > 0).float(), x[:, 1:2], x[:, 3:5]), 1), BLOCK)
    valid, residual, height, known = torch.split(cells, 1, 1)
    products = (residual * height, height.square(), residual.square())
    planes = torch.cat((valid, *(plane * valid for plane in (residual, height, *products))), 1)
    found: list[Tensor] = []
    for side in WINDOWS:
        count, one, two, both, square, own = torch.split(_box(planes, side), 1, 1)
        count = count.clamp_min(1e-3)
        mean_residual, mean_height = one / count, two / count
        covariance = both / count - mean_residual * mean_height
        variance = (square / count - mean_height.square()).clamp_min(0.0)
        spread = (own / count - mean_residual.square()).clamp_min(0.0)
        slope = covariance / (variance + LEAST_VARIANCE)
        explained = (slope * (height - mean_height)).clamp(-MOST, MOST)
        alike = covariance / torch.sqrt((variance + LEAST_VARIANCE) * (spread + LEAST_VARIANCE))
        found += [explained * known, alike * known]
    return torch.cat(found, 1)


def radius() -> int:
    """Cells from a feature to the farthest input that it depends on."""
    return BLOCK * (WINDOWS[-1] // 2) + BLOCK


def _box(planes: Tensor, side: int) -> Tensor:
    """Mean over side x side cells, with zeros beyond the edge."""
    half = side // 2
    planes = functional.avg_pool2d(planes, (1, side), 1, (0, half))
    return functional.avg_pool2d(planes, (side, 1), 1, (half, 0))

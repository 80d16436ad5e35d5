"""What two log intensities say of their coherence, the same whichever of the two comes first.

Speckle is what the images share where they are coherent. Its correlation is looked for at every shift of up to about
two pixels, since the images may not lie on each other exactly. All sums are taken in pairs that the exchange of the
images only turns around, so that the result is the same to the last bit.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CELL = 2  # pixels along the side of a cell of the finest level
LOCAL = 7  # pixels of the window whose mean is taken out, so that speckle and fine texture remain
VARIANCE_CELLS = 7  # cells of the window over which their variance is taken
BLOCK, BLOCKS = 8, 5  # cells of a block, and blocks of the window in which the direction of the shift is found
LEAST_VARIANCE = 0.02  # of log intensity: that of 50 looks; below it nothing is said to correlate
LEVEL_LIMIT = 4.0  # of log intensity about the median of the raster
SHIFT_NOISE = 0.1  # pixels; a mean shift this small has half of its direction

# Shifts (rows, columns) of one image against the other, of which each stands for itself and its opposite.
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (1, -2), (2, 1), (2, -1))
REACH = 2  # the largest of them
COUNT = 13 + 2 * len(SHIFTS)  # planes that `pair_features` makes


def pair_features(x: Tensor) -> Tensor:
    """Symmetric features of a pair (n, COUNT, h / CELL, w / CELL), float32.

    x (n, 3, h, w): natural logarithm of both intensities, each about its median, 0 where invalid; and 1 where both
    are valid. Sides divisible by CELL * BLOCK.
    """
    x = x.float()
    valid = x[:, 2:3]
    first, second = x[:, 0:1] * valid, x[:, 1:2] * valid
    count = _box(valid, LOCAL).clamp_min(1e-3)
    mean_first, mean_second = _box(first, LOCAL) / count, _box(second, LOCAL) / count
    one, two = (first - mean_first) * valid, (second - mean_second) * valid
    share = _cells(valid)
    variance = _variance(one, two, share)
    sums, differences = _correlations(one, two)
    shift = _direction(differences, variance, share)
    scale = 1.0 / variance
    oriented = [
        d * (shift[:, 0:1] * dy + shift[:, 1:2] * dx) for d, (dy, dx) in zip(differences, _units(), strict=True)
    ]
    level = ((first + second) * 0.5).clamp(-LEVEL_LIMIT, LEVEL_LIMIT)
    contrast = (first - second).abs().clamp_max(LEVEL_LIMIT)
    drift = _cells((mean_first - mean_second).abs() * valid)
    planes = (
        sums * scale,
        torch.cat(oriented, 1) * scale,
        functional.pixel_unshuffle(level, CELL),
        functional.pixel_unshuffle(contrast, CELL),
        _cells(((mean_first + mean_second) * 0.5 * valid).clamp(-LEVEL_LIMIT, LEVEL_LIMIT)),
        drift,
        variance.log() + 1.0,
        share,
    )
    return torch.cat(planes, 1)


def radius() -> int:
    """Pixels from a cell of the features to the farthest pixel they depend on."""
    window = CELL * BLOCK * (BLOCKS // 2 + 1)  # the direction of the shift: its blocks, wherever in one a pixel lies
    return window + REACH + LOCAL // 2 + CELL


def _box(plane: Tensor, side: int) -> Tensor:
    """Mean over side x side pixels, with zeros beyond the edge."""
    half = side // 2
    plane = functional.avg_pool2d(plane, (1, side), 1, (0, half))
    return functional.avg_pool2d(plane, (side, 1), 1, (half, 0))


def _cells(plane: Tensor) -> Tensor:
    return functional.avg_pool2d(plane, CELL)


def _variance(one: Tensor, two: Tensor, share: Tensor) -> Tensor:
    """Mean variance of both around each cell (n, 1, h / CELL, w / CELL), at least LEAST_VARIANCE."""
    power = _cells((one.square() + two.square()) * 0.5)
    return (_box(power, VARIANCE_CELLS) / _box(share, VARIANCE_CELLS).clamp_min(1e-3)).clamp_min(LEAST_VARIANCE)


def _correlations(one: Tensor, two: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Products of the images over cells: unshifted and at each shift plus its opposite; and their differences."""
    height, width = one.shape[-2:]
    edges = (REACH,) * 4
    first, second = functional.pad(one, edges), functional.pad(two, edges)

    def at(image: Tensor, dy: int, dx: int) -> Tensor:
        return image[..., REACH + dy : REACH + dy + height, REACH + dx : REACH + dx + width]

    sums, differences = [_cells(one * two)], []
    for dy, dx in SHIFTS:
        # The halves of a shift go to either image, so that the product lies between the two.
        ay, ax = dy // 2, dx // 2
        by, bx = dy - ay, dx - ax
        there = _cells(at(first, -ay, -ax) * at(second, by, bx) + at(first, -by, -bx) * at(second, ay, ax))
        back = _cells(at(second, -ay, -ax) * at(first, by, bx) + at(second, -by, -bx) * at(first, ay, ax))
        sums.append((there + back) * 0.5)
        differences.append((there - back) * 0.5)
    return torch.cat(sums, 1), differences


def _units() -> list[tuple[float, float]]:
    return [(dy / (dy * dy + dx * dx) ** 0.5, dx / (dy * dy + dx * dx) ** 0.5) for dy, dx in SHIFTS]


def _direction(differences: list[Tensor], variance: Tensor, share: Tensor) -> Tensor:
    """Direction in which the second image is shifted, around each cell: (n, 2, h / CELL, w / CELL), length below 1.

    It turns about exactly when the images are exchanged, as the differences do.
    """
    rows, columns = torch.zeros_like(variance), torch.zeros_like(variance)
    for difference, (dy, dx) in zip(differences, SHIFTS, strict=True):
        weight = 1.0 / (dy * dy + dx * dx)
        rows = rows + difference * (dy * weight)
        columns = columns + difference * (dx * weight)
    both = functional.avg_pool2d(torch.cat((rows, columns), 1) / variance, BLOCK)
    seen = functional.avg_pool2d(share, BLOCK)
    mean = _box(both, BLOCKS) / _box(seen, BLOCKS).clamp_min(1e-3)
    length = (mean[:, 0:1].square() + mean[:, 1:2].square()).sqrt()
    direction = mean / (length + SHIFT_NOISE)
    return functional.interpolate(direction, scale_factor=BLOCK, mode="nearest")

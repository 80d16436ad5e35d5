"""What two log intensities say of their coherence, the same whichever of the two comes first.

Speckle is what the images share where they are coherent. Its correlation is looked for at every shift of up to about
two pixels, since the images may not lie on each other exactly, and is averaged over windows of several sizes: the
network chooses among these estimates, and mends them, by what it sees at finer scale. All sums are taken in pairs that
the exchange of the images only turns around, so that the result is the same to the last bit.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CELL = 2  # pixels along the side of a cell of the finest level
LOCAL = 7  # pixels of the window whose mean is taken out, so that speckle and fine texture remain
VARIANCE_CELLS = 7  # cells of the window over which their variance is taken
WINDOWS = (5, 11, 21)  # cells of the windows that correlation is averaged over
BLOCK, BLOCKS = 8, 5  # cells of a block, and blocks of the window in which the shift of the images is found
LEAST_VARIANCE = 0.02  # of log intensity: that of 50 looks; below it nothing is said to correlate
LEAST_SQUARE = 1e-3  # of coherence, where its root is taken
SHIFT_NOISE = 0.02  # of correlation over the window in which the shift is found
LEVEL_LIMIT = 4.0  # of log intensity about the median of the raster

# Shifts (rows, columns) of one image against the other, of which each stands for itself and its opposite.
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (1, -2), (2, 1), (2, -1))
REACH = 2  # the largest of them
NEAR = 4  # of them, the nearest, at which each image's correlation with itself is shown
LEAST_SUM = 0.2  # of an image's correlation with itself over all shifts, over its variance
COUNT = len(SHIFTS) + 16 + 4 * len(WINDOWS) + NEAR + 4  # planes that `pair_features` makes


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
    power = _cells((one.square() + two.square()) * 0.5)
    variance = _mean(power, share).clamp_min(LEAST_VARIANCE)
    sums, differences = _correlations(one, two)
    aligned, weight, strength = _aligned(sums, differences, power)
    scale = 1.0 / variance
    level = ((first + second) * 0.5).clamp(-LEVEL_LIMIT, LEVEL_LIMIT)
    contrast = (first - second).abs().clamp_max(LEVEL_LIMIT)
    planes = (
        sums * scale,
        aligned * scale,
        *_estimates(sums[:, :1], power),
        *_estimates(aligned, power),
        weight,
        strength,
        functional.pixel_unshuffle(level, CELL),
        functional.pixel_unshuffle(contrast, CELL),
        _cells(((mean_first + mean_second) * 0.5 * valid).clamp(-LEVEL_LIMIT, LEVEL_LIMIT)),
        _cells((mean_first - mean_second).abs() * valid),
        variance.log() + 1.0,
        share,
        *_own(one, two, sums, power),
    )
    return torch.cat(planes, 1)


def radius() -> int:
    """Pixels from a cell of the features to the farthest pixel they depend on."""
    block = CELL * BLOCK * (BLOCKS // 2 + 1)  # the shift: its blocks, wherever in one a pixel lies
    return block + CELL * (WINDOWS[-1] // 2) + REACH + LOCAL // 2 + CELL


def _box(plane: Tensor, side: int) -> Tensor:
    """Mean over side x side pixels, with zeros beyond the edge."""
    half = side // 2
    plane = functional.avg_pool2d(plane, (1, side), 1, (0, half))
    return functional.avg_pool2d(plane, (side, 1), 1, (half, 0))


def _mean(plane: Tensor, share: Tensor) -> Tensor:
    """Mean over what is valid of VARIANCE_CELLS x VARIANCE_CELLS cells."""
    return _box(plane, VARIANCE_CELLS) / _box(share, VARIANCE_CELLS).clamp_min(1e-3)


def _cells(plane: Tensor) -> Tensor:
    return functional.avg_pool2d(plane, CELL)


def _estimates(product: Tensor, power: Tensor) -> list[Tensor]:
    """Correlation in each of WINDOWS, and its root, which is what coherence would be if speckle were all there is."""
    planes = []
    for side in WINDOWS:
        ratio = (_box(product, side) / _box(power, side).clamp_min(1e-3 * LEAST_VARIANCE)).clamp(-1.0, 1.5)
        planes += [ratio, ratio.clamp_min(LEAST_SQUARE).sqrt()]
    return planes


def _correlations(one: Tensor, two: Tensor) -> tuple[Tensor, Tensor]:
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
    return torch.cat(sums, 1), torch.cat(differences, 1)


def _own(one: Tensor, two: Tensor, sums: Tensor, power: Tensor) -> list[Tensor]:
    """How each image correlates with itself nearby, and the sum of the cross correlations over that of their own.

    Both sums run over all shifts, so that their ratio is the squared coherence wherever the images lie to each other
    and however their speckle is correlated, as far as texture is not in it.
    """
    height, width = one.shape[-2:]
    edges = (REACH,) * 4
    first, second = functional.pad(one, edges), functional.pad(two, edges)
    own = []
    for dy, dx in SHIFTS:
        rows, columns = slice(REACH + dy, REACH + dy + height), slice(REACH + dx, REACH + dx + width)
        own.append(_cells(one * first[..., rows, columns] + two * second[..., rows, columns]) * 0.5)
    widest = WINDOWS[-1]
    spread = _box(power, widest).clamp_min(1e-3 * LEAST_VARIANCE)
    planes = [_box(part, widest) / spread for part in own[:NEAR]]
    own_sum, cross_sum = power + 2.0 * torch.cat(own, 1).sum(1, keepdim=True), sums.sum(1, keepdim=True)
    for side in WINDOWS[-2:]:
        least = LEAST_SUM * _box(power, side).clamp_min(1e-3 * LEAST_VARIANCE)
        ratio = (_box(cross_sum, side) / torch.maximum(_box(own_sum, side), least)).clamp(-1.0, 1.5)
        planes += [ratio, ratio.clamp_min(LEAST_SQUARE).sqrt()]
    return planes


def _aligned(sums: Tensor, differences: Tensor, power: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Products at the shift of the images (n, 1, …), weight of no shift, and how strongly the images correlate at all.

    The correlation over a wide window says how the images lie to each other; products at each shift are weighed by it,
    as a matched filter does. Each shift and its opposite change places when the images are exchanged.
    """
    there, back = (sums[:, 1:] + differences) * 0.5, (sums[:, 1:] - differences) * 0.5
    seen = _box(functional.avg_pool2d(power, BLOCK), BLOCKS).clamp_min(1e-3 * LEAST_VARIANCE)
    stay, ahead, behind = (
        (_box(functional.avg_pool2d(part, BLOCK), BLOCKS) / seen).clamp_min(0.0) for part in (sums[:, :1], there, back)
    )
    length = (stay.square() + (ahead.square() + behind.square()).sum(1, keepdim=True)).sqrt()
    wide = [part / (length + SHIFT_NOISE) for part in (stay, ahead, behind)]
    still, forth, against = (functional.interpolate(part, scale_factor=BLOCK, mode="nearest") for part in wide)
    total = sums[:, :1] * still + (there * forth + back * against).sum(1, keepdim=True)
    strength = functional.interpolate(length, scale_factor=BLOCK, mode="nearest")
    return total, still, strength

"""What two log intensities say of their coherence, the same whichever of the two comes first.

Speckle is what the images share where they are coherent. Its correlation is looked for at every shift of up to about
two pixels, since the images may not lie on each other exactly, and is averaged over windows of several sizes: the
network chooses among these estimates, and mends them, by what it sees at finer scale. Correlated is the amplitude over
its local mean: at low coherence it keeps nearly all of what intensities tell (0.84 of it at one look, 0.97 at four;
logarithms 0.37 and 0.78), and single strong points weigh less in it. All sums are taken in pairs that the exchange of
the images only turns around, so that the result is the same to the last bit.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .windows import box_mean, enlarged

CELL = 2  # pixels along the side of a cell of the finest level
LOCAL = 5  # cells of the window whose mean is taken out, so that speckle and fine texture remain
VARIANCE = 7  # cells of the window over which their variance is taken
NARROW = 5  # cells of the narrowest window that correlation is averaged over
POOL, WINDOWS = 4, (3, 5)  # cells of a square, and squares of the wider windows
BLOCK, BLOCKS = 2, 5  # squares of a block, and blocks of the window in which the shift of the images is found
STEP = CELL * POOL * BLOCK  # pixels that sides are divisible by
LEAST_VARIANCE = 0.005  # of amplitude over its mean: that of 50 looks; below it nothing is said to correlate
LEAST_SQUARE = 1e-3  # of coherence, where its root is taken
SHIFT_NOISE = 1.2  # standard deviations of chance below which a correlation at a shift is taken for it
MOST_GAIN = 4.0  # of the products at the shift, where the shift is hardly seen
SURROUNDINGS = 9  # squares of the window about whose mean brightness is shown
LEVEL_SCALE, LEVEL_LIMIT = 2.0, 4.0  # of log intensity about that mean, as it is shown
SPECKLE_LIMIT = 2.2  # of log intensity above its local mean: points beyond count as this strong

# Shifts (rows, columns) of one image against the other, of which each stands for itself and its opposite.
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (1, -2), (2, 1), (2, -1))
NEAR = 4  # of them, the nearest, at which each image's correlation with itself is shown
LEAST_SUM = 0.2  # of an image's correlation with itself over all shifts, over its variance
PRODUCTS = 4  # planes of products as they are
RATIOS = 3  # of them, before their power
STATISTICS = PRODUCTS + 4  # planes that `statistics_of` makes
COUNT = PRODUCTS + 3 + 4 * len(WINDOWS) + 3 + 2 * CELL**2 + 5 + NEAR  # planes that `pair_features` makes


def pair_features(x: Tensor) -> Tensor:
    """Symmetric features of a pair (n, COUNT, h / CELL, w / CELL), float32.

    x (n, 3, h, w): natural logarithm of both intensities, each about its median, 0 where invalid; and 1 where both
    are valid. Sides divisible by STEP.
    """
    first, second, valid = (functional.pixel_unshuffle(plane, CELL) for plane in torch.split(x.float(), 1, 1))
    first, second = first * valid, second * valid
    share = valid.mean(1, keepdim=True)
    count = box_mean(share, LOCAL).clamp_min(1e-3)
    mean_first, mean_second = (box_mean(image.mean(1, keepdim=True), LOCAL) / count for image in (first, second))
    one, two = (_speckle(image, mean, valid, count) for image, mean in ((first, mean_first), (second, mean_second)))
    power = (one.square() + two.square()).mean(1, keepdim=True) * 0.5
    there, back, own = _correlations(one, two)
    stay = (one * two).mean(1, keepdim=True)
    wide = functional.avg_pool2d(torch.cat([power, stay, there, back, own], 1), POOL)
    aligned, found = _aligned(stay, there, back, wide)
    variance = (box_mean(power, VARIANCE) / box_mean(share, VARIANCE).clamp_min(1e-3)).clamp_min(LEAST_VARIANCE)
    total = stay + (there + back).sum(1, keepdim=True)
    products = torch.cat([aligned, stay, total, power], 1) / variance
    mean = (mean_first + mean_second) * 0.5
    around = _surroundings(mean * share, share)
    level = (((first + second) * 0.5 - around * valid) * LEVEL_SCALE).clamp(-LEVEL_LIMIT, LEVEL_LIMIT)
    planes = (
        products.clamp(-8.0, 8.0),
        *_estimates(aligned, stay, power),
        *_wide_estimates(aligned, wide),
        found,
        level,
        (first - second).abs().clamp_max(LEVEL_LIMIT),
        ((mean - around) * LEVEL_SCALE).clamp(-LEVEL_LIMIT, LEVEL_LIMIT),
        (mean_first - mean_second).abs(),
        variance.log() + 2.0,
        share,
    )
    return torch.cat(planes, 1)


def statistics_of(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What is worth averaging over areas, of `pair_features` (n, COUNT, h, w), and by which to tell areas.

    Statistics (n, STATISTICS, h, w): products, whose power is the last of them; difference of the images, brightness,
    its difference, and variance. Brightness of the cells themselves and their valid share, each (n, 1, h, w).
    """
    end = COUNT - 4
    levels, differences = features[:, end - 2 * CELL**2 : end].chunk(2, 1)
    statistics = [features[:, :PRODUCTS], differences.mean(1, keepdim=True), features[:, end:-1]]
    return torch.cat(statistics, 1), levels.mean(1, keepdim=True) / LEVEL_SCALE, features[:, -1:]


def radius() -> int:
    """Pixels from a cell of the features to the farthest pixel they depend on."""
    square = CELL * POOL
    block = square * BLOCK * (BLOCKS // 2 + 1)  # the shift: its blocks, wherever in one a pixel lies
    around = square * (max(WINDOWS) // 2 + 1)  # of what is weighed by it
    return block + around + CELL * (LOCAL - LOCAL // 2) + 2 * CELL


def _surroundings(level: Tensor, share: Tensor) -> Tensor:
    """Mean level over wide windows (n, 1, h, w), of planes that are 0 where nothing is valid."""
    total, count = box_mean(functional.avg_pool2d(torch.cat([level, share], 1), POOL), SURROUNDINGS).chunk(2, 1)
    return enlarged(total / count.clamp_min(1e-3), POOL)


def _speckle(image: Tensor, mean: Tensor, valid: Tensor, count: Tensor) -> Tensor:
    """Amplitude over its local mean, about 0: (n, CELL**2, h, w) of log intensity and its local mean (n, 1, h, w)."""
    ratio = ((image - mean).clamp_max(SPECKLE_LIMIT) * 0.5).exp() * valid
    return (ratio - box_mean(ratio.mean(1, keepdim=True), LOCAL) / count) * valid


def _correlations(one: Tensor, two: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean products over cells at each of SHIFTS: first with second, second with first, and of each with itself."""
    rows, columns = one.shape[-2:]
    padded = [functional.pad(image, (1, 1, 1, 1)) for image in (one, two)]

    def at(image: Tensor, dy: int, dx: int) -> Tensor:
        return image[:, CELL * (dy % CELL) + dx % CELL, 1 + dy // CELL :, 1 + dx // CELL :][:, :rows, :columns]

    shape = (len(one), len(SHIFTS), rows, columns)
    there, back, own_one, own_two = (one.new_zeros(shape) for _ in range(4))
    for index, (dy, dx) in enumerate(SHIFTS):
        # The halves of a shift go to either image, so that the product lies between the two.
        ay, ax = dy // 2, dx // 2
        for place in range(CELL**2):
            y, x = divmod(place, CELL)
            a1, a2 = (at(image, y - ay, x - ax) for image in padded)
            b1, b2 = (at(image, y + dy - ay, x + dx - ax) for image in padded)
            there[:, index].addcmul_(a1, b2)
            back[:, index].addcmul_(a2, b1)
            own_one[:, index].addcmul_(a1, b1)
            own_two[:, index].addcmul_(a2, b2)
    return there / CELL**2, back / CELL**2, (own_one + own_two) * (0.5 / CELL**2)


def _aligned(stay: Tensor, there: Tensor, back: Tensor, wide: Tensor) -> tuple[Tensor, Tensor]:
    """Products at the shift of the images (n, 1, …); weight of no shift, strength of any, and gain (n, 3, …).

    The correlation over a wide window says how the images lie to each other; products at each shift are weighed by it,
    as a matched filter does. Each shift and its opposite change places when the images are exchanged. The gain makes
    the products mean squared coherence again: correlation that is spread over shifts adds up to that of the images
    with themselves.
    """
    n = len(SHIFTS)
    blocks = box_mean(functional.avg_pool2d(wide, BLOCK), BLOCKS)
    blocks = blocks[:, 1:] / blocks[:, :1].clamp_min(1e-2 * LEAST_VARIANCE)
    own = blocks[:, 1 + 2 * n :]
    chance = (1.0 + 2.0 * own.square().sum(1, keepdim=True)).sqrt() / (CELL * POOL * BLOCK * BLOCKS)
    least = SHIFT_NOISE * chance
    parts = torch.split(blocks[:, : 1 + 2 * n], [1, n, n], 1)
    still, ahead, behind = ((part - least).clamp_min(0.0) for part in parts)
    length = (still.square() + (ahead.square() + behind.square()).sum(1, keepdim=True)).sqrt()
    still, ahead, behind = (part / (length + chance) for part in (still, ahead, behind))
    spread = (1.0 + 2.0 * own.sum(1, keepdim=True)).clamp_min(LEAST_SUM)
    gain = ((still + (ahead + behind).sum(1, keepdim=True)) / spread).clamp_max(MOST_GAIN)
    found = enlarged(torch.cat([still, length, gain], 1), POOL * BLOCK)
    ahead, behind = (enlarged(part * gain, POOL * BLOCK) for part in (ahead, behind))
    total = stay * (found[:, :1] * found[:, 2:]) + (there * ahead + back * behind).sum(1, keepdim=True)
    return total, found


def _estimates(aligned: Tensor, stay: Tensor, power: Tensor) -> list[Tensor]:
    """Correlation in the narrowest window, as the images lie and at their shift, and the root of the latter."""
    spread = box_mean(power, NARROW).clamp_min(1e-2 * LEAST_VARIANCE)
    still, moved = ((box_mean(part, NARROW) / spread).clamp(-1.0, 1.5) for part in (stay, aligned))
    return [still, moved, _root(moved)]


def _wide_estimates(aligned: Tensor, wide: Tensor) -> list[Tensor]:
    """Correlation at the shift and over all shifts in wider windows, with roots; each image's with itself.

    The sum of the cross correlations over all shifts over that of each image's own is the squared coherence wherever
    the images lie to each other and however their speckle is correlated, as far as texture is not in it.
    """
    n = len(SHIFTS)
    power = wide[:, :1]
    cross = wide[:, 1:2] + (wide[:, 2 : 2 + n] + wide[:, 2 + n : 2 + 2 * n]).sum(1, keepdim=True)
    own = wide[:, 2 + 2 * n :]
    every = power + 2.0 * own.sum(1, keepdim=True)
    base = torch.cat([power, functional.avg_pool2d(aligned, POOL), cross, every, own[:, :NEAR]], 1)
    planes = []
    for side in WINDOWS:
        mean = box_mean(base, side)
        spread = mean[:, :1].clamp_min(1e-2 * LEAST_VARIANCE)
        moved = (mean[:, 1:2] / spread).clamp(-1.0, 1.5)
        summed = (mean[:, 2:3] / torch.maximum(mean[:, 3:4], LEAST_SUM * spread)).clamp(-1.0, 1.5)
        planes += [moved, _root(moved), summed, _root(summed)]
    planes += [mean[:, 4:] / spread, spread.log() + 2.0]
    return [enlarged(torch.cat(planes, 1), POOL)]


def _root(ratio: Tensor) -> Tensor:
    return ratio.clamp_min(LEAST_SQUARE).sqrt()

"""Landslides without a network: the divergence of the gradient, at several sizes, over its noise.

The divergence of the gradient is the Laplacian of the displacement: a body that moves as one is a blob of it (blob
detection in scale space: Lindeberg 1998, IJCV 30(2)), where the size of the gradient has a ring with a hole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

SCALES = (2.0, 3.0, 4.5, 7.0, 10.0, 15.0)  # pixels, deviations of the Gaussians
REACH = 3.0  # deviations at which a Gaussian ends
HALF_SIDE = 2.3  # half the side of a box, in deviations of the scale that answers most
CERTAIN = 9.0  # noise levels at which the score is a half
STRIDE = 4  # pixels along the side of the cells that propose boxes
BESIDE = 24  # pixels around a strong answer in which weaker ones are its ring, or its outline
RING, NOTHING = 0.35, -30.0  # share of the strong answer; logit of what is none
OUTLINE = 0.3  # share of the largest answer around at which a body ends
CHANNELS = 3  # gradient along columns, along rows, weight
LEAST_VARIANCE = 0.02  # of a perfectly coherent pixel against one without coherence

Float = NDArray[np.float32]


class DivergenceDetector:
    """Stands in for the landslide network: same outputs, from planes (x, y, weight) instead.

    `levels` is the noise of the answer at each scale, which `noise_levels` takes from a sample of the raster.
    """

    channels, outputs, multiple_of = CHANNELS, 6, 32
    halo = math.ceil((math.ceil(REACH * SCALES[-1]) + BESIDE + STRIDE) / 32) * 32

    def __init__(self, levels: Sequence[float], certain: float = CERTAIN, half_side: float = HALF_SIDE) -> None:
        self.levels, self.certain, self.half_side = tuple(levels), certain, half_side

    def __call__(self, batch: Tensor, /) -> Tensor:
        """(n, 3, h, w) to logits of body and of a middle, and sides top, left, bottom, right in pixels (n, 6, h, w)."""
        batch = batch.float()
        strength = answers(batch).abs() / torch.tensor(self.levels, device=batch.device)[:, None, None]
        best, which = strength.max(1)
        reach = 2 * BESIDE + 1
        largest = functional.max_pool2d(best[:, None], reach, 1, reach // 2)[:, 0]
        body = (best - OUTLINE * largest.clamp_min(self.certain / 2)) / self.certain
        side = torch.tensor(SCALES, device=batch.device)[which] * self.half_side
        cells = torch.stack([best, *[side] * 4], 1)[:, :, STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
        # Beside a strong body lies a ring of the other sign; it is none.
        ring = (best < RING * largest)[:, None, STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
        score = torch.log(cells[:, :1].clamp_min(1e-6) / self.certain).masked_fill(ring, NOTHING)
        spread = torch.cat((score, cells[:, 1:]), 1)
        spread = functional.interpolate(spread, scale_factor=STRIDE, mode="nearest")
        return torch.cat((4.0 * body[:, None], spread), 1)


def weighted_planes(gradient: Float, coherence: Float, valid: NDArray[np.bool_], noise: float) -> Float:
    """What the detector is shown (3, rows, columns), of gradients (2, rows, columns), coherence and validity.

    The weight is the inverse deviation of the gradient, which follows from the coherence of the stack, in units of
    `noise`; the gradient comes over its deviation.
    """
    known = np.clip(coherence, 0.0, 1.0) * valid
    weight = known / np.sqrt(1.0 - known**2 + LEAST_VARIANCE)
    return np.concatenate((gradient * (weight / noise), weight[None])).astype(np.float32)


def answers(planes: Tensor) -> Tensor:
    """Divergence of the weighted gradient at each of SCALES: planes (n, 3, h, w) to (n, scales, h, w).

    Each is divided by what white noise of the same weights gives, so that bodies of any size answer alike.
    """
    weight = planes[:, 2:3]  # by which the gradients, which come over their deviation, are to count
    square = weight.square()
    fields = torch.cat((planes[:, :2] * weight, square), 1)
    made = []
    for scale in SCALES:
        smooth, slope = _kernels(scale, planes.device)
        mean_x, mean_y, sum_of_weights = _separable(fields, smooth, smooth).unbind(1)
        along, _, tilt_x = _separable(fields, smooth, slope).unbind(1)
        _, down, tilt_y = _separable(fields, slope, smooth).unbind(1)
        # A constant gradient answers nothing, not even at the edge of what is known.
        share = sum_of_weights.clamp_min(1e-8)
        total = along - mean_x / share * tilt_x + down - mean_y / share * tilt_y
        variance = _separable(square, smooth.square(), slope.square()) + _separable(
            square, slope.square(), smooth.square()
        )
        made.append(total / variance[:, 0].clamp_min(1e-8).sqrt())
    return torch.stack(made, 1)


def noise_levels(samples: Sequence[Tensor]) -> tuple[float, ...]:
    """Robust deviation of the answer at each scale over planes (3, h, w) taken from all over a raster; 1 at least."""
    sizes = [answers(sample[None])[0].abs()[:, sample[2] > 0] for sample in samples if bool((sample[2] > 0).any())]
    if not sizes:
        return (1.0,) * len(SCALES)
    levels = torch.cat(sizes, 1).median(1).values / 0.6745
    return tuple(float(level) for level in levels.clamp_min(1e-3))


def _kernels(scale: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """A Gaussian and its derivative, at whole pixels."""
    half = math.ceil(REACH * scale)
    place = torch.arange(-half, half + 1, dtype=torch.float32, device=device)
    smooth = torch.exp(-0.5 * (place / scale).square())
    return smooth, -place / scale * smooth


def _separable(field: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Correlation of (n, channels, h, w) with one kernel along rows (downward) and one along columns."""
    n, channels, height, width = field.shape
    flat = field.reshape(n * channels, 1, height, width)
    down = functional.conv2d(flat, rows[None, None, :, None], padding=(len(rows) // 2, 0))
    made = functional.conv2d(down, columns[None, None, None, :], padding=(0, len(columns) // 2))
    return made.view(n, channels, height, width)

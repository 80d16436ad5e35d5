"""Pairs of detected images as users have them: unknown looks, correlated speckle, not quite on each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .detected_ground import GroundOptions, PairGround, draw_ground
from .draw import Draw, per_pixel
from .product import footprint

MARGIN = 8  # pixels around what is kept, for the images to be shifted and blurred without meeting their own edges
MOST_BLUR = 1.0 / 3.0  # weight of each neighbour where intensities are resampled: the mean of three


@dataclass(frozen=True)
class PairOptions:
    """What pairs to draw; shares are probabilities per scene."""

    batch: int = 8
    rows: int = 144
    cols: int = 144
    ground: GroundOptions = field(default_factory=GroundOptions)
    looks: tuple[float, ...] = (1, 2, 3, 4, 5, 6, 9, 14, 20)
    looks_weights: tuple[float, ...] = (1.5, 1, 2.5, 4, 2.5, 2, 1, 0.7, 0.5)
    correlated_share: float = 0.6  # with speckle that is correlated between pixels, as that of resampled images
    oversampling: tuple[float, float] = (1.05, 2.2)
    blurred_share: float = 0.25  # resampled once more after detection
    least_blur: float = 0.0  # weight of each neighbour; a third is the mean of three
    shifted_share: float = 0.7
    least_shift: float = 0.0  # pixels
    most_shift: float = 2.1
    exact_shift: tuple[float, float] | None = None  # pixels along rows and columns, instead of what is drawn
    registered_share: float = 0.0  # whose shift is only what is left once whole pixels are taken out of it
    border_share: float = 0.1
    hole_share: float = 0.1


@dataclass
class DetectedPair:
    """Intensities (linear) and truth, float32 (batch, rows, cols); shift (batch, 2) pixels along rows and columns.

    The second image lies `shift` away from the first, half of it to either side of the truth.
    """

    first: Tensor
    second: Tensor
    coherence: Tensor
    valid: Tensor  # bool
    looks: Tensor  # (batch,) that were averaged; correlated speckle leaves fewer
    shift: Tensor
    cross: Tensor  # complex64: mean of the first image times the conjugate of the second, which detection throws away


def simulate_pairs(
    options: PairOptions, generator: torch.Generator, device: torch.device | str = "cpu"
) -> DetectedPair:
    """Draws a batch of pairs; the same options and seed give the same pairs."""
    draw = Draw(generator, device)
    with torch.no_grad():
        rows, cols = options.rows + 2 * MARGIN, options.cols + 2 * MARGIN
        ground = draw_ground(draw, options.batch, rows, cols, options.ground)
        looks = draw.pick(options.looks, options.batch, weights=options.looks_weights)
        shift = _draw_shift(draw, options)
        first, second, cross = _detect(draw, ground, looks, _responses(draw, rows, cols, shift, options))
        blur = draw.uniform(options.batch, low=options.least_blur, high=MOST_BLUR) * draw.chance(
            options.blurred_share, options.batch
        )
        gain = per_pixel(draw.log_uniform(options.batch, low=0.5, high=2.0))
        first, second, cross = _blurred(first, blur), _blurred(second, blur) * gain, _blurred(cross, blur) * gain.sqrt()
        inside = (slice(None), slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        valid = footprint(draw, options.batch, options.rows, options.cols, options.border_share, options.hole_share)
        coherence = ground.coherence[inside].contiguous()
        return DetectedPair(first[inside], second[inside], coherence, valid, looks, shift, cross[inside])


def _draw_shift(draw: Draw, options: PairOptions) -> Tensor:
    angle = draw.uniform(options.batch, high=2 * math.pi)
    length = draw.uniform(options.batch, low=options.least_shift, high=options.most_shift)
    length = length * draw.chance(options.shifted_share, options.batch)
    shift = torch.stack([length * torch.sin(angle), length * torch.cos(angle)], 1)
    if options.exact_shift is not None:
        shift = torch.tensor(options.exact_shift, device=draw.device).expand_as(shift)
    if options.registered_share > 0.0:
        shift -= shift.round() * draw.chance(options.registered_share, options.batch)[:, None]
    return shift


def _responses(draw: Draw, rows: int, cols: int, shift: Tensor, options: PairOptions) -> tuple[Tensor, Tensor]:
    """Transfer functions of both images (batch, rows, cols) complex64: bandwidth, taper and half the shift each."""
    batch = options.batch
    correlated = draw.chance(options.correlated_share, batch)
    low, high = options.oversampling
    taper = torch.where(correlated, draw.uniform(batch, low=0.5, high=1.0), 1.0)  # 0.54 is Hamming's, 1 is none
    parts, phases = [], []
    for axis, length in enumerate((rows, cols)):
        frequency = torch.fft.fftfreq(length, device=draw.device)[None]
        over = torch.where(correlated, draw.uniform(batch, low=low, high=high), 1.0)[:, None]
        inside = frequency.abs() <= 0.5 / over + 1e-6
        shape = taper[:, None] + (1.0 - taper[:, None]) * torch.cos(2 * math.pi * frequency * over)
        gain = shape * inside
        parts.append(gain / gain.square().mean(1, keepdim=True).sqrt())
        phases.append(math.pi * frequency * shift[:, axis : axis + 1])
    gain = parts[0][:, :, None] * parts[1][:, None, :]
    phase = phases[0][:, :, None] + phases[1][:, None, :]
    ahead = torch.polar(gain, phase)
    return ahead, ahead.conj()


def _detect(
    draw: Draw, ground: PairGround, looks: Tensor, responses: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean intensity of both images over their looks, and mean product."""
    first, second = torch.zeros_like(ground.first), torch.zeros_like(ground.second)
    cross = torch.zeros_like(responses[0])
    spare = (1.0 - ground.coherence.square()).clamp_min(0.0).sqrt()
    count = looks.round().long()
    for look in range(int(count.max())):
        index = (count > look).nonzero()[:, 0]
        shape = (len(index), *ground.first.shape[1:])
        one = draw.complex_normal(*shape)
        two = ground.coherence[index] * one + spare[index] * draw.complex_normal(*shape)
        seen_one = torch.fft.ifft2(torch.fft.fft2(one * ground.first[index].sqrt()) * responses[0][index])
        seen_two = torch.fft.ifft2(torch.fft.fft2(two * ground.second[index].sqrt()) * responses[1][index])
        first.index_add_(0, index, seen_one.real.square() + seen_one.imag.square())
        second.index_add_(0, index, seen_two.real.square() + seen_two.imag.square())
        cross.index_add_(0, index, seen_one * seen_two.conj())
    share = per_pixel(1.0 / count)
    return first * share, second * share, cross * share


def _blurred(image: Tensor, side: Tensor) -> Tensor:
    """Images (batch, rows, cols) averaged with their neighbours, of weight side (batch,) each along both axes."""
    weight = per_pixel(side)
    across = image * (1.0 - 2.0 * weight) + weight * (image.roll(1, 2) + image.roll(-1, 2))
    return across * (1.0 - 2.0 * weight) + weight * (across.roll(1, 1) + across.roll(-1, 1))

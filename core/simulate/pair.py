"""Two radar images of one ground: circular Gaussian speckle, and what multilooking makes of it."""

from __future__ import annotations

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean

DRAWN_LOOKS = 4  # up to here every look is drawn as a pair of images, correlated by the point spread function


def neighbour_weight(oversampling: Tensor) -> Tensor:
    """Weight of the two neighbours in a three-tap point-spread function that gives a sinc response's correlation.

    Oversampling 1 leaves pixels independent; at 1.4 neighbours correlate by 0.35.
    """
    correlation = torch.sinc(1.0 / oversampling).clamp(0.0, 0.5)
    # c solves 2 c / (1 + 2 c^2) = correlation
    root = torch.sqrt((1.0 - 2.0 * correlation.square()).clamp_min(0.0))
    return torch.where(correlation > 1e-6, (1.0 - root) / (2.0 * correlation.clamp_min(1e-6)), 0.0)


def spread(image: Tensor, weight: Tensor) -> Tensor:
    """Complex images (batch, rows, cols) blurred by the three taps along both axes; the mean power stays."""
    side = weight.view(-1, 1, 1)
    scale = 1.0 / (1.0 + 2.0 * side.square())
    out = image.clone()
    out[:, :, 1:] += side * image[:, :, :-1]
    out[:, :, :-1] += side * image[:, :, 1:]
    result = out.clone()
    result[:, 1:] += side * out[:, :-1]
    result[:, :-1] += side * out[:, 1:]
    return result * scale


def look_pair(
    draw: Draw, phase: Tensor, coherence: Tensor, power: Tensor, oversampling: Tensor
) -> tuple[Tensor, Tensor]:
    """One look of both images (batch, rows, cols) complex64, with this true coherence and interferometric phase (rad).

    The expected power of both is `power`. E[first * conj(second)] = power * coherence * exp(i phase).
    """
    first = draw.complex_normal(*phase.shape)
    other = draw.complex_normal(*phase.shape)
    turned = torch.polar(torch.ones_like(phase), -phase)
    second = (coherence * first + torch.sqrt((1.0 - coherence.square()).clamp_min(0.0)) * other) * turned
    amplitude = power.sqrt()
    weight = neighbour_weight(oversampling)
    return spread(first * amplitude, weight), spread(second * amplitude, weight)


def multilook_pair(
    draw: Draw, phase: Tensor, coherence: Tensor, power: Tensor, looks: Tensor, oversampling: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean of the product and of both powers over `looks` (batch,) looks: complex64 and two float32 (batch, r, c).

    Few looks are drawn one by one; many are drawn at once from the complex Wishart law they follow.
    """
    cross = torch.empty(phase.shape, dtype=torch.complex64, device=phase.device)
    first, second = torch.empty_like(phase), torch.empty_like(phase)
    count = looks.round().long()
    for scenes, method in ((count <= DRAWN_LOOKS, _few_looks), (count > DRAWN_LOOKS, _many_looks)):
        index = scenes.nonzero()[:, 0]
        if len(index):
            parts = method(draw, phase[index], coherence[index], power[index], looks[index], oversampling[index])
            cross[index], first[index], second[index] = parts
    return cross, first, second


def _few_looks(
    draw: Draw, phase: Tensor, coherence: Tensor, power: Tensor, looks: Tensor, oversampling: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    cross = torch.zeros(phase.shape, dtype=torch.complex64, device=phase.device)
    first, second = torch.zeros_like(phase), torch.zeros_like(phase)
    count = looks.round().long()
    for look in range(int(count.max())):
        index = (count > look).nonzero()[:, 0]
        one, two = look_pair(draw, phase[index], coherence[index], power[index], oversampling[index])
        cross.index_add_(0, index, one * two.conj())
        first.index_add_(0, index, one.real.square() + one.imag.square())
        second.index_add_(0, index, two.real.square() + two.imag.square())
    share = per_pixel(1.0 / count)
    return cross * share, first * share, second * share


def gamma_like(draw: Draw, order: Tensor, template: Tensor) -> Tensor:
    """Gamma variables of unit scale and this order (batch,) >= 4, by Wilson and Hilferty's cube (error below 1 %)."""
    order = per_pixel(order)
    cube = 1.0 - 1.0 / (9.0 * order) + draw.normal(*template.shape) / (3.0 * order.sqrt())
    return order * cube.clamp_min(1e-3).pow(3)


def _many_looks(
    draw: Draw, phase: Tensor, coherence: Tensor, power: Tensor, looks: Tensor, _: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    # Bartlett: the sum over L looks of z z^H is C T T^H C^H, T lower triangular with independent elements.
    one = gamma_like(draw, looks, phase)
    rest = gamma_like(draw, looks - 1.0, phase)
    mixed = draw.complex_normal(*phase.shape)
    spare = torch.sqrt((1.0 - coherence.square()).clamp_min(0.0))
    root = one.sqrt()
    second_by_first = coherence * root + spare * mixed
    first = one
    second = second_by_first.real.square() + second_by_first.imag.square() + spare.square() * rest
    cross = root * second_by_first.conj() * torch.polar(torch.ones_like(phase), phase)
    share = power / per_pixel(looks)
    return cross * share, first * share, second * share


def estimate_coherence(cross: Tensor, first: Tensor, second: Tensor, window: Tensor, flatten: Tensor) -> Tensor:
    """The boxcar estimate (batch, rows, cols), 0..1, of window (batch,) odd pixels, as processors make it.

    `flatten` (batch, rows, cols) rad is the phase taken out first; fringes that stay in it lower the estimate, and few
    looks raise it (Touzi et al. 1999).
    """
    estimate = torch.empty_like(first)
    flat = cross * torch.polar(torch.ones_like(flatten), -flatten)
    for size in sorted(set(window.tolist())):
        index = (window == size).nonzero()[:, 0]
        stack = torch.cat([flat[index].real, flat[index].imag, first[index], second[index]])
        real, imaginary, one, two = box_mean(stack, int(size)).chunk(4)
        estimate[index] = torch.hypot(real, imaginary) / (one * two).clamp_min(1e-30).sqrt()
    return estimate.clamp_(0.0, 1.0)

"""The coherence network: the same to the last bit whichever image comes first, and what it depends on."""

from __future__ import annotations

import copy

import pytest
import torch
from fringelens.models import registry
from fringelens.models.blocks import fold
from fringelens.models.coherence_from_intensity.features import (
    CELL,
    COUNT,
    PRODUCTS,
    SHIFTS,
    _correlations,
    pair_features,
)
from fringelens.models.coherence_from_intensity.network import CHANNELS, CoherenceNet, coherence_of
from torch import nn
from torch.nn import functional

SIDE = 288


@pytest.fixture
def network() -> CoherenceNet:
    """Random weights and running statistics, in evaluation."""
    torch.manual_seed(0)
    made = CoherenceNet((8, 12, 16))
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
    return made.eval()


def pair(batch: int = 1, side: int = 64) -> torch.Tensor:
    inputs = torch.randn(batch, 3, side, side)
    inputs[:, 2] = (torch.rand(batch, side, side) > 0.1).float()
    return inputs


@pytest.mark.parametrize("half", [False, True])
def test_the_order_of_the_images_changes_no_bit(network: CoherenceNet, half: bool) -> None:
    inputs = pair(2, 96)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
        assert torch.equal(network(inputs), network(inputs[:, [1, 0, 2]]))


@pytest.mark.parametrize("sides", [(1, 1, 1, 1), (1, 0, 0, 1)])
def test_what_the_features_alone_need_is_dropped_before_the_rest_and_changes_nothing_inside(
    network: CoherenceNet, sides: tuple[int, ...]
) -> None:
    top, bottom, left, right = (side * network.spare for side in sides)
    assert network.spare > 0 == network.spare % network.multiple_of
    inputs = pair(1, 2 * network.halo + 32)
    length, halo = inputs.shape[-1], network.halo
    with torch.inference_mode():
        whole, part = network(inputs), network.trimmed(inputs, (top, bottom, left, right))
    assert part.shape[-2:] == (length - top - bottom, length - left - right)
    starts, ends = (halo if top else 0, halo if left else 0), (halo if bottom else 0, halo if right else 0)
    inside = [slice(start, length - end) for start, end in zip(starts, ends, strict=True)]
    moved = tuple(slice(one.start - by, one.stop - by) for one, by in zip(inside, (top, left), strict=True))
    torch.testing.assert_close(part[:, :, *moved], whole[:, :, *inside], atol=1e-5, rtol=1e-5)


def test_every_pixel_gets_a_coherence_and_a_deviation() -> None:
    network = registry.build("coherence_from_intensity").eval()
    assert network.channels == len(CHANNELS)
    with torch.inference_mode():
        raw = network(pair(2, 64))
        coherence, deviation = coherence_of(raw * 30)
    assert raw.shape == (2, network.outputs, 64, 64)
    assert coherence.shape == deviation.shape == (2, 64, 64)
    assert 0 <= coherence.min() <= coherence.max() <= 1
    assert 0 < deviation.min() <= deviation.max() <= 0.5


@pytest.mark.parametrize("offset", [0, 5, 10])
def test_no_output_depends_on_inputs_beyond_the_stated_radius(network: CoherenceNet, offset: int) -> None:
    inputs = torch.randn(1, 3, SIDE, SIDE)
    inputs[:, 2] = 1
    changed = inputs.clone()
    row, col = SIDE // 2 + offset, SIDE // 2 - 3 * offset % 16
    changed[:, 0, row, col] += 5.0
    with torch.inference_mode():
        reached = (network(changed) != network(inputs))[0].any(0).nonzero()
    distance = (reached - torch.tensor([row, col])).abs().max()
    assert 40 < distance <= network.radius() <= network.halo
    assert network.halo % network.multiple_of == 0


def test_folding_keeps_the_answer(network: CoherenceNet) -> None:
    inputs = pair()
    folded = fold(copy.deepcopy(network))
    with torch.inference_mode():
        torch.testing.assert_close(folded(inputs), network(inputs), rtol=1e-4, atol=1e-4)


def test_what_is_invalid_does_not_matter(network: CoherenceNet) -> None:
    inputs = pair()
    other = inputs.clone()
    other[:, :2] += 9.0 * (1 - other[:, 2:])
    with torch.inference_mode():
        assert torch.equal(network(inputs), network(other))


def test_stretching_multiplies_the_deviation_alone(network: CoherenceNet) -> None:
    inputs = pair()
    with torch.inference_mode():
        raw = network(inputs)
        network.stretch_deviation(1.5)
        shift = network(inputs) - raw
    torch.testing.assert_close(shift[:, 0], torch.zeros_like(shift[:, 0]), rtol=0, atol=1e-6)
    torch.testing.assert_close(shift[:, 1], torch.full_like(shift[:, 1], 0.4054651), rtol=0, atol=1e-5)


@pytest.mark.parametrize("way", [1, -1])
def test_images_that_lie_apart_are_found_to_correlate_at_their_shift(way: int) -> None:
    torch.manual_seed(1)
    for rows, columns in ((0, 0), *SHIFTS):
        image = torch.randn(1, 1, 140, 140)
        moved = image.roll((way * rows, way * columns), (2, 3))
        inputs = torch.cat([image, moved, torch.ones_like(image)], 1)[..., 6:134, 6:134]
        planes = pair_features(inputs)
        assert planes.shape[1] == COUNT
        as_they_lie, at_their_shift = planes[0, PRODUCTS : PRODUCTS + 2, 8:-8, 8:-8].mean((1, 2))
        assert at_their_shift > 0.8
        assert (as_they_lie > 0.8) == (rows == columns == 0)


def test_images_with_nothing_in_common_correlate_at_no_shift() -> None:
    torch.manual_seed(2)
    inputs = torch.randn(1, 3, 256, 256)
    inputs[:, 2] = 1
    planes = pair_features(inputs)[0, PRODUCTS : PRODUCTS + 2]
    assert planes.mean((1, 2)).abs().max() < 0.1


def test_products_at_a_shift_are_those_of_the_pixels_that_lie_so_far_apart() -> None:
    torch.manual_seed(3)
    one, two = torch.randn(2, 1, 24, 20)
    cells = [functional.pixel_unshuffle(image[None], CELL) for image in (one, two)]
    there, back, own = _correlations(*cells)
    for index, (dy, dx) in enumerate(SHIFTS):
        ay, ax = dy // 2, dx // 2
        first, second = (image[0].roll((ay, ax), (0, 1)) for image in (one, two))
        ahead_first, ahead_second = (image[0].roll((ay - dy, ax - dx), (0, 1)) for image in (one, two))
        inner = (slice(2, -2), slice(2, -2))
        for found, products in (
            (there, first * ahead_second),
            (back, second * ahead_first),
            (own, (first * ahead_first + second * ahead_second) / 2),
        ):
            expected = functional.avg_pool2d(products[None, None], CELL)[0, 0]
            torch.testing.assert_close(found[0, index][inner], expected[inner])

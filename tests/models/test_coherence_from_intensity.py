"""The coherence network: the same to the last bit whichever image comes first, and what it depends on."""

from __future__ import annotations

import copy

import pytest
import torch
from fringelens.models import registry
from fringelens.models.blocks import fold
from fringelens.models.coherence_from_intensity.features import COUNT, SHIFTS, pair_features
from fringelens.models.coherence_from_intensity.network import CHANNELS, CoherenceNet, coherence_of
from torch import nn

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


def test_a_shift_shows_in_the_plane_of_that_shift_and_of_no_other() -> None:
    torch.manual_seed(1)
    for index, (rows, columns) in enumerate(SHIFTS):
        image = torch.randn(1, 1, 140, 140)
        moved = image.roll((rows, columns), (2, 3))
        inputs = torch.cat([image, moved, torch.ones_like(image)], 1)[..., 6:134, 6:134]
        planes = pair_features(inputs)
        assert planes.shape[1] == COUNT
        strength = planes[0, : len(SHIFTS) + 1, 8:-8, 8:-8].mean((1, 2))
        assert strength.argmax() == index + 1
        others = torch.cat([strength[: index + 1], strength[index + 2 :]])
        assert others.abs().max() < 0.2 * strength[index + 1]
        aligned = planes[0, len(SHIFTS) + 1, 8:-8, 8:-8].mean()
        assert aligned > 0.9 * strength[index + 1]

"""The mask networks: what they depend on, and that folding changes nothing."""

from __future__ import annotations

import copy

import pytest
import torch
from fringelens.core.phase.mask_features import CHANNEL_COUNT
from fringelens.models import registry
from fringelens.models.blocks import fold
from fringelens.models.decorrelation.network import CHANNELS, DecorrelationNet, neighbour_products
from torch import nn

SIDE = 192


@pytest.fixture
def network() -> DecorrelationNet:
    """Random weights and running statistics, in evaluation."""
    torch.manual_seed(0)
    made = DecorrelationNet((8, 12, 16))
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
    return made.eval()


@pytest.mark.parametrize("config", ["default", "paper"])
def test_every_pixel_gets_one_logit(config: str) -> None:
    network = registry.build("decorrelation", config).eval()
    assert network.channels == len(CHANNELS) == CHANNEL_COUNT
    with torch.inference_mode():
        assert network(torch.zeros(2, 7, 64, 96)).shape == (2, 1, 64, 96)


@pytest.mark.parametrize("offset", range(0, 16, 5))
def test_no_output_depends_on_inputs_beyond_the_stated_radius(network: DecorrelationNet, offset: int) -> None:
    inputs = torch.randn(1, 7, SIDE, SIDE)
    changed = inputs.clone()
    row, col = SIDE // 2 + offset, SIDE // 2 - 3 * offset % 16
    changed[..., row, col] += 5.0
    with torch.inference_mode():
        reached = (network(changed) != network(inputs))[0, 0].nonzero()
    distance = (reached - torch.tensor([row, col])).abs().max()
    assert 40 < distance <= network.radius() <= network.halo
    assert network.halo % network.multiple_of == 0


def test_a_shift_by_the_multiple_shifts_the_answer(network: DecorrelationNet) -> None:
    step, margin = network.multiple_of, network.halo
    inputs = torch.randn(1, 7, SIDE + 96, SIDE + 96)
    with torch.inference_mode():
        whole, part = network(inputs), network(inputs[..., step:, step:])
    inner = slice(margin, -margin)
    torch.testing.assert_close(whole[..., step:, step:][..., inner, inner], part[..., inner, inner])


def test_folding_keeps_the_answer(network: DecorrelationNet) -> None:
    inputs = torch.randn(1, 7, 64, 64)
    folded = fold(copy.deepcopy(network))
    with torch.inference_mode():
        torch.testing.assert_close(folded(inputs), network(inputs), rtol=1e-4, atol=1e-4)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())


def test_neighbour_products_of_a_ramp_are_its_slope_whatever_its_offset() -> None:
    rows, cols = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    for offset in (0.0, 2.0):
        phase = 0.3 * cols - 0.7 * rows + offset
        products = neighbour_products(torch.stack((phase.cos(), phase.sin()))[None])[0, :, :-1, :-1]
        expected = torch.tensor([0.3, 0.3, -0.7, -0.7])
        expected[[0, 2]], expected[[1, 3]] = expected[[0, 2]].cos(), expected[[1, 3]].sin()
        torch.testing.assert_close(products, expected[:, None, None].expand_as(products), rtol=0, atol=1e-6)


def test_no_part_of_the_default_network_pools_over_its_input() -> None:
    kinds = {type(part).__name__ for part in DecorrelationNet().modules()}
    assert not {kind for kind in kinds if "Adaptive" in kind or "Instance" in kind or "Group" in kind}


def test_unknown_names_are_said() -> None:
    with pytest.raises(ValueError, match=r"no network 'nothing'; there are: .*decorrelation"):
        registry.build("nothing")
    with pytest.raises(ValueError, match=r"no configuration 'huge'; there are: default, paper"):
        registry.build("decorrelation", "huge")

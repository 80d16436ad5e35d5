"""Estimates between pixels are brought to pixels: the mean of the valid ones beside, and no more surroundings."""

from __future__ import annotations

import pytest
import torch
from fringelens.models import registry
from fringelens.models.coherence_from_intensity.midway import Midway, midway


def test_a_ramp_between_pixels_is_the_same_ramp_at_pixels() -> None:
    rows, columns = torch.meshgrid(torch.arange(6.0), torch.arange(7.0), indexing="ij")
    between = (rows + 0.5) - 3.0 * (columns + 0.5)  # where the estimates belong, half a pixel further
    made, valid = midway(between[None, None], torch.ones(1, 1, 6, 7), (True, True))
    assert torch.equal(made[0, 0, 1:, 1:], (rows - 3.0 * columns)[1:, 1:])
    assert valid.all()


@pytest.mark.parametrize("axis", [0, 1])
def test_what_is_not_valid_counts_for_nothing_and_gets_a_value_from_the_one_before(axis: int) -> None:
    values = torch.tensor([2.0, 4.0, 99.0, 98.0, 10.0])
    valid = torch.tensor([1.0, 1.0, 0.0, 0.0, 1.0])
    shape = (1, 1, 5, 1) if axis == 0 else (1, 1, 1, 5)
    made, seen = midway(values.view(shape), valid.view(shape), (axis == 0, axis == 1))
    assert made.flatten().tolist() == [2.0, 3.0, 4.0, 98.0, 10.0]
    assert seen.flatten().tolist() == [1.0, 1.0, 1.0, 0.0, 1.0]


def test_nothing_is_done_where_the_estimates_lie_at_pixels() -> None:
    values, valid = torch.rand(2, 2, 5, 4), (torch.rand(2, 1, 5, 4) > 0.5).float()
    made, seen = midway(values, valid, (False, False))
    assert torch.equal(made, values)
    assert torch.equal(seen, valid)


def test_the_network_between_pixels_sees_one_pixel_more() -> None:
    network = registry.build("coherence_from_intensity").eval()
    made = Midway(network, (True, False))
    assert made.halo >= network.radius() + 1
    assert made.halo % made.multiple_of == 0
    inputs = torch.cat([torch.randn(1, 2, 64, 64), torch.ones(1, 1, 64, 64)], 1)
    with torch.inference_mode():
        raw, there = made(inputs), network(inputs)
        assert torch.equal(raw, made(inputs[:, [1, 0, 2]]))
    assert torch.allclose(raw[:, :, 1:], 0.5 * (there[:, :, 1:] + there[:, :, :-1]), atol=1e-6)

"""Averages over soft segments, and means over windows, against sums that are written out."""

from __future__ import annotations

import pytest
import torch
from fringelens.models.coherence_from_intensity import segments
from fringelens.models.coherence_from_intensity.segments import (
    BLOCK,
    CLASSES,
    WINDOW,
    SoftSegments,
    _corners,
    by_brightness,
)
from fringelens.models.coherence_from_intensity.windows import box_mean
from torch.nn import functional

CELLS = 24


@pytest.mark.parametrize("side", [1, 3, 5, 7, 9, 11])
def test_a_box_mean_is_that_of_an_average_pool_with_zeros_beyond(side: int) -> None:
    planes = torch.randn(2, 3, 13, 17, dtype=torch.double)
    expected = functional.avg_pool2d(planes, side, 1, side // 2)
    torch.testing.assert_close(box_mean(planes, side), expected)


@pytest.fixture
def made() -> SoftSegments:
    """Shares its cells out by the first channels alone; three statistics and their power."""
    torch.manual_seed(4)
    module = SoftSegments(CLASSES, 4, 3).eval()
    with torch.no_grad():
        module.share.weight.copy_(torch.eye(CLASSES)[:, :, None, None])
        module.share.bias.zero_()
    return module


def shares_of(logits: torch.Tensor) -> torch.Tensor:
    return torch.softmax(logits, 1)


def averaged(module: SoftSegments, shares: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return module._averaged(_corners(shares), _corners(torch.cat([values, torch.ones_like(values[:, :1])], 1)))


def test_each_class_is_averaged_over_the_window_and_handed_back_by_its_share(made: SoftSegments) -> None:
    shares = shares_of(3 * torch.randn(1, CLASSES, CELLS, CELLS))
    values = torch.rand(1, 4 + segments.LEARNT, CELLS, CELLS)
    found = averaged(made, shares, values)
    half = WINDOW // 2 * BLOCK
    for row, column in ((0, 0), (7, 12), (23, 5)):
        top, left = row // BLOCK * BLOCK, column // BLOCK * BLOCK
        window = (
            slice(max(top - half, 0), top + half + BLOCK),
            slice(max(left - half, 0), left + half + BLOCK),
        )
        expected = torch.zeros(values.shape[1])
        for k in range(CLASSES):
            weight = shares[0, k][window]
            mean = (weight * values[0][:, *window]).sum((1, 2)) / weight.sum()
            expected += shares[0, k, row, column] * mean
        torch.testing.assert_close(found[0, : values.shape[1], row, column], expected, rtol=1e-4, atol=1e-5)


def test_nothing_of_the_other_side_of_an_edge_is_averaged_in(made: SoftSegments) -> None:
    left = torch.arange(CELLS)[None, :] < CELLS // 2 + 1  # the edge runs through blocks
    logits = torch.full((1, CLASSES, CELLS, CELLS), -40.0)
    logits[0, 0] = torch.where(left, 40.0, -40.0)
    logits[0, 1] = torch.where(left, -40.0, 40.0)
    values = torch.zeros(1, 4 + segments.LEARNT, CELLS, CELLS)
    values[0, 0] = torch.where(left, 0.2, 0.7)
    values[0, 3] = 0.5
    found = averaged(made, shares_of(logits), values)
    torch.testing.assert_close(found[0, 0], values[0, 0].expand(CELLS, CELLS))
    ratio = found[0, values.shape[1] + 1]
    torch.testing.assert_close(ratio, (values[0, 0] / 0.5).expand(CELLS, CELLS))


def test_cells_that_are_not_valid_count_for_nothing(made: SoftSegments) -> None:
    x, statistics = torch.randn(1, CLASSES, CELLS, CELLS), torch.rand(1, 4, CELLS, CELLS)
    level = torch.randn(1, 1, CELLS, CELLS)
    valid = (torch.rand(1, 1, CELLS, CELLS) > 0.3).float()
    other = statistics + 50 * (1 - valid)
    with torch.inference_mode():
        torch.testing.assert_close(made(x, statistics, level, valid), made(x, other, level, valid))


def test_an_area_is_known_no_farther_than_the_stated_reach(made: SoftSegments) -> None:
    side = 4 * made.reach
    x, statistics = torch.randn(1, CLASSES, side, side), torch.rand(1, 4, side, side)
    changed = statistics.clone()
    changed[..., side // 2 + 1, side // 2] += 1.0
    level, valid = torch.zeros(1, 1, side, side), torch.ones(1, 1, side, side)
    with torch.inference_mode():
        reached = (made(x, changed, level, valid) != made(x, statistics, level, valid))[0].any(0).nonzero()
    distance = (reached - torch.tensor([side // 2 + 1, side // 2])).abs().max()
    assert made.reach - BLOCK <= distance <= made.reach


def test_cells_are_of_the_class_of_brightness_that_is_next_to_them_and_shares_add_up_to_one() -> None:
    level = torch.linspace(-2, 2, 401).view(1, 1, 1, -1)
    shares = by_brightness(level)
    torch.testing.assert_close(shares.sum(1), torch.ones(1, 1, 401))
    first = shares.argmax(1).flatten()
    assert (first.diff() >= 0).all()
    assert set(first.tolist()) == set(range(CLASSES))
    assert shares[..., 0].max() > 0.8  # beyond the reach: wholly of the last class

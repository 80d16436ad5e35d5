"""Lines of sight, layover and shadow against trigonometry."""

from __future__ import annotations

import math

import pytest
import torch
from fringelens.core.simulate.geometry import (
    layover_and_shadow,
    line_of_sight,
    phase_per_mm,
    topographic_factor,
)


def ridge(facing: float, back: float, pixel: float = 10.0) -> torch.Tensor:
    """A ridge across range: its near and far sides have these angles (degrees), and 100 pixels of plain lie around."""
    up, down = math.tan(math.radians(facing)) * pixel, math.tan(math.radians(back)) * pixel
    high = torch.arange(1, 21) * up
    low = (high[-1] - torch.arange(1, 200) * down).clamp_min(0.0)
    profile = torch.cat([torch.zeros(100), high, low, torch.zeros(100)])
    return profile[None, None, :].expand(1, 3, -1)


def look(facing: float, back: float, incidence: float) -> tuple[torch.Tensor, torch.Tensor]:
    layover, shadow = layover_and_shadow(
        ridge(facing, back), torch.tensor([10.0]), torch.tensor([math.radians(incidence)])
    )
    return layover[0, 1], shadow[0, 1]


def test_slopes_gentler_than_the_incidence_fold_nothing_and_hide_nothing() -> None:
    layover, shadow = look(30, 40, 35)
    assert not layover.any()
    assert not shadow.any()


def test_slopes_steeper_than_the_incidence_are_in_layover_and_fold_ground_on_both_sides() -> None:
    layover, _ = look(45, 20, 35)
    assert layover[101:119].all()  # the facing slope itself
    assert layover[95]  # plain before its foot, at the same slant range as the slope
    assert layover[121]  # the far side just past the crest
    assert not layover[:60].any()
    assert not layover[-100:].any()


def test_back_slopes_steeper_than_the_beam_throw_a_shadow_of_the_right_length() -> None:
    _, shadow = look(20, 70, 45)
    height = math.tan(math.radians(20)) * 200  # of the crest
    assert int(shadow.sum()) == pytest.approx(height * math.tan(math.radians(45)) / 10, abs=2)


def test_line_of_sight_is_a_unit_vector_toward_the_satellite() -> None:
    for heading, incidence in ((-13.3, 34.0), (-166.5, 44.0), (0.0, 20.0)):
        east, north, up = line_of_sight(heading, incidence)
        assert math.hypot(east, north, up) == pytest.approx(1.0)
        assert up == pytest.approx(math.cos(math.radians(incidence)))
    assert line_of_sight(0.0, 40.0)[0] < 0  # flying north and looking right, the satellite is in the west
    assert line_of_sight(180.0, 40.0)[0] > 0
    assert line_of_sight(0.0, 40.0, right_looking=False)[0] > 0


def test_uplift_toward_the_satellite_lowers_the_phase_by_one_cycle_per_half_wavelength() -> None:
    assert phase_per_mm(0.0555) * 0.0555 / 2 * 1e3 == pytest.approx(-2 * math.pi)


def test_height_of_ambiguity_of_a_published_geometry() -> None:
    factor = topographic_factor(
        torch.tensor([100.0]), torch.tensor([0.055]), torch.tensor([907e3]), torch.tensor([math.radians(42.1)])
    )
    assert 2 * math.pi / factor.item() == pytest.approx(167, abs=1)

"""Slopes of an elevation model against planes, whose slope is known."""

import math

import numpy as np
import pytest
import torch
from fringelens.core.detection.slopes import REACH, aspect, surface
from fringelens.core.simulate.geometry import line_of_sight


def plane(right, down, side=40, step=20.0):
    """A plane that rises by so much per metre along columns and rows, and its surface."""
    y, x = torch.meshgrid(torch.arange(side) * step, torch.arange(side) * step, indexing="ij")
    heights = (100.0 + right * x + down * y)[None]
    return heights, surface(heights, torch.tensor([step]), torch.tensor([step]))


def test_slope_and_way_down_of_a_plane():
    _, ground = plane(0.3, -0.4)
    inner = (0, slice(6, -6), slice(6, -6))
    assert float(ground.degrees()[inner].mean()) == pytest.approx(math.degrees(math.atan(0.5)), abs=1e-3)
    sine, east, south = ground.planes()[0][:, 20, 20].tolist()
    assert (east, south) == pytest.approx(
        (-0.6 * math.cos(math.atan(0.5)) * 0.5, 0.8 * 0.5 * math.cos(math.atan(0.5))), abs=1e-4
    )
    assert sine == pytest.approx(math.sin(math.atan(0.5)), abs=1e-4)


@pytest.mark.parametrize(
    ("right", "down", "degrees"), [(0.2, 0.0, 270.0), (-0.2, 0.0, 90.0), (0.0, 0.2, 0.0), (0.0, -0.2, 180.0)]
)
def test_aspect_is_the_way_down_from_north(right, down, degrees):
    assert aspect(right, down) == pytest.approx(degrees)


def test_sensitivity_is_the_motion_down_the_slope_along_the_line_of_sight():
    look = torch.tensor([line_of_sight(-13.0, 38.0)])
    _, ground = plane(0.3, 0.0)
    flat = 1 / math.sqrt(1 + 0.09)
    motion = np.array([-flat, 0.0, -0.3 * flat])  # west and down
    assert float(ground.sensitivity(look)[0, 20, 20]) == pytest.approx(float(motion @ look[0].numpy()), abs=1e-5)


def test_slopes_that_run_along_the_flight_are_nearly_blind_and_those_that_face_away_are_not():
    look = torch.tensor([line_of_sight(-13.0, 38.0)])
    seen = {
        way: abs(float(plane(*way)[1].sensitivity(look)[0, 20, 20])) for way in ((0.0, -0.4), (0.4, 0.0), (-0.4, 0.0))
    }
    assert min(seen[0.4, 0.0], seen[-0.4, 0.0]) > 0.2 or seen[-0.4, 0.0] > 0.7
    assert seen[-0.4, 0.0] > seen[0.0, -0.4]


def test_nothing_is_known_around_missing_heights():
    heights, _ = plane(0.1, 0.1)
    heights[0, 20, 20] = math.nan
    ground = surface(heights, torch.tensor([20.0]), torch.tensor([20.0]))
    assert not ground.known[0, 20, 20]
    assert not ground.sine[~ground.known].any()
    far = slice(20 + REACH + 1, None)
    assert ground.known[0, far, far].all()


def test_a_step_for_each_row_counts():
    heights, _ = plane(0.2, 0.0)
    step = torch.linspace(10.0, 40.0, 40)[None]
    ground = surface(heights, step, torch.full((1, 40), 20.0))
    assert float(ground.right[0, 30, 20]) == pytest.approx(0.2 * 20.0 / float(step[0, 30]), rel=1e-4)

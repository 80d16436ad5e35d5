"""Point source, mine trough and landslide against closed forms and symmetry."""

from __future__ import annotations

import math

import pytest
import torch
from fringelens.core.simulate.deformation import knothe, landslide, mogi
from fringelens.core.simulate.deformation.knothe import Panel


def axes(size: int = 101, reach: float = 5000.0) -> tuple[torch.Tensor, torch.Tensor]:
    axis = torch.linspace(-reach, reach, size, dtype=torch.float64)
    north, east = torch.meshgrid(axis.flip(0), axis, indexing="ij")
    return east[None], north[None]


def test_point_source_is_mogis_closed_form() -> None:
    east, north = axes()
    volume, depth = torch.tensor([1e6], dtype=torch.float64), torch.tensor([3000.0], dtype=torch.float64)
    ue, un, up = mogi.displacement(volume, depth, east, north)
    assert up[0, 50, 50].item() == pytest.approx(0.75 * 1e6 / (math.pi * 3000.0**2))
    radius = torch.hypot(east, north)
    torch.testing.assert_close(torch.hypot(ue, un), up * radius / 3000.0)
    peak = torch.hypot(ue, un)[0, 50].argmax()  # horizontal movement is largest at depth / sqrt(2)
    assert abs(east[0, 50, peak].item()) == pytest.approx(3000 / math.sqrt(2), abs=100)


def test_surface_volume_of_a_point_source_is_twice_one_minus_poisson_times_the_source() -> None:
    east, north = axes(801, 120_000.0)
    up = mogi.displacement(torch.tensor([1e6]).double(), torch.tensor([3000.0]).double(), east, north)[2]
    assert (up.sum() * 300.0**2).item() == pytest.approx(1.5e6, rel=0.04)


def make(**changes: float) -> Panel:
    values = {"length": 900.0, "width": 400.0, "angle": 0.0, "reach": 200.0, "subsidence": 1.0, "horizontal": 0.35}
    return Panel(**{name: torch.tensor([v], dtype=torch.float64) for name, v in (values | changes).items()})


def test_trough_is_symmetric_and_pulls_toward_its_centre() -> None:
    east, north = axes(101, 1000.0)
    ue, un, up = knothe.displacement(make(), east, north)
    torch.testing.assert_close(up, up.flip(1))
    torch.testing.assert_close(up, up.flip(2))
    torch.testing.assert_close(ue, -ue.flip(2))
    torch.testing.assert_close(un, -un.flip(1))
    assert (ue[east < -1] >= 0).all()
    assert (un[north < -1] >= 0).all()
    assert (up <= 0).all()


def test_trough_subsides_fully_in_the_middle_of_a_wide_panel_and_by_half_above_its_edge() -> None:
    east, north = axes(101, 5000.0)
    up = knothe.displacement(make(length=4000.0, width=4000.0), east, north)[2]
    assert up[0, 50, 50].item() == pytest.approx(-1.0, abs=1e-6)
    assert up[0, 50, 30].item() == pytest.approx(-0.5, abs=1e-6)


def test_horizontal_movement_is_the_gradient_of_the_trough() -> None:
    east, north = axes(401, 1000.0)
    ue, un, up = knothe.displacement(make(angle=0.4), east, north)
    south, right = torch.gradient(-up, spacing=5.0, dim=(1, 2))
    inside = (slice(None), slice(2, -2), slice(2, -2))
    torch.testing.assert_close(ue[inside], (0.35 * 200 * right)[inside], atol=1e-3, rtol=0)
    torch.testing.assert_close(un[inside], (-0.35 * 200 * south)[inside], atol=1e-3, rtol=0)


def test_trough_volume_is_panel_area_times_subsidence() -> None:
    east, north = axes(401, 2000.0)
    up = knothe.displacement(make(angle=0.7), east, north)[2]
    assert (-up.sum() * 10.0**2).item() == pytest.approx(900 * 400, rel=1e-3)


def test_a_landslide_moves_along_the_surface_down_the_slope_by_what_was_asked() -> None:
    height = (torch.arange(64.0) * 3.0)[None, None, :].expand(1, 64, 64)  # rises to the east by 0.3 at 10 m pixels
    one = torch.tensor([32])
    ue, un, up = landslide.displacement(
        height, torch.tensor([10.0]), one, one, torch.tensor([300.0]), torch.tensor([150.0]), torch.tensor([20.0])
    )
    speed = torch.sqrt(ue.square() + un.square() + up.square())
    assert speed.max().item() == pytest.approx(20.0, rel=1e-3)
    assert ue[0, 32, 32] < 0
    assert un[0, 32, 32].abs() < 1e-4
    assert (up[0, 32, 32] / ue[0, 32, 32]).item() == pytest.approx(0.3, rel=1e-3)
    moving = (speed[0] > 0).float()
    assert moving.sum(dim=1).max() == pytest.approx(30, abs=2)  # long down the slope,
    assert moving.sum(dim=0).max() == pytest.approx(15, abs=2)  # narrow across it


def test_nothing_slides_on_flat_ground() -> None:
    one = torch.tensor([8])
    parts = landslide.displacement(
        torch.zeros(1, 16, 16), torch.tensor([10.0]), one, one, *(torch.tensor([v]) for v in (90.0, 50.0, 20.0))
    )
    assert all((part == 0).all() for part in parts)

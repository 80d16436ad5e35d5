"""Okada's rectangle against his own table and against independent triangles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fringelens.core.simulate.deformation.okada import Fault, displacement, rectangle

# Okada (1985), Table 2: finite sources of length 3, width 2, for unit slip of each kind: (ux, uy, uz).
TABLE = {
    "case 2": (
        (2.0, 3.0, 4.0, 70.0),
        ((-8.689e-3, -4.298e-3, -2.747e-3), (-4.682e-3, -3.527e-2, -3.564e-2), (-2.660e-4, 1.056e-2, 3.214e-3)),
    ),
    "case 3": ((0.0, 0.0, 4.0, 90.0), ((0.0, 5.253e-3, 0.0), (0.0, 0.0, 0.0), (1.223e-2, 0.0, -1.606e-2))),
    "case 4": ((0.0, 0.0, 4.0, -90.0), ((0.0, -1.303e-3, 0.0), (0.0, 0.0, 0.0), (3.507e-3, 0.0, -7.740e-3))),
}


def number(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float64)


@pytest.mark.parametrize("case", TABLE)
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_published_check_values(case: str, kind: int) -> None:
    (x, y, depth, dip), expected = TABLE[case]
    slips = tuple(number(float(kind == k)) for k in range(3))
    angle = np.deg2rad(dip)
    found = rectangle(
        number(x),
        number(y),
        number(depth),
        number(np.sin(angle)),
        number(np.cos(angle)),
        number(3.0),
        number(2.0),
        slips,
    )
    for value, wanted in zip(found, expected[kind], strict=True):
        assert value.item() == pytest.approx(wanted, rel=6e-4, abs=1e-9)


def make(**changes: float) -> Fault:
    values = {
        "east": 1200.0, "north": -800.0, "depth": 6000.0, "strike": 35.0, "dip": 50.0,
        "length": 12_000.0, "width": 8000.0, "slip": 1.0, "rake": 0.0, "opening": 0.0,
    }  # fmt: skip
    return Fault(**{name: torch.tensor([v]) for name, v in (values | changes).items()})


def grid() -> tuple[torch.Tensor, torch.Tensor]:
    axis = torch.linspace(-20_000, 20_000, 9)
    north, east = torch.meshgrid(axis + 137.0, axis - 61.0, indexing="ij")
    return east[None], north[None]


@pytest.mark.parametrize(
    ("rake", "slip", "opening"), [(0.0, 1.0, 0.0), (90.0, 1.0, 0.0), (0.0, 0.0, 1.0), (-60.0, 0.7, 0.3)]
)
@pytest.mark.parametrize(("strike", "dip"), [(35.0, 50.0), (-120.0, 15.0), (200.0, 88.0)])
def test_two_triangles_make_the_rectangle(strike: float, dip: float, rake: float, slip: float, opening: float) -> None:
    halfspace = pytest.importorskip("cutde.halfspace")
    fault = make(strike=strike, dip=dip, rake=rake, slip=slip, opening=opening)
    east, north = grid()
    found = torch.stack(displacement(fault, east, north), dim=-1)[0].reshape(-1, 3).numpy()
    s, d = np.deg2rad(strike), np.deg2rad(dip)
    along = np.array([np.sin(s), np.cos(s), 0.0])
    updip = np.array([-np.cos(s) * np.cos(d), np.sin(s) * np.cos(d), np.sin(d)])
    centre = np.array([1200.0, -800.0, -6000.0])
    corners = [centre + a * 6000 * along + b * 4000 * updip for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    triangles = np.array([[corners[0], corners[1], corners[2]], [corners[0], corners[2], corners[3]]])
    points = np.stack([east.flatten().numpy(), north.flatten().numpy(), np.zeros(east.numel())], axis=1).astype(float)
    r = np.deg2rad(rake)
    each = np.array([[slip * np.cos(r), slip * np.sin(r), opening]] * 2)
    expected = halfspace.disp_free(points, triangles, each, 0.25)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_thrust_lifts_the_hanging_wall_and_a_batch_is_its_members() -> None:
    east, north = grid()
    one, two = make(rake=90.0), make(strike=100.0, rake=90.0, slip=2.0)
    both = Fault(**{n: torch.cat([getattr(one, n), getattr(two, n)]) for n in one.__dataclass_fields__})
    together = displacement(both, east, north)
    for place, fault in enumerate((one, two)):
        for axis, part in enumerate(displacement(fault, east, north)):
            torch.testing.assert_close(together[axis][place], part[0])
    assert together[2][0].max() > 0.05


def test_a_vertical_fault_is_the_limit_of_a_steep_one() -> None:
    east, north = grid()
    upright, steep = (displacement(make(dip=d, rake=30.0), east, north) for d in (90.0, 89.99))
    for first, second in zip(upright, steep, strict=True):
        torch.testing.assert_close(first, second, atol=1e-4, rtol=0)


def test_points_on_the_trace_and_its_ends_are_finite() -> None:
    fault = make(east=0.0, north=0.0, depth=4000.0, dip=90.0, strike=0.0, rake=0.0)
    north = torch.tensor([[[-6000.0, 0.0, 6000.0, 9000.0]]])
    for part in displacement(fault, torch.zeros_like(north), north):
        assert torch.isfinite(part).all()


def test_a_fault_above_the_ground_is_refused() -> None:
    with pytest.raises(ValueError, match="above the ground"):
        displacement(make(depth=1000.0), *grid())

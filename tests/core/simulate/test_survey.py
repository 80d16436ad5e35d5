"""Surveys a user asks for: drainage, geometry on a map, sources, and what the layers say of each other."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from fringelens.core.simulate import sources, survey
from fringelens.core.simulate.country import carved_terrain
from fringelens.core.simulate.drainage import drain, largest_lakes
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.sources import SOURCES, Map
from fringelens.core.simulate.survey import Images, Request, Truth, make_terrain, make_truth, observe

REQUEST = Request(
    rows=160, cols=140, step_east=40.0, step_north=40.0, source="none", atmosphere=8.0, coherence=0.85, looks=4,
    wavelength=0.0555, generated=True,
)  # fmt: skip


def make(seed: int = 0, **changes: object) -> tuple[Truth, Images]:
    request = dataclasses.replace(REQUEST, **changes)
    draw = Draw(torch.Generator().manual_seed(seed))
    truth = make_truth(draw, request, make_terrain(draw, request))
    return truth, observe(draw, request, truth)


def test_water_leaves_every_hollow_and_all_rain_reaches_the_edge() -> None:
    height = np.random.default_rng(1).normal(size=(60, 70)).astype(np.float32)
    drainage = drain(height)
    assert (drainage.level >= height).all()
    padded = np.pad(drainage.level, 1, constant_values=np.inf)
    around = [padded[r : r + 60, c : c + 70] for r in range(3) for c in range(3) if (r, c) != (1, 1)]
    inside = (slice(1, -1), slice(1, -1))
    assert (np.min(around, axis=0)[inside] <= drainage.level[inside]).all()  # no pit is left
    edge = np.ones(height.shape, bool)
    edge[inside] = False
    assert drainage.area[edge].sum() >= height.size


def test_the_largest_lakes_cover_no_more_than_the_share() -> None:
    height = np.zeros((50, 50), np.float32) + np.linspace(0, 1, 50, dtype=np.float32)
    height[10:20, 10:20] = -5
    height[30:33, 30:33] = -5
    drainage = drain(height)
    both = largest_lakes(drainage, 0.1, 4, 1.0)
    assert both[15, 15]
    assert both[31, 31]
    assert not largest_lakes(drainage, 0.1, 20, 1.0)[31, 31]
    assert not largest_lakes(drainage, 0.01, 4, 1.0)[15, 15]


def test_carved_terrain_has_long_rivers() -> None:
    height = carved_terrain(Draw(torch.Generator().manual_seed(0)), 128, 128)[0].numpy()
    assert drain(height).area.max() > 0.15 * 128 * 128


def test_layover_on_a_map_lies_where_slopes_face_the_satellite() -> None:
    north, east = torch.meshgrid(torch.arange(120.0), torch.arange(120.0), indexing="ij")
    cone = (40 - torch.hypot(north - 60, east - 60)).clamp_min(0)[None] * 10.0  # 45 degrees at 10 m pixels
    layover, shadow = survey.sheared_layover(cone, 10.0, 30.0, -13.0)
    assert layover[0, 60, 30]  # its west side faces an ascending, right-looking radar
    assert not layover[0, 60, 85]
    assert not shadow.any()
    layover, _ = survey.sheared_layover(cone, 10.0, 30.0, -167.0)
    assert layover[0, 60, 90]
    assert not layover[0, 60, 35]


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_moves_the_ground_by_millimetres_to_metres(source: str) -> None:
    truth, images = make(2, source=source)
    peak = truth.deformation.abs().max().item()
    assert peak == 0 if source == "none" else 3 < peak < 3000
    for layer in (truth.unwrapped, truth.coherence, images.amplitude, images.coherence_estimate, images.wrapped):
        assert torch.isfinite(layer).all()


def test_an_unknown_source_is_refused() -> None:
    ground = Map(torch.zeros(1, 8, 8), 10.0, 10.0)
    with pytest.raises(ValueError, match="earthquake"):
        sources.displacement(Draw(torch.Generator()), "flood", ground, 0.05, (0.0, 0.0, 1.0))


def test_phase_without_atmosphere_is_minus_four_pi_over_wavelength_times_displacement() -> None:
    truth, _ = make(3, source="volcano", atmosphere=0.0)
    error = truth.unwrapped + truth.deformation * (4e-3 * math.pi / REQUEST.wavelength)
    assert error.std() < 0.2  # what is left is the error of the elevation model
    assert truth.unwrapped.std() > 1.0


def test_atmosphere_has_the_deviation_asked_for() -> None:
    quiet, _ = make(4, atmosphere=0.0)
    truth, _ = make(4, atmosphere=12.0)
    delay = (truth.unwrapped - quiet.unwrapped) / (4e-3 * math.pi / REQUEST.wavelength)
    assert delay.std().item() == pytest.approx(12.0, rel=1e-3)


def test_stable_ground_has_the_coherence_asked_for_and_zero_is_noise_everywhere() -> None:
    truth, _ = make(5, coherence=0.7)
    assert truth.coherence.quantile(0.97).item() == pytest.approx(0.7, abs=0.12)
    nothing, _ = make(5, coherence=0.0)
    assert nothing.decorrelated.all()


def test_bands_of_speckle_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "BAND", 40)
    truth, images = make(6, looks=20)
    good = truth.coherence > 0.6
    error = torch.angle(torch.polar(torch.ones_like(truth.unwrapped), images.wrapped - truth.unwrapped))
    assert error[good].abs().max() < 2.0
    estimate = images.coherence_estimate[0]
    steps = (estimate[1:] - estimate[:-1]).abs().mean(dim=1)
    seams = steps[39::40]
    assert seams.mean() < 1.3 * steps.mean()


def test_same_seed_same_survey() -> None:
    first, second = make(7), make(7)
    assert torch.equal(first[1].wrapped, second[1].wrapped)
    assert torch.equal(first[0].deformation, second[0].deformation)

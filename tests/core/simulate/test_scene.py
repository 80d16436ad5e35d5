"""Whole scenes: repeatable, consistent, and true to what they say of themselves."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from fringelens.core.simulate.land_cover import LandCover
from fringelens.core.simulate.phase_noise import PHASE_NOISE_LIMIT, phase_deviation
from fringelens.core.simulate.scene import FAMILIES, Scene, SceneOptions, simulate

SMALL = SceneOptions(batch=6, rows=64, cols=80)


def make(seed: int, **changes: object) -> Scene:
    return simulate(dataclasses.replace(SMALL, **changes), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", [0, 7])
def test_same_seed_same_scene(family: str, seed: int) -> None:
    first, second = make(seed, family=family), make(seed, family=family)
    for part in dataclasses.fields(Scene):
        assert torch.equal(getattr(first, part.name), getattr(second, part.name)), part.name


def test_other_seed_other_scene() -> None:
    assert not torch.equal(make(0).wrapped, make(1).wrapped)


@pytest.mark.parametrize("family", FAMILIES)
def test_components_sum_to_the_total(family: str) -> None:
    scene = make(3, family=family)
    total = scene.topographic_phase + scene.deformation_phase + scene.atmosphere_phase
    torch.testing.assert_close(scene.unwrapped, total)


def test_displacement_toward_the_satellite_has_negative_phase() -> None:
    scene = make(4)
    factor = -4e-3 * torch.pi / scene.wavelength[:, None, None]
    torch.testing.assert_close(scene.deformation_phase, scene.deformation * factor, rtol=1e-3, atol=1e-3)
    assert scene.deformation.abs().max() > 1.0


@pytest.mark.parametrize("family", FAMILIES)
def test_layers_are_finite_and_in_range(family: str) -> None:
    scene = make(5, family=family)
    for part in dataclasses.fields(Scene):
        layer = getattr(scene, part.name)
        assert layer.shape[0] == 6
        assert torch.isfinite(torch.view_as_real(layer) if layer.is_complex() else layer).all(), part.name
    assert scene.wrapped.abs().max() <= torch.pi + 1e-6
    for name in ("true_coherence", "coherence_estimate"):
        assert getattr(scene, name).min() >= 0
        assert getattr(scene, name).max() <= 1
    assert scene.amplitude.min() >= 0
    assert (scene.interferogram[~scene.valid] == 0).all()


def test_decorrelated_is_where_the_noise_at_true_coherence_is_beyond_the_limit() -> None:
    scene = make(6, geocoded_share=0.0)
    noise = phase_deviation(scene.true_coherence, scene.looks)
    clear = (noise - PHASE_NOISE_LIMIT).abs() > 0.01
    assert torch.equal((noise > PHASE_NOISE_LIMIT)[clear], scene.decorrelated[clear])


def test_water_and_shadow_are_decorrelated_and_phase_is_true_where_coherent() -> None:
    scene = make(8, looks=(40,), looks_weights=(1,), filtered_share=0.0, geocoded_share=0.0, rows=128, cols=128)
    water = scene.land_cover == LandCover.WATER
    assert water.any()
    assert scene.decorrelated[water].all()
    assert scene.decorrelated[scene.shadow].all()
    good = (scene.true_coherence > 0.8) & scene.valid
    error = torch.angle(scene.interferogram * torch.polar(torch.ones_like(scene.wrapped), -scene.unwrapped))
    assert error[good].abs().mean() < 0.12


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="train, held_out"):
        make(0, family="moon")


@pytest.mark.gpu
def test_scenes_are_made_on_a_gpu_from_a_generator_of_either_kind() -> None:
    for place in ("cpu", "cuda"):
        scene = simulate(SMALL, torch.Generator(place).manual_seed(0), "cuda")
        assert scene.wrapped.is_cuda

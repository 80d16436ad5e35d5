"""The atmosphere recipe: parts of unit size, mixtures of the wanted signal to noise, the truth that the loss needs."""

import pytest
import torch
from fringelens.core.simulate.delays import KINDS, DelayOptions, simulate_delays
from fringelens.core.simulate.draw import Draw
from fringelens.core.training.recipes import recipe_for
from fringelens.core.training.recipes.atmosphere import AtmosphereRecipe, about_mean, frame
from fringelens.core.training.recipes.atmosphere_samples import deviation, mix, scaled_mixture


@pytest.fixture(scope="module")
def parts():
    return simulate_delays(DelayOptions(batch=4, rows=64, cols=64), torch.Generator().manual_seed(3))


@pytest.fixture
def recipe():
    return AtmosphereRecipe(None)


def test_parts_have_unit_deviation_and_repeat_with_the_seed(parts):
    again = simulate_delays(DelayOptions(batch=4, rows=64, cols=64), torch.Generator().manual_seed(3))
    for name, values in parts.items().items():
        assert torch.isfinite(values).all(), name
        assert torch.equal(values, again.items()[name]), name
    for name in ("turbulence", "ramp", "deformation", "grain"):
        assert parts.items()[name].std((1, 2)) == pytest.approx(1.0, abs=1e-2), name
    assert ((parts.share >= 0) & (parts.share <= 1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_moves_something(kind):
    options = DelayOptions(batch=2, rows=48, cols=48, kinds=(kind,), weights=(1.0,))
    moved = simulate_delays(options, torch.Generator().manual_seed(1)).deformation
    assert (moved.abs().amax((1, 2)) > 1.5).all()


def test_mixtures_have_the_wanted_noise_and_signal(parts):
    share = torch.ones_like(parts.share)
    size, snr = torch.tensor([2.0, 5.0, 10.0, 20.0]), torch.tensor([0.1, 0.5, 1.0, 0.0])
    made = scaled_mixture(parts.deformation, parts.turbulence, size, snr, share)
    noise, signal = deviation(made.noise, share)[:, 0, 0], deviation(made.deformation, share)[:, 0, 0]
    assert noise == pytest.approx(size, rel=1e-2)
    assert (signal / noise).square() == pytest.approx(snr, abs=0.02)


def test_noise_is_what_is_left_of_the_total(parts, generator):
    made = mix(Draw(generator), parts.items())
    assert torch.allclose(made.total - made.deformation, made.noise, atol=1e-3)


def test_target_and_trend_are_the_noise(recipe, parts, generator):
    made = recipe.augment(parts.items(), generator)
    assert made["inputs"].shape == (4, 9, 64, 64)
    still = made["snr"] < 1e-6
    residual, target, valid = made["inputs"][still, 0], made["target"][still], made["weight"][still] > 0
    assert still.any()
    assert (residual - target)[valid].abs().max() < 0.2


def test_a_scene_with_hardly_a_valid_cell_does_not_count(recipe, parts, generator):
    items = parts.items()
    share = torch.ones_like(items["share"])
    share[0] = 0.0
    share[0, 5, 5] = 1.0
    made = recipe.augment(dict(items, share=share), generator)
    assert (made["weight"][0] == 0).all()
    assert torch.isfinite(made["target"]).all()
    assert made["target"].abs().max() < 1e3
    assert (made["weight"][1:].sum((1, 2)) > 0).all()


def test_loss_is_least_for_the_truth(recipe, parts, generator):
    batch = recipe.augment(parts.items(), generator)

    def answering(error):
        class Oracle(torch.nn.Module):
            def forward(self, inputs):
                return torch.stack((batch["target"] + error + 5.0, torch.zeros_like(batch["target"])), 1)

        return recipe.loss(Oracle(), batch)[0]

    noise = 0.3 * torch.randn_like(batch["target"])
    assert answering(torch.zeros_like(noise)) < answering(noise)


def test_a_constant_does_not_count(generator):
    error, weight = torch.randn(2, 8, 8), torch.rand(2, 8, 8)
    assert torch.allclose(about_mean(error + 7, weight), about_mean(error, weight), atol=1e-5)


def test_frames_are_rectangles(generator):
    made = frame(Draw(generator), torch.ones(30, 128, 128))
    framed = made.mean((1, 2)) < 1
    assert 5 < framed.sum() < 25
    for one in made[framed]:
        rows, cols = one.any(1).sum(), one.any(0).sum()
        assert one.sum() == rows * cols


def test_the_recipe_is_found_by_its_name():
    assert recipe_for("atmosphere").name == "atmosphere"

"""Samples of the unwrapping recipe are what they claim, and its loss and augmentation agree with the physics."""

import numpy as np
import pytest
import torch
from fringelens.core.evaluate.phase_unwrapping_cells import SHAPES, Cell, core_of, measure, right_pixels, scenes
from fringelens.core.phase.gradients import Gradient
from fringelens.core.phase.unwrap_features import unwrap_features
from fringelens.core.phase.unwrap_integrate import integrate
from fringelens.core.simulate.draw import Draw
from fringelens.core.training.recipes.phase_unwrapping import UnwrappingRecipe, recipe, vary
from fringelens.core.training.recipes.phase_unwrapping_samples import (
    MOST_PHASE,
    NOTHING,
    RUPTURE,
    STEEPEST,
    deformation,
    simulate_batch,
    slope_of,
)
from torch import nn

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def batch():
    return simulate_batch(torch.Generator().manual_seed(4), 6, 64, CPU)


def test_slopes_and_depths_stay_within_their_range(generator):
    field, kind = deformation(Draw(generator), 60, 64, 64)
    steepest = slope_of(field).flatten(1).amax(1)
    smooth = (kind != RUPTURE) & (kind != NOTHING)
    assert bool((steepest[smooth] <= STEEPEST[1] * 1.001).all())
    assert bool((steepest[smooth] > np.pi).any())
    assert bool((field.abs().flatten(1).amax(1) <= MOST_PHASE * 1.001).all())
    assert not bool(field[kind == NOTHING].any())


def test_the_same_seed_gives_the_same_batch(batch):
    again = simulate_batch(torch.Generator().manual_seed(4), 6, 64, CPU)
    assert all(torch.equal(values, again[name]) for name, values in batch.items())


def test_inputs_are_those_of_the_tool(batch):
    planes = batch["inputs"][0].numpy()
    valid = planes[2] > 0
    phase = np.arctan2(planes[1], planes[0])
    assert unwrap_features(phase, valid, planes[3]) == pytest.approx(planes, abs=1e-5)


def test_augmentation_keeps_phase_and_truth_together(batch, generator):
    """Wrapped phase minus truth is noise about one constant before; it still is about one constant after."""
    clean = dict(batch)
    seen = clean["inputs"][:, 2]
    clean["inputs"] = clean["inputs"].clone()
    clean["inputs"][:, 0], clean["inputs"][:, 1] = clean["unwrapped"].cos() * seen, clean["unwrapped"].sin() * seen
    varied = vary(clean, Draw(generator))
    difference = torch.atan2(varied["inputs"][:, 1], varied["inputs"][:, 0]) - varied["unwrapped"]
    turned = torch.polar(torch.ones_like(difference), difference) * varied["inputs"][:, 2]
    strength = turned.sum((1, 2)).abs() / varied["inputs"][:, 2].sum((1, 2)).clamp_min(1)
    assert strength.min() > 0.999


def test_adding_up_is_that_of_the_tool(generator):
    output = torch.randn(2, 4, 24, 40, generator=generator)
    found = recipe().add_up(output)
    wanted = integrate(Gradient(output[1, 0].numpy(), output[1, 1].numpy()))
    assert found[1].numpy() == pytest.approx(wanted, abs=1e-4)


class Oracle(nn.Module):
    """Says the truth."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def forward(self, _):
        truth = self.batch["unwrapped"]
        down = nn.functional.pad(truth.diff(dim=1), (0, 0, 0, 1))
        right = nn.functional.pad(truth.diff(dim=2), (0, 1))
        return torch.stack([down, right, torch.full_like(truth, -6.0), 20 * self.batch["trough"] - 10], 1)


def test_the_truth_has_next_to_no_loss(batch):
    _, parts = UnwrappingRecipe().loss(Oracle(batch), batch)
    assert parts["gradient"] == pytest.approx(0, abs=1e-6)
    assert parts["field"] < 1e-3
    assert parts["detect"] < 1e-3


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_scenes_of_a_cell_have_its_slope_and_repeat(shape):
    cell = Cell(3.4, 0.6, shape)
    (first,), (again,) = scenes(cell, 1, 5), scenes(cell, 1, 5)
    assert np.array_equal(first.wrapped, again.wrapped)
    assert np.hypot(*np.gradient(first.truth)).max() == pytest.approx(3.4, rel=1e-4)
    assert 300 < core_of(first).sum() < 0.5 * first.truth.size


def test_with_perfect_gradients_every_core_pixel_is_in_its_cycle():
    (scene,) = scenes(Cell(5.2, 0.6), 1, 5)

    def predict(_):
        down = np.diff(scene.truth, axis=0, append=scene.truth[-1:])
        right = np.diff(scene.truth, axis=1, append=scene.truth[:, -1:])
        return np.stack([down, right, np.zeros_like(down), 20.0 * core_of(scene) - 10]).astype(np.float32)

    found = measure(scene, predict)
    assert found["network"] > 0.85  # what is left is noise of the phase itself
    assert found["combined"] > 0.85
    assert right_pixels(scene.truth + 100, scene) == core_of(scene).sum()

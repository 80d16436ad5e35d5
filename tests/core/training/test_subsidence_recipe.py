"""The recipe of the trough head: samples say what they hold, and the unwrapping network stays frozen."""

import numpy as np
import pytest
import torch
from fringelens.core.simulate.draw import Draw
from fringelens.core.training.recipes.subsidence_detection import TroughRecipe
from fringelens.core.training.recipes.subsidence_detection_samples import (
    FAINT,
    LEAST_PEAK,
    OVER_AIR,
    STEEPEST,
    VISIBLE,
    outline,
    scaled,
    simulate_batch,
    worth,
)
from fringelens.core.training.recipes.trough_shapes import SHAPES, trough


@pytest.fixture(scope="module")
def batch():
    return simulate_batch(torch.Generator().manual_seed(2), 4, 64, torch.device("cpu"), None)


def test_samples_are_finite_and_of_the_shapes_that_are_named(batch):
    assert batch["inputs"].shape == (4, 5, 64, 64)
    for values in batch.values():
        assert bool(values.isfinite().all())
    assert set(batch["trough"].unique().tolist()) <= {0.0, 1.0}
    assert bool((batch["weight"][batch["trough"] > 0] >= 1).all())


def test_troughs_are_as_deep_as_drawn_but_never_too_steep(generator):
    field = scaled(Draw(generator), trough(Draw(generator), 12, 64, 64), torch.full((12,), 0.3))
    slope = torch.hypot(*torch.gradient(field, dim=(1, 2))).flatten(1).amax(1)
    assert bool((slope <= STEEPEST * 1.001).all())
    assert {-1.0, 1.0} == set(field.flatten(1).sum(1).sign().tolist())


def test_shallow_and_unseen_troughs_count_neither_way():
    y, x = torch.meshgrid(torch.arange(64.0) - 32, torch.arange(64.0) - 32, indexing="ij")
    bowl = torch.exp(-(x**2 + y**2) / 200)
    field = torch.stack([10 * bowl, 0.8 * LEAST_PEAK * bowl, 10 * bowl])
    lost = torch.zeros(3, 64, 64, dtype=torch.bool)
    lost[2] = True
    air = torch.tensor([0.3, 0.3, 0.3])
    inside, unsure = outline(field, lost, air)
    assert inside.any((1, 2)).tolist() == [True, False, False]
    assert unsure.any((1, 2)).tolist() == [False, True, True]
    assert float(field[0][inside[0]].min()) > max(VISIBLE, 1.0)
    assert outline(field, lost, 20 * air)[1].any((1, 2)).tolist() == [True, True, True]


def test_most_troughs_are_drawn_deeper_than_the_air_around_them(generator):
    air = torch.full((400,), 1.2)
    y, x = torch.meshgrid(torch.arange(32.0) - 16, torch.arange(32.0) - 16, indexing="ij")
    bowl = torch.exp(-(x**2 + y**2) / 200).expand(400, 32, 32)
    peak = scaled(Draw(generator), bowl, air).abs().flatten(1).amax(1)
    assert 0.8 < float((peak >= OVER_AIR * air).float().mean()) < 1.0


def test_every_shape_of_a_trough_is_finite_and_stands_out_from_its_rim(generator):
    for shape in SHAPES:
        field = shape(Draw(generator), 6, 96, 96)
        assert field.shape == (6, 96, 96)
        assert bool(field.isfinite().all())
        assert bool((field.abs().flatten(1).amax(1) > 0).all())


def test_faint_and_small_troughs_weigh_more():
    y, x = torch.meshgrid(torch.arange(64.0) - 32, torch.arange(64.0) - 32, indexing="ij")
    wide, narrow = torch.exp(-(x**2 + y**2) / 800), torch.exp(-(x**2 + y**2) / 20)
    field = torch.stack([3 * FAINT * wide, 0.9 * FAINT * wide, 3 * FAINT * narrow])
    mask = field.abs() > 0.1 * field.abs().amax((1, 2), keepdim=True)
    weight = worth(field, mask)
    assert weight[0].max() == 1.0
    assert weight[1, 32, 32] > 2.0
    assert weight[2, 32, 32] > 2.0
    rim = mask[2].nonzero()[:, 0].max()
    assert weight[2, rim + 1, 32] == weight[2, 32, 32]
    assert weight[2, 0, 0] == 1.0


def test_one_step_moves_the_head_and_not_what_is_below(batch):
    recipe = TroughRecipe(None)
    head = recipe.build("default")
    loss, parts = recipe.loss(head, recipe.augment(batch, torch.Generator().manual_seed(1)))
    loss.backward()
    assert all(np.isfinite(value) for value in parts.values())
    assert all(p.grad is not None for p in head.parameters())
    assert all(p.grad is None and not p.requires_grad for p in recipe._frozen(torch.device("cpu")).parameters())

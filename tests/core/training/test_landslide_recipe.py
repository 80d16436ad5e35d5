"""The recipe of the landslide network: samples, what is wanted of them, losses, calibration."""

import numpy as np
import pytest
import torch
from fringelens.core.evaluate.landslide_metrics import Matched
from fringelens.core.simulate.draw import Draw
from fringelens.core.training.recipes import recipe_for
from fringelens.core.training.recipes.landslide_calibration import brier, fit, fold_in
from fringelens.core.training.recipes.landslide_detection import vary
from fringelens.core.training.recipes.landslide_losses import box_loss, boxes, ciou, focal, targets
from fringelens.core.training.recipes.landslide_paper import mosaic

STRIDE = 4


@pytest.fixture(scope="module")
def recipe():
    return recipe_for("landslide_detection")


@pytest.fixture(scope="module")
def batch(recipe):
    return recipe.sample(torch.Generator().manual_seed(4), 2, torch.device("cpu"))


@pytest.fixture
def owner():
    """Two slides: rows 8 to 19, columns 12 to 35, and one that cannot be observed."""
    numbers = torch.zeros(1, 64, 64, dtype=torch.long)
    numbers[0, 8:20, 12:36] = 1
    numbers[0, 40:56, 40:60] = 2
    return numbers


def test_boxes_are_those_of_the_bodies(owner):
    edges, there = boxes(owner, 3)
    assert edges[0, :2].tolist() == [[8, 12, 20, 36], [40, 40, 56, 60]]
    assert there.tolist() == [[True, True, False]]


def test_the_middle_asks_for_its_box_and_what_cannot_be_seen_for_nothing(owner):
    wanted = targets(owner, torch.tensor([[True, False, False]]), STRIDE)
    assert wanted.heat[0].max() == 1.0
    row, col = divmod(int(wanted.heat[0].argmax()), 16)
    y, x = (row + 0.5) * STRIDE, (col + 0.5) * STRIDE
    assert wanted.asked[0, row, col]
    assert wanted.sides[0, :, row, col].tolist() == pytest.approx([y - 8, x - 12, 20 - y, 36 - x])
    assert not wanted.heat_weight[0, 11:13, 11:14].any()
    assert not wanted.body_weight[0, 45, 50]
    assert wanted.body[0, 10, 20] == 1


def test_true_boxes_cost_nothing_and_others_do(owner):
    wanted = targets(owner, torch.tensor([[True, True, False]]), STRIDE)
    assert float(box_loss(wanted.sides, wanted)) == pytest.approx(0.0, abs=1e-5)
    assert float(box_loss(wanted.sides * 1.5, wanted)) > 0.2


def test_ciou_of_a_case_done_by_hand():
    """Same middle and shape, twice the side: IoU 1/4, nothing else to pay."""
    assert float(ciou(torch.ones(1, 4), torch.full((1, 4), 2.0))[0]) == pytest.approx(0.25)


def test_the_focal_loss_wants_the_peak_and_quiet_elsewhere(owner):
    wanted = targets(owner, torch.tensor([[True, True, False]]), STRIDE)
    right = torch.where(wanted.heat > 0.999, 6.0, -6.0)
    assert float(focal(right, wanted.heat, wanted.heat_weight)) < 0.01
    assert float(focal(-right, wanted.heat, wanted.heat_weight)) > 5


def test_a_scene_seen_from_another_side_is_the_same_scene(batch):
    """Where gradients and the way down are turned with the pixels, their product is the same in every view."""
    product = (batch["inputs"][:, 0] * batch["inputs"][:, 5] + batch["inputs"][:, 1] * batch["inputs"][:, 6]).abs()
    for seed in range(6):
        seen = vary(batch, Draw(torch.Generator().manual_seed(seed)))
        own = (seen["inputs"][:, 0] * seen["inputs"][:, 5] + seen["inputs"][:, 1] * seen["inputs"][:, 6]).abs()
        for index in range(len(own)):
            if seen["inputs"][index, 8].any():
                assert float(own[index].sum()) == pytest.approx(float(product[index].sum()), rel=1e-4)
        assert int((seen["owner"] > 0).sum()) == int((batch["owner"] > 0).sum())


def test_a_mosaic_keeps_every_pixel_of_its_corners(batch):
    made = mosaic(batch, Draw(torch.Generator().manual_seed(1)))
    assert made["inputs"].shape == batch["inputs"].shape
    assert made["observable"].shape[1] == 4 * batch["observable"].shape[1]
    assert torch.equal(made["inputs"][:, :, 0, 0], batch["inputs"][:, :, 0, 0])
    assert torch.equal(made["inputs"][:, :, -1, -1], batch["inputs"].roll(3, 0)[:, :, -1, -1])


@pytest.mark.parametrize("config", ["default", "paper"])
def test_a_step_gives_finite_losses_and_gradients(recipe, batch, config):
    network = recipe.build(config)
    small = {name: values[..., :64, :64] if values.dim() > 2 else values for name, values in batch.items()}
    loss, parts = recipe.loss(network, recipe.augment(small, torch.Generator().manual_seed(2)))
    loss.backward()
    assert torch.isfinite(loss)
    assert all(np.isfinite(value) for value in parts.values())
    recipe.mosaics = False


def test_calibration_finds_the_scale_that_was_taken_away(rng):
    logits = rng.normal(0, 2, 4000)
    hits = rng.uniform(size=4000) < 1 / (1 + np.exp(-logits))
    shrunk = 1 / (1 + np.exp(-(logits - 1.0) / 2))  # half as sure, and shifted
    scenes = [Matched(shrunk, np.where(hits, 0, -1), np.ones(4000, bool), 4000)]
    scale, offset = fit(scenes)
    assert scale == pytest.approx(2.0, rel=0.15)
    assert offset == pytest.approx(1.0, abs=0.2)
    right = [Matched(1 / (1 + np.exp(-logits)), np.where(hits, 0, -1), np.ones(4000, bool), 4000)]
    assert brier(right) < brier(scenes)


def test_scale_and_offset_fold_into_the_head():
    head = torch.nn.Conv2d(3, 1, 1)
    x = torch.randn(1, 3, 4, 4)
    before = head(x)
    fold_in(head, 2.0, -0.5)
    torch.testing.assert_close(head(x), 2.0 * before - 0.5)

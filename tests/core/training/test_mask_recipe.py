"""The recipe of the mask network: what it shows, and how the threshold is set."""

from __future__ import annotations

import math

import pytest
import torch
from fringelens.core.simulate.draw import Draw
from fringelens.core.training.recipe import Finishing, Recipe
from fringelens.core.training.recipes import decorrelation as module
from fringelens.core.training.recipes import recipe_for
from fringelens.core.training.recipes.decorrelation import DecorrelationRecipe
from fringelens.core.training.recipes.mask_calibration import fit, fold_in
from fringelens.core.training.recipes.mask_inputs import COS, HAS_AMPLITUDE, HAS_COHERENCE, SIN, VALID, vary, without
from torch import nn

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def batch() -> dict[str, torch.Tensor]:
    """Four simulated scenes."""
    return DecorrelationRecipe(None).sample(torch.Generator().manual_seed(3), 4, CPU)


def test_a_batch_is_finite_and_its_parts_agree(batch: dict[str, torch.Tensor]) -> None:
    assert all(bool(torch.isfinite(values).all()) for values in batch.values())
    inputs, valid = batch["inputs"], batch["valid"]
    length = inputs[:, COS].square() + inputs[:, SIN].square()
    torch.testing.assert_close(length, valid, rtol=0, atol=1e-5)
    assert torch.equal(inputs[:, VALID], valid)
    assert not bool((batch["weight"] * (1 - valid)).any())
    sure = batch["scored"] > 0.5
    assert torch.equal(batch["target"][sure] > 0.5, batch["truth"][sure] > 0.5)


def test_varying_keeps_phase_differences_up_to_sign_and_the_truth(batch: dict[str, torch.Tensor]) -> None:
    varied = vary(batch, Draw(torch.Generator().manual_seed(1)))
    assert torch.equal(varied["inputs"][:, VALID], varied["valid"])
    for key in ("truth", "valid", "weight"):
        assert float(varied[key].sum()) == pytest.approx(float(batch[key].sum()), rel=1e-5)

    def contrast(inputs: torch.Tensor) -> torch.Tensor:
        phasor = torch.complex(inputs[:, COS], inputs[:, SIN])
        both = inputs[:, VALID, :, 1:] * inputs[:, VALID, :, :-1]
        across = (phasor[:, :, 1:] * phasor[:, :, :-1].conj()).real * both
        down = (phasor[:, 1:] * phasor[:, :-1].conj()).real
        return across.sum((1, 2)) + down.sum((1, 2))

    torch.testing.assert_close(contrast(varied["inputs"]), contrast(batch["inputs"]), rtol=1e-4, atol=0.5)


def test_inputs_are_dropped_in_every_way_but_never_the_phase(batch: dict[str, torch.Tensor]) -> None:
    seen = set()
    for seed in range(30):
        inputs = vary(batch, Draw(torch.Generator().manual_seed(seed)))["inputs"]
        for scene in inputs:
            has = (bool(scene[HAS_COHERENCE].all()), bool(scene[HAS_AMPLITUDE].all()))
            assert has == (bool(scene[HAS_COHERENCE].any()), bool(scene[HAS_AMPLITUDE].any()))
            assert bool(scene[COS].any())
            seen.add(has)
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_what_is_left_out_is_zero(batch: dict[str, torch.Tensor]) -> None:
    alone = without(batch["inputs"], coherence=True, amplitude=True)
    assert not bool(alone[:, 3:].any())
    assert bool(batch["inputs"][:, 3:].any())


def test_the_recipe_is_found_and_finishes() -> None:
    recipe: Recipe = recipe_for("decorrelation")
    assert isinstance(recipe, Finishing)
    with pytest.raises(ValueError, match="no network 'nothing'"):
        recipe_for("nothing")


def test_calibration_finds_scale_and_a_cautious_threshold(generator: torch.Generator) -> None:
    wanted = torch.randn(200_000, generator=generator) * 3
    truth = torch.rand(wanted.shape, generator=generator) < torch.sigmoid(wanted)
    scale, threshold = fit(wanted / 2.5 + 0.4, truth)
    assert scale == pytest.approx(2.5, rel=0.05)
    lost = (wanted / 2.5 + 0.4 > threshold)[~truth].float().mean()
    assert 0.0105 < float(lost) <= 0.0116


def test_folding_calibration_in_changes_logits_as_said() -> None:
    head = nn.Conv2d(3, 4, 3)
    x = torch.randn(1, 3, 8, 8)
    with torch.no_grad():
        before = head(x)
        fold_in(head, 1.7, -0.3)
        torch.testing.assert_close(head(x), 1.7 * (before + 0.3), rtol=1e-4, atol=1e-5)


def test_validation_scores_a_perfect_and_a_useless_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VALIDATION", (1, 1))
    recipe = DecorrelationRecipe(None)
    truth = recipe._set(CPU, (1, 1))[0]["truth"]

    class Perfect(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return 20 * truth[:, None] - 10

    class Blind(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.full_like(inputs[:, :1], -5.0)

    best, worst = recipe.validate(Perfect(), CPU), recipe.validate(Blind(), CPU)
    assert best["IoU, all inputs"] == 1.0
    assert best["lost, phase alone"] == 0.0
    assert best["score"] == pytest.approx(1.0)
    assert worst["score"] == 0.0
    assert recipe.better(best, worst)
    assert not recipe.better(worst, best)
    assert math.isfinite(worst["lost, all inputs"])

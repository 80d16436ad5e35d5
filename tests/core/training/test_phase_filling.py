"""The recipe of the filling network: what samples hold, that a step learns, that calibration finds what is off."""

import math

import pytest
import torch
from fringelens.core.evaluate.fill_metrics import circular_error, fringe_lines, half_width
from fringelens.core.training.feed import seeded
from fringelens.core.training.recipes import phase_filling as module
from fringelens.core.training.recipes.phase_filling import PhaseFillingRecipe, negative_log_likelihood
from fringelens.core.training.recipes.phase_filling_calibration import fit_calibration
from scipy.stats import vonmises


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.setattr(module, "SIDE", 64)
    made = PhaseFillingRecipe(None)
    made._bank = torch.rand(4, 96, 96, generator=torch.Generator().manual_seed(3)) > 0.6
    return made


def draw(recipe, index=0, count=4):
    batch = recipe.sample(seeded(1, 1, index), count, torch.device("cpu"))
    return recipe.augment(batch, seeded(1, 2, index))


def test_inputs_hold_nothing_in_gaps_and_the_phase_elsewhere(recipe):
    batch = draw(recipe)
    inputs, gap = batch["inputs"], batch["gap"] > 0.5
    assert inputs.shape == (4, 5, 64, 64)
    for plane in (0, 1, 2, 3):
        assert (inputs[:, plane][gap] == 0).all()
    length = inputs[:, 0].square() + inputs[:, 1].square()
    torch.testing.assert_close(length[~gap], torch.ones_like(length[~gap]))
    clean = circular_error(torch.atan2(inputs[:, 1], inputs[:, 0]), batch["phase"])
    assert float(clean[~gap].median()) < 1.0


def test_targets_belong_to_the_clean_phase(recipe):
    batch = draw(recipe)
    truth = batch["truth"]
    torch.testing.assert_close(truth[:, 0], fringe_lines(batch["phase"]).float())
    turn = torch.atan2(truth[..., :-1][:, 2], truth[..., :-1][:, 1])
    assert circular_error(turn, batch["phase"].diff(dim=2)).max() < 1e-3


def test_the_same_seeds_give_the_same_batch(recipe):
    first, second = draw(recipe, 5), draw(recipe, 5)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["inputs"], draw(recipe, 6)["inputs"])


@pytest.mark.parametrize("told", [0.0, module.TOLD_LINES + 0.01, 0.9])
def test_a_few_steps_learn_a_batch(recipe, told):
    torch.manual_seed(0)
    network, batch = recipe.build("default").train(), draw(recipe)
    batch["told"] = torch.tensor([told])
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        loss, parts = recipe.loss(network, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert set(parts) == {"surprise", "chord", "fringe", "turn"}
    assert min(losses[-3:]) < losses[0] - 0.05


def test_likelihood_is_that_of_the_von_mises_distribution():
    for concentration, error in ((0.5, 1.0), (20.0, 0.1), (400.0, 0.3)):
        value = negative_log_likelihood(torch.tensor(math.cos(error)), torch.tensor(math.log(concentration)))
        assert float(value) == pytest.approx(-vonmises.logpdf(error, concentration), abs=1e-2)


def test_calibration_finds_how_much_too_sure_a_network_is():
    generator = torch.Generator().manual_seed(2)
    said = torch.rand(30_000, generator=generator) * 4
    true = (0.8 * said - 0.5).exp()
    errors = torch.from_numpy(abs(vonmises.rvs(true.double().numpy(), random_state=4))).float()
    scale, shift = fit_calibration(said, errors)
    assert scale == pytest.approx(0.8, abs=0.11)
    held = (errors <= half_width(scale * said + shift, 0.68)).float().mean()
    assert float(held) == pytest.approx(0.68, abs=0.02)


def test_validation_measures_all_three_kinds(recipe, monkeypatch):
    monkeypatch.setattr(module, "VALIDATION_BATCH", 2)
    monkeypatch.setattr(module, "VALIDATION_SIDE", 64)
    metrics = recipe.validate(recipe.build("default").eval(), torch.device("cpu"))
    assert set(metrics) == {"mae_differential", "mae_topographic", "mae_random", "score"}
    assert recipe.better({"score": 1.0}, {"score": 2.0})

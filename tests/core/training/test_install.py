"""Weights are shipped only where they are better, small enough, and with a card that fits them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from fringelens.core.training import install as module
from fringelens.core.training.install import commit_hash, export, finish, install, make_card
from fringelens.core.training.loop import Outcome
from fringelens.core.training.recipe import Metrics
from fringelens.models import registry
from torch import nn

CPU = torch.device("cpu")


class Fake:
    """A recipe that measures nothing but the bias of the last layer."""

    name = "decorrelation"

    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        return {"score": float(network.head.bias.detach()[0])}

    def better(self, first: Metrics, second: Metrics) -> bool:
        return bool(first["score"] > second["score"])

    def describe(self) -> str:
        return "nothing"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of its own, without weights."""
    folder = tmp_path / "models"
    (folder / "decorrelation").mkdir(parents=True)
    monkeypatch.setattr(registry, "FOLDER", folder)
    return folder / "decorrelation"


def trained(score: float, path: Path) -> bool:
    """Export a network that measures `score` and try to install it."""
    network = registry.build("decorrelation")
    with torch.no_grad():
        network.head.bias.fill_(score)
    outcome = Outcome(network, {"score": score}, 10, 20.0)
    sha256 = export("decorrelation", "default", outcome, path)
    card = make_card(Fake(), "default", outcome, sha256, {"commit": "abc", "command": "fringelens train"})
    installed, message = install(Fake(), card, path, CPU)
    assert ("installed" in message) == installed
    return installed


def test_only_better_weights_replace_those_that_are_there(models: Path, tmp_path: Path) -> None:
    assert trained(0.5, tmp_path / "first.safetensors")
    assert not trained(0.25, tmp_path / "worse.safetensors")
    assert trained(0.75, tmp_path / "better.safetensors")
    network, card = registry.load("decorrelation")
    assert float(network.head.bias.detach()[0]) == 0.75
    assert card.metrics == {"score": 0.75}
    assert card.trained["steps"] == 10
    assert card.trained["parameters"] == sum(p.numel() for p in registry.build("decorrelation").parameters())
    assert sorted(p.name for p in models.iterdir()) == ["card.json", "weights.safetensors"]


def test_a_card_that_does_not_fit_its_weights_is_refused(models: Path, tmp_path: Path) -> None:
    trained(0.5, tmp_path / "first.safetensors")
    shutil.copy(tmp_path / "first.safetensors", models / "weights.safetensors")
    card = json.loads((models / "card.json").read_text())
    card["sha256"] = "0" * 64
    (models / "card.json").write_text(json.dumps(card))
    with pytest.raises(registry.BadWeights, match="its card says 000000000000"):
        registry.load("decorrelation")
    (models / "card.json").write_text("{")
    with pytest.raises(registry.BadWeights, match="the card cannot be read"):
        registry.load("decorrelation")


def test_what_is_too_large_is_kept_but_not_shipped(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZE_LIMIT", 1000)
    assert not trained(0.5, tmp_path / "large.safetensors")
    assert (tmp_path / "large.safetensors").is_file()
    assert not list(models.iterdir())


def test_without_weights_the_error_says_what_to_do() -> None:
    with pytest.raises(registry.BadWeights, match="fringelens train decorrelation"):
        registry.load("decorrelation")


def test_a_recipe_that_does_not_finish_changes_nothing() -> None:
    outcome = Outcome(registry.build("decorrelation"), {"score": 0.0}, 1, 1.0)
    assert finish(Fake(), outcome, CPU) == (outcome, {})


def test_the_commit_is_empty_outside_a_checkout(tmp_path: Path, root: Path) -> None:
    assert commit_hash(tmp_path) == ""
    assert len(commit_hash(root)) in (0, 12, 13)

"""Puts trained weights where they are shipped from, if they beat those that are there."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ...models.blocks import fold
from ...models.registry import WEIGHTS, Card, folder, load_unfolded, read_card
from ...models.weights import BadWeights, write_weights
from .loop import Outcome
from .recipe import Dependent, Finishing, Metrics, Recipe

SIZE_LIMIT = 16 << 20  # bytes of one weights file; larger configurations are benchmarked, not shipped
DECIMALS = 5  # of metrics in a card


def committed(recipe: Recipe, device: torch.device) -> tuple[Card, Metrics] | None:
    """Card of the weights that are shipped, and how they measure on the recipe's validation set as it is now."""
    if read_card(recipe.name) is None:
        return None
    network, card = load_unfolded(recipe.name)
    return card, recipe.validate(fold(network.eval()).to(device), device)


def commit_hash(root: Path) -> str:
    """The commit of the checkout, with a + where files differ from it; empty outside git."""

    def git(*words: str) -> str:
        command = ["git", *words]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # nosec B603 - fixed words
        return done.stdout.strip() if done.returncode == 0 else ""

    head = git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if head and git("status", "--porcelain", "--untracked-files=no") else "")


def export(name: str, config: str, outcome: Outcome, path: Path) -> str:
    """Write the outcome as a weights file that names its network and configuration; returns its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_weights(path, outcome.network, {"network": name, "config": config})


def finish(recipe: Recipe, outcome: Outcome, device: torch.device) -> tuple[Outcome, dict[str, Any]]:
    """Let the recipe adjust the network before export, and measure it again; says what was adjusted, for the card."""
    if not isinstance(recipe, Finishing):
        return outcome, {}
    adjusted = recipe.finish(outcome.network.to(device), device)
    return replace(outcome, metrics=recipe.validate(outcome.network, device)), {"finished": adjusted}


def make_card(recipe: Recipe, config: str, outcome: Outcome, sha256: str, trained: Mapping[str, Any]) -> Card:
    """The card of an outcome; `trained` says commit, command and what came before."""
    parameters = sum(values.numel() for values in outcome.network.parameters())
    facts = {
        "data": recipe.describe(),
        "steps": outcome.steps,
        "seconds": round(outcome.seconds),
        "parameters": parameters,
        **trained,
    }
    if isinstance(recipe, Dependent):
        facts["encoder"] = recipe.encoder()
    return Card(recipe.name, config, sha256, facts, rounded(outcome.metrics))


def rounded(metrics: Metrics) -> dict[str, Any]:
    """Metrics as a card shows them."""
    return {
        name: round(value, DECIMALS) if isinstance(value, float) and math.isfinite(value) else value
        for name, value in metrics.items()
    }


def install(recipe: Recipe, card: Card, file: Path, device: torch.device) -> tuple[bool, str]:
    """Copy weights and card into models/NAME if they are smaller than the limit and better; says what it did and why.

    What is compared is the file itself, loaded and in half precision, with the shipped one on the same validation set.
    """
    if file.stat().st_size > SIZE_LIMIT:
        size = f"{file.stat().st_size / 2**20:.1f} MiB"
        return False, f"{size} is more than is shipped ({SIZE_LIMIT >> 20} MiB); kept {file}"
    network, _ = load_unfolded(recipe.name, file)
    mine = recipe.validate(fold(network.eval()).to(device), device)
    try:
        there = committed(recipe, device)
    except BadWeights as error:
        return False, f"the shipped weights cannot be read, remove them first: {error}"
    if there is not None and not recipe.better(mine, there[1]):
        return False, f"the shipped weights are better: {summary(there[1])}; these: {summary(mine)}"
    target = folder(recipe.name)
    part = target / (WEIGHTS + ".part")
    part.write_bytes(file.read_bytes())
    part.replace(target / WEIGHTS)
    replace(card, metrics=rounded(mine)).write(target / "card.json")
    before = f", better than {summary(there[1])}" if there is not None else ""
    return True, f"installed: {summary(mine)}{before}"


def summary(metrics: Metrics) -> str:
    """Metrics in one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items() if isinstance(value, float))

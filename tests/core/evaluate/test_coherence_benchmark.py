"""Metrics of coherence against closed forms, and the benchmark as a whole on a few small pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fringelens.core.evaluate import coherence_metrics as metrics
from fringelens.core.evaluate.benchmarks import (
    coherence_amsterdam,
    coherence_limit,
    coherence_sampler,
    coherence_scenes,
    coherence_tally,
)
from fringelens.core.evaluate.benchmarks import coherence_from_intensity as benchmark
from fringelens.core.progress import Silent
from fringelens.core.simulate.detected_scene import simulate_pairs
from fringelens.core.training.recipes import recipe_for
from fringelens.core.training.recipes.coherence_from_intensity import PULLS
from fringelens.models.coherence_from_intensity.network import CoherenceNet
from fringelens.models.registry import Card
from torch import nn


def test_metrics_of_errors_that_are_known(generator: torch.Generator) -> None:
    truth = torch.rand(200_000, generator=generator)
    deviation = 0.02 + 0.2 * torch.rand(truth.shape, generator=generator)
    error = deviation * torch.randn(truth.shape, generator=generator)
    assert metrics.rmse(truth + 0.1, truth) == pytest.approx(0.1, abs=1e-6)
    assert metrics.bias_below(truth + 0.05 * (truth < 0.2), truth) == pytest.approx(0.05, abs=1e-6)
    assert metrics.correlation(2 * truth - 3, truth) == pytest.approx(1)
    assert metrics.coverage(truth + error, deviation, truth, 1.0) == pytest.approx(0.6827, abs=0.01)
    assert metrics.calibration_error(truth + error, deviation, truth) < 0.02
    assert metrics.calibration_error(truth + error, 2 * deviation, truth) == pytest.approx(0.5, abs=0.02)


def test_groups_split_all_valid_pixels_by_coherence_and_by_distance_from_an_edge() -> None:
    pair = simulate_pairs(replace(coherence_scenes.EASY, batch=2, rows=64, cols=64), torch.Generator().manual_seed(3))
    groups = coherence_tally.groups_of(pair)
    for prefix in ("0", "edge"):
        parts = [mask for name, mask in groups.items() if name.startswith(prefix)]
        assert torch.equal(torch.stack(parts).sum(0), pair.valid.long())
    assert torch.equal(groups["low"], groups["0-0.2"])
    tally = coherence_tally.Tally()
    tally.add(pair.coherence + 0.1, pair, groups)
    assert tally.rmse().value == pytest.approx(0.1, abs=1e-5)
    assert tally.bias("low").value == pytest.approx(0.1, abs=1e-5)


def test_the_section_says_targets_and_measures_every_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(benchmark, "SCENES", 2)
    monkeypatch.setattr(benchmark, "SCENES_OF_A_CELL", 2)
    monkeypatch.setattr(coherence_scenes, "BATCH", 2)
    for name, value in (("BATCH", 2), ("FIT_BATCHES", 2), ("TEST_BATCHES", 1), ("STEPS", 20)):
        monkeypatch.setattr(coherence_limit, name, value)
    for name in ("FITTING", "WARMING", "SAMPLING"):
        monkeypatch.setattr(coherence_sampler, name, 100)
    for name in ("EASY", "HARD"):
        small = replace(getattr(coherence_scenes, name), batch=4, rows=48, cols=48)
        monkeypatch.setattr(coherence_scenes, name, small)
    monkeypatch.setattr(coherence_scenes, "SHIFTS", (0.0, 1.0))
    monkeypatch.setattr(coherence_scenes, "LOOKS", (4.0,))
    network = CoherenceNet((8, 8, 8)).eval()
    card = Card("coherence_from_intensity", "default", "0" * 64)
    section = benchmark.section(network, card, torch.device("cpu"), tmp_path, Silent())
    text = section.markdown()
    for words in ("RMSE, easy set", "RMSE, hard set", "One pixel of misregistration", "By looks", "outlines known"):
        assert words in text
    for name, _ in section.pictures:
        assert (tmp_path / name).is_file()


def test_who_knows_the_outlines_tells_coherence_from_averages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BATCH", 4), ("FIT_BATCHES", 12), ("TEST_BATCHES", 3), ("STEPS", 400)):
        monkeypatch.setattr(coherence_limit, name, value)
    even = replace(coherence_scenes.EASY, rows=96, cols=96)
    limit = coherence_limit.limit_of(replace(even, ground=replace(even.ground, cells=5)))
    assert limit.rmse < 0.12  # a constant has 0.28
    assert abs(limit.low_bias) < 0.15


def test_a_bright_pixel_rules_the_average_as_it_rules_a_complex_coherence() -> None:
    rng = np.random.default_rng(1)
    power = np.where(np.arange(400) % 4 == 0, 100.0, 1.0).astype(np.float32).reshape(20, 20)
    coherence = np.where(power > 1, 0.9, 0.1).astype(np.float32)
    noise = rng.normal(size=(2, 1000, 20, 20, 2)).view(np.complex128)[..., 0] / 2**0.5
    two = coherence * noise[0] + np.sqrt(1 - coherence**2) * noise[1]
    products = (noise[0] * two.conj(), abs(noise[0]) ** 2, abs(two) ** 2)
    sums = [(power * values).sum((1, 2)).mean() for values in products]
    expected = abs(sums[0]) / np.sqrt(sums[1] * sums[2])
    found = coherence_amsterdam.over_window(coherence, power, power, (20, 20))
    assert found[10, 10] == pytest.approx(expected, abs=0.02)
    assert found[10, 10] > 0.85


def test_the_noise_of_a_complex_coherence_is_that_of_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    one, noise = (rng.normal(size=(300, 1200, 2)).view(np.complex128)[..., 0] for _ in range(2))
    pair = one, 0.6 * one + 0.8 * noise
    monkeypatch.setattr(coherence_amsterdam, "read_pair", lambda place: pair)
    expected = (1 - 0.6**2) / (2 * 5 * 20) ** 0.5
    assert coherence_amsterdam.reference_noise(Path(), (5, 5)) == pytest.approx(expected, rel=0.1)


def test_a_network_is_asked_of_registered_pairs_and_its_answer_brought_back() -> None:
    options = replace(coherence_scenes.EASY, batch=2, rows=160, cols=160, exact_shift=(1.0, -2.0))
    pair = simulate_pairs(options, torch.Generator().manual_seed(3))
    pair.coherence = pair.coherence.clamp_min(0.5)
    seen: list[torch.Tensor] = []

    def network(inputs: torch.Tensor) -> torch.Tensor:
        seen.append(inputs)
        return inputs[:, :2]

    coherence_tally.network_estimate(network, pair)  # type: ignore[arg-type]
    first, second = (torch.log(image) for image in (pair.first, pair.second))
    level = (seen[0][0, :2, 5:-5, 5:-5] - torch.stack([first[0, 5:-5, 6:-4], second[0, 6:-4, 4:-6]])).flatten(1)
    torch.testing.assert_close(level, level[:, :1].expand_as(level), atol=1e-4, rtol=0)


def test_a_batch_is_split_by_the_mix_and_nothing_is_lost() -> None:
    from fringelens.core.training.recipes import coherence_from_intensity as recipes

    for batch in range(1, 20):
        parts = recipes._parts(batch)
        assert sum(parts) == batch
        assert min(parts) >= 0
    shares = [share for share, _ in recipes.MIX]
    assert recipes._parts(sum(shares)) == shares


def test_the_recipe_trains_and_calibrates_what_the_network_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from fringelens.core.training.recipes import coherence_from_intensity as recipes

    monkeypatch.setattr(recipes, "SIDE", 48)
    monkeypatch.setattr(recipes, "SET_BATCHES", 1)
    monkeypatch.setattr(recipes, "SET_BATCH", 2)
    recipe = recipe_for("coherence_from_intensity")
    torch.manual_seed(0)
    network = CoherenceNet((8, 8, 8))
    generator = torch.Generator().manual_seed(1)
    batch = recipe.augment(recipe.sample(generator, 4, torch.device("cpu")), generator)
    assert batch["inputs"].shape == (4, 3, 48, 48)
    assert (batch["inputs"][:, :2] * (1 - batch["inputs"][:, 2:]) == 0).all()
    loss, parts = recipe.loss(network, batch)
    loss.backward()
    assert torch.isfinite(loss)
    assert 0 < parts["rmse"] < 1
    assert all(p.grad is not None for p in network.parameters())
    recipe.finish(network, torch.device("cpu"))
    again = recipe.finish(network, torch.device("cpu"))
    assert again["deviation_factor"] == pytest.approx(1, abs=0.05)
    metrics_after = recipe.validate(network, torch.device("cpu"))
    assert set(recipes.SETS) == {name.split(", ")[1] for name in metrics_after if ", " in name}


class _Says(nn.Module):
    """Gives the raw values that it was made with."""

    def __init__(self, raw: torch.Tensor) -> None:
        super().__init__()
        self.raw = raw

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.raw


def test_the_loss_draws_coherence_to_what_is_asked_for_and_deviation_to_the_error_from_the_truth() -> None:
    recipe = recipe_for("coherence_from_intensity")
    target = torch.full((2, 8, 8), 0.15)
    batch = {"inputs": torch.zeros(2, 3, 8, 8), "target": target, "asked": target - 0.05, "valid": torch.ones(2, 8, 8)}

    def slopes(coherence: float, deviation: float) -> list[float]:
        wanted = torch.stack([torch.full_like(target, v) for v in (2 * coherence - 1, np.log(deviation / 0.1))], 1)
        raw = wanted.requires_grad_()
        recipe.loss(_Says(raw), batch)[0].backward()
        return [float(slope) for slope in raw.grad.mean((0, 2, 3))]

    assert slopes(0.1, 0.05) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert slopes(0.12, 0.02)[0] > 0 > slopes(0.08, 0.02)[0]
    assert slopes(0.1, 0.06)[1] > 0 > slopes(0.1, 0.04)[1]


def test_less_than_the_truth_is_asked_for_where_coherence_is_low_and_only_there() -> None:
    batch = recipe_for("coherence_from_intensity").sample(torch.Generator().manual_seed(4), 10, torch.device("cpu"))
    low = batch["target"] < metrics.LOW
    assert torch.equal(batch["asked"][~low], batch["target"][~low])
    less = (batch["target"] - batch["asked"])[low]
    assert sorted({round(float(value), 4) for value in less.unique()}) == sorted(set(PULLS))

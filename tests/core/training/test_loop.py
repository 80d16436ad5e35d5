"""The training loop, on a network of a few weights."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from fringelens.core.progress import Silent
from fringelens.core.training import journal
from fringelens.core.training.checkpoint import load_checkpoint
from fringelens.core.training.feed import Feed, seeded
from fringelens.core.training.loop import Run, train
from fringelens.core.training.recipe import Batch, Metrics
from fringelens.core.training.schedule import learning_rate
from fringelens.core.training.settings import Settings
from torch import Tensor, nn


class Line:
    """A recipe whose truth is y = 3 x - 1, seen with noise."""

    name = "line"
    reuse = 2

    def build(self, config: str) -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 1))

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        x = torch.randn(batch, 1, 4, 4, generator=generator)
        return {"x": x, "y": 3 * x - 1}

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        return {**batch, "x": batch["x"] + 0.01 * torch.randn(batch["x"].shape, generator=generator)}

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        error = (network(batch["x"]).float() - batch["y"]).square().mean()
        return error, {"error": float(error.detach())}

    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        batch = self.sample(seeded(99, 3, 0), 16, device)
        with torch.no_grad():
            return {"error": float((network(batch["x"]) - batch["y"]).square().mean())}

    def better(self, first: Metrics, second: Metrics) -> bool:
        return bool(first["error"] < second["error"])

    def describe(self) -> str:
        return "a line"


SHORT = Settings(steps=60, batch=8, learning_rate=0.05, validate_steps=20, log_steps=10, ema_decay=0.9)


def parameters(network: nn.Module) -> Tensor:
    """All weights and statistics as one vector."""
    return torch.cat([values.flatten().float() for values in network.state_dict().values()])


def test_training_lowers_the_error(tmp_path: Path) -> None:
    outcome = train(Line(), SHORT, tmp_path, Silent())
    untrained = Line().validate(Line().build("default"), torch.device("cpu"))
    assert outcome.steps == 60
    assert outcome.metrics["error"] < 0.3 * untrained["error"]


def test_resuming_equals_not_stopping(tmp_path: Path) -> None:
    whole = train(Line(), SHORT, tmp_path / "whole", Silent())
    run = Run(Line(), SHORT, tmp_path / "halves", torch.device("cpu"))
    run.folder.mkdir()
    run.begin(None, resume=False)
    with Feed(run.recipe, SHORT.seed, SHORT.batch, run.device) as feed:
        for step in range(31):
            run.step(feed)
            if (step + 1) % 20 == 0:
                run.validate()
    run.save()
    resumed = train(Line(), SHORT, tmp_path / "halves", Silent(), resume=True)
    assert resumed.steps == whole.steps
    torch.testing.assert_close(parameters(resumed.network), parameters(whole.network), rtol=0, atol=1e-6)


def test_the_same_seed_gives_the_same_network_and_another_one_does_not(tmp_path: Path) -> None:
    first, second, other = (
        train(Line(), Settings(steps=10, batch=4, seed=seed), tmp_path / str(place), Silent()).network
        for place, seed in enumerate((5, 5, 6))
    )
    assert torch.equal(parameters(first), parameters(second))
    assert not torch.equal(parameters(first), parameters(other))


def test_a_warm_start_is_never_made_worse(tmp_path: Path) -> None:
    good = train(Line(), SHORT, tmp_path / "good", Silent())
    spoiling = Settings(steps=5, batch=2, learning_rate=5.0, warm_up=0.0, ema_decay=0.0)
    after = train(Line(), spoiling, tmp_path / "after", Silent(), start=good.network)
    assert after.metrics["error"] <= good.metrics["error"] + 1e-6


def test_a_time_budget_ends_the_run(tmp_path: Path) -> None:
    outcome = train(Line(), Settings(minutes=0.005, batch=2), tmp_path, Silent())
    assert outcome.steps > 0
    assert 0.3 <= outcome.seconds < 5.0


def test_the_log_can_be_read_back_as_columns(tmp_path: Path) -> None:
    train(Line(), SHORT, tmp_path, Silent())
    columns = journal.read(tmp_path, "train")
    assert columns["step"] == [10, 20, 30, 40, 50, 60]
    assert set(columns) == {"step", "seconds", "loss", "rate", "norm", "error"}
    assert journal.read(tmp_path, "validate")["step"] == [20, 40, 60, 60]


def test_a_loss_that_stays_infinite_ends_the_run_with_a_remedy(tmp_path: Path) -> None:
    class Broken(Line):
        def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Any]]:
            return super().loss(network, batch)[0] * float("nan"), {}

    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        train(Broken(), SHORT, tmp_path, Silent())


def test_the_checkpoint_appears_whole(tmp_path: Path) -> None:
    train(Line(), SHORT, tmp_path, Silent())
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert state.step == 60
    assert not list(tmp_path.glob("*.part"))
    assert load_checkpoint(tmp_path / "elsewhere") is None


def test_batches_depend_on_seed_and_step_alone() -> None:
    cpu = torch.device("cpu")
    with Feed(Line(), 3, 2, cpu) as feed:
        forward = [feed.take(step)["x"] for step in range(5)]
    with Feed(Line(), 3, 2, cpu) as feed:
        again = feed.take(4)["x"]
    assert torch.equal(forward[4], again)
    assert torch.allclose(forward[0], forward[1], atol=0.2)  # one simulation, varied twice
    assert not torch.allclose(forward[1], forward[2], atol=0.2)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(1.0, step / 100, 0.1) for step in range(101)]
    assert max(rates) == pytest.approx(1.0, abs=1e-3)
    assert rates.index(max(rates)) == 10
    assert all(a <= b for a, b in pairwise(rates[:11]))
    assert all(a >= b for a, b in pairwise(rates[10:]))
    assert rates[-1] == pytest.approx(0.01)


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="minutes must be positive"):
        Settings(minutes=0)
    with pytest.raises(ValueError, match="batch must be at least 1"):
        Settings(batch=0)

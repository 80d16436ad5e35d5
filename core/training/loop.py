"""One training loop for all networks: time budget, mixed precision, moving average, checkpoints, best by validation."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..inference.allocator import keep_memory
from ..progress import Progress
from .average import Average
from .checkpoint import State, load_checkpoint, save_checkpoint
from .feed import Feed
from .journal import Journal
from .recipe import Metrics, Recipe, Scheduled
from .schedule import learning_rate
from .settings import Settings

LONGEST_STEP = 30.0  # seconds; a step that seems longer was a pause (SIGSTOP, suspend), and is not charged
BROKEN_LIMIT = 20  # losses in a row that may be infinite before the run is given up


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the best network by validation (moving average), how it measured, what it took."""

    network: nn.Module
    metrics: Metrics
    steps: int
    seconds: float


class Run:
    """A run in its folder: network, average, optimizer and clock."""

    def __init__(self, recipe: Recipe, settings: Settings, folder: Path, device: torch.device) -> None:
        self.recipe, self.settings, self.folder, self.device = recipe, settings, folder, device
        torch.manual_seed(settings.seed)
        self.network = recipe.build(settings.config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.state = State()
        self.broken = 0

    def begin(self, start: nn.Module | None, *, resume: bool) -> None:
        """Take the weights of `start`, or everything from the checkpoint; a fresh optimizer for the former."""
        left = load_checkpoint(self.folder) if resume else None
        if start is not None and left is None:
            self.network.load_state_dict(start.state_dict())
            self.state.warm_started = True
        self.average = Average(self.network, self.settings.ema_decay)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay
        )
        if left is not None:
            self.state = left
            self.network.load_state_dict(left.tensors["network"])
            self.average.network.load_state_dict(left.tensors["average"])
            self.optimizer.load_state_dict(left.tensors["optimizer"])

    def step(self, feed: Feed) -> dict[str, float]:
        """One step of the optimizer; returns what the log shows."""
        state, settings = self.state, self.settings
        if isinstance(self.recipe, Scheduled):
            self.recipe.progress = settings.progress(state.step, state.seconds)
        rate = learning_rate(settings.learning_rate, settings.progress(state.step, state.seconds), settings.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = feed.take(state.step)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            loss, parts = self.recipe.loss(self.network, batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
        if math.isfinite(float(norm)):
            self.optimizer.step()
            self.broken = 0
        else:
            self.broken += 1
        if self.broken > BROKEN_LIMIT:
            msg = f"the loss was infinite {self.broken} times in a row at step {state.step}; lower the learning rate"
            raise ArithmeticError(msg)
        state.step += 1
        self.average.follow(self.network, state.step)
        return {"loss": float(loss.detach()), "rate": rate, "norm": float(norm), **parts}

    def validate(self) -> dict[str, Any]:
        """Measure the moving average, and remember it where it is the best so far."""
        metrics = dict(self.recipe.validate(self.average.network, self.device))
        if self.state.best is None or self.recipe.better(metrics, self.state.best):
            self.state.best = metrics
            self.state.tensors["best"] = {k: v.clone() for k, v in self.average.network.state_dict().items()}
        return metrics

    def save(self) -> None:
        """Write a checkpoint."""
        self.state.tensors.update(
            network=self.network.state_dict(),
            average=self.average.network.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )
        save_checkpoint(self.folder, self.state)

    def outcome(self) -> Outcome:
        """The best network of the run."""
        self.average.network.load_state_dict(self.state.tensors["best"])
        return Outcome(self.average.network, self.state.best or {}, self.state.step, self.state.seconds)


def train(
    recipe: Recipe,
    settings: Settings,
    folder: Path,
    progress: Progress,
    *,
    device: torch.device | None = None,
    start: nn.Module | None = None,
    resume: bool = False,
) -> Outcome:
    """Train until the budget is spent; `folder` receives checkpoints and log. ArithmeticError where it diverges."""
    keep_memory()
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(recipe, settings, folder, device or torch.device("cpu"))
    run.begin(start, resume=resume)
    journal = Journal(folder, fresh=run.state.step == 0)
    journal.add("note", settings=vars(settings), warm_started=run.state.warm_started, step=run.state.step)
    with Feed(recipe, settings.seed, settings.batch, run.device) as feed:
        _spend(run, feed, journal, progress)
    run.save()
    return run.outcome()


def _spend(run: Run, feed: Feed, journal: Journal, progress: Progress) -> None:
    """Step until the budget is spent; log, validate and save on the way."""
    settings, state = run.settings, run.state
    saved = validated = state.seconds
    shown: list[dict[str, float]] = []
    if state.warm_started and state.step == 0:
        _report(run, journal, progress)  # so that the best is never worse than the start
    while settings.progress(state.step, state.seconds) < 1.0:
        began = time.monotonic()
        shown.append(run.step(feed))
        state.seconds += min(time.monotonic() - began, LONGEST_STEP)
        if len(shown) >= settings.log_steps:
            means = {name: sum(row[name] for row in shown) / len(shown) for name in shown[0]}
            journal.add("train", step=state.step, seconds=round(state.seconds, 1), **means)
            progress.update(settings.progress(state.step, state.seconds), f"step {state.step} loss {means['loss']:.4f}")
            shown = []
        if _due(settings, state, validated):
            began = time.monotonic()
            _report(run, journal, progress)
            state.seconds += time.monotonic() - began
            validated = state.seconds
        if state.seconds - saved > 60.0 * settings.checkpoint_minutes:
            run.save()
            saved = state.seconds
    _report(run, journal, progress)


def _due(settings: Settings, state: State, validated: float) -> bool:
    if settings.validate_steps is not None:
        return state.step % settings.validate_steps == 0
    return state.seconds - validated > 60.0 * settings.validate_minutes


def _report(run: Run, journal: Journal, progress: Progress) -> None:
    metrics = run.validate()
    journal.add("validate", step=run.state.step, seconds=round(run.state.seconds, 1), **metrics)
    words = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items() if isinstance(value, float))
    progress.log(f"step {run.state.step}: {words}")

"""`fringelens train NAME`: train a network, and install its weights where they beat those that came along."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from ...models.registry import Card
    from ..training.loop import Outcome

ROOT = Path(__file__).resolve().parents[2]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "train",
        help="train a network on simulated scenes (for developers)",
        description="Train a network on simulated scenes. Its weights and card replace those in models/NAME only where"
        " they are better on the same validation set. Checkpoints and log are in .checkpoints/NAME-CONFIG.",
    )
    parser.add_argument("network", help="name of the network, as `fringelens doctor` lists them")
    parser.add_argument(
        "--minutes",
        type=float,
        default=20.0,
        help="time to spend (default: 20); 0 trains nothing and only calibrates the weights that came along again",
    )
    parser.add_argument("--config", default="default", help="configuration of the network (default: default)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint of this configuration")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
    parser.add_argument("--batch", type=int, default=8, help="scenes a step (default: 8)")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="at its height (default: 0.002)")
    parser.add_argument("--fresh", action="store_true", help="start from random weights even where weights came along")
    parser.add_argument("--output", type=Path, help="write the weights here instead of installing them")
    parser.add_argument("--report", action="store_true", help="keep what came of it for the page of benchmarks")


def run(args: argparse.Namespace) -> int:
    """Train, export, install; 0 also where the weights were no better, since that is a result."""
    from ..inference.device import choose_device
    from ..training.install import export, finish, install, make_card
    from ..training.loop import train
    from ..training.recipes import recipe_for
    from ..training.settings import Settings
    from .display import reporter_for

    progress = reporter_for(sys.stderr, lambda: False, quiet=False)
    try:
        recipe = recipe_for(args.network)
        settings = Settings(
            config=args.config,
            minutes=args.minutes or Settings.minutes,
            seed=args.seed,
            batch=args.batch,
            learning_rate=args.learning_rate,
        )
        recipe.build(args.config)
    except ValueError as error:
        raise InputError(str(error)) from error
    device = choose_device(args.device, progress).torch
    folder = ROOT / ".checkpoints" / f"{args.network}-{args.config}"
    start = None if args.fresh else _start(args.network, args.config)
    if args.minutes:
        outcome = train(recipe, settings, folder, progress, device=device, start=start, resume=args.resume)
    else:
        outcome = _untrained(start)
    outcome, finished = finish(recipe, outcome, device)
    file = args.output or folder / "weights.safetensors"
    sha256 = export(args.network, args.config, outcome, file)
    card = make_card(recipe, args.config, outcome, sha256, _provenance(args, warm=start is not None) | finished)
    _note(card, file, report=args.report)
    if args.output is None:
        _, message = install(recipe, card, file, device)
        progress.log(message)
    progress.close()
    return 0


def _note(card: Card, file: Path, *, report: bool) -> None:
    """Put the card beside its weights and, where asked, what came of them onto the page of benchmarks."""
    from ..evaluate.configurations import keep

    card.write(file.with_suffix(".json"))
    if report:
        keep(ROOT / "docs", card)


def _untrained(start: nn.Module | None) -> Outcome:
    """The weights that came along as the outcome of no training."""
    from ..training.loop import Outcome

    if start is None:
        msg = "no weights of this configuration came along to calibrate; train some with --minutes"
        raise InputError(msg)
    return Outcome(start.eval(), {}, 0, 0.0)


def _start(name: str, config: str) -> nn.Module | None:
    """The weights that came along, where they are of this configuration."""
    from ...models.registry import load_unfolded, read_card

    card = read_card(name)
    return load_unfolded(name)[0] if card is not None and card.config == config else None


def _seconds(card: Card) -> float:
    """What weights took to train, with all that they started from."""
    return float(card.trained.get("seconds", 0)) + float(card.trained.get("seconds_before", 0))


def _provenance(args: argparse.Namespace, *, warm: bool) -> dict[str, object]:
    from ...models.registry import read_card
    from ..training.install import commit_hash

    before = read_card(args.network) if warm else None
    command = "fringelens " + shlex.join(sys.argv[1:])
    if before is not None and not args.minutes:
        return {**before.trained, "calibrated_by": command}
    return {
        "commit": commit_hash(ROOT),
        "command": command,
        "started_from": before.sha256 if before is not None else "random weights",
        "seconds_before": _seconds(before) if before is not None else 0,
    }

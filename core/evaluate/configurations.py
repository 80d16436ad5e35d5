"""Configurations of a network that were trained for comparison, beside the one that is shipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...models.registry import Card
from .report import Table

FILE = "configurations.json"  # in docs; `fringelens train --report` writes it, `fringelens evaluate` reads it
MEGA, MINUTE = 1e6, 60.0
SHIPPED = "shipped"


def keep(docs: Path, card: Card) -> None:
    """Keep what came of a training run for the page of benchmarks; a later run of the same kind replaces it."""
    path = docs / FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known.setdefault(card.name, {})[_title(card)] = {"trained": dict(card.trained), "metrics": dict(card.metrics)}
    docs.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def configurations_table(docs: Path, card: Card) -> Table | None:
    """A column for each run that was kept, after that of the weights themselves; None where none was kept."""
    path = docs / FILE
    runs = json.loads(path.read_text(encoding="utf-8")).get(card.name) if path.is_file() else None
    if not runs:
        return None
    columns = {f"`{card.config}`, {SHIPPED}": {"trained": card.trained, "metrics": card.metrics}, **runs}
    table = Table("Configurations, on the validation set of the recipe", ["", *columns])
    table.rows = [[what, *(function(run) for run in columns.values())] for what, function in _FACTS.items()]
    names = [name for name, value in card.metrics.items() if isinstance(value, int | float)]
    table.rows += [[name, *(_number(run["metrics"].get(name)) for run in columns.values())] for name in names]
    table.note = (
        "Trained by the same command and judged on the same scenes, which the tables above do not use. Minutes are of"
        " one processor core, so they say what each is worth for its cost, and not where it ends on a GPU."
    )
    return table


def _title(card: Card) -> str:
    fresh = card.trained.get("started_from") == "random weights"
    return f"`{card.config}`" + (", from random weights" if fresh and card.config == "default" else "")


def _minutes(run: dict[str, Any]) -> str:
    trained = run["trained"]
    return f"{(trained.get('seconds', 0) + trained.get('seconds_before', 0)) / MINUTE:.1f}"


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "-"


_FACTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "million parameters": lambda run: f"{run['trained'].get('parameters', 0) / MEGA:.2f}",
    "minutes of training": _minutes,
    "steps, the last run's": lambda run: str(run["trained"].get("steps", "-")),
}

"""The scenes that masks are compared on: held-out family, validation terrain, by looks and by kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from ...simulate.scene import Scene, SceneOptions, simulate
from ...simulate.terrain import find_terrain

SIDE, BATCH = 256, 8  # pixels and scenes
SEED = 424_242

# Kinds of scenes that a practitioner would tell apart; each changes what the simulator draws, at 1 and 4 looks.
KINDS: dict[str, dict[str, Any]] = {
    "clear ground (looks suit it)": {"clear_share": 1.0},
    "mixed ground (classes near the limit)": {"clear_share": 0.0},
    "lakes, rivers, coasts; days apart": {"water_share": 1.0, "days": (1.0, 2.0), "days_weights": (1.0, 1.0)},
    "vegetation, months apart": {"water_share": 0.1, "days": (12.0, 24.0, 48.0), "days_weights": (1.0, 1.0, 1.0)},
    "dense fringes left in": {"flattened_share": 0.0},
    "Goldstein-filtered": {"filtered_share": 1.0},
    "geocoded": {"geocoded_share": 1.0},
    "swath edges and holes": {"border_share": 1.0, "hole_share": 1.0},
}


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of the benchmark: what is drawn, and how many scenes."""

    name: str
    looks: int
    scenes: int
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> SceneOptions:
        """What the simulator is asked for."""
        plain = SceneOptions(batch=BATCH, rows=SIDE, cols=SIDE, family="held_out")
        return replace(plain, looks=(float(self.looks),), looks_weights=(1.0,), **self.changes)

    def draw(self, device: torch.device) -> Iterator[Scene]:
        """The scenes of this cell in batches; always the same."""
        terrain = find_terrain("validation")
        for index in range(-(-self.scenes // BATCH)):
            seed = (SEED + 7919 * self.looks) * 1000 + index + 100 * (1 + sum(map(ord, self.name)) % 97)
            yield simulate(self.options, torch.Generator().manual_seed(seed), device, terrain)


def looks_cells(scenes: int) -> list[Cell]:
    """Everything the simulator draws, by number of looks."""
    return [Cell("everything", looks, scenes) for looks in (1, 2, 4, 10, 20)]


def kind_cells(scenes: int) -> list[Cell]:
    """By kind of scene, at 1 and at 4 looks."""
    return [Cell(name, looks, scenes, changes) for name, changes in KINDS.items() for looks in (1, 4)]

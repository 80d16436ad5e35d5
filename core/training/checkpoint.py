"""Checkpoints of a run: everything that going on needs, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

FOLDER = ".checkpoints"  # beside the code, ignored by git
FILE = "last.pt"  # our own, read with weights_only; never shipped, never taken from anyone


@dataclass
class State:
    """How far a run is."""

    step: int = 0
    seconds: float = 0.0
    warm_started: bool = False
    best: dict[str, Any] | None = None
    tensors: dict[str, Any] = field(default_factory=dict)  # network, average, best, optimizer


def save_checkpoint(folder: Path, state: State) -> None:
    """Write the state of a run into its folder, replacing the one before."""
    part = folder / (FILE + ".part")
    torch.save(vars(state), part)
    part.replace(folder / FILE)


def load_checkpoint(folder: Path) -> State | None:
    """The state a run was left in, None where there is none."""
    path = folder / FILE
    if not path.is_file():
        return None
    return State(**torch.load(path, weights_only=True))

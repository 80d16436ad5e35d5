"""One benchmark per network, whose name its module has, and some of methods without one; each has a `section`."""

from __future__ import annotations

import importlib
from pathlib import Path

import torch
from torch import nn

from ....models.registry import NETWORKS, Card
from ...progress import Progress
from ..report import Section

# Benchmarks of tools whose method is no network: `section` takes the folder for pictures and the progress.
CLASSICAL = ("displacement_series",)


def run_classical(name: str, pictures: Path, progress: Progress) -> Section:
    """One of the benchmarks without a network; plots go to the folder `pictures`."""
    made: Section = importlib.import_module(f"{__name__}.{name}").section(pictures, progress)
    return made


def run(name: str, network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Benchmark a network; plots go to the folder `pictures`. ValueError for names that do not exist."""
    if name not in NETWORKS:
        msg = f"there is no network {name!r}; there are: {', '.join(sorted(NETWORKS))}"
        raise ValueError(msg)
    module = importlib.import_module(f"{__name__}.{name}")
    made: Section = module.section(network, card, device, pictures, progress)
    return made

"""One benchmark per network; the module has the network's name and a function `section`."""

from __future__ import annotations

import importlib
from pathlib import Path

import torch
from torch import nn

from ....models.registry import NETWORKS, Card
from ...progress import Progress
from ..report import Section


def run(name: str, network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Benchmark a network; plots go to the folder `pictures`. ValueError for names that do not exist."""
    if name not in NETWORKS:
        msg = f"there is no network {name!r}; there are: {', '.join(sorted(NETWORKS))}"
        raise ValueError(msg)
    module = importlib.import_module(f"{__name__}.{name}")
    made: Section = module.section(network, card, device, pictures, progress)
    return made

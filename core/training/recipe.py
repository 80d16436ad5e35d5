"""What the training loop asks of a network's recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

Batch = dict[str, Tensor]
Metrics = Mapping[str, Any]


class Recipe(Protocol):
    """Samples, loss and validation of one network; everything random comes from the generator that is handed in."""

    name: str
    reuse: int  # steps that one simulated batch serves, augmented anew for each

    def build(self, config: str) -> nn.Module:
        """A fresh network."""

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch."""

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Vary a simulated batch: flips, offsets, inputs left out."""

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """The loss of an augmented batch, and its parts for the log."""

    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Metrics on a set that is always the same."""

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first metrics beat the second."""

    def describe(self) -> str:
        """What it trains on, in words, for the card."""


@runtime_checkable
class Finishing(Protocol):
    """A recipe that adjusts a trained network once, before it is exported, such as its calibration."""

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Adjust the network in place; returns what was adjusted, for the card."""


@runtime_checkable
class Scheduled(Protocol):
    """A recipe whose losses change over the budget; the loop says how far it is."""

    progress: float  # share of the budget that is spent, 0 to 1


@runtime_checkable
class Dependent(Protocol):
    """A recipe whose network reads what another one says, whose weights it must then be used with."""

    def encoder(self) -> str:
        """SHA-256 of the weights of that other network."""

"""Exponential moving average of a network's weights and statistics: what is validated and shipped."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """Follows a network; early on it forgets faster, so that the start does not weigh."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def follow(self, network: nn.Module, step: int) -> None:
        """Move a little toward the network as it is after `step` steps."""
        share = 1.0 - min(self.decay, (1.0 + step) / (10.0 + step))
        current = network.state_dict()
        for name, mine in self.network.state_dict().items():
            if mine.is_floating_point():
                mine.lerp_(current[name], share)
            else:
                mine.copy_(current[name])

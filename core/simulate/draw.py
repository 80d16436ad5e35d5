"""Random numbers of a scene: one seeded generator, whichever device the tensors live on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


class Draw:
    """Draws tensors from one generator; those of a CPU generator are moved, so that a seed means one scene."""

    def __init__(self, generator: torch.Generator, device: torch.device | str = "cpu") -> None:
        self.generator = generator
        self.device = torch.device(device)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform in [low, high)."""
        values = torch.rand(shape, generator=self.generator, device=self.generator.device)
        return (values * (high - low) + low).to(self.device)

    def log_uniform(self, *shape: int, low: float, high: float) -> Tensor:
        """Uniform in the logarithm, between two positive bounds."""
        return self.uniform(*shape, low=math.log(low), high=math.log(high)).exp()

    def normal(self, *shape: int) -> Tensor:
        """Standard normal."""
        return torch.randn(shape, generator=self.generator, device=self.generator.device).to(self.device)

    def complex_normal(self, *shape: int) -> Tensor:
        """Circular complex Gaussian of unit variance."""
        return torch.randn(shape, generator=self.generator, device=self.generator.device, dtype=torch.complex64).to(
            self.device
        )

    def chance(self, probability: float | Tensor, *shape: int) -> Tensor:
        """True with this probability."""
        return self.uniform(*shape) < probability

    def pick(self, values: Sequence[float], *shape: int, weights: Sequence[float] | None = None) -> Tensor:
        """One of the values (float32), by weight."""
        share = torch.tensor(weights if weights is not None else [1.0] * len(values), dtype=torch.float32)
        edges = torch.cumsum(share / share.sum(), 0).to(self.device)
        index = torch.searchsorted(edges, self.uniform(*shape).contiguous()).clamp_(max=len(values) - 1)
        return torch.tensor(values, dtype=torch.float32, device=self.device)[index]

    def integers(self, *shape: int, high: int) -> Tensor:
        """Integers in [0, high) (int64)."""
        return torch.randint(high, shape, generator=self.generator, device=self.generator.device).to(self.device)


def per_pixel(values: Tensor) -> Tensor:
    """One value per scene (batch,) to (batch, 1, 1)."""
    return values[:, None, None]

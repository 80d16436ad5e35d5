"""Simulated batches, made in a thread while the network trains on the one before."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import torch

from .recipe import Batch, Recipe

# Streams of random numbers, so that simulation and augmentation of the same step never share one.
_SIMULATE, _AUGMENT = 1, 2
_STRIDE = 1_000_003  # spreads seeds of neighbouring runs


def seeded(seed: int, stream: int, index: int) -> torch.Generator:
    """A generator that depends on the run's seed, the purpose and the index alone: resuming needs no stored state."""
    return torch.Generator().manual_seed((seed * _STRIDE + index) * 4 + stream)


class Feed:
    """Hands out augmented batches by step; a context manager that ends its thread."""

    def __init__(self, recipe: Recipe, seed: int, batch: int, device: torch.device) -> None:
        self._recipe, self._seed, self._batch, self._device = recipe, seed, batch, device
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="simulate")
        self._ahead: dict[int, Future[Batch]] = {}
        self._current: tuple[int, Batch] | None = None

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, step: int) -> Batch:
        """The batch of a step (counted from 0)."""
        index = step // self._recipe.reuse
        if self._current is None or self._current[0] != index:
            self._current = (index, self._request(index).result())
            self._ahead.pop(index, None)
            self._request(index + 1)
        return self._recipe.augment(self._current[1], seeded(self._seed, _AUGMENT, step))

    def _request(self, index: int) -> Future[Batch]:
        if index not in self._ahead:
            generator = seeded(self._seed, _SIMULATE, index)
            self._ahead[index] = self._pool.submit(self._recipe.sample, generator, self._batch, self._device)
        return self._ahead[index]

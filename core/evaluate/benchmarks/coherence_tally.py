"""Counts what each estimator of coherence did on a set of pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ....models.coherence_from_intensity.network import coherence_of
from ...phase.intensity_coherence import block_looks, estimate_looks, window_coherence
from ...phase.registration import NONE
from ...simulate.detected_scene import DetectedPair
from ...simulate.pair import estimate_coherence
from ...training.recipes.coherence_from_intensity import to_batch
from ..bootstrap import Estimate, pooled
from ..coherence_metrics import LOW, calibration_error, coverage
from .coherence_registered import brought_back, registered, shifts_of

WINDOWS = (5, 9, 15)
COMPLEX_WINDOW = 5
NETWORK, COMPLEX = "network", f"complex images, window {COMPLEX_WINDOW}"
GUESSED = ", looks estimated"
REGISTERED = ", registered"
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
EDGE_STEP = 0.1  # of true coherence: a boundary that is worth finding
EDGE_BANDS = ((0, 2), (2, 6), (6, None))  # pixels from it


@dataclass
class Tally:
    """Errors of one estimator; every entry is a batch of (scenes, 3) sums: pixels, errors, squared errors."""

    sums: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)

    def add(self, estimate: Tensor, pair: DetectedPair, groups: dict[str, Tensor]) -> None:
        """Count a batch of estimates (batch, rows, cols) in each group of pixels (bool, likewise)."""
        error = (estimate - pair.coherence).double()
        for name, chosen in groups.items():
            parts = [chosen.double(), error * chosen, error.square() * chosen]
            self.sums.setdefault(name, []).append(torch.stack([p.sum((1, 2)) for p in parts], 1).cpu().numpy())

    def rmse(self, group: str = "all") -> Estimate:
        """Root mean squared error over all pixels of a group."""
        return pooled(np.concatenate(self.sums[group]), lambda c: np.sqrt(c[:, 2] / np.maximum(c[:, 0], 1)))

    def bias(self, group: str = "all") -> Estimate:
        """Mean of estimate minus truth."""
        return pooled(np.concatenate(self.sums[group]), lambda c: c[:, 1] / np.maximum(c[:, 0], 1))


@dataclass
class Deviations:
    """A sample of estimates, stated deviations and truths, for the calibration."""

    parts: list[Tensor] = field(default_factory=list)  # (3, n)
    keep: int = 17  # every so many pixels

    def add(self, estimate: Tensor, deviation: Tensor, pair: DetectedPair) -> None:
        """Take a sample of a batch."""
        values = torch.stack([estimate[pair.valid], deviation[pair.valid], pair.coherence[pair.valid]])
        self.parts.append(values[:, :: self.keep].cpu())

    def error(self) -> float:
        """Expected normalised calibration error."""
        estimate, deviation, truth = torch.cat(self.parts, 1)
        return calibration_error(estimate, deviation, truth)

    def within(self, times: float) -> float:
        """Share of truths within so many stated deviations."""
        estimate, deviation, truth = torch.cat(self.parts, 1)
        return coverage(estimate, deviation, truth, times)


def groups_of(pair: DetectedPair) -> dict[str, Tensor]:
    """Pixels by true coherence and by distance from a boundary."""
    truth, valid = pair.coherence, pair.valid
    groups = {"all": valid, "low": valid & (truth < LOW)}
    for low, high in pairwise(BINS):
        groups[f"{low:g}-{high:g}"] = valid & (truth >= low) & ((truth < high) | (high == BINS[-1]))
    edge = boundary(truth)
    for near, far in EDGE_BANDS:
        inside = _grown(edge, far) if far is not None else torch.ones_like(edge)
        groups[f"edge {near}-{far}"] = valid & inside & ~(_grown(edge, near) if near else torch.zeros_like(edge))
    return groups


def boundary(truth: Tensor) -> Tensor:
    """Pixels (batch, rows, cols) bool whose next neighbour's true coherence differs by more than EDGE_STEP."""
    edge = torch.zeros_like(truth, dtype=torch.bool)
    down = (truth[:, 1:] - truth[:, :-1]).abs() > EDGE_STEP
    across = (truth[:, :, 1:] - truth[:, :, :-1]).abs() > EDGE_STEP
    edge[:, 1:] |= down
    edge[:, :-1] |= down
    edge[:, :, 1:] |= across
    edge[:, :, :-1] |= across
    return edge


def _grown(mask: Tensor, by: int) -> Tensor:
    return functional.max_pool2d(mask[:, None].float(), 2 * by + 1, 1, by)[:, 0] > 0


def network_estimate(network: nn.Module, pair: DetectedPair) -> tuple[Tensor, Tensor]:
    """Coherence and its deviation (batch, rows, cols) by the network, of the pair as the tool registers it."""
    inputs = to_batch(pair)["inputs"]
    shifts = shifts_of(inputs)
    images, valid = registered(inputs[:, :2], pair.valid, shifts)
    placed = torch.cat([images, valid[:, None].to(images)], 1)
    with torch.inference_mode(), torch.autocast(inputs.device.type, torch.bfloat16):
        raw = network(placed)
    return coherence_of(brought_back(raw.float(), valid, shifts))


def classical_estimates(pair: DetectedPair) -> dict[str, Tensor]:
    """Coherence (batch, rows, cols) by windows of each size, of the images as they lie and as the tool registers them.

    They are told the number of looks, and left to estimate it.
    """
    found = [
        max(estimate_looks(np.concatenate([block_looks(one, seen), block_looks(two, seen)])) or 1.0, 1.0)
        for one, two, seen in zip(
            *(plane.cpu().numpy() for plane in (pair.first, pair.second, pair.valid)), strict=True
        )
    ]
    images, shifts = torch.stack([pair.first, pair.second], 1), shifts_of(to_batch(pair)["inputs"])
    told = [float(looks) for looks in pair.looks]
    kinds = (("", told, [NONE] * len(told)), (GUESSED, found, [NONE] * len(found)), (REGISTERED, told, shifts))
    made: dict[str, Tensor] = {}
    for words, looks, placement in kinds:
        planes, valid = registered(images, pair.valid, placement)
        for side in WINDOWS:
            parts = [
                window_coherence(one.numpy(), two.numpy(), seen.numpy(), count, side)
                for (one, two), seen, count in zip(planes.cpu(), valid.cpu(), looks, strict=True)
            ]
            estimate = torch.from_numpy(np.stack(parts)).to(images.device)
            made[f"window {side}{words}"] = brought_back(estimate[:, None], valid, placement)[:, 0]
    return made


def complex_estimate(pair: DetectedPair) -> Tensor:
    """What the complex images would have given: coherence (batch, rows, cols) in a small window."""
    window = torch.full((len(pair.first),), float(COMPLEX_WINDOW), device=pair.first.device)
    return estimate_coherence(pair.cross, pair.first, pair.second, window, torch.zeros_like(pair.first))

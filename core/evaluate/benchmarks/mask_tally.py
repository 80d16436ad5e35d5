"""Sums over scenes of how each method's mask agrees with the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...simulate.land_cover import LandCover
from ...simulate.phase_noise import phase_deviation
from ...simulate.scene import Scene
from ...training.recipes.mask_inputs import AMPLITUDE, INPUT_SETS, stack, without
from ..bootstrap import Estimate, pooled
from ..mask_baselines import oracle, otsu, otsu2
from ..mask_metrics import boundary_f1, count, residues_left, scored

PERFECT = "truth"  # the method that masks what is decorrelated and nothing else
THRESHOLD = 0.5


@dataclass
class Tally:
    """What one method did on the scenes of one cell; lists have an entry per batch."""

    scored: list[NDArray[np.float64]] = field(default_factory=list)  # (scenes, 4), of pixels away from the limit
    strict: list[NDArray[np.float64]] = field(default_factory=list)  # the same of all valid pixels
    boundary: list[NDArray[np.float64]] = field(default_factory=list)  # (scenes,)
    residues: list[NDArray[np.float64]] = field(default_factory=list)  # (scenes,)
    classes: dict[str, NDArray[np.float64]] = field(default_factory=dict)  # (4,) of scored pixels

    def add(self, mask: Tensor, scene: Scene, where: Tensor) -> None:
        """Count a batch of masks (batch, rows, cols) bool; only pixels in `where` are scored."""
        truth, valid = scene.decorrelated, scene.valid
        self.strict.append(_numbers(count(mask, truth, valid)))
        self.scored.append(_numbers(count(mask, truth, valid & where)))
        self.boundary.append(boundary_f1(mask, truth, valid).cpu().numpy())
        self.residues.append(residues_left(scene.wrapped, mask, valid).cpu().numpy())
        for name, place in classes_of(scene).items():
            sums = _numbers(count(mask, truth, valid & where & place)).sum(0)
            self.classes[name] = self.classes.get(name, np.zeros(4)) + sums

    def iou(self, *, strict: bool = False) -> Estimate:
        """IoU of the decorrelated pixels over all scenes."""
        return pooled(self._sums(strict=strict), lambda c: c[:, 0] / c[:, :3].sum(1))

    def f1(self) -> Estimate:
        """F1 over all scenes."""
        return pooled(self._sums(), lambda c: 2 * c[:, 0] / (2 * c[:, 0] + c[:, 1] + c[:, 2]))

    def lost(self, *, strict: bool = False) -> Estimate:
        """Share of the coherent pixels that are masked."""
        return pooled(self._sums(strict=strict), lambda c: c[:, 1] / (c[:, 1] + c[:, 3]))

    def _sums(self, *, strict: bool = False) -> NDArray[np.float64]:
        return np.concatenate(self.strict if strict else self.scored)

    def mean_boundary(self) -> float:
        """Mean over scenes of the boundary F1."""
        return _mean(self.boundary)

    def mean_residues(self) -> float:
        """Mean over scenes of the residues per thousand loops that are left."""
        return _mean(self.residues)


@dataclass
class Calibration:
    """Probabilities against shares, in equal bins."""

    bins: int = 20
    size: NDArray[np.float64] = field(init=False)
    expected: NDArray[np.float64] = field(init=False)
    happened: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.size, self.expected, self.happened = (np.zeros(self.bins) for _ in range(3))

    def add(self, probability: Tensor, truth: Tensor, valid: Tensor) -> None:
        """Count a batch."""
        p, t = probability[valid].double().cpu().numpy(), truth[valid].cpu().numpy()
        index = np.minimum((p * self.bins).astype(int), self.bins - 1)
        self.size += np.bincount(index, minlength=self.bins)
        self.expected += np.bincount(index, p, self.bins)
        self.happened += np.bincount(index, t.astype(float), self.bins)

    def error(self) -> float:
        """Expected calibration error: mean gap between probability and share."""
        return float(np.abs(self.expected - self.happened).sum() / max(self.size.sum(), 1.0))


def methods(network: nn.Module, scene: Scene) -> tuple[dict[str, Tensor], Tensor]:
    """Masks (batch, rows, cols) bool of every method, by name, and the probability with all inputs."""
    inputs = stack(scene.wrapped, scene.valid, scene.coherence_estimate, scene.amplitude)
    masks: dict[str, Tensor] = {PERFECT: scene.decorrelated}
    probability = torch.zeros_like(scene.wrapped)
    for name, absent in INPUT_SETS.items():
        with torch.inference_mode(), torch.autocast(inputs.device.type, torch.bfloat16):
            answer = torch.sigmoid(network(without(inputs, **absent))[:, 0].float())
        masks[f"network, {name}"] = answer >= THRESHOLD
        if not absent:
            probability = answer
    masks.update(_classical(scene, inputs[:, AMPLITUDE]))
    return masks, probability


def _classical(scene: Scene, log_amplitude: Tensor) -> dict[str, Tensor]:
    coherence, logs = scene.coherence_estimate.cpu().numpy(), log_amplitude.cpu().numpy()
    truth, valid = scene.decorrelated.cpu().numpy(), scene.valid.cpu().numpy()
    scenes = range(len(coherence))
    made = {
        "Otsu, coherence": [otsu(coherence[i], valid[i]) for i in scenes],
        "Otsu, coherence and amplitude": [otsu2(coherence[i], logs[i], valid[i]) for i in scenes],
        "best threshold (oracle)": [oracle(coherence[i], truth[i], valid[i]) for i in scenes],
    }
    return {name: torch.from_numpy(np.stack(masks)).to(scene.valid.device) for name, masks in made.items()}


def classes_of(scene: Scene) -> dict[str, Tensor]:
    """Where each land cover is, and layover and shadow, which lie on any of them; bool (batch, rows, cols)."""
    covers = {code.name.lower(): scene.land_cover == code for code in LandCover}
    return {**covers, "layover": scene.layover, "shadow": scene.shadow}


def scored_pixels(scene: Scene) -> Tensor:
    """Pixels (batch, rows, cols) whose phase noise is away from the limit."""
    return scored(phase_deviation(scene.true_coherence, scene.looks))


def _mean(parts: list[NDArray[np.float64]]) -> float:
    """Mean of the scenes that have a value; NaN where none has."""
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else math.nan


def _numbers(counts: tuple[Tensor, ...]) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = torch.stack(tuple(counts), 1).cpu().numpy()
    return numbers

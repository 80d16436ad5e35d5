"""Recipe of the filling network: phase with gaps in, phase and its concentration in the gaps out."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ....models.phase_filling.network import PhaseFillingNet
from ....models.phase_filling.paper import PaperFillingNet
from ....models.registry import build
from ...evaluate.fill_metrics import circular_error, mean_absolute_error
from ...simulate.draw import Draw
from ...simulate.gapped import differential, topographic
from ...simulate.gaps import blobs, random_pixels
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .phase_filling_calibration import fit_calibration
from .phase_filling_paper import paper_loss
from .phase_filling_samples import draw_gaps, draw_phase, mask_bank, targets, turned, weighted, with_gaps

SIDE = 128  # pixels of a training scene
KNOWN_WEIGHT = 0.05  # of pixels that are observed: to find their clean phase teaches what noise is
# Share of the steps in which stage two is told the true fringe lines, or nothing of stage one, so that it can be
# compared in all three configurations of the paper's Table 3.
TOLD_LINES, TOLD_NOTHING = 0.08, 0.08
CHORD_WEIGHT, FRINGE_WEIGHT, TURN_WEIGHT = 0.7, 0.4, 0.4
VALIDATION_SEED, VALIDATION_BATCH, VALIDATION_SIDE = 555_000, 8, 192
CALIBRATION_SEED, CALIBRATION_BATCHES = 777_000, 24
# What the errors of each validation set are divided by before they are averaged: the targets.
SCALES = {"differential": 0.17, "topographic": 0.5, "random": 0.15}


class PhaseFillingRecipe:
    """Samples of training terrain; the benchmark has other terrain."""

    name = "phase_filling"
    reuse = 3
    progress = 0.0

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = weighted(terrain)
        self._bank: Tensor | None = None
        self._validation: dict[str, Batch] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of phase, without gaps yet."""
        with torch.no_grad():
            return draw_phase(Draw(generator, device), self.terrain, batch, SIDE)

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Turn, offset, and punch new gaps."""
        if self._bank is None:
            self._bank = mask_bank(self.terrain)
        draw = Draw(generator, batch["phase"].device)
        batch = turned(batch, draw)
        gap = draw_gaps(draw, self._bank, len(batch["phase"]), SIDE)
        return {**with_gaps(batch, gap, draw), "told": draw.uniform(1)}

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Negative log-likelihood of the phase, length of the chord to it, fringe lines and turns."""
        if isinstance(network, PaperFillingNet):
            return paper_loss(network, batch, self.progress)
        told = float(batch["told"])
        lines = batch["truth"][:, 0:1] if told < TOLD_LINES else None
        alone = TOLD_LINES <= told < TOLD_LINES + TOLD_NOTHING
        filled = network.stages(batch["inputs"], lines=lines, alone=alone)  # type: ignore[operator]
        gap = batch["gap"]
        weight = gap + KNOWN_WEIGHT * (1.0 - gap)
        total = weight.sum()
        cosine = filled.phase[:, 0] * batch["phase"].cos() + filled.phase[:, 1] * batch["phase"].sin()
        surprise = (negative_log_likelihood(cosine, filled.log_concentration[:, 0]) * weight).sum() / total
        chord = (torch.sqrt(2.0 * (1.0 - cosine).clamp_min(0.0) + 1e-4) * weight).sum() / total
        truth = batch["truth"]
        fringe = functional.binary_cross_entropy_with_logits(filled.fringe[:, 0], truth[:, 0], weight, reduction="sum")
        fringe = fringe / total
        turn = 0.5 * (missed(filled.across, truth[:, 1:3]) + missed(filled.down, truth[:, 3:5]))
        turn = (turn * weight).sum() / total
        loss = surprise + CHORD_WEIGHT * chord + FRINGE_WEIGHT * fringe + TURN_WEIGHT * turn
        parts = {"surprise": surprise, "chord": chord, "fringe": fringe, "turn": turn}
        return loss, {name: float(part.detach()) for name, part in parts.items()}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Circular errors in gaps, rad, on sets that are always the same, and one score, lower is better."""
        metrics: dict[str, float] = {}
        for name, batch in self._sets(device).items():
            with torch.autocast(device.type, torch.bfloat16):
                out = network(batch["inputs"])
            total, count = mean_absolute_error(out[:, :2].float(), batch["phase"], batch["gap"]).sum(0).tolist()
            metrics[f"mae_{name}"] = total / count
        metrics["score"] = sum(metrics[f"mae_{name}"] / scale for name, scale in SCALES.items()) / len(SCALES)
        return metrics

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is lower."""
        return bool(first["score"] < second["score"])

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Fit the scale and shift of ln(concentration) so that intervals hold what they should, on new samples."""
        if not isinstance(network, PhaseFillingNet):
            return {}
        network.calibration.copy_(torch.tensor([1.0, 0.0]))
        certain, errors = [], []
        for index in range(CALIBRATION_BATCHES):
            drawn = self.sample(seeded(CALIBRATION_SEED, 1, index), VALIDATION_BATCH, device)
            batch = self.augment(drawn, seeded(CALIBRATION_SEED, 2, index))
            with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
                out = network(batch["inputs"]).float()
            gap = batch["gap"] > 0.5
            errors.append(circular_error(torch.atan2(out[:, 1], out[:, 0]), batch["phase"])[gap].cpu())
            certain.append(out[:, 2][gap].cpu())
        scale, shift = fit_calibration(torch.cat(certain), torch.cat(errors))
        network.calibration.copy_(torch.tensor([scale, shift]))
        return {"calibration_scale": scale, "calibration_shift": shift}

    def describe(self) -> str:
        """What it trains on."""
        tiles = "fractal terrain" if self.terrain is None else ", ".join(sorted({t.name for t in self.terrain.tiles}))
        return f"topographic and differential phase, {SIDE} pixels; gaps: pixels, blobs, decorrelation; {tiles}"

    def _sets(self, device: torch.device) -> dict[str, Batch]:
        if not self._validation:
            for index, name in enumerate(SCALES):
                self._validation[name] = self._set(name, Draw(seeded(VALIDATION_SEED, 3, index), device))
        return self._validation

    def _set(self, name: str, draw: Draw) -> Batch:
        count, side = VALIDATION_BATCH, VALIDATION_SIDE
        half = torch.full((count,), 0.5, device=draw.device)
        if name == "differential":
            phase = differential(draw, self.terrain, count, side, side)
        else:
            pixel = torch.full((count,), 28.0 if name == "topographic" else 90.0, device=draw.device)
            phase = topographic(draw, self.terrain, side, side, pixel, torch.ones_like(pixel), rough=False)
        gap = random_pixels(draw, side, side, half) if name == "random" else blobs(draw, side, side, 10 * half, half)
        batch = {"phase": phase.unwrapped, "observed": phase.observed, "coherence": phase.coherence}
        return with_gaps(batch, gap, draw)


def negative_log_likelihood(cosine: Tensor, log_concentration: Tensor) -> Tensor:
    """Of the von Mises distribution, from the cosine of the error and ln(concentration)."""
    concentration = log_concentration.exp()
    surprise: Tensor = torch.log(torch.special.i0e(concentration)) + concentration * (1.0 - cosine)
    return surprise + math.log(2.0 * math.pi)


def missed(turn: Tensor, truth: Tensor) -> Tensor:
    """1 minus the cosine between a complex turn (batch, 1, r, c) and the true one (batch, 2, r, c)."""
    length = torch.sqrt(turn.real.square() + turn.imag.square() + 1e-4)
    return 1.0 - ((turn.real * truth[:, 0:1] + turn.imag * truth[:, 1:2]) / length)[:, 0]


def recipe() -> PhaseFillingRecipe:
    """The recipe with the training terrain, where that is at hand."""
    return PhaseFillingRecipe(find_terrain("train"))


__all__ = ["PhaseFillingRecipe", "negative_log_likelihood", "recipe", "targets"]

"""Recipe of the mask network: simulated interferograms in, where their phase noise is beyond use out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ....models.registry import build
from ...evaluate.mask_metrics import boundary, count, near
from ...simulate.draw import Draw
from ...simulate.phase_noise import PHASE_NOISE_LIMIT, phase_deviation
from ...simulate.scene import Scene, SceneOptions, simulate
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .mask_inputs import INPUT_SETS, stack, vary, without

SIDE = 192  # pixels of a training scene
SOFTNESS = 0.06  # rad; a pixel this much beyond the limit is decorrelated with probability 0.73
KEEP_WEIGHT = 1.6  # of coherent pixels: losing one is worse than leaving a noisy one
BOUNDARY_WEIGHT, BOUNDARY_REACH = 1.0, 2  # more weight within two pixels of a boundary
DICE_WEIGHT = 0.5
VALIDATION_SEED, VALIDATION_BATCH, VALIDATION_BATCHES = 987_654, 8, 6
SCORE_WEIGHTS = {"all inputs": 0.5, "phase and coherence": 0.3, "phase alone": 0.2}
LOST_ALLOWED, LOST_PENALTY = 0.01, 3.0  # share of coherent pixels, and what each further one costs in IoU


class DecorrelationRecipe:
    """Samples from the training family on training terrain; the benchmark uses neither."""

    name = "decorrelation"
    reuse = 2

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = terrain
        self._validation: list[Batch] = []

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        options = SceneOptions(batch=batch, rows=SIDE, cols=SIDE, family="train")
        return to_batch(simulate(options, generator, device, self.terrain))

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Vary phase offset and sign, amplitude gain, direction, and which inputs are there."""
        return vary(batch, Draw(generator, batch["inputs"].device))

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Weighted cross entropy against soft labels, and soft Dice."""
        logit = network(batch["inputs"])[:, 0].float()
        weight = batch["weight"]
        entropy = functional.binary_cross_entropy_with_logits(logit, batch["target"], weight, reduction="sum")
        entropy = entropy / weight.sum().clamp_min(1.0)
        probability, valid = torch.sigmoid(logit), batch["valid"]
        shared = (probability * batch["target"] * valid).sum()
        dice = 1.0 - (2.0 * shared + 1.0) / (((probability + batch["target"]) * valid).sum() + 1.0)
        return entropy + DICE_WEIGHT * dice, {"entropy": float(entropy.detach()), "dice": float(dice.detach())}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """IoU and valid pixels lost for each set of inputs, on scenes that are always the same, and one score."""
        metrics: dict[str, float] = {}
        for name, absent in INPUT_SETS.items():
            totals = torch.zeros(4, dtype=torch.double)
            for batch in self._validation_set(device):
                with torch.autocast(device.type, torch.bfloat16):
                    logit = network(without(batch["inputs"], **absent))[:, 0]
                counts = count(logit > 0, batch["truth"] > 0.5, batch["valid"] > 0.5)
                totals += torch.stack([values.sum() for values in counts]).cpu()
            hit, false, missed, kept = totals.tolist()
            metrics[f"IoU, {name}"] = hit / max(hit + false + missed, 1.0)
            metrics[f"lost, {name}"] = false / max(false + kept, 1.0)
        metrics["score"] = sum(
            share * (metrics[f"IoU, {name}"] - LOST_PENALTY * max(metrics[f"lost, {name}"] - LOST_ALLOWED, 0.0))
            for name, share in SCORE_WEIGHTS.items()
        )
        return metrics

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is higher."""
        return bool(first["score"] > second["score"])

    def describe(self) -> str:
        """What it trains on."""
        tiles = "fractal terrain" if self.terrain is None else ", ".join(tile.name for tile in self.terrain.tiles)
        return f"core.simulate, family train, {SIDE} pixels; terrain: {tiles}"

    def _validation_set(self, device: torch.device) -> list[Batch]:
        if not self._validation:
            for index in range(VALIDATION_BATCHES):
                self._validation.append(self.sample(seeded(VALIDATION_SEED, 3, index), VALIDATION_BATCH, device))
        return self._validation


def to_batch(scene: Scene) -> Batch:
    """Inputs (batch, 7, rows, cols), soft target, truth, weight and validity (batch, rows, cols) float32 of a scene."""
    deviation = phase_deviation(scene.true_coherence, scene.looks)
    truth, valid = scene.decorrelated, scene.valid.float()
    edge = near(boundary(truth) | boundary(~truth), BOUNDARY_REACH).float()
    weight = (1.0 + BOUNDARY_WEIGHT * edge) * torch.where(truth, 1.0, KEEP_WEIGHT) * valid
    return {
        "inputs": stack(scene.wrapped, scene.valid, scene.coherence_estimate, scene.amplitude),
        "target": torch.sigmoid((deviation - PHASE_NOISE_LIMIT) / SOFTNESS),
        "truth": truth.float(),
        "weight": weight,
        "valid": valid,
    }


def recipe() -> DecorrelationRecipe:
    """The recipe with the training terrain, where that is at hand."""
    return DecorrelationRecipe(find_terrain("train"))

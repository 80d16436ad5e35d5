"""Recipe of the mask network: simulated interferograms in, where their phase noise is beyond use out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ....models.registry import build
from ...evaluate.mask_metrics import boundary, count, near, scored
from ...simulate.draw import Draw
from ...simulate.phase_noise import PHASE_NOISE_LIMIT, phase_deviation
from ...simulate.scene import Scene, SceneOptions, simulate
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .mask_calibration import fit, fold_in
from .mask_inputs import INPUT_SETS, stack, vary, without

SIDE = 192  # pixels of a training scene
SOFTNESS = 0.12  # rad; a pixel this much beyond the limit is decorrelated with probability 0.73
BOUNDARY_WEIGHT, BOUNDARY_REACH = 1.0, 2  # more weight within two pixels of a boundary
DICE_WEIGHT = 0.5
VALIDATION, CALIBRATION = (987_654, 6), (123_321, 20)  # seed and batches of the sets; neither is trained on
SET_BATCH = 8  # scenes in each of their batches
SCORE_WEIGHTS = {"all inputs": 0.5, "phase and coherence": 0.3, "phase alone": 0.2}
LOST_ALLOWED = 0.01  # share of coherent pixels that a mask may take away

# What the training family is asked for beyond its defaults: users' interferograms are mostly filtered and geocoded.
SHARES: dict[str, Any] = {
    "filtered_share": 0.25,
    "geocoded_share": 0.3,
    "looks_weights": (6.0, 2.0, 2.0, 5.0, 2.0, 2.0, 2.0, 1.0),
}

SAME = 5e-4  # scores that differ by less are the same: half precision, another order of sums
OVER_PENALTY = 3.0  # in IoU, for each share of coherent pixels lost beyond LOST_ALLOWED

Pair = tuple[Tensor, Tensor]


class DecorrelationRecipe:
    """Samples from the training family on training terrain; the benchmark uses neither."""

    name = "decorrelation"
    reuse = 2

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = terrain
        self._sets: dict[tuple[int, int], list[Batch]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        options = SceneOptions(batch=batch, rows=SIDE, cols=SIDE, family="train", **SHARES)
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
        """For each set of inputs IoU and pixels lost at 0.5, and the IoU of the threshold that loses LOST_ALLOWED.

        Pixels next to the limit are not scored. The score is the mean of the latter, so that it does not depend on the
        offset of the logits.
        """
        metrics: dict[str, float] = {}
        for name in INPUT_SETS:
            logits, truth = self._answers(network, device, name, VALIDATION)
            coherent = logits[~truth].sort().values
            limit = float(coherent[int((1.0 - LOST_ALLOWED) * len(coherent))])
            metrics[f"IoU, {name}"], metrics[f"lost, {name}"] = _ratios(logits > 0.0, truth)
            metrics[f"IoU at 1 % lost, {name}"], _ = _ratios(logits > limit, truth)
        metrics["score"] = sum(share * metrics[f"IoU at 1 % lost, {name}"] for name, share in SCORE_WEIGHTS.items())
        return metrics

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Fold scale and offset into the last layer, so that 0.5 loses few coherent pixels; on a set of its own."""
        network.eval()
        with torch.no_grad():
            logits, truth = self._answers(network, device, "all inputs", CALIBRATION)
        scale, threshold = fit(logits.cpu(), truth.cpu())
        head = network.head
        if not isinstance(head, nn.Conv2d):
            msg = f"the last layer of {type(network).__name__} is no convolution"
            raise TypeError(msg)
        fold_in(head, scale, threshold)
        return {"scale": round(scale, 4), "threshold": round(threshold, 4)}

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is higher; where they are the same, whether 0.5 is the better threshold."""
        if abs(first["score"] - second["score"]) > SAME:
            return bool(first["score"] > second["score"])
        return _as_used(first) > _as_used(second) + SAME

    def describe(self) -> str:
        """What it trains on."""
        tiles = "fractal terrain" if self.terrain is None else ", ".join(tile.name for tile in self.terrain.tiles)
        return f"core.simulate, family train, {SIDE} pixels; terrain: {tiles}"

    def _answers(self, network: nn.Module, device: torch.device, inputs: str, which: tuple[int, int]) -> Pair:
        """Logits and truth (n,) of all scored pixels of a set, with some inputs left out."""
        logits, truths = [], []
        for batch in self._set(device, which):
            with torch.autocast(device.type, torch.bfloat16):
                logit = network(without(batch["inputs"], **INPUT_SETS[inputs]))[:, 0].float()
            seen = (batch["valid"] * batch["scored"]) > 0.5
            logits.append(logit[seen])
            truths.append(batch["truth"][seen] > 0.5)
        return torch.cat(logits), torch.cat(truths)

    def _set(self, device: torch.device, which: tuple[int, int]) -> list[Batch]:
        if which not in self._sets:
            seed, batches = which
            self._sets[which] = [self.sample(seeded(seed, 3, index), SET_BATCH, device) for index in range(batches)]
        return self._sets[which]


def _as_used(metrics: Metrics) -> float:
    """Mean over the sets of inputs of the IoU at 0.5, less a penalty for losing more than is allowed."""
    total = 0.0
    for name, share in SCORE_WEIGHTS.items():
        over = max(metrics[f"lost, {name}"] - LOST_ALLOWED, 0.0)
        total += share * (metrics[f"IoU, {name}"] - OVER_PENALTY * over)
    return total


def _ratios(mask: Tensor, truth: Tensor) -> tuple[float, float]:
    """IoU of the decorrelated pixels, and share of the coherent ones that the mask takes away; (n,) bool each."""
    counts = count(mask[None, None], truth[None, None], torch.ones_like(truth)[None, None])
    return float(counts.iou), float(counts.lost)


def to_batch(scene: Scene) -> Batch:
    """Inputs (batch, 7, rows, cols) of a scene, and (batch, rows, cols) float32 what is wanted, scored and weighted."""
    deviation = phase_deviation(scene.true_coherence, scene.looks)
    truth, valid = scene.decorrelated, scene.valid.float()
    edge = near(boundary(truth) | boundary(~truth), BOUNDARY_REACH).float()
    weight = (1.0 + BOUNDARY_WEIGHT * edge) * valid
    return {
        "inputs": stack(scene.wrapped, scene.valid, scene.coherence_estimate, scene.amplitude),
        "target": torch.sigmoid((deviation - PHASE_NOISE_LIMIT) / SOFTNESS),
        "truth": truth.float(),
        "scored": scored(deviation).float(),
        "weight": weight,
        "valid": valid,
    }


def recipe() -> DecorrelationRecipe:
    """The recipe with the training terrain, where that is at hand."""
    return DecorrelationRecipe(find_terrain("train"))

"""Recipe of DDNet: a head on the frozen unwrapping network, trained to tell troughs from what looks like them."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional

from ....models.phase_unwrapping.network import UnwrapNet
from ....models.registry import build, load, read_card
from ....models.subsidence_detection.network import ENCODER, TroughHead
from ...detection.regions import Regions
from ...detection.troughs import OUTLINE_LEVEL, score_of
from ...evaluate.detection_metrics import average_precision, matched, operating_point, overlaps_of
from ...raster.window import Window
from ...simulate.draw import Draw
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .phase_unwrapping import vary
from .subsidence_detection_samples import simulate_batch

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]

SIDE = 192  # pixels of a training scene
DICE_WEIGHT = 0.5
VALIDATION, VALIDATION_SIDE, SET_BATCH = (765_432, 6), 256, 8  # seed and batches, pixels, scenes in each
PIXEL = 0.02  # km, at which areas are counted
FALSE_ALARMS = 1 / 1000.0  # per km2
LEAST_PIXELS = 25  # of what is asked for and of what is found
OVERLAP = 0.5


class TroughRecipe:
    """Scenes of the training family on training terrain; the benchmark draws from its own generator."""

    name = "subsidence_detection"
    reuse = 2

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = terrain
        self._encoder: UnwrapNet | None = None
        self._validation: list[Batch] = []

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        return simulate_batch(generator, batch, SIDE, device, self.terrain)

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Vary phase offset and sign, leave coherence out, turn and mirror."""
        return vary(batch, Draw(generator, batch["inputs"].device))

    def logits(self, network: nn.Module, inputs: Tensor) -> Tensor:
        """Logit of a trough (n, h, w); the unwrapping network is asked first where this one is only its head."""
        if not isinstance(network, TroughHead):
            return cast(Tensor, network(inputs))[:, 0].float()
        features: list[Tensor] = []
        with torch.no_grad():
            self._frozen(inputs.device).decode(inputs, features)
        return cast(Tensor, network(features))[:, 0].float()

    def encoder(self) -> str:
        """SHA-256 of the weights of the unwrapping network that came along."""
        card = read_card(ENCODER)
        return card.sha256 if card is not None else ""

    def _frozen(self, device: torch.device) -> UnwrapNet:
        if self._encoder is None:
            network, _ = load(ENCODER)
            self._encoder = cast(UnwrapNet, network).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return self._encoder

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy and soft Dice, without the pixels that are neither."""
        logit = self.logits(network, batch["inputs"])
        truth, weight = batch["trough"], batch["weight"]
        entropy = functional.binary_cross_entropy_with_logits(logit, truth, weight, reduction="sum")
        entropy = entropy / weight.sum().clamp_min(1.0)
        probability = torch.sigmoid(logit) * weight
        dice = 1.0 - (2.0 * (probability * truth).sum() + 1.0) / (probability.sum() + truth.sum() + 1.0)
        return entropy + DICE_WEIGHT * dice, {"entropy": float(entropy.detach()), "dice": float(dice.detach())}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Average precision at an overlap of half, recall at one false alarm per 1,000 km2 of 20 m pixels, entropy."""
        network.eval()
        scores: list[float] = []
        hits: list[bool] = []
        objects, area, entropy = 0, 0.0, 0.0
        for batch in self._batches():
            with torch.autocast(device.type, torch.bfloat16):
                logit = self.logits(network, batch["inputs"].to(device)).float().cpu()
            weight = batch["weight"]
            entropy += float(functional.binary_cross_entropy_with_logits(logit, batch["trough"], weight))
            for probability, truth, counts in zip(torch.sigmoid(logit), batch["trough"], weight, strict=True):
                found = judge(probability.numpy(), truth.numpy() > 0, counts.numpy() == 0)
                scores, hits, objects = scores + found[0], hits + found[1], objects + found[2]
                area += truth.numel() * PIXEL**2
        values, right = np.array(scores), np.array(hits, bool)
        recall, _ = operating_point(values, right, objects, FALSE_ALARMS * area)
        precision = average_precision(values, right, objects)
        metrics = {"AP50": precision, "recall at 1 per 1000 km2": recall, "entropy": entropy / len(self._batches())}
        return {**metrics, "score": 0.5 * (precision + recall)}

    def _batches(self) -> list[Batch]:
        if not self._validation:
            seed, count = VALIDATION
            generators = (seeded(seed, 0, index) for index in range(count))
            cpu = torch.device("cpu")
            self._validation = [simulate_batch(g, SET_BATCH, VALIDATION_SIDE, cpu, self.terrain) for g in generators]
        return self._validation

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is higher."""
        return bool(first["score"] > second["score"])

    def describe(self) -> str:
        """What it trains on."""
        return f"troughs of 2.5 to 120 rad in scenes of core.simulate, {SIDE} pixels, training family and terrain"


def judge(probability: Float, truth: Bool, ignored: Bool) -> tuple[list[float], list[bool], int]:
    """Score of each detection of a scene, whether it hits a trough, and how many troughs there are.

    Detections that mostly lie on what is ignored count neither way.
    """
    regions = Regions(OUTLINE_LEVEL)
    regions.add(Window(0, 0, *probability.shape), probability)
    areas = [area for area in regions.areas() if area.pixels >= LEAST_PIXELS]
    masks = []
    for area in areas:
        whole = np.zeros(truth.shape, bool)
        whole[area.box.slices] = area.mask()
        masks.append(whole)
    labels, count = ndimage.label(truth)
    objects = [labels == label for label in range(1, count + 1)]
    objects = [mask for mask in objects if mask.sum() >= LEAST_PIXELS]
    scores = np.array([score_of(area) for area in areas])
    hit = matched(overlaps_of(masks, objects), scores, OVERLAP)
    counted = [hit[i] >= 0 or (mask & ignored).sum() < 0.5 * mask.sum() for i, mask in enumerate(masks)]
    kept = np.flatnonzero(counted)
    return scores[kept].tolist(), (hit[kept] >= 0).tolist(), len(objects)


def recipe() -> TroughRecipe:
    """The recipe, with the training terrain if it is at hand."""
    return TroughRecipe(find_terrain("train"))

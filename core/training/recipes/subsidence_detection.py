"""Recipe of DDNet: a head on the frozen unwrapping network, trained to tell troughs from what looks like them."""

from __future__ import annotations

from collections import deque
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
from ...evaluate.detection_metrics import average_precision, operating_point
from ...evaluate.trough_metrics import LEAST_PIXELS, Judged, judge
from ...simulate.draw import Draw
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .phase_unwrapping import vary
from .subsidence_detection_samples import simulate_batch

Bool = NDArray[np.bool_]

SIDE = 256  # pixels of a training scene
DICE_WEIGHT = 0.5
VALIDATION, VALIDATION_SIDE, SET_BATCH = (765_432, 6), 256, 8  # seed and batches, pixels, scenes in each
PIXEL = 0.02  # km, at which areas are counted
FALSE_ALARMS = 10 / 1000.0  # per km2; one is what is aimed at, but too few to compare networks by
FEATURES = "features"  # names of their planes in a batch begin so
POOL = 48  # batches whose features are kept; steps draw from them, since a batch costs eight times as much as a step


class TroughRecipe:
    """Scenes of the training family on training terrain; the benchmark draws from its own generator."""

    name = "subsidence_detection"
    reuse = 4

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = terrain
        self._config = "default"
        self._newest: Batch | None = None
        self._pool: deque[Batch] = deque(maxlen=POOL)
        self._encoder: UnwrapNet | None = None
        self._validation: list[Batch] = []

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        self._config = config
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        return simulate_batch(generator, batch, SIDE, device, self.terrain)

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """A batch at random of those of late, varied when it came: phase offset, sign, coherence, direction."""
        draw = Draw(generator, batch["inputs"].device)
        if self._config != "default":
            return vary(batch, draw)
        if batch is not self._newest:
            self._newest = batch
            self._pool.append(self._with_features(vary(batch, draw)))
        return self._pool[int(draw.integers(1, high=len(self._pool)))]

    @torch.no_grad()
    def _with_features(self, batch: Batch) -> Batch:
        """The same with what the unwrapping network makes of the inputs, in half precision, coarsest level first."""
        inputs = batch["inputs"]
        features: list[Tensor] = []
        with torch.autocast(inputs.device.type, torch.bfloat16):
            self._frozen(inputs.device).decode(inputs, features)
        kept = {f"{FEATURES}{level}": values.bfloat16() for level, values in enumerate(features)}
        return {**batch, **kept}

    def logits(self, network: nn.Module, batch: Batch) -> Tensor:
        """Logit of a trough (n, h, w); the unwrapping network is asked first where this one is only its head."""
        if not isinstance(network, TroughHead):
            return cast(Tensor, network(batch["inputs"]))[:, 0].float()
        if f"{FEATURES}0" not in batch:
            batch = self._with_features(batch)
        features = [values for name, values in batch.items() if name.startswith(FEATURES)]
        with torch.autocast(batch["inputs"].device.type, torch.bfloat16):
            return cast(Tensor, network(features, batch["inputs"]))[:, 0].float()

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
        logit = self.logits(network, batch)
        truth, weight = batch["trough"], batch["weight"]
        entropy = functional.binary_cross_entropy_with_logits(logit, truth, weight, reduction="sum")
        entropy = entropy / weight.sum().clamp_min(1.0)
        probability = torch.sigmoid(logit) * weight
        dice = 1.0 - (2.0 * (probability * truth).sum() + 1.0) / (probability.sum() + truth.sum() + 1.0)
        return entropy + DICE_WEIGHT * dice, {"entropy": float(entropy.detach()), "dice": float(dice.detach())}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Average precision at an overlap of half, recall at ten false alarms per 1,000 km2 of 20 m pixels, entropy."""
        network.eval()
        judged: list[Judged] = []
        area = entropy = 0.0
        for batch in self._batches():
            here = {name: values.to(device) for name, values in batch.items()}
            with torch.autocast(device.type, torch.bfloat16):
                logit = self.logits(network, here).float().cpu()
            weight = batch["weight"]
            entropy += float(functional.binary_cross_entropy_with_logits(logit, batch["trough"], weight))
            for probability, truth, counts in zip(torch.sigmoid(logit), batch["trough"], weight, strict=True):
                judged.append(judge(probability.numpy(), separate(truth.numpy() > 0), counts.numpy() == 0))
                area += truth.numel() * PIXEL**2
        scores, right = (
            np.concatenate(parts) for parts in zip(*((j.scores, j.hits >= 0) for j in judged), strict=True)
        )
        objects = sum(j.objects for j in judged)
        recall, _ = operating_point(scores, right, objects, FALSE_ALARMS * area)
        precision = average_precision(scores, right, objects)
        return {"AP50": precision, "recall at 10 per 1000 km2": recall, "entropy": entropy / len(self._batches())}

    def _batches(self) -> list[Batch]:
        if not self._validation:
            seed, count = VALIDATION
            generators = (seeded(seed, 0, index) for index in range(count))
            cpu = torch.device("cpu")
            self._validation = [simulate_batch(g, SET_BATCH, VALIDATION_SIDE, cpu, self.terrain) for g in generators]
        return self._validation

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first entropy is lower; a few dozen troughs are too few to compare by how many are found."""
        return bool(first["entropy"] < second["entropy"])

    def describe(self) -> str:
        """What it trains on."""
        return f"troughs of 2.5 to 120 rad in scenes of core.simulate, {SIDE} pixels, training family and terrain"


def separate(truth: Bool) -> list[Bool]:
    """The troughs of a scene (rows, columns), without what is too small to be asked for."""
    labels, count = ndimage.label(truth)
    masks = [labels == label for label in range(1, count + 1)]
    return [mask for mask in masks if mask.sum() >= LEAST_PIXELS]


def recipe() -> TroughRecipe:
    """The recipe, with the training terrain if it is at hand."""
    return TroughRecipe(find_terrain("train"))

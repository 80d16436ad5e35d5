"""Recipe of the landslide network: simulated stacks of gradients in; middles, boxes and outlines of landslides out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ....models.landslide_detection.features import noise_level, planes
from ....models.landslide_detection.network import STRIDE
from ....models.landslide_detection.paper import PaperNet
from ....models.landslide_detection.views import View
from ....models.registry import build
from ...detection.boxes import merge, overlaps, propose
from ...detection.slopes import surface
from ...evaluate.landslide_metrics import Matched, match, precision_of
from ...simulate.draw import Draw
from ...simulate.gradient_scene import GradientOptions, GradientScene, simulate
from ...simulate.slides import MOST
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .landslide_calibration import brier, fit, fold_in
from .landslide_losses import box_loss, dice, focal, targets
from .landslide_paper import mosaic, paper_loss

SIDE = 160  # pixels of a training scene
VALIDATION, CALIBRATION = (246_810, 12), (135_791, 20)  # seed and batches of the sets; never trained on
SET_BATCH = 8
BOX_WEIGHT, BODY_WEIGHT, DICE_WEIGHT = 2.0, 4.0, 1.0
NOISE_JITTER = 0.2  # of the logarithm of the noise level, which a whole raster has and a small scene does not
NO_DEM, NO_LOOK = 0.2, 0.2  # share of the samples that go without
LEAST_SCORE = 0.05  # of proposals that validation looks at
HALF, LOOSE = 0.5, 0.3  # overlap of boxes from which a detection is a hit: for precision, and for what a score says
SCORE_WEIGHTS = (0.7, 0.3)  # of average precision and of the outlines' overlap
SAME = 2e-3  # scores that differ by less are the same; then what they say of themselves counts


class LandslideRecipe:
    """Samples from the training family on training terrain; the benchmark uses neither."""

    name = "landslide_detection"
    reuse = 3

    def __init__(self, terrain: TerrainSource | None) -> None:
        self.terrain = terrain
        self.mosaics = False  # whether scenes are put together of four, for configuration `paper`
        self._sets: dict[tuple[int, int], list[Batch]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        self.mosaics = config == "paper"
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        options = GradientOptions(batch=batch, rows=SIDE, cols=SIDE)
        made = to_batch(simulate(options, generator, self.terrain), Draw(generator))
        return {name: values.to(device) for name, values in made.items()}

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Turn and mirror, change the sign of the phase, leave out the elevation model or the line of sight."""
        draw = Draw(generator, batch["inputs"].device)
        return mosaic(vary(batch, draw), draw) if self.mosaics else vary(batch, draw)

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Focal loss of the middles, CIoU of the boxes, cross entropy and Dice of the bodies."""
        if isinstance(network, PaperNet):
            return paper_loss(network, batch)
        body, middle, sides = network.heads(batch["inputs"])  # type: ignore[operator]
        wanted = targets(batch["owner"], batch["observable"].bool(), STRIDE)
        weight = batch["valid"] * wanted.body_weight
        entropy = functional.binary_cross_entropy_with_logits(body[:, 0], wanted.body, weight, reduction="sum")
        entropy = entropy / weight.sum().clamp_min(1.0)
        parts = {
            "middle": focal(middle[:, 0], wanted.heat, wanted.heat_weight),
            "box": BOX_WEIGHT * box_loss(sides, wanted),
            "body": BODY_WEIGHT * entropy,
            "dice": DICE_WEIGHT * dice(torch.sigmoid(body[:, 0]), wanted.body, weight),
        }
        return torch.stack(list(parts.values())).sum(), {name: float(part.detach()) for name, part in parts.items()}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Average precision at half overlap of boxes, and mean overlap of the bodies, with all inputs."""
        half: list[Matched] = []
        loose: list[Matched] = []
        both = either = 0.0
        for batch, said in self._said(network, device, VALIDATION):
            half += matches(said, batch, HALF)
            loose += matches(said, batch, LOOSE)
            keep = (batch["valid"] * targets(batch["owner"], batch["observable"].bool(), STRIDE).body_weight) > 0
            truth, found = (batch["owner"] > 0) & keep, (said[:, 0] > 0) & keep
            both += float((truth & found).sum())
            either += float((truth | found).sum())
        precision, overlap = precision_of(half), both / max(either, 1.0)
        first, second = SCORE_WEIGHTS
        return {
            "AP50": precision,
            "AP30": precision_of(loose),
            "outline IoU": overlap,
            "Brier": brier(loose),
            "score": first * precision + second * overlap,
        }

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Fold scale and offset into the head of the middles, so that a score is a share of hits; on its own set."""
        network.eval()
        head = getattr(network, "middle", None)
        if not isinstance(head, nn.Conv2d):
            return {}
        with torch.no_grad():
            scenes = [
                m for batch, said in self._said(network, device, CALIBRATION) for m in matches(said, batch, LOOSE)
            ]
        scale, offset = fit(scenes)
        fold_in(head, scale, offset)
        return {"scale": round(scale, 4), "offset": round(offset, 4)}

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is higher; where they are the same, whether its detections know better how sure."""
        if abs(first["score"] - second["score"]) > SAME:
            return bool(first["score"] > second["score"])
        return bool(first["Brier"] < second["Brier"] - SAME)

    def describe(self) -> str:
        """What it trains on."""
        tiles = "fractal terrain" if self.terrain is None else ", ".join(tile.name for tile in self.terrain.tiles)
        return f"core.simulate.gradient_scene, family train, {SIDE} pixels; terrain: {tiles}"

    def _said(self, network: nn.Module, device: torch.device, which: tuple[int, int]) -> Iterator[tuple[Batch, Tensor]]:
        """Each batch of a set, with the outputs (n, 6, rows, cols) of a network."""
        if which not in self._sets:
            seed, batches = which
            self._sets[which] = [self.sample(seeded(seed, 3, index), SET_BATCH, device) for index in range(batches)]
        for batch in self._sets[which]:
            with torch.autocast(device.type, torch.bfloat16):
                yield batch, network(batch["inputs"]).float()


def to_batch(scene: GradientScene, draw: Draw | None = None) -> Batch:
    """Inputs (batch, 10, rows, cols) of a scene and its truth; with `draw` the noise level is varied a little."""
    noise = noise_level(scene.gradient, scene.valid)
    if draw is not None:
        noise = noise * torch.exp(NOISE_JITTER * draw.normal(len(noise)))
    ground = surface(scene.elevation, scene.pixel, scene.pixel)
    shown = planes(scene.gradient, scene.coherence, scene.valid, noise, ground.planes(), ground.sensitivity(scene.look))
    return {
        "inputs": shown,
        "owner": scene.slides.owner,
        "observable": scene.observable.float(),
        "valid": scene.valid.float(),
    }


def vary(batch: Batch, draw: Draw) -> Batch:
    """A batch seen from another side; directions of gradients and slopes turn with it."""
    inputs, owner, valid = batch["inputs"].clone(), batch["owner"], batch["valid"]
    count = len(inputs)
    for scene in draw.chance(NO_DEM, count).nonzero()[:, 0].tolist():
        inputs[scene, 4:] = 0.0
    for scene in draw.chance(NO_LOOK, count).nonzero()[:, 0].tolist():
        inputs[scene, 7] = inputs[scene, 9] = 0.0
    inputs[:, :2] *= torch.where(draw.chance(0.5, count), -1.0, 1.0)[:, None, None, None]
    view = View(*(turn > 0 for turn in draw.integers(3, high=2).tolist()))
    inputs, owner, valid = view.shown(inputs), view.turned(owner), view.turned(valid)
    return {**batch, "inputs": inputs.contiguous(), "owner": owner.contiguous(), "valid": valid.contiguous()}


def matches(said: Tensor, batch: Batch, limit: float) -> list[Matched]:
    """Detections in the outputs (n, 6, rows, cols) for each scene of a batch against its truth."""
    cells = said[:, 1:, ::STRIDE, ::STRIDE].cpu()
    score, sides = torch.sigmoid(cells[:, 0]), cells[:, 1:]
    found = []
    for index in range(len(score)):
        boxes = merge(propose(score[index].numpy(), sides[index].numpy(), STRIDE, (0, 0), LEAST_SCORE))
        edges, there = true_boxes(batch["owner"][index])
        wanted = batch["observable"][index].bool().numpy()[there]
        found.append(
            match(overlaps(boxes.edges, edges[there]).astype(float), boxes.scores.astype(float), wanted, limit)
        )
    return found


def true_boxes(owner: Tensor) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Edges (MOST, 4) of the slides of one scene, and which of them there are."""
    edges = np.zeros((MOST, 4), np.float32)
    there = np.zeros(MOST, bool)
    for number in range(MOST):
        rows, cols = np.nonzero(owner.numpy() == number + 1)
        if len(rows):
            there[number] = True
            edges[number] = (rows.min(), cols.min(), rows.max() + 1, cols.max() + 1)
    return edges, there


def recipe() -> LandslideRecipe:
    """The recipe with the training terrain, where that is at hand."""
    return LandslideRecipe(find_terrain("train"))

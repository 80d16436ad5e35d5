"""Recipe of the coherence network: simulated pairs of detected images in, their true coherence out."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from ....models.coherence_from_intensity.network import coherence_of
from ....models.registry import build
from ...evaluate.coherence_metrics import bias_below, calibration_error, coverage, rmse
from ...simulate.detected_ground import GroundOptions
from ...simulate.detected_scene import DetectedPair, PairOptions, simulate_pairs
from ...simulate.draw import Draw
from ..feed import seeded
from ..recipe import Batch, Metrics

SIDE = 144  # pixels of a training scene
SQUARE_WEIGHT = 60.0  # of the squared error beside the likelihood of the stated deviation
LEVEL_SHIFT = 0.8  # of log intensity: the median of a raster is not that of a scene in it
GAIN_SHIFT = 0.15  # likewise, of one image against the other
LOG_FLOOR = 1e-9
VALIDATION, CALIBRATION = 777_111, 555_222  # seeds of sets that are not trained on
SET_BATCHES, SET_BATCH = 4, 8

PLAIN = GroundOptions(
    land_share=0.0, textured_share=0.0, smooth_share=0.0, changing_share=0.0, points_share=0.0, contrast=2.0
)

# Images that lie on each other, with nothing but speckle in them: rare among those that are drawn at random.
PLAIN_SHARE = 0.375
CLEAN = PairOptions(ground=replace(PLAIN, field_width=20.0), correlated_share=0.3, blurred_share=0.0, most_shift=0.3)

# What is validated on: plain 4-look pairs that lie on each other, and pairs as users have them.
SETS: dict[str, PairOptions] = {
    "easy": PairOptions(
        ground=PLAIN, looks=(4,), looks_weights=(1,), correlated_share=0.0, blurred_share=0.0, shifted_share=0.0
    ),
    "hard": PairOptions(
        ground=GroundOptions(land_share=0.2, points_share=0.1, texture=0.5),
        looks=(3, 4, 5, 6),
        looks_weights=(1, 1, 1, 1),
        correlated_share=1.0,
        shifted_share=1.0,
        most_shift=1.5,
    ),
}


class CoherenceRecipe:
    """Samples from the training family of grounds; the benchmark uses another."""

    name = "coherence_from_intensity"
    reuse = 2

    def __init__(self) -> None:
        self._sets: dict[tuple[str, int], list[Batch]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of pairs of SIDE pixels, a share of them plain."""
        plain = round(batch * PLAIN_SHARE)
        parts = [PairOptions(batch=batch - plain)] + [replace(CLEAN, batch=plain)] * (plain > 0)
        made = [
            to_batch(simulate_pairs(replace(options, rows=SIDE, cols=SIDE), generator, device)) for options in parts
        ]
        return {name: torch.cat([one[name] for one in made]) for name in made[0]}

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Vary level and gain, and direction."""
        draw = Draw(generator, batch["inputs"].device)
        inputs = batch["inputs"].clone()
        count = len(inputs)
        level = (LEVEL_SHIFT * draw.normal(count)).view(-1, 1, 1, 1)
        gain = (GAIN_SHIFT * draw.normal(count)).view(-1, 1, 1, 1) * torch.tensor([0.5, -0.5]).view(1, 2, 1, 1)
        inputs[:, :2] = (inputs[:, :2] + level + gain.to(inputs.device)) * inputs[:, 2:]
        varied = dict(batch, inputs=inputs)
        turns, mirror = int(draw.integers(1, high=4)), bool(draw.chance(0.5, 1))
        return {name: _turned(values, turns, mirror=mirror) for name, values in varied.items()}

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Squared error of the coherence, and likelihood of the stated deviation under the error as it is."""
        coherence, deviation = coherence_of(network(batch["inputs"]).float())
        square = (coherence - batch["target"]).square()
        likelihood = 0.5 * square.detach() / deviation.square() + deviation.log()
        weight = batch["valid"] / batch["valid"].sum().clamp_min(1.0)
        error, surprise = (square * weight).sum(), (likelihood * weight).sum()
        shown = {"rmse": float(error.detach()) ** 0.5, "surprise": float(surprise.detach())}
        return SQUARE_WEIGHT * error + surprise, shown

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Error, bias where coherence is low, and calibration on either set; the score is the mean of the errors."""
        metrics: dict[str, float] = {}
        for name in SETS:
            estimate, deviation, truth = self._answers(network, device, name, VALIDATION)
            metrics[f"RMSE, {name}"] = rmse(estimate, truth)
            metrics[f"low bias, {name}"] = bias_below(estimate, truth)
            metrics[f"calibration error, {name}"] = calibration_error(estimate, deviation, truth)
            metrics[f"within one deviation, {name}"] = coverage(estimate, deviation, truth, 1.0)
        metrics["score"] = 0.5 * (metrics["RMSE, easy"] + metrics["RMSE, hard"])
        return metrics

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Less error."""
        return float(first["score"]) < float(second["score"])

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Scale the stated deviation so that the mean squared normalised error is 1, on a set of its own."""
        network.eval()
        with torch.no_grad():
            answers = [self._answers(network, device, name, CALIBRATION) for name in SETS]
            estimate, deviation, truth = (torch.cat(parts) for parts in zip(*answers, strict=True))
            factor = float(((estimate - truth) / deviation).square().mean().sqrt())
            stretch = getattr(network, "stretch_deviation", None)
            if stretch is None:
                msg = f"{type(network).__name__} states no deviation"
                raise TypeError(msg)
            stretch(factor)
        return {"deviation_factor": round(factor, 4)}

    def describe(self) -> str:
        """What it trains on."""
        return f"core.simulate.detected_scene, family train, {SIDE} pixels; 1 to 20 looks, shifts up to 2.1 pixels"

    def _answers(self, network: nn.Module, device: torch.device, name: str, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Estimate, stated deviation and truth (n,) of all valid pixels of a set."""
        parts = []
        for batch in self._set(name, seed, device):
            with torch.autocast(device.type, torch.bfloat16):
                raw = network(batch["inputs"])
            valid = batch["valid"] > 0.5
            parts.append([values[valid] for values in (*coherence_of(raw.float()), batch["target"])])
        estimate, deviation, truth = (torch.cat(values) for values in zip(*parts, strict=True))
        return estimate, deviation, truth

    def _set(self, name: str, seed: int, device: torch.device) -> list[Batch]:
        if (name, seed) not in self._sets:
            options = replace(SETS[name], batch=SET_BATCH, rows=SIDE, cols=SIDE)
            generators = [seeded(seed, 3, index) for index in range(SET_BATCHES)]
            self._sets[name, seed] = [to_batch(simulate_pairs(options, made, device)) for made in generators]
        return self._sets[name, seed]


def log_intensity(intensity: Tensor, valid: Tensor) -> Tensor:
    """Natural logarithm (batch, rows, cols) about the median of the valid pixels of each scene; 0 where invalid."""
    logs = intensity.clamp_min(LOG_FLOOR).log()
    median = logs.masked_fill(~valid, float("nan")).flatten(1).nanmedian(1).values.nan_to_num()
    return (logs - median.view(-1, 1, 1)).masked_fill(~valid, 0.0)


def to_batch(pair: DetectedPair) -> Batch:
    """Inputs (batch, 3, rows, cols), true coherence and validity (batch, rows, cols) float32 of a pair."""
    planes = [log_intensity(image, pair.valid) for image in (pair.first, pair.second)]
    valid = pair.valid.float()
    return {"inputs": torch.stack([*planes, valid], 1), "target": pair.coherence, "valid": valid}


def _turned(values: Tensor, turns: int, *, mirror: bool) -> Tensor:
    values = values.flip(-1) if mirror else values
    return values.rot90(turns, (-2, -1)).contiguous()


def recipe() -> CoherenceRecipe:
    """The recipe; it needs no terrain."""
    return CoherenceRecipe()

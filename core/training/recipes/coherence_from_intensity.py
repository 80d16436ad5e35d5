"""Recipe of the coherence network: simulated pairs of detected images in, their true coherence out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import torch
from torch import Tensor, nn

from ....models.coherence_from_intensity.network import coherence_of, unbounded
from ....models.registry import build
from ...evaluate.coherence_metrics import LOW, bias_below, calibration_error, coverage, rmse
from ...simulate.detected_ground import GroundOptions
from ...simulate.detected_scene import DetectedPair, PairOptions, simulate_pairs
from ...simulate.draw import Draw
from ..feed import seeded
from ..recipe import Batch, Metrics

SIDE = 144  # pixels of a training scene
SQUARE_WEIGHT = 120.0  # of the squared error beside the likelihood of the stated deviation
USUAL_VARIANCE = 0.04  # of the coherence; errors weigh half where that much is stated
LEVEL_SHIFT = 0.8  # of log intensity: the median of a raster is not that of a scene in it
GAIN_SHIFT = 0.15  # likewise, of one image against the other
REGISTERED = 0.75  # of the pairs; the tool takes out whole pixels, but not where a shift varies or is not seen
LOG_FLOOR = 1e-9
VALIDATION, CALIBRATION = 777_111, 555_222  # seeds of sets that are not trained on
SET_BATCHES, SET_BATCH = 4, 8
LEAST_LOW = 1e-6  # share of a batch's pixels of low coherence, for their mean error as it is shown

PLAIN = GroundOptions(
    land_share=0.0, textured_share=0.0, smooth_share=0.0, changing_share=0.0, points_share=0.0, contrast=1.5
)

# Kinds of pairs that a batch is made of, by their share of it. What is drawn at random holds few images with nothing
# but speckle in them, from whose wide areas low coherence is learnt, and few towns.
VARIED = PairOptions(
    ground=GroundOptions(land_share=0.5),
    looks=(1, 2, 3, 4, 5, 6, 9, 16),
    looks_weights=(1.5, 1, 2, 3, 2, 2, 1, 0.5),
    registered_share=REGISTERED,
)
TOWN = PairOptions(
    ground=GroundOptions(
        land_share=0.2,
        textured_share=0.8,
        texture=1.0,
        points_share=0.5,
        incoherent_share=0.2,
        built_share=0.8,
        patchy_share=0.6,
    ),
    looks=(1, 2, 3, 4, 5, 6),
    looks_weights=(0.3, 0.7, 2, 3, 2, 1),
    correlated_share=0.8,
    oversampling=(1.0, 1.8),
    blurred_share=0.1,
    registered_share=REGISTERED,
)
CLEAN = PairOptions(
    ground=replace(PLAIN, field_width=36.0, incoherent_share=0.1, concentrated_share=0.1),
    looks=(1, 2, 3, 4, 5, 6, 9),
    looks_weights=(1, 1, 1, 4, 1, 1, 1),
    correlated_share=0.2,
    blurred_share=0.0,
    shifted_share=0.7,
    registered_share=REGISTERED,
)
ROUGH = PairOptions(
    ground=GroundOptions(
        land_share=0.0,
        textured_share=0.9,
        points_share=0.05,
        texture=0.5,
        contrast=4.0,
        field_width=28.0,
        incoherent_share=0.1,
        concentrated_share=0.2,
    ),
    looks=(3, 4, 5, 6),
    looks_weights=(1, 1, 1, 1),
    correlated_share=1.0,
    shifted_share=0.85,
    registered_share=REGISTERED,
)
MIX = ((1, VARIED), (3, TOWN), (2, CLEAN), (4, ROUGH))  # parts of a batch
# How much less than the truth is asked for where coherence is below LOW, likewise. What speckle does not tell from 0 is
# guessed too high by whoever wants least error; so much less makes the mean there right on pairs of each kind.
PULLS = (0.06, 0.09, 0.06, 0.1)


# What is validated on: plain 4-look pairs that lie on each other; what is left between those a pixel apart once they
# are registered to whole pixels; and pairs as users have them, registered likewise.
EVEN = replace(PLAIN, contrast=2.0, field_width=20.0, incoherent_share=0.0, concentrated_share=0.0)
EASY = PairOptions(
    ground=EVEN, looks=(4,), looks_weights=(1,), correlated_share=0.0, blurred_share=0.0, shifted_share=0.0
)
SETS: dict[str, PairOptions] = {
    "easy": EASY,
    "moved": replace(EASY, shifted_share=1.0, least_shift=1.0, most_shift=1.0, registered_share=1.0),
    "hard": PairOptions(
        ground=GroundOptions(
            land_share=0.1,
            textured_share=1.0,
            points_share=0.0,
            texture=0.4,
            contrast=3.0,
            field_width=16.0,
            incoherent_share=0.1,
            concentrated_share=0.2,
        ),
        looks=(3, 4, 5, 6),
        looks_weights=(1, 1, 1, 1),
        correlated_share=1.0,
        shifted_share=1.0,
        most_shift=1.5,
        registered_share=1.0,
    ),
}
WITHIN_ONE = 0.6827  # of normal errors are within one standard deviation
THINNED = 7  # every so many errors are enough for a quantile, which takes no more than 16 million
LOW_WEIGHT = 0.2  # of the bias at low coherence beside the error, where networks are compared


class CoherenceRecipe:
    """Samples from the training family of grounds; the benchmark uses another."""

    name = "coherence_from_intensity"
    reuse = 3

    def __init__(self) -> None:
        self._sets: dict[tuple[str, int], list[Batch]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of pairs of SIDE pixels, a share of them plain."""
        counts = _parts(batch)
        made = []
        for count, (_, options), pull in zip(counts, MIX, PULLS, strict=True):
            if count:
                pair = simulate_pairs(replace(options, batch=count, rows=SIDE, cols=SIDE), generator, device)
                made.append({**to_batch(pair), "asked": pair.coherence - pull * (pair.coherence < LOW)})
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
        """Squared error of the coherence, and likelihood of the stated deviation under the error as it is.

        Errors weigh less where the network says it cannot know. A weight that the inputs alone decide leaves the best
        answer what it is, the mean of what is possible; but what is hopeless drowns the rest no more. That mean is too
        high where coherence is low, since none is less than nothing; so a little less is asked for there.
        """
        raw = network(batch["inputs"]).float()
        coherence, deviation = coherence_of(raw)
        square = (unbounded(raw) - batch["asked"]).square()
        error = (coherence - batch["target"]).detach()
        likelihood = 0.5 * error.square() / deviation.square() + deviation.log()
        weight = batch["valid"] / batch["valid"].sum().clamp_min(1.0)
        surprise = (likelihood * weight).sum()
        trusted = USUAL_VARIANCE / (deviation.detach().square() + USUAL_VARIANCE)
        low = weight * (batch["target"] < LOW)
        shown = {
            "rmse": float((error.square() * weight).sum()) ** 0.5,
            "surprise": float(surprise.detach()),
            "low_bias": float((error * low).sum() / low.sum().clamp_min(LEAST_LOW)),
        }
        return SQUARE_WEIGHT * (square * trusted * weight).sum() + surprise, shown

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
        error, bias = ([abs(metrics[f"{what}, {name}"]) for name in SETS] for what in ("RMSE", "low bias"))
        metrics["score"] = (sum(error) + LOW_WEIGHT * sum(bias)) / len(SETS)
        return metrics

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Less error."""
        return float(first["score"]) < float(second["score"])

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Scale the stated deviation so that two thirds of the errors are within it, on sets of their own.

        The mean squared normalised error would be ruled by the few errors that are far beyond it.
        """
        network.eval()
        with torch.no_grad():
            answers = [self._answers(network, device, name, CALIBRATION) for name in SETS]
            estimate, deviation, truth = (torch.cat(parts) for parts in zip(*answers, strict=True))
            ratio = ((estimate - truth).abs() / deviation)[::THINNED]
            factor = float(ratio.quantile(WITHIN_ONE))
            stretch = getattr(network, "stretch_deviation", None)
            if stretch is None:
                msg = f"{type(network).__name__} states no deviation"
                raise TypeError(msg)
            stretch(factor)
        return {"deviation_factor": round(factor, 4)}

    def describe(self) -> str:
        """What it trains on."""
        return f"core.simulate.detected_scene, family train, {SIDE} pixels; 1 to 16 looks, shifts up to 2.1 pixels"

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


def _parts(batch: int) -> list[int]:
    """How many scenes of each kind a batch has, as near to MIX as whole numbers allow."""
    shares = [share for share, _ in MIX]
    edges = [round(batch * sum(shares[:index]) / sum(shares)) for index in range(len(MIX) + 1)]
    return [after - before for before, after in pairwise(edges)]


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

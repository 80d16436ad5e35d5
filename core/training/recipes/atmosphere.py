"""Recipe of the atmosphere network: simulated mixtures in, the delay that plane and height do not explain out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ....models.registry import build
from ...simulate.delays import DelayOptions, simulate_delays
from ...simulate.draw import Draw, per_pixel
from ...simulate.terrain import TerrainSource, find_terrain
from ..feed import seeded
from ..recipe import Batch, Metrics
from .atmosphere_samples import BLIND_SHARE, DIM_SHARE, deviation, mix, shown

SIDE = 128  # cells of a training scene
VALIDATION, CALIBRATION = 777_311, 555_322  # seeds of sets that are not trained on
SET_BATCHES, SET_BATCH = 12, 8
SHARPNESS = 0.5  # of the variance in the weight of an error, between none and all of it (Seitzer et al. 2022)
LEAST_SNR, MOST_SNR = 0.3, 3.0  # scenes whose reduction of noise is the score
FRAMED_SHARE, MOST_FRAME = 0.5, 56  # of the scenes, and cells of nothing along a side
LEAST_SCALE = 1e-3  # mm; what a scene with hardly a valid cell leaves of itself is not learnt from
FAINT = 0.1  # signal over noise below which a correction must not do harm


class AtmosphereRecipe:
    """Samples on training terrain; the benchmark uses other terrain and other generators."""

    name = "atmosphere"
    reuse = 3

    def __init__(self, terrain: TerrainSource | None) -> None:
        self._terrain = terrain
        self._sets: dict[int, list[Batch]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate the parts of a batch of scenes of SIDE cells."""
        options = DelayOptions(batch=batch, rows=SIDE, cols=SIDE)
        return simulate_delays(options, generator, device, self._terrain).items()

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Mix the parts anew, take the trend off, and turn."""
        draw = Draw(generator, batch["elevation"].device)
        there = frame(draw, batch["share"])
        batch = dict(batch, share=batch["share"] * there)
        mixture = mix(draw, batch)
        count = len(mixture.noise)
        planes, trend, scale = shown(
            mixture.total, batch, draw.chance(BLIND_SHARE, count), draw.chance(DIM_SHARE, count)
        )
        told = per_pixel((scale > LEAST_SCALE).float())
        made = {
            "inputs": planes * there[:, None],
            "target": told * (mixture.noise - trend) / per_pixel(scale.clamp_min(LEAST_SCALE)),
            "weight": told * batch["share"],
        }
        turns, mirror = int(draw.integers(1, high=4)), bool(draw.chance(0.5, 1))
        turned = {name: _turned(values, turns, mirror=mirror) for name, values in made.items()}
        facts = {"noise": deviation(mixture.noise, batch["share"])[:, 0, 0] / scale, "scale": scale}
        snr = deviation(mixture.deformation, batch["share"])[:, 0, 0].square()
        return {**turned, **facts, "snr": snr / (facts["noise"] * scale).square()}

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Likelihood of the error under the stated variance, weighed by a power of it; one constant is arbitrary."""
        answer = network(batch["inputs"]).float()
        weight = batch["weight"]
        error = about_mean(answer[:, 0] - batch["target"], weight)
        variance = answer[:, 1].exp()
        likelihood = 0.5 * (error.square() / variance + answer[:, 1]) * variance.detach().pow(SHARPNESS)
        each = (likelihood * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1.0)
        left = remaining(error.detach(), weight, batch["noise"])
        return each.mean(), {"left": float(left.median())}

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Share of the noise's deviation that is left, by signal to noise, and whether the stated error is right."""
        rows = [self._answers(network, batch) for batch in self._set(VALIDATION, device)]
        left, before, snr, square = (torch.cat(parts) for parts in zip(*rows, strict=True))
        middle, faint = (snr > LEAST_SNR) & (snr < MOST_SNR), snr < FAINT
        harm = (left > 1.0) & faint
        return {
            "left, SNR 1": float(left[middle].mean()),
            "trend alone, SNR 1": float(before[middle].mean()),
            "left, SNR above 3": float(left[snr >= MOST_SNR].mean()),
            "left, SNR below 0.1": float(left[faint].mean()),
            "harmed below 0.1": float(harm.float().sum() / faint.float().sum().clamp_min(1.0)),
            "squared error over variance": float(square.mean()),
            "score": float(left[middle].mean() + 0.5 * left[snr >= MOST_SNR].clamp(max=3.0).mean()),
        }

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Less noise left, at moderate and at high signal to noise."""
        return float(first["score"]) < float(second["score"])

    def finish(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Scale the stated deviation so that the mean squared normalised error is 1, on a set of its own."""
        stretch = getattr(network.eval(), "stretch_deviation", None)
        if stretch is None:
            return {}
        with torch.no_grad():
            square = torch.cat([self._answers(network, batch)[3] for batch in self._set(CALIBRATION, device)])
            factor = float(square.mean().sqrt())
            stretch(factor)
        return {"deviation_factor": round(factor, 4)}

    def describe(self) -> str:
        """What it trains on."""
        ground = "spectral terrain" if self._terrain is None else "SRTM terrain of the training regions"
        return f"core.simulate.delays on {ground}, {SIDE} cells of 100 to 1000 m; signal to noise 0.03 to 100 and none"

    @staticmethod
    def _answers(network: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of each scene: what is left of the noise, what the trend alone leaves, SNR, squared error over variance."""
        with torch.autocast(batch["inputs"].device.type, torch.bfloat16):
            answer = network(batch["inputs"]).float()
        weight = batch["weight"]
        error = about_mean(answer[:, 0] - batch["target"], weight)
        square = (error.square() / answer[:, 1].exp()).clamp(max=25.0)
        square = (square * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1.0)
        left = remaining(error, weight, batch["noise"])
        trend = remaining(about_mean(batch["target"], weight), weight, batch["noise"])
        return left, trend, batch["snr"], square

    def _set(self, seed: int, device: torch.device) -> list[Batch]:
        if seed not in self._sets:
            made = []
            for index in range(SET_BATCHES):
                parts = self.sample(seeded(seed, 3, index), SET_BATCH, device)
                made.append(self.augment(parts, seeded(seed, 4, index)))
            self._sets[seed] = made
        return self._sets[seed]


def frame(draw: Draw, share: Tensor) -> Tensor:
    """1 inside a random rectangle of each of a share of the scenes, 0 around it, as the tool shows small scenes."""
    batch, rows, cols = share.shape
    inside = torch.ones_like(share)
    for scene in draw.chance(FRAMED_SHARE, batch).nonzero()[:, 0].tolist():
        top, bottom, left, right = (draw.uniform(4).square() * MOST_FRAME).long().tolist()
        inside[scene] = 0.0
        inside[scene, top : rows - bottom, left : cols - right] = 1.0
    return inside


def about_mean(error: Tensor, weight: Tensor) -> Tensor:
    """Errors (batch, rows, cols) without the weighted mean of each scene: interferograms know no constant."""
    mean = (error * weight).sum((1, 2), keepdim=True) / weight.sum((1, 2), keepdim=True).clamp_min(1.0)
    return error - mean


def remaining(error: Tensor, weight: Tensor, noise: Tensor) -> Tensor:
    """Root mean square of the errors of each scene over the deviation of its noise (batch,)."""
    square = (error.square() * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1.0)
    return square.sqrt() / noise.clamp_min(1e-9)


def _turned(values: Tensor, turns: int, *, mirror: bool) -> Tensor:
    values = values.flip(-1) if mirror else values
    return values.rot90(turns, (-2, -1)).contiguous()


def recipe() -> AtmosphereRecipe:
    """The recipe, on real terrain where there is any."""
    return AtmosphereRecipe(find_terrain("train"))

"""Recipe of PUNet: simulated interferograms in, gradients of their phase before it was wrapped out."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ....models.registry import build
from ...evaluate.phase_unwrapping_cells import Cell, measure, scenes
from ...simulate.draw import Draw
from ..recipe import Batch, Metrics
from .phase_unwrapping_samples import simulate_batch

Float = NDArray[np.float32]

SIDE = 128  # pixels of a training scene
COS, SIN, VALID, COHERENCE, HAS_COHERENCE = range(5)
TROUGH_WEIGHT = 2.0  # more of pixels in a trough than of others
HOLE_WEIGHT = 0.2  # of pixels without data, whose gradient can be guessed from around them
FIELD_WEIGHT = 0.03  # of the error of the added-up field, rad, beside that of the gradient, rad per pixel
ERROR_WEIGHT, DETECT_WEIGHT = 0.05, 0.3
WITHOUT_COHERENCE = 0.15  # share of samples
VALIDATION_CELLS = (Cell(1.6, 0.6), Cell(3.4, 0.6), Cell(5.2, 0.6), Cell(3.4, 0.4), Cell(5.2, 0.9))
VALIDATION_COUNT = 6


class UnwrappingRecipe:
    """Troughs of 0.5 to 6.5 rad per pixel; the benchmark draws from its own generator."""

    name = "phase_unwrapping"
    reuse = 2

    def __init__(self) -> None:
        self._cosines: dict[int, tuple[Tensor, Tensor]] = {}

    def build(self, config: str) -> nn.Module:
        """A fresh network."""
        return build(self.name, config)

    def sample(self, generator: torch.Generator, batch: int, device: torch.device) -> Batch:
        """Simulate a batch of scenes of SIDE pixels."""
        return simulate_batch(generator, batch, SIDE, device)

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Vary phase offset and sign, leave coherence out, turn and mirror."""
        return vary(batch, Draw(generator, batch["inputs"].device))

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Absolute error of the gradients and of the field they add up to, likelihood of the error, trough or not."""
        output = network(batch["inputs"]).float()
        truth, trough = batch["unwrapped"], batch["trough"]
        weight = (1.0 + TROUGH_WEIGHT * trough) * (HOLE_WEIGHT + (1.0 - HOLE_WEIGHT) * batch["valid"])
        down = (output[:, 0, :-1] - truth.diff(dim=1)).abs()
        right = (output[:, 1, :, :-1] - truth.diff(dim=2)).abs()
        gradient = weighted(down, weight[:, :-1]) + weighted(right, weight[:, :, :-1])
        field = self.add_up(output) - truth
        field = weighted((field - field.mean((1, 2), keepdim=True)).abs(), weight)
        error = 0.5 * (down[:, :, :-1] + right[:, :-1]).detach()
        log_error = output[:, 2, :-1, :-1].clamp(-6.0, 3.0)
        likelihood = weighted(error * torch.exp(-log_error) + log_error, weight[:, :-1, :-1])
        detect = functional.binary_cross_entropy_with_logits(output[:, 3], trough)
        total = gradient + FIELD_WEIGHT * field + ERROR_WEIGHT * likelihood + DETECT_WEIGHT * detect
        parts = {"gradient": gradient, "field": field, "likelihood": likelihood, "detect": detect}
        return total, {name: float(value.detach()) for name, value in parts.items()}

    def add_up(self, output: Tensor) -> Tensor:
        """The field whose differences are nearest to the predicted ones, as core/phase/unwrap_integrate.py does it."""
        rows, cols = output.shape[-2:]
        down, right = output[:, 0, :-1], output[:, 1, :, :-1]
        divergence = functional.pad(down, (0, 0, 0, 1)) - functional.pad(down, (0, 0, 1, 0))
        divergence = divergence + functional.pad(right, (0, 1)) - functional.pad(right, (1, 0))
        (first, along), (second, across) = self._cosine(rows, output.device), self._cosine(cols, output.device)
        scale = along[:, None] + across[None, :]
        scale[0, 0] = math.inf
        with torch.autocast(output.device.type, enabled=False):
            return first.T @ ((first @ divergence @ second.T) / scale) @ second

    def _cosine(self, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Matrix of the cosine transform, and the eigenvalues of the second difference."""
        if size not in self._cosines:
            k = torch.arange(size, dtype=torch.float64)
            matrix = torch.cos(math.pi * k[:, None] * (k[None, :] + 0.5) / size) * math.sqrt(2.0 / size)
            matrix[0] /= math.sqrt(2.0)
            values = 2.0 * torch.cos(math.pi * k / size) - 2.0
            self._cosines[size] = matrix.float().to(device), values.float().to(device)
        return self._cosines[size]

    @torch.no_grad()
    def validate(self, network: nn.Module, device: torch.device) -> Metrics:
        """Share of core pixels in the right cycle for cells of slope and coherence, by the network and combined."""
        network.eval()

        def predict(inputs: Float) -> Float:
            batch = torch.as_tensor(inputs)[None].to(device)
            with torch.autocast(device.type, torch.bfloat16):
                answer: Float = network(batch)[0].float().cpu().numpy()
            return answer

        metrics: dict[str, float] = {}
        for cell in VALIDATION_CELLS:
            results = [measure(scene, predict) for scene in scenes(cell, VALIDATION_COUNT, seed=1)]
            for name in ("network", "combined"):
                metrics[f"{name}_{cell.slope}_{cell.coherence}"] = float(np.mean([r[name] for r in results]))
        metrics["score"] = float(np.mean([value for name, value in metrics.items() if name.startswith("combined")]))
        return metrics

    def better(self, first: Metrics, second: Metrics) -> bool:
        """Whether the first score is higher."""
        return bool(first["score"] > second["score"])

    def describe(self) -> str:
        """What it trains on."""
        return f"troughs, bowls, point sources and ruptures of core.simulate, {SIDE} pixels, up to 6.5 rad per pixel"


def weighted(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean."""
    return (values * weight).sum() / weight.sum().clamp_min(1.0)


def vary(batch: Batch, draw: Draw) -> Batch:
    """Augment: another phase offset and sign, coherence left out, turned and mirrored, all truth with it."""
    inputs = batch["inputs"].clone()
    count = len(inputs)
    offset = draw.uniform(count, low=-math.pi, high=math.pi).view(-1, 1, 1)
    sign = torch.where(draw.chance(0.5, count), 1.0, -1.0).view(-1, 1, 1)
    cosine, sine = inputs[:, COS].clone(), inputs[:, SIN] * sign
    inputs[:, COS] = cosine * offset.cos() - sine * offset.sin()
    inputs[:, SIN] = cosine * offset.sin() + sine * offset.cos()
    inputs[:, COHERENCE : HAS_COHERENCE + 1] *= draw.chance(1.0 - WITHOUT_COHERENCE, count).float().view(-1, 1, 1, 1)
    varied = dict(batch, inputs=inputs)
    if "unwrapped" in batch:
        varied["unwrapped"] = batch["unwrapped"] * sign
    turns, mirror = int(draw.integers(1, high=4)), bool(draw.chance(0.5, 1))
    return {name: _turned(values, turns, mirror=mirror) for name, values in varied.items()}


def _turned(values: Tensor, turns: int, *, mirror: bool) -> Tensor:
    values = values.flip(-1) if mirror else values
    return values.rot90(turns, (-2, -1)).contiguous()


def recipe() -> UnwrappingRecipe:
    """The recipe."""
    return UnwrappingRecipe()

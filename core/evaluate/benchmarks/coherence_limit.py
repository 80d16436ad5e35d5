"""What an estimate reaches that is told the outlines of the areas: how much of the error is in finding them.

All that speckle says of an area is averaged over the whole of it, and a small regression makes a coherence of these
averages. It is fitted to other scenes of the same kind, so that it also knows how often each coherence occurs. No map
drawn without the outlines can be expected to be better, and what bias is left comes with any least error: where speckle
does not tell 0 from 0.2, the best guess lies between.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from ....models.coherence_from_intensity.features import CELL, PRODUCTS, pair_features
from ...simulate.detected_scene import DetectedPair, PairOptions, simulate_pairs
from ...training.recipes.coherence_from_intensity import to_batch
from ..coherence_metrics import LOW
from .coherence_registered import registered, shifts_of
from .coherence_scenes import BATCH, SEED

FIT_BATCHES, TEST_BATCHES = 90, 12
FIT_SEED = 99_000
STEPS, SAMPLES, WIDTH, RATE, DECAY, DROPOUT = 2500, 512, 96, 2e-3, 0.05, 0.1
SPREAD_LIMIT = 6.0  # standard deviations that an average may lie from the mean of all
LEAST_POWER = 0.01  # of the products, where ratios are taken


@dataclass(frozen=True)
class Limit:
    """Error over all pixels and bias below LOW of the estimate that knows the outlines."""

    rmse: float
    low_bias: float


def limit_of(options: PairOptions) -> Limit:
    """The limit on scenes of this kind; their coherence is made even within each area."""
    even = replace(options, ground=replace(options.ground, smooth_share=0.0))
    torch.manual_seed(FIT_SEED)
    averages, coherence, pixels = _areas(even, FIT_BATCHES, FIT_SEED)
    tested, truth, weight = _areas(even, TEST_BATCHES, SEED)
    middle, spread = averages.mean(0), averages.std(0).clamp_min(1e-6)
    inputs, asked = (((x - middle) / spread).clamp(-SPREAD_LIMIT, SPREAD_LIMIT) for x in (averages, tested))
    regression = _fitted(inputs, coherence, pixels / pixels.mean())
    with torch.inference_mode():
        error = regression(asked)[:, 0].clamp(0.0, 1.0) - truth
    low = truth < LOW
    rmse = ((weight * error.square()).sum() / weight.sum()).sqrt()
    return Limit(float(rmse), float((weight * error)[low].sum() / weight[low].sum()))


def _areas(options: PairOptions, batches: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of every area: its averages (n, k), true coherence (n,), and number of pixels (n,)."""
    parts = []
    for index in range(batches):
        pair = simulate_pairs(replace(options, batch=BATCH), torch.Generator().manual_seed(seed + index))
        inputs = to_batch(pair)["inputs"]
        images, valid = registered(inputs[:, :2], pair.valid, shifts_of(inputs))  # as the network gets them
        features = pair_features(torch.cat([images, valid[:, None].to(images)], 1))
        parts += [_averages(pair, features[scene], scene) for scene in range(BATCH)]
    averages, coherence, pixels = (torch.cat(values) for values in zip(*parts, strict=True))
    return averages, coherence, pixels.float()


def _averages(pair: DetectedPair, features: Tensor, scene: int) -> tuple[Tensor, Tensor, Tensor]:
    """Means and deviations of the features over each area of one scene and over the scene, and of the log ratio."""
    coherence, kind, pixels = torch.unique(pair.coherence[scene], return_inverse=True, return_counts=True)
    member = functional.one_hot(kind, len(coherence)).float().permute(2, 0, 1)
    inside = (functional.avg_pool2d(member, CELL) > 1.0 - 1e-3).float().flatten(1)  # cells that lie wholly in an area
    inside = inside / inside.sum(1, keepdim=True).clamp_min(1.0)
    planes = features.flatten(1)
    mean = inside @ planes.T
    deviation = (inside @ planes.square().T - mean.square()).clamp_min(0.0).sqrt()
    ratio = (pair.first[scene].log() - pair.second[scene].log()).flatten()
    share = member.flatten(1) / pixels[:, None]
    shift = share @ ratio
    spread = (share @ ratio.square() - shift.square()).clamp_min(1e-6).log()
    power = mean[:, PRODUCTS - 1 : PRODUCTS].clamp_min(LEAST_POWER)
    squares = (mean[:, : PRODUCTS - 1] / power).clamp(-2.0, 2.0)
    around = torch.cat([planes.mean(1), planes.std(1)]).expand(len(coherence), -1)
    own = [shift.abs()[:, None], spread[:, None], pixels.float().log()[:, None]]
    return torch.cat([mean, deviation, squares, squares.clamp_min(1e-3).sqrt(), *own, around], 1), coherence, pixels


def _fitted(inputs: Tensor, coherence: Tensor, weight: Tensor) -> nn.Module:
    """A regression of two hidden layers, by least squares over pixels."""
    regression = nn.Sequential(
        nn.Linear(inputs.shape[1], WIDTH), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(WIDTH, WIDTH), nn.GELU(),
        nn.Linear(WIDTH, 1),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(regression.parameters(), RATE, weight_decay=DECAY)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATE * 0.5 * (1.0 + math.cos(math.pi * step / STEPS))
        chosen = torch.randint(len(inputs), (SAMPLES,))
        error = regression(inputs[chosen])[:, 0] - coherence[chosen]
        optimizer.zero_grad(set_to_none=True)
        (error.square() * weight[chosen]).mean().backward()
        optimizer.step()
    return regression.eval()

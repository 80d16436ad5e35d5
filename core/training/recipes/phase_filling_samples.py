"""Samples of the filling network: phase with its noise, gaps of many shapes, and what the network is shown of it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...evaluate.fill_metrics import fringe_lines, turns, wrap
from ...simulate.draw import Draw
from ...simulate.gapped import Gapless, differential, noisy, topographic
from ...simulate.gaps import blobs, cut_from, random_pixels
from ...simulate.scene import SceneOptions, simulate
from ...simulate.terrain import TerrainSource
from ..feed import seeded
from ..recipe import Batch

TOPOGRAPHIC_SHARE = 0.42
PIXEL = (25.0, 90.0)  # m
SCALE = (0.4, 1.5)  # of the paper's phase per metre: other baselines
HIGH_RELIEF = ("karakoram",)  # tiles whose names begin so are drawn more often
HIGH_RELIEF_WEIGHT = 4

GAP_KINDS = (0.22, 0.5, 0.14, 0.14)  # single pixels, blobs, decorrelation, blobs and pixels together
SHARE = (0.25, 0.6)  # of single pixels
BLOB_SHARE, BLOB_SIGMA = (0.25, 0.55), (1.5, 11.0)
BANK_SEED, BANK_SCENES, BANK_SIDE = 4_711, 16, 224  # of decorrelation masks, simulated once
BANK_BATCHES = 6
LEAST_KNOWN, MOST_KNOWN = 0.15, 0.97  # share of a scene; masks beyond are replaced by blobs

COHERENCE_DROPPED = 0.5  # share of samples that are shown without coherence
TOPOGRAPHIC_NOISE = 0.5  # share of topographic samples with noise


def weighted(source: TerrainSource | None) -> TerrainSource | None:
    """The source with tiles of high relief several times, since fringes are steep in few places."""
    if source is not None:
        steep = [tile for tile in source.tiles if tile.name.startswith(HIGH_RELIEF)]
        source.tiles = source.tiles + steep * (HIGH_RELIEF_WEIGHT - 1)
    return source


def mask_bank(source: TerrainSource | None) -> Tensor:
    """Decorrelation masks (count, side, side) bool of simulated scenes, always the same."""
    options = SceneOptions(batch=BANK_SCENES, rows=BANK_SIDE, cols=BANK_SIDE)
    parts = [simulate(options, seeded(BANK_SEED, 5, i), "cpu", source).decorrelated for i in range(BANK_BATCHES)]
    return torch.cat(parts)


def draw_phase(draw: Draw, source: TerrainSource | None, batch: int, side: int) -> Batch:
    """Clean and observed phase of a batch, topographic and differential together, in random order of kinds."""
    count = int(draw.chance(TOPOGRAPHIC_SHARE, batch).sum())
    parts: list[Gapless] = []
    if count:
        pixel = draw.log_uniform(count, low=PIXEL[0], high=PIXEL[1])
        scale = draw.log_uniform(count, low=SCALE[0], high=SCALE[1])
        parts.append(_disturbed(draw, topographic(draw, source, side, side, pixel, scale)))
    if count < batch:
        parts.append(differential(draw, source, batch - count, side, side))
    return {
        "phase": torch.cat([part.unwrapped for part in parts]),
        "observed": torch.cat([part.observed for part in parts]),
        "coherence": torch.cat([part.coherence for part in parts]),
    }


def _disturbed(draw: Draw, clean: Gapless) -> Gapless:
    """Noise on some of the samples: the paper's have none, real ones do."""
    index = draw.chance(TOPOGRAPHIC_NOISE, len(clean.unwrapped)).nonzero()[:, 0]
    if len(index):
        count = len(index)
        coherence = draw.uniform(count, low=0.5, high=0.97).view(-1, 1, 1).expand_as(clean.unwrapped[index])
        looks = draw.log_uniform(count, low=2.0, high=20.0).round()
        one = torch.ones(count, device=draw.device)
        clean.observed[index], clean.coherence[index] = noisy(draw, clean.unwrapped[index], coherence, looks, one)
    return clean


def draw_gaps(draw: Draw, bank: Tensor, batch: int, side: int) -> Tensor:
    """Gaps (batch, side, side) bool of all kinds."""
    share = draw.uniform(batch, low=BLOB_SHARE[0], high=BLOB_SHARE[1])
    blob = blobs(draw, side, side, draw.log_uniform(batch, low=BLOB_SIGMA[0], high=BLOB_SIGMA[1]), share)
    pixels = random_pixels(draw, side, side, draw.uniform(batch, low=SHARE[0], high=SHARE[1]))
    real = cut_from(draw, bank.to(draw.device), batch, side, side)
    known = 1.0 - real.float().mean((1, 2))
    real = torch.where(((known > LEAST_KNOWN) & (known < MOST_KNOWN)).view(-1, 1, 1), real, blob)
    kind = draw.pick((0.0, 1.0, 2.0, 3.0), batch, weights=GAP_KINDS).view(-1, 1, 1)
    thinned = blob | (pixels & random_pixels(draw, side, side, torch.full((batch,), 0.5, device=draw.device)))
    return torch.where(kind == 0, pixels, torch.where(kind == 1, blob, torch.where(kind == 2, real, thinned)))


def with_gaps(batch: Batch, gap: Tensor, draw: Draw) -> Batch:
    """What the network is shown and what it is asked: a random phase offset and sign, coherence left out at times."""
    count = len(gap)
    offset = draw.uniform(count, low=-math.pi, high=math.pi).view(-1, 1, 1)
    sign = torch.where(draw.chance(0.5, count), 1.0, -1.0).view(-1, 1, 1)
    phase = wrap(batch["phase"] * sign + offset)
    angle = batch["observed"].angle() * sign + offset
    known = (~gap).float()
    has = (~draw.chance(COHERENCE_DROPPED, count)).float().view(-1, 1, 1)
    planes = (angle.cos() * known, angle.sin() * known, known, batch["coherence"] * known * has, has.expand_as(known))
    return {"inputs": torch.stack(planes, 1), "phase": phase, "gap": gap.float(), **targets(phase)}


def targets(phase: Tensor) -> Batch:
    """Fringe lines and turns of a clean phase, as `truth` (batch, 5, rows, cols): line, then cosine and sine twice."""
    across, down = turns(phase)
    planes = (fringe_lines(phase).float(), across.cos(), across.sin(), down.cos(), down.sin())
    return {"truth": torch.stack(planes, 1)}


def turned(batch: Batch, draw: Draw) -> Batch:
    """Clean and observed phase turned by quarters and mirrored; before gaps and targets are made."""
    quarters, mirror = int(draw.integers(1, high=4)), bool(draw.chance(0.5, 1))

    def turn(values: Tensor) -> Tensor:
        return (values.flip(-1) if mirror else values).rot90(quarters, (-2, -1)).contiguous()

    return {name: turn(values) for name, values in batch.items()}

"""Fifteen dates over a volcano: how uncertain the velocity is with and without the atmosphere taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import torch
from numpy.typing import NDArray

from ...atmosphere.cells import Cells
from ...atmosphere.epochs import consistent, incidence
from ...atmosphere.estimate import Estimate, Predict, cell_positions, estimate
from ...atmosphere.joint import estimate_together
from ...atmosphere.means import means_of_arrays
from ...simulate.delays import DelayOptions, simulate_delays
from ...simulate.stack import network
from ...simulate.terrain import find_terrain
from .atmosphere_scenes import noise_of

DATES, SPAN_DAYS, LATER = 15, 1095.0, 3  # the poster's case of Mt. Ontake: 15 scenes in three years
SIDE, PIXEL = 160, 350.0  # cells and their size, m: the stack is made on the network's own cells
NOISE = 18.0  # mm, deviation of the delay of a date
VELOCITY = 30.0  # mm per year at the centre of the source, as there
SITES, SEED = 3, 81_115
DAYS_PER_YEAR = 365.25
METHODS = ("uncorrected", "plane and elevation", "network, each alone", "network, all together")

Float64 = NDArray[np.float64]


@dataclass
class Velocities:
    """Of one site and method: velocity, its formal standard deviation and its truth (mm per year) at valid cells."""

    velocity: Float64
    deviation: Float64
    truth: Float64
    peak: float  # recovered over true velocity where it is largest


def velocities(predict: Predict) -> Iterator[tuple[str, Velocities]]:
    """Every site by every method."""
    for site in range(SITES):
        yield from _site(predict, SEED + 7 * site)


def _site(predict: Predict, seed: int) -> Iterator[tuple[str, Velocities]]:
    generator = torch.Generator().manual_seed(seed)
    days = np.sort(np.append(torch.rand(DATES - 2, generator=generator).numpy() * SPAN_DAYS, (0.0, SPAN_DAYS)))
    options = DelayOptions(batch=DATES, rows=SIDE, cols=SIDE, spacing=(PIXEL, PIXEL), kinds=("mogi",), weights=(1,))
    parts = simulate_delays(options, generator, "cpu", find_terrain("validation"))
    # One ground, and the air of every date above it.
    parts.elevation[:] = parts.elevation[:1]
    delay = NOISE * noise_of(generator, parts).numpy()
    rate = parts.deformation[0].numpy() - np.median(parts.deformation[0].numpy())
    rate = (rate * (-VELOCITY / np.abs(rate).max())).astype(np.float32)
    valid = (parts.share[0] > 0).numpy()
    heights = parts.elevation[0].numpy()
    pairs = network(list(days), SPAN_DAYS, LATER)
    moved = [rate * np.float32((days[j] - days[i]) / DAYS_PER_YEAR) + delay[j] - delay[i] for i, j in pairs]
    start = date(2014, 10, 1)
    named = [(start + timedelta(days=float(days[i])), start + timedelta(days=float(days[j]))) for i, j in pairs]
    cells = Cells((SIDE, SIDE), 1, 1, PIXEL)
    means = [means_of_arrays(cells, field, valid, heights) for field in moved]
    plain = [estimate(one, cells, 1.0, None) for one in means]
    seen = [estimate(one, cells, 1.0, predict) for one in means]
    together = estimate_together(means, named, cells, 1.0, predict)
    corrections: tuple[Sequence[Estimate | None], ...] = ([None] * len(pairs), plain, seen, together)
    for name, found in zip(METHODS, corrections, strict=True):
        left = [field - _taken(one, cells, heights) for field, one in zip(moved, found, strict=True)]
        yield name, _velocity(np.stack([field[valid] for field in left]), named, rate[valid].astype(np.float64))


def _taken(found: Estimate | None, cells: Cells, heights: NDArray[np.float32]) -> Float64:
    if found is None:
        return np.zeros(cells.shape)
    trend = found.trend.at(*cell_positions(cells), heights)
    return trend if found.delay is None else trend + found.delay


def _velocity(phases: Float64, pairs: list[tuple[date, date]], truth: Float64) -> Velocities:
    """Velocity from a line through the series of each cell (pairs, n), referred to the median of the scene."""
    phases = phases - np.median(phases, axis=1, keepdims=True)
    dates, matrix = incidence(pairs)
    closed = consistent(phases, np.ones_like(phases), matrix)
    series = np.linalg.lstsq(matrix, closed, rcond=None)[0]
    years = np.array([(day - dates[0]).days / DAYS_PER_YEAR for day in dates])
    design = np.stack([np.ones_like(years), years], 1)
    solved, *_ = np.linalg.lstsq(design, series, rcond=None)
    residual = series - design @ solved
    variance = np.square(residual).sum(0) / (len(dates) - 2) / np.square(years - years.mean()).sum()
    level = float(np.median(solved[1] - truth))
    core = np.abs(truth) >= 0.8 * np.abs(truth).max()
    return Velocities(
        solved[1] - level, np.sqrt(variance), truth, float((solved[1][core] - level).mean() / truth[core].mean())
    )

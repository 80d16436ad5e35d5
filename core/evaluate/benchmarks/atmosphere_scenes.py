"""Scenes of the atmosphere benchmark: the poster's protocol on other ground and with other delays than are trained on.

Sources of Okada and Mogi; turbulence of Hanssen's exponent 8/3, air in exponential layers that are the same everywhere
or differ from one side to the other, and a bilinear ramp; 300 x 300 pixels of 170 m on terrain of validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...atmosphere.cells import Cells
from ...atmosphere.estimate import Predict, estimate, pixel_positions
from ...atmosphere.means import means_of_arrays
from ...raster.window import Window
from ...simulate.delays import DelayOptions, Delays, simulate_delays
from ...simulate.draw import Draw, per_pixel
from ...simulate.fields import coordinates, standardise
from ...simulate.terrain import find_terrain

SIDE, PIXEL = 300, 170.0  # pixels and m, of the poster's samples
SCALE_HEIGHT = 2000.0  # m, over which the delay of a layer falls to a third
MIX = (1.0, 0.7, 0.4, 0.6)  # amplitudes of turbulence, layers, layers that differ, ramp; jittered for each scene
JITTER = (0.6, 1.2)  # the poster's weight factor, here of each part
NOISE = (3.0, 25.0)  # mm, deviation of all noise
BATCH = 5
SLOPES = (8.0 / 3.0, 8.0 / 3.0)

Float = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass
class Scene:
    """Truth and noise (rows, columns) mm; what moves not is 0. `snr` is power of the truth over that of the noise."""

    truth: Float
    noise: Float
    valid: Bool
    elevation: Float | None
    coherence: Float | None
    pixel: float
    snr: float

    @property
    def total(self) -> Float:
        """What an interferogram shows."""
        return self.truth + self.noise


def scenes(count: int, snr: tuple[float, float], seed: int, ground: str = "validation") -> Iterator[Scene]:
    """So many scenes of a signal to noise between two bounds (by the logarithm), 0 for no movement at all."""
    terrain = find_terrain(ground)
    options = DelayOptions(
        batch=BATCH,
        rows=SIDE,
        cols=SIDE,
        spacing=(PIXEL, PIXEL),
        kinds=("okada", "mogi"),
        weights=(1, 1),
        slopes=SLOPES,
    )
    for start in range(0, count, BATCH):
        generator = torch.Generator().manual_seed(seed + start)
        parts = simulate_delays(options, generator, "cpu", terrain)
        draw = Draw(generator)
        noise = _noise(draw, parts)
        wanted = draw.log_uniform(BATCH, low=snr[0], high=snr[1]) if snr[1] > 0 else torch.zeros(BATCH)
        size = draw.log_uniform(BATCH, low=NOISE[0], high=NOISE[1])
        for index in range(min(BATCH, count - start)):
            yield _scene(parts, noise[index], index, float(wanted[index]), float(size[index]))


def noise_of(generator: torch.Generator, parts: Delays) -> Tensor:
    """Delay of unit deviation over all pixels (batch, rows, cols) of simulated parts."""
    return standardise(_noise(Draw(generator), parts))


def _noise(draw: Draw, parts: Delays) -> Tensor:
    """The four parts of the delay, jittered."""
    batch, rows, cols = parts.elevation.shape
    layers = standardise(torch.exp(-parts.elevation / SCALE_HEIGHT))
    y, x = coordinates(rows, cols, parts.elevation.device)
    angle = per_pixel(draw.uniform(batch, high=6.283))
    aside = standardise((x * torch.cos(angle) + y * torch.sin(angle)) * layers)
    bend = per_pixel(draw.uniform(batch, low=-1.0, high=1.0))
    ramp = standardise(parts.ramp + bend * (x * y) / float((x * y).std()))
    total = torch.zeros_like(parts.elevation)
    for field, weight in zip((parts.turbulence, layers, aside, ramp), MIX, strict=True):
        sign = draw.pick([-1.0, 1.0], batch)
        total += per_pixel(sign * weight * draw.uniform(batch, low=JITTER[0], high=JITTER[1])) * field
    return total


def _scene(parts: Delays, noise: Tensor, index: int, snr: float, size: float) -> Scene:
    valid = (parts.share[index] > 0).numpy()
    delay = noise.numpy()
    delay = (delay - delay[valid].mean()) * np.float32(size / delay[valid].std())
    moved = parts.deformation[index].numpy()
    # A source is seen against ground that does not move, which is most of the scene.
    moved = moved - np.float32(np.median(moved))
    power = float(np.var(moved[valid]))
    truth = moved * np.float32(size * np.sqrt(snr / power)) if power > 0 else moved * np.float32(0)
    return Scene(truth, delay, valid, parts.elevation[index].numpy(), parts.coherence[index].numpy(), PIXEL, snr)


@dataclass
class Corrected:
    """What a method makes of a scene (rows, columns), mm; the deviation it states, where it does."""

    movement: Float64
    atmosphere: Float64
    deviation: Float64 | None


def correct(scene: Scene, predict: Predict | None) -> Corrected:
    """Deformation as the tool gives it: the trend alone without a network."""
    total = scene.total
    shape = scene.truth.shape
    cells = Cells.of(shape, (scene.pixel, scene.pixel))
    means = means_of_arrays(cells, total, scene.valid, scene.elevation, scene.coherence)
    found = estimate(means, cells, 1.0, predict)
    window = Window(0, 0, *shape)
    taken = found.trend.at(*pixel_positions(cells, window), scene.elevation)
    deviation = None
    if found.delay is not None and found.variance is not None:
        taken = taken + cells.enlarge(found.delay, window)
        deviation = np.maximum(cells.enlarge(np.sqrt(found.variance), window), 0.0)
    return Corrected(total - taken, taken, deviation)

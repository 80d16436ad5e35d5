"""Test scenes for unwrapping: mining troughs by slope and coherence, and what share of them comes out right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import erf

from ..phase.unwrap_combined import Prediction, by_network, combined
from ..phase.unwrap_mcf import mcf
from ..phase.wrap import CYCLE
from ..simulate.atmosphere import turbulence
from ..simulate.deformation import okada
from ..simulate.draw import Draw
from ..simulate.pair import estimate_coherence, multilook_pair

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Predict = Callable[[Float], Float]

SIDE = 176  # pixels
LOOKS = 4.0
WINDOW = 5.0  # of the coherence estimate
CORE, RIM = 0.1, 0.02  # shares of the peak: beyond the first is the core, below the second the surroundings
LEAST_COHERENCE = 0.1  # share of the scene's coherence that is left where the slope is a cycle per pixel


@dataclass(frozen=True)
class Cell:
    """One cell of the table: steepest slope (rad per pixel), coherence of flat ground, deviation of the air (rad)."""

    slope: float
    coherence: float
    shape: str = "mine"
    air: float = 0.0


@dataclass(frozen=True)
class TroughScene:
    """A noisy interferogram of one trough and its truth (rows, columns)."""

    wrapped: Float
    coherence: Float  # estimated
    truth: Float  # rad, unwrapped and without noise
    trough: Float  # rad, the part of the truth that the ground makes

    @property
    def inputs(self) -> Float:
        """What the network is shown (5, rows, columns)."""
        ones = np.ones_like(self.wrapped)
        return np.stack([np.cos(self.wrapped), np.sin(self.wrapped), ones, self.coherence, ones])


def knothe(rng: np.random.Generator) -> Float:
    """Trough (rows, columns) of a rectangular mine in the line of sight, any depth: Knothe's function, with tilt."""
    y, x = _centred(rng)
    reach = rng.uniform(9.0, 14.0)
    turn = rng.uniform(0, np.pi)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)

    def profile(along: Any, half: float) -> Any:
        scale = np.sqrt(np.pi) / reach
        return 0.5 * (erf(scale * (along + half)) - erf(scale * (along - half)))

    bowl = profile(u, reach * rng.uniform(0.8, 1.6)) * profile(v, reach * rng.uniform(0.8, 1.6))
    return np.asarray(bowl + rng.uniform(-0.12, 0.12) * reach * np.gradient(bowl, axis=1), np.float32)


def closing_crack(rng: np.random.Generator) -> Float:
    """Trough over a flat crack that closes in an elastic half-space (Okada 1985): a shape that is not trained on."""
    y, x = _centred(rng)
    size, depth, dip = rng.uniform(14, 36, 2), rng.uniform(11, 17), rng.uniform(0, 12)
    one = [torch.tensor([float(v)]) for v in (0, 0, depth, rng.uniform(0, 360), dip, *size, 0, 0, -1)]
    right, above = (torch.as_tensor(plane, dtype=torch.float32)[None] for plane in (x, -y))
    east, north, up = (part[0].numpy() for part in okada.displacement(okada.Fault(*one), right, above))
    look = rng.uniform(0, 2 * np.pi)
    return np.asarray(0.8 * up + 0.6 * (east * np.cos(look) + north * np.sin(look)), np.float32)


SHAPES = {"mine": knothe, "crack": closing_crack}


def _centred(rng: np.random.Generator) -> tuple[Any, Any]:
    """Rows and columns from a drawn centre."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return y + rng.uniform(-0.15, 0.15) * SIDE, x + rng.uniform(-0.15, 0.15) * SIDE


def scenes(cell: Cell, count: int, seed: int) -> Iterator[TroughScene]:
    """Scenes of a cell, the same for the same seed."""
    for index in range(count):
        rng = np.random.default_rng((seed, index, round(cell.slope * 100), round(cell.coherence * 100)))
        shape = SHAPES[cell.shape](rng)
        steepest = np.hypot(*np.gradient(shape)).max()
        trough = np.asarray(rng.choice((-1.0, 1.0)) * cell.slope / steepest * shape, np.float32)
        truth = trough + _air(cell.air, rng) if cell.air else trough
        down, right = np.gradient(truth)
        fall = np.maximum(1.0 - np.hypot(down, right) / CYCLE, LEAST_COHERENCE)  # Zebker and Villasenor (1992)
        draw = Draw(torch.Generator().manual_seed(int(rng.integers(2**31))))
        phase, level = (torch.as_tensor(a, dtype=torch.float32)[None] for a in (truth, cell.coherence * fall))
        cross, first, second = multilook_pair(
            draw, phase, level, torch.ones_like(phase), torch.tensor([LOOKS]), torch.tensor([1.0])
        )
        estimate = estimate_coherence(cross, first, second, torch.tensor([WINDOW]), torch.zeros_like(phase))
        yield TroughScene(cross.angle()[0].numpy(), estimate[0].numpy(), truth, trough)


def _air(deviation: float, rng: np.random.Generator) -> Float:
    """Turbulent delay (rows, columns), rad."""
    draw = Draw(torch.Generator().manual_seed(int(rng.integers(2**31))))
    field: Float = turbulence(draw, 1, SIDE, SIDE)[0].numpy()
    return deviation * field


def core_of(scene: TroughScene) -> Bool:
    """The trough's core (rows, columns)."""
    size = np.abs(scene.trough)
    return np.asarray(size > CORE * size.max())


def right_pixels(unwrapped: Float, scene: TroughScene) -> int:
    """Pixels of the core in the right cycle, as counted from the surroundings."""
    size = np.abs(scene.trough)
    difference = unwrapped - scene.truth
    cycles = np.rint((difference - np.median(difference[size < RIM * size.max()])) / CYCLE)
    return int(np.count_nonzero(cycles[core_of(scene)] == 0))


def measure(scene: TroughScene, predict: Predict) -> dict[str, float]:
    """Share of the core in the right cycle, by the network alone and by the combination."""
    prediction = Prediction.of(predict(scene.inputs))
    valid = np.ones(scene.wrapped.shape, bool)
    both = combined(scene.wrapped, valid, scene.coherence, LOOKS, prediction, mcf)
    alone = by_network(scene.wrapped, valid, prediction)
    total = core_of(scene).sum()
    found = {"network": alone.phase, "combined": both.phase}
    return {name: float(right_pixels(phase, scene) / total) for name, phase in found.items()}

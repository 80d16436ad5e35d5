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
from ..simulate.draw import Draw
from ..simulate.pair import estimate_coherence, multilook_pair

Float = NDArray[np.float32]
Predict = Callable[[Float], Float]

SIDE = 176  # pixels
LOOKS = 4.0
WINDOW = 5.0  # of the coherence estimate
CORE, RIM = 0.1, 0.02  # shares of the peak: beyond the first is the core, below the second the surroundings
LEAST_COHERENCE = 0.1  # share of the scene's coherence that is left where the slope is a cycle per pixel


@dataclass(frozen=True)
class Cell:
    """One cell of the table: steepest slope (rad per pixel) and coherence of flat ground."""

    slope: float
    coherence: float


@dataclass(frozen=True)
class TroughScene:
    """A noisy interferogram of one trough and its truth (rows, columns)."""

    wrapped: Float
    coherence: Float  # estimated
    truth: Float  # rad, unwrapped and without noise

    @property
    def inputs(self) -> Float:
        """What the network is shown (5, rows, columns)."""
        ones = np.ones_like(self.wrapped)
        return np.stack([np.cos(self.wrapped), np.sin(self.wrapped), ones, self.coherence, ones])


def knothe(rng: np.random.Generator, slope: float, side: int = SIDE) -> Float:
    """Phase (rad) of a rectangular mine's trough of this steepest slope: Knothe's function, with horizontal motion."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    y, x = y + rng.uniform(-0.15, 0.15) * side, x + rng.uniform(-0.15, 0.15) * side
    reach = rng.uniform(9.0, 14.0)
    turn = rng.uniform(0, np.pi)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)

    def profile(along: Any, half: float) -> Any:
        scale = np.sqrt(np.pi) / reach
        return 0.5 * (erf(scale * (along + half)) - erf(scale * (along - half)))

    bowl = profile(u, reach * rng.uniform(0.8, 1.6)) * profile(v, reach * rng.uniform(0.8, 1.6))
    bowl = bowl + rng.uniform(-0.12, 0.12) * reach * np.gradient(bowl, axis=1)
    down, right = np.gradient(bowl)
    return np.asarray(rng.choice((-1.0, 1.0)) * slope / np.hypot(down, right).max() * bowl, np.float32)


def scenes(cell: Cell, count: int, seed: int) -> Iterator[TroughScene]:
    """Scenes of a cell, the same for the same seed."""
    for index in range(count):
        rng = np.random.default_rng((seed, index, round(cell.slope * 100), round(cell.coherence * 100)))
        truth = knothe(rng, cell.slope)
        down, right = np.gradient(truth)
        fall = np.maximum(1.0 - np.hypot(down, right) / CYCLE, LEAST_COHERENCE)  # Zebker and Villasenor (1992)
        draw = Draw(torch.Generator().manual_seed(int(rng.integers(2**31))))
        phase, level = (torch.as_tensor(a, dtype=torch.float32)[None] for a in (truth, cell.coherence * fall))
        cross, first, second = multilook_pair(
            draw, phase, level, torch.ones_like(phase), torch.tensor([LOOKS]), torch.tensor([1.0])
        )
        estimate = estimate_coherence(cross, first, second, torch.tensor([WINDOW]), torch.zeros_like(phase))
        yield TroughScene(cross.angle()[0].numpy(), estimate[0].numpy(), truth)


def right_share(unwrapped: Float, scene: TroughScene) -> float:
    """Share of the core's pixels in the right cycle, as counted from the surroundings."""
    size = np.abs(scene.truth)
    core, rim = size > CORE * size.max(), size < RIM * size.max()
    difference = unwrapped - scene.truth
    cycles = np.rint((difference - np.median(difference[rim])) / CYCLE)
    return float(np.mean(cycles[core] == 0))


def measure(scene: TroughScene, predict: Predict) -> dict[str, float]:
    """Right share by the network alone and by the combination."""
    prediction = Prediction.of(predict(scene.inputs))
    valid = np.ones(scene.wrapped.shape, bool)
    both = combined(scene.wrapped, valid, scene.coherence, LOOKS, prediction, mcf)
    return {
        "network": right_share(by_network(scene.wrapped, valid, prediction).phase, scene),
        "combined": right_share(both.phase, scene),
    }

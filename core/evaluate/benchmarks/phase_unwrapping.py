"""Benchmark of unwrapping: troughs by slope and coherence, another shape, an earthquake; beside MCF and SNAPHU."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ....models.registry import Card
from ...phase.congruence import congruence_error
from ...phase.unwrap_combined import Prediction, by_network, combined
from ...phase.unwrap_mcf import mcf
from ...phase.unwrap_process import SolverProcess
from ...phase.unwrap_snaphu import is_installed
from ...progress import Progress, Silent
from ..phase_unwrapping_cells import LOOKS, Cell, TroughScene, core_of, right_pixels, scenes
from ..report import Section, Table
from . import unwrap_tables as tables
from .unwrap_plots import plot_examples, plot_slopes
from .unwrap_real import thessaly
from .unwrap_tables import COUNT, SEED, Shares, estimates

AIR = 3.0  # rad, standard deviation over a scene: 13 mm of delay at 0.055 m
CELLS = [Cell(slope, coherence) for coherence in (0.9, 0.6, 0.4) for slope in (0.8, 1.6, 2.4, 3.4, 5.2)]
CRACKS = [Cell(slope, 0.6, "crack") for slope in (1.6, 3.4, 5.2)]
AIRY = [Cell(slope, 0.6, air=AIR) for slope in (0.8, 1.6, 3.4, 5.2)]
CRACK_COUNT = 8
WHAT = (
    "Share of the pixels of a trough's core (beyond 10 % of its depth) that are in the right cycle, counted from the"
    " surroundings. Scenes of 176 x 176 pixels and 4 looks; coherence falls linearly with the slope, to a tenth at one"
    " cycle per pixel (Zebker and Villasenor 1992), and is estimated in 5 x 5 pixels with the fringes in it. Slope is"
    " the steepest of the scene, in rad per pixel; beyond pi it cannot be seen in the phase of two neighbours. The"
    " troughs are Knothe's, from another generator than the one that is trained on, and without atmosphere but where a"
    " table says so."
)

Float = NDArray[np.float32]
Solve = Callable[[TroughScene], Float]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure every cell, plot, and say it in tables."""
    predict = predictor(network.to(device), device)
    found = Measured()
    every = [*CELLS, *CRACKS, *AIRY]
    with SolverProcess("snaphu", Silent()) as process:
        for done, cell in enumerate(every):
            progress.update(done / (len(every) + 1), f"{cell.shape} {cell.slope} rad/pixel, {cell.coherence}")
            found.add(cell, COUNT if cell.shape == "mine" else CRACK_COUNT, _methods(predict, process))
    pictures.mkdir(parents=True, exist_ok=True)
    plot_slopes({c: estimates(found.shares[c]) for c in CELLS}, pictures / "benchmark-phase_unwrapping-slopes.png")
    plot_examples(predict, [Cell(3.4, 0.6), Cell(5.2, 0.6)], pictures / "benchmark-phase_unwrapping-examples.png")
    real = thessaly(predict)
    return Section(
        card.name,
        "Unwrapping (`unwrapphase`)",
        [WHAT, f"Network: configuration `{card.config}`, weights {card.sha256[:12]}."],
        _tables(found, real),
        [
            ("benchmark-phase_unwrapping-slopes.png", "Right share of the core by slope, for three coherences"),
            ("benchmark-phase_unwrapping-examples.png", "Wrapped phase, truth, MCF, combined and their errors"),
        ],
    )


def _tables(found: Measured, real: dict[str, float] | None) -> list[Table]:
    cells, cracks, airy = ({cell: found.shares[cell] for cell in group} for group in (CELLS, CRACKS, AIRY))
    return [
        tables.targets(found.shares, found.worst, found.seconds, real),
        tables.shares("Mining troughs", cells),
        tables.shares("Closing cracks (Okada), a shape that is not trained on", cracks),
        tables.shares(f"Mining troughs in turbulent air, {AIR:g} rad (standard deviation)", airy),
        tables.filtered(),
        tables.speed(found.seconds, found.scenes),
        *([tables.thessaly(real)] if real is not None else []),
    ]


@dataclass
class Measured:
    """What came of the cells."""

    shares: dict[Cell, Shares] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # of each method, all scenes together
    worst: float = 0.0  # rad; farthest that the combination is from a whole cycle above the input
    scenes: int = 0

    def add(self, cell: Cell, count: int, methods: dict[str, Solve]) -> None:
        """Every method on the scenes of a cell."""
        shares: Shares = {}
        for scene in scenes(cell, count, SEED):
            total = int(core_of(scene).sum())
            self.scenes += 1
            for name, solve in methods.items():
                began = time.perf_counter()
                unwrapped = solve(scene)
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
                shares.setdefault(name, []).append((right_pixels(unwrapped, scene), total))
                if name == "combined":
                    error = congruence_error(unwrapped, scene.wrapped, np.ones(unwrapped.shape, bool))
                    self.worst = max(self.worst, float(error.max()))
        self.shares[cell] = shares


def predictor(network: nn.Module, device: torch.device) -> Callable[[Float], Float]:
    """The network as a function of planes (5, rows, columns); sides divisible by its `multiple_of`."""

    def predict(planes: Float) -> Float:
        with torch.inference_mode():
            answer: Float = network(torch.as_tensor(planes)[None].to(device))[0].float().cpu().numpy()
        return answer

    return predict


def _methods(predict: Callable[[Float], Float], process: SolverProcess) -> dict[str, Solve]:
    """Every method that the runtime has."""

    def whole(scene: TroughScene) -> NDArray[np.bool_]:
        return np.ones(scene.wrapped.shape, bool)

    def both(scene: TroughScene) -> Float:
        prediction = Prediction.of(predict(scene.inputs))
        return combined(scene.wrapped, whole(scene), scene.coherence, LOOKS, prediction, mcf).phase

    methods: dict[str, Solve] = {
        "mcf": lambda s: mcf(s.wrapped, whole(s), s.coherence, LOOKS).phase,
        "snaphu": lambda s: process(s.wrapped, whole(s), s.coherence, LOOKS).phase,
        "network": lambda s: by_network(s.wrapped, whole(s), Prediction.of(predict(s.inputs))).phase,
        "combined": both,
    }
    if not is_installed():
        del methods["snaphu"]
    return methods

"""Benchmark of unwrapping: troughs by slope and coherence, another shape, an earthquake; beside MCF and SNAPHU."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ....models.registry import Card
from ...phase.unwrap_combined import Prediction, by_network, combined
from ...phase.unwrap_mcf import mcf
from ...phase.unwrap_process import SolverProcess
from ...phase.unwrap_snaphu import is_installed
from ...progress import Progress, Silent
from ..bootstrap import Estimate, pooled
from ..phase_unwrapping_cells import LOOKS, Cell, TroughScene, core_of, right_pixels, scenes
from ..report import Section, Table
from .unwrap_plots import plot_examples, plot_slopes
from .unwrap_real import thessaly_table

SLOPES, COHERENCES = (0.8, 1.6, 2.4, 3.4, 5.2), (0.9, 0.6, 0.4)
COUNT, CRACK_COUNT, SEED = 10, 8, 20_261
CRACK_SLOPES = (1.6, 3.4, 5.2)
AIR, AIR_SLOPES = 3.0, (0.8, 1.6, 3.4, 5.2)  # rad, standard deviation over a scene: 13 mm of delay at 0.055 m
NOISY = (Cell(0.8, 0.4), Cell(0.8, 0.25), Cell(1.6, 0.4), Cell(1.6, 0.25))
FILTERS = (0.0, 0.5, 1.0)  # strengths of the Goldstein filter
METHODS = ("mcf", "snaphu", "network", "combined")
TARGETS = {Cell(3.4, 0.6): 0.90, Cell(5.2, 0.6): 0.70}
GENTLE, GENTLE_LOSS = 1.75, 0.01  # up to this slope the combination may lose so much against MCF
WHAT = (
    "Share of the pixels of a trough's core (beyond 10 % of its depth) that are in the right cycle, counted from the"
    " surroundings. Scenes of 176 x 176 pixels and 4 looks; coherence falls linearly with the slope, to a tenth at one"
    " cycle per pixel (Zebker and Villasenor 1992), and is estimated in 5 x 5 pixels with the fringes in it. Slope is"
    " the steepest of the scene, in rad per pixel; beyond pi it cannot be seen in the phase of two neighbours. The"
    " troughs are Knothe's, from another generator than the one that is trained on, and without atmosphere but where a"
    " table says so."
)

Float = NDArray[np.float32]
Shares = dict[str, list[tuple[int, int]]]  # of each method: right pixels and pixels of each scene
Solve = Callable[[TroughScene], Float]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure every cell, plot, and say it in tables."""
    predict = predictor(network.to(device), device)
    cells = [Cell(slope, coherence) for coherence in COHERENCES for slope in SLOPES]
    cracks = [Cell(slope, 0.6, "crack") for slope in CRACK_SLOPES]
    airy = [Cell(slope, 0.6, air=AIR) for slope in AIR_SLOPES]
    seconds: dict[str, float] = {}
    measured: dict[Cell, Shares] = {}
    every = [*cells, *cracks, *airy]
    for done, cell in enumerate(every):
        progress.update(done / (len(every) + 1), f"{cell.shape} {cell.slope} rad/pixel, {cell.coherence}")
        measured[cell] = _measured(cell, COUNT if cell.shape == "mine" else CRACK_COUNT, predict, seconds)
    pictures.mkdir(parents=True, exist_ok=True)
    plot_slopes({c: estimates(measured[c]) for c in cells}, pictures / "benchmark-phase_unwrapping-slopes.png")
    plot_examples(predict, [Cell(3.4, 0.6), Cell(5.2, 0.6)], pictures / "benchmark-phase_unwrapping-examples.png")
    tables = [
        _table("Mining troughs", {c: measured[c] for c in cells}),
        _table("Closing cracks (Okada), a shape that is not trained on", {c: measured[c] for c in cracks}),
        _table(
            f"Mining troughs under turbulent air of {AIR:g} rad (standard deviation)", {c: measured[c] for c in airy}
        ),
        _filtered(),
        _speed(seconds, (len(cells) + len(airy)) * COUNT + len(cracks) * CRACK_COUNT),
    ]
    real = thessaly_table(predict)
    return Section(
        card.name,
        "Unwrapping (`unwrapphase`)",
        [WHAT, _verdict(measured), f"Network: configuration `{card.config}`, weights {card.sha256[:12]}."],
        [*tables, *([real] if real is not None else [])],
        [
            ("benchmark-phase_unwrapping-slopes.png", "Right share of the core by slope, for three coherences"),
            ("benchmark-phase_unwrapping-examples.png", "Wrapped phase, truth, MCF, combined and their errors"),
        ],
    )


def predictor(network: nn.Module, device: torch.device) -> Callable[[Float], Float]:
    """The network as a function of planes (5, rows, columns); sides divisible by its `multiple_of`."""

    def predict(planes: Float) -> Float:
        with torch.inference_mode():
            answer: Float = network(torch.as_tensor(planes)[None].to(device))[0].float().cpu().numpy()
        return answer

    return predict


def _measured(cell: Cell, count: int, predict: Callable[[Float], Float], seconds: dict[str, float]) -> Shares:
    shares: Shares = {}
    with SolverProcess("snaphu", Silent()) as process:
        for scene in scenes(cell, count, SEED):
            total = int(core_of(scene).sum())
            for name, solve in _methods(predict, process).items():
                began = time.perf_counter()
                unwrapped = solve(scene)
                seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began
                shares.setdefault(name, []).append((right_pixels(unwrapped, scene), total))
    return shares


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


def estimates(shares: Shares) -> dict[str, Estimate]:
    """Share of each method with its interval over scenes."""
    return {
        name: pooled(np.asarray(rows, np.float64), lambda sums: sums[:, 0] / sums[:, 1])
        for name, rows in shares.items()
    }


def _table(title: str, measured: dict[Cell, Shares]) -> Table:
    names = [name for name in METHODS if name in next(iter(measured.values()))]
    table = Table(title, ["coherence", "slope", *names])
    for cell, shares in measured.items():
        shown = estimates(shares)
        table.rows.append([f"{cell.coherence:g}", f"{cell.slope:g}", *(shown[name].show() for name in names)])
    return table


def _filtered() -> Table:
    """What guiding minimum-cost flow by a filtered phase is worth in noise."""
    table = Table(
        "The Goldstein filter that can guide minimum-cost flow (`GOLDSTEIN`), troughs in noise",
        ["coherence", "slope", *(f"mcf, {strength:g}" for strength in FILTERS)],
    )
    for cell in NOISY:
        shares: Shares = {}
        for scene in scenes(cell, COUNT, SEED):
            valid, total = np.ones(scene.wrapped.shape, bool), int(core_of(scene).sum())
            for strength in FILTERS:
                unwrapped = mcf(scene.wrapped, valid, scene.coherence, LOOKS, goldstein=strength).phase
                shares.setdefault(f"{strength:g}", []).append((right_pixels(unwrapped, scene), total))
        shown = estimates(shares)
        table.rows.append([f"{cell.coherence:g}", f"{cell.slope:g}", *(value.show() for value in shown.values())])
    table.note = "The result is congruent with the phase that is not filtered, so that its own noise stays in it."
    return table


def _speed(seconds: dict[str, float], count: int) -> Table:
    table = Table("Seconds per scene of 176 x 176 pixels", ["method", "seconds", "of SNAPHU"])
    for name in METHODS:
        if name in seconds:
            share = f"{seconds[name] / seconds['snaphu']:.2f}" if "snaphu" in seconds else "not installed"
            table.rows.append([name, f"{seconds[name] / count:.3f}", share])
    table.note = "SNAPHU through its Python package with the deformation cost, its files and process included."
    return table


def _verdict(measured: dict[Cell, Shares]) -> str:
    words = []
    for cell, target in TARGETS.items():
        shown = estimates(measured[cell])
        met = "met" if shown["combined"].value >= target else "not met"
        words.append(
            f"{cell.slope} rad per pixel at coherence {cell.coherence}: {shown['combined'].show()}, MCF"
            f" {shown['mcf'].value:.3f}, target {target:.2f} {met}"
        )
    losses = [
        estimates(shares)["mcf"].value - estimates(shares)["combined"].value
        for cell, shares in measured.items()
        if cell.slope <= GENTLE
    ]
    met = "met" if max(losses) <= GENTLE_LOSS else "not met"
    words.append(f"largest loss against MCF up to {GENTLE} rad per pixel: {max(losses):.4f}, target 0.01 {met}")
    return "**" + "; ".join(words) + ".**"

"""Plots of the unwrapping benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...phase.unwrap_combined import Prediction, combined
from ...phase.unwrap_mcf import mcf
from ..bootstrap import Estimate
from ..phase_unwrapping_cells import LOOKS, Cell, scenes

DPI = 80
EXAMPLE_SEED = 7

Float = NDArray[np.float32]


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    return pyplot


def plot_slopes(shares: Mapping[Cell, Mapping[str, Estimate]], path: Path) -> None:
    """Right share of every method by slope, a panel for each coherence."""
    plt = _pyplot()
    coherences = sorted({cell.coherence for cell in shares}, reverse=True)
    figure, axes = plt.subplots(1, len(coherences), figsize=(4 * len(coherences), 3.6), sharey=True)
    for axis, coherence in zip(axes, coherences, strict=True):
        cells = [cell for cell in shares if cell.coherence == coherence]
        for name in shares[cells[0]]:
            values = np.array([shares[cell][name] for cell in cells])
            spread = np.abs(values[:, 1:].T - values[:, 0])
            axis.errorbar([cell.slope for cell in cells], values[:, 0], spread, fmt="o-", ms=4, lw=1, label=name)
        axis.axvline(np.pi, color="grey", lw=0.8, ls="--")
        axis.set_title(f"coherence {coherence:g}")
        axis.set_xlabel("steepest slope, rad per pixel")
    axes[0].set_ylabel("core in the right cycle")
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plot_examples(predict: Callable[[Float], Float], cells: list[Cell], path: Path) -> None:
    """One scene of each cell: wrapped phase, truth, MCF, combined, and the error of both."""
    plt = _pyplot()
    figure, axes = plt.subplots(len(cells), 6, figsize=(15, 2.7 * len(cells)), squeeze=False)
    for row, cell in zip(axes, cells, strict=True):
        scene = next(iter(scenes(cell, 1, EXAMPLE_SEED)))
        valid = np.ones(scene.wrapped.shape, bool)
        prediction = Prediction.of(predict(scene.inputs))
        alone = mcf(scene.wrapped, valid, scene.coherence, LOOKS).phase
        both = combined(scene.wrapped, valid, scene.coherence, LOOKS, prediction, mcf).phase
        low, high = float(scene.truth.min()), float(scene.truth.max())
        for axis, values, title, limits, colours in (
            (row[0], scene.wrapped, f"{cell.slope} rad/pixel, {cell.coherence}", (-np.pi, np.pi), "twilight"),
            (row[1], scene.truth, "truth", (low, high), "viridis"),
            (row[2], alone - np.median(alone - scene.truth), "MCF", (low, high), "viridis"),
            (row[3], both - np.median(both - scene.truth), "combined", (low, high), "viridis"),
            (row[4], _error(alone, scene.truth), "MCF, error", (-20, 20), "RdBu"),
            (row[5], _error(both, scene.truth), "combined, error", (-20, 20), "RdBu"),
        ):
            axis.imshow(values, vmin=limits[0], vmax=limits[1], cmap=colours)
            axis.set_title(title, fontsize=8)
            axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def _error(unwrapped: Float, truth: Float) -> Float:
    difference = unwrapped - truth
    return np.asarray(difference - np.median(difference))

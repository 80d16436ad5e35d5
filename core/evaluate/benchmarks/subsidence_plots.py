"""Plots of the subsidence benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .subsidence_scenes import TroughScene
from .subsidence_tally import PER, Tally

DPI = 80
DRAWN = 0.45  # probability along the line that is drawn, near the outlines of sure detections
_AXIS = (0.1, 100.0)  # false alarms per PER km2 that are drawn

Float = NDArray[np.float32]


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    return pyplot


def plot_recall(tallies: Sequence[Tally], path: Path) -> None:
    """Recall of every method over its false alarms (free-response curve)."""
    plt = _pyplot()
    figure, axis = plt.subplots(figsize=(6, 4))
    for tally in tallies:
        scores, hits, objects, area = tally.pooled()
        order = np.argsort(-scores, kind="stable")
        alarms = np.cumsum(~hits[order]) / area * PER
        axis.step(
            np.maximum(alarms, _AXIS[0]), np.cumsum(hits[order]) / max(objects, 1), where="post", label=tally.name
        )
    axis.axvline(1.0, color="grey", lw=0.8, ls="--")
    axis.set_xscale("log")
    axis.set_xlim(*_AXIS)
    axis.set_ylim(0, 1)
    axis.set_xlabel("false alarms per 1,000 km2")
    axis.set_ylabel("troughs found")
    axis.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plot_examples(examples: Sequence[tuple[TroughScene, Float]], path: Path) -> None:
    """Wrapped phase with what is there and what was found, and the probability below."""
    plt = _pyplot()
    figure, axes = plt.subplots(2, len(examples), figsize=(4 * len(examples), 8), squeeze=False)
    for (above, below), (scene, probability) in zip(axes.T, examples, strict=True):
        above.imshow(np.where(scene.valid, scene.wrapped, np.nan), cmap="twilight", vmin=-np.pi, vmax=np.pi)
        outline(above, np.nan_to_num(probability), "red")
        for trough in scene.troughs:
            above.contour(trough.mask, [0.5], colors="lime", linewidths=0.8)
        below.imshow(probability, cmap="viridis", vmin=0, vmax=1)
        for axis in (above, below):
            axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def outline(axis: Any, probability: Float, colour: str) -> None:
    """Draw where detections end, if there are any."""
    if probability.max() > DRAWN:
        axis.contour(probability, [DRAWN], colors=colour, linewidths=0.8)


def plot_spans(panels: Sequence[tuple[str, Float, Float]], path: Path) -> None:
    """Wrapped phase of several interferograms with detections, and the probability below."""
    plt = _pyplot()
    figure, axes = plt.subplots(2, len(panels), figsize=(3.6 * len(panels), 5), squeeze=False)
    for (above, below), (title, phase, probability) in zip(axes.T, panels, strict=True):
        above.imshow(phase, cmap="twilight", vmin=-np.pi, vmax=np.pi)
        outline(above, np.nan_to_num(probability), "red")
        above.set_title(title, fontsize=9)
        below.imshow(probability, cmap="viridis", vmin=0, vmax=1)
        for axis in (above, below):
            axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)

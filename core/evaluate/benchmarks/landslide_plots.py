"""Plots of the landslide benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..landslide_scenes import Answer, Truth

DPI = 80
EXAMPLES, SHOWN_SCORE = 5, 0.5


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    return pyplot


def plot_slowest(curves: Mapping[str, Mapping[float, float | None]], share: float, path: Path) -> None:
    """Smallest rate found over the number of interferograms, a line for each method."""
    plt = _pyplot()
    figure, axis = plt.subplots(figsize=(5.6, 3.8))
    for name, values in curves.items():
        reached = {count: value for count, value in values.items() if value is not None}
        axis.plot(list(reached), list(reached.values()), "o-", ms=4, lw=1, label=name)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(list(next(iter(curves.values()))), [f"{count:.0f}" for count in next(iter(curves.values()))])
    axis.set_xlabel("interferograms in the stack")
    axis.set_ylabel(f"mm/yr along the line of sight,\nfound in {share:.0%} of the cases")
    axis.grid(visible=True, which="both", lw=0.3)
    axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plot_examples(scenes: Sequence[Truth], method: Callable[[Truth], Answer], path: Path) -> None:
    """The scenes with most slides: both gradients, coherence, rate with true outlines, detections."""
    plt = _pyplot()
    busiest = sorted(scenes, key=lambda truth: -int(truth.wanted.sum()))[:EXAMPLES]
    figure, axes = plt.subplots(len(busiest), 5, figsize=(13, 2.7 * len(busiest)), squeeze=False)
    for row, truth in zip(axes, busiest, strict=True):
        scene, index = truth.scene, truth.index
        gradient, valid = scene.gradient[index].numpy(), scene.valid[index].numpy()
        limit = 5 * float(np.median(np.abs(gradient[:, valid]))) if valid.any() else 1.0
        answer = method(truth)
        for axis, values, title, limits, colours in (
            (row[0], gradient[0], f"x gradient, {int(scene.count[index])} interferograms", (-limit, limit), "RdBu"),
            (row[1], gradient[1], "y gradient", (-limit, limit), "RdBu"),
            (row[2], scene.coherence[index].numpy(), "stack coherence", (0, 1), "gray"),
            (row[3], scene.rate[index].numpy(), "rate, +-60 mm/yr; slides, faint ones dotted", (-60, 60), "RdBu"),
            (row[4], gradient[0], "found, with score", (-limit, limit), "RdBu"),
        ):
            axis.imshow(values, vmin=limits[0], vmax=limits[1], cmap=colours)
            axis.set_title(title, fontsize=7)
            axis.axis("off")
        for number, wanted in zip(truth.numbers, truth.wanted, strict=True):
            style = "solid" if wanted else "dotted"
            row[3].contour(truth.owner == number + 1, [0.5], colors="k", linewidths=0.8, linestyles=style)
        for body, score, edges in zip(answer.bodies, answer.boxes.scores, answer.boxes.edges, strict=True):
            if score >= SHOWN_SCORE:
                row[4].contour(body, [0.5], colors="lime", linewidths=1.0)
                row[4].text(edges[1], edges[0], f"{score:.2f}", fontsize=7, color="k")
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)

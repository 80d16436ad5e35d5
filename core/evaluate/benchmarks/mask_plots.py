"""Plots of the mask benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .mask_scenes import Cell
from .mask_tally import PERFECT, Calibration, Tally, methods

DPI = 80


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    return pyplot


def plot_cells(by_looks: dict[int, dict[str, Tally]], path: Path) -> None:
    """IoU and lost pixels of every method by looks, with intervals."""
    plt = _pyplot()
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2))
    names = [name for name in next(iter(by_looks.values())) if name != PERFECT]
    places = np.arange(len(by_looks))
    for number, name in enumerate(names):
        for axis, estimates in (
            (axes[0], [tallies[name].iou() for tallies in by_looks.values()]),
            (axes[1], [tallies[name].lost() for tallies in by_looks.values()]),
        ):
            values = np.array(estimates)
            spread = np.abs(values[:, 1:].T - values[:, 0])
            axis.errorbar(places + 0.06 * (number - 2.5), values[:, 0], spread, fmt="o-", ms=4, lw=1, label=name)
    axes[0].axhline(0.9, color="grey", lw=0.8, ls="--")
    axes[1].axhline(0.01, color="grey", lw=0.8, ls="--")
    axes[1].set_yscale("log")
    for axis, title in zip(axes, ("IoU of decorrelated pixels", "share of coherent pixels lost"), strict=True):
        axis.set_xticks(places, [str(looks) for looks in by_looks])
        axis.set_xlabel("looks")
        axis.set_title(title)
    axes[0].legend(fontsize=7)
    _save(plt, figure, path)


def plot_calibration(calibration: Calibration, path: Path) -> None:
    """Share of decorrelated pixels in each bin of probability, and how many pixels are there."""
    plt = _pyplot()
    seen = calibration.size > 0
    size = calibration.size[seen]
    figure, axis = plt.subplots(figsize=(4.5, 4.2))
    axis.plot([0, 1], [0, 1], color="grey", lw=0.8, ls="--")
    axis.plot(calibration.expected[seen] / size, calibration.happened[seen] / size, "o-", ms=4)
    axis.set_xlabel("probability of the network")
    axis.set_ylabel("share decorrelated")
    other = axis.twinx()
    other.bar(calibration.expected[seen] / size, size / size.sum(), 0.03, alpha=0.25)
    other.set_yscale("log")
    other.set_ylabel("share of pixels")
    _save(plt, figure, path)


def plot_examples(network: nn.Module, cells: list[Cell], device: torch.device, path: Path, rows: int = 2) -> None:
    """The first scenes of every cell: phase, coherence, truth, Otsu, best threshold, network."""
    plt = _pyplot()
    shown = ("Otsu, coherence and amplitude", "best threshold (oracle)", "network, all inputs")
    titles = ("phase", "coherence", "truth", *shown)
    figure, axes = plt.subplots(rows * len(cells), len(titles), figsize=(2.2 * len(titles), 2.3 * rows * len(cells)))
    for place, cell in enumerate(cells):
        scene = next(iter(cell.draw(device)))
        masks, _ = methods(network, scene)
        for number in range(rows):
            line = axes[place * rows + number]
            _show(line[0], scene.wrapped[number], title=f"{cell.looks} looks", cmap="hsv")
            _show(line[1], scene.coherence_estimate[number], title=titles[1], cmap="gray", vmin=0, vmax=1)
            _show(line[2], masks[PERFECT][number], title=titles[2], cmap="gray_r", vmin=0, vmax=1)
            for axis, name in zip(line[3:], titles[3:], strict=True):
                _show(axis, masks[name][number], title=name, cmap="gray_r", vmin=0, vmax=1)
    _save(plt, figure, path)


def _show(axis: Any, image: torch.Tensor, *, title: str, **how: Any) -> None:
    axis.imshow(image.float().cpu().numpy(), interpolation="nearest", **how)
    axis.set_title(title, fontsize=7)
    axis.axis("off")


def _save(plt: Any, figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    plt.close(figure)

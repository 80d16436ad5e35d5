"""Pictures of the coherence benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .coherence_amsterdam import by_network, detected
from .coherence_scenes import Cell
from .coherence_tally import WINDOWS, classical_estimates, network_estimate

PICTURED = 3  # scenes
DOTS = 64


def plot_examples(network: nn.Module, cell: Cell, device: torch.device, path: Path) -> None:
    """Some pairs of a cell, one row each."""
    pair = next(iter(cell.draw(device)))
    coherence, deviation = network_estimate(network, pair)
    window = classical_estimates(pair)[f"window {WINDOWS[-1]}"]
    rows = []
    for scene in range(PICTURED):
        decibels = [10 * np.log10(np.maximum(image[scene].cpu().numpy(), 1e-6)) for image in (pair.first, pair.second)]
        maps = [plane[scene].cpu().numpy() for plane in (pair.coherence, window, coherence)]
        rows.append([*decibels, *maps, deviation[scene].cpu().numpy()])
    _save(rows, ["first, dB", "second, dB", "true", f"window {WINDOWS[-1]}", "network", "deviation"], path)


def plot_amsterdam(network: nn.Module, device: torch.device, place: Path, path: Path) -> None:
    """The real pair in one row."""
    from ...phase.intensity_coherence import block_looks, estimate_looks, window_coherence

    one, two, truth = detected(place)
    valid = np.ones(one.shape, bool)
    looks = max(estimate_looks(np.concatenate([block_looks(one, valid), block_looks(two, valid)])) or 1.0, 1.0)
    window = window_coherence(one, two, valid, looks, WINDOWS[-1])
    coherence, deviation = by_network(network, device, one, two)
    decibels = [10 * np.log10(np.maximum(image, 1e-6)) for image in (one, two)]
    titles = ["20230319, dB", "20230331, dB", "complex images", f"window {WINDOWS[-1]}", "network", "deviation"]
    _save([[*decibels, truth, window, coherence, deviation]], titles, path)


def _save(rows: list[list[Any]], titles: list[str], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(rows), len(titles), figsize=(2.1 * len(titles), 2.2 * len(rows)), squeeze=False, layout="constrained"
    )
    for line, planes in zip(axes, rows, strict=True):
        for place, (axis, plane) in enumerate(zip(line, planes, strict=True)):
            if place < 2:
                low, high = np.percentile(plane, [2, 98])
                axis.imshow(plane, cmap="gray", vmin=low, vmax=high)
            else:
                axis.imshow(plane, cmap="viridis", vmin=0.0, vmax=0.3 if place == len(titles) - 1 else 1.0)
            axis.set_axis_off()
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=8)
    figure.savefig(path, dpi=DOTS)
    pyplot.close(figure)

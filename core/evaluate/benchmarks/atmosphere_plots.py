"""Plots of the atmosphere benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...atmosphere.estimate import Predict
from ..atmosphere_metrics import left_over
from .atmosphere_scenes import Scene, correct
from .atmosphere_tally import NAMES, Tally

DPI = 80


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    return pyplot


def plot_reduction(measured: Mapping[str, Tally], path: Path) -> None:
    """What is left of the noise, and the recovered peak, by signal to noise."""
    plt = _pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
    places = np.arange(len(measured))
    for shift, name in zip((-0.1, 0.1), ("trend", "network"), strict=True):
        gone = [kept.less(name) for kept in measured.values()]
        middle = np.array([1 - one.value for one in gone])
        spread = np.array([[one.high - one.value, one.value - one.low] for one in gone]).T
        left.errorbar(places + shift, middle, spread, fmt="o", ms=5, lw=1, label=NAMES[name])
        peaks = np.array([kept.peaks(name) for kept in measured.values()])
        outer = np.abs(peaks[:, 1:].T - peaks[:, 0])
        right.errorbar(places + shift, peaks[:, 0], outer, fmt="o", ms=5, lw=1, label=NAMES[name])
    left.axhline(1.0, color="grey", lw=0.8, ls="--")
    left.set_ylabel("noise left, of its deviation")
    left.set_ylim(0, None)
    right.axhspan(0.95, 1.05, color="grey", alpha=0.2)
    right.set_ylabel("recovered over true peak\n(median, 10 to 90 % of the scenes)")
    for axis in (left, right):
        axis.set_xticks(places, list(measured), rotation=20)
        axis.set_xlabel("signal to noise (power)")
    left.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plot_examples(examples: Sequence[tuple[str, Scene]], predict: Predict, path: Path) -> None:
    """Interferogram, truth, deformation by either method, atmosphere, stated deviation; mm."""
    plt = _pyplot()
    titles = ("interferogram", "true movement", "plane and elevation", "network", "atmosphere taken out", "uncertainty")
    figure, axes = plt.subplots(len(examples), len(titles), figsize=(16, 2.8 * len(examples)), squeeze=False)
    for row, (name, scene) in zip(axes, examples, strict=True):
        plain, seen = correct(scene, None), correct(scene, predict)
        spread = np.zeros_like(seen.movement) if seen.deviation is None else seen.deviation
        planes: list[NDArray[Any]] = [scene.total, scene.truth, plain.movement, seen.movement, seen.atmosphere, spread]
        limit = float(np.percentile(np.abs(scene.total[scene.valid]), 99))
        for axis, title, plane in zip(row, titles, planes, strict=True):
            shown = np.where(scene.valid, plane, np.nan)
            if title not in ("true movement", "uncertainty"):
                shown = shown - np.nanmedian(shown - scene.truth)
            how = (
                {"cmap": "viridis", "vmin": 0}
                if title == "uncertainty"
                else {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
            )
            image = axis.imshow(shown, interpolation="nearest", **how)
            figure.colorbar(image, ax=axis, shrink=0.8)
            axis.set_xticks([])
            axis.set_yticks([])
            axis.set_title(title, fontsize=9)
        for axis, made in ((row[2], plain), (row[3], seen)):
            axis.set_xlabel(f"error {left_over(made.movement, scene.truth, scene.valid):.1f} mm", fontsize=8)
        row[0].set_ylabel(f"{name}\nsignal to noise {scene.snr:.2g}", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)

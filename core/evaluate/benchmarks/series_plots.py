"""Pictures of the benchmark of the time series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from . import series_mexico as mexico
from .series_cases import INTERVAL, METHODS, MM, Measured

PIXELS = {"fast": (20, 92), "half way": (30, 60), "firm ground": (10, 4)}  # rows and columns in Mexico City
COLOURS = ("#b2182b", "#2166ac", "#1b7837")
SURE = 0.98  # quantile of the values that the colours reach


def plot_errors(measured: dict[float, Measured], path: Path) -> None:
    """Error of the velocity by the share of wrong cycles, a line for each method."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(6, 4))
    for name in METHODS:
        errors = [found.error(name) for found in measured.values()]
        shares = [100 * share for share in measured]
        middle = np.array([e.value for e in errors])
        spread = np.abs(np.array([(e.low, e.high) for e in errors]).T - middle)
        axes.errorbar(shares, middle, yerr=spread, marker="o", capsize=3, label=name)
    axes.set_xlabel("interferograms that are a cycle off, %")
    axes.set_ylabel("error of the velocity, mm/yr")
    axes.set_title("30 dates, each with the next 4, 30 % gaps")
    axes.set_ylim(0)
    axes.legend()
    _save(figure, path)


def plot_mexico(scene: mexico.Scene, path: Path) -> None:
    """Velocity and its deviation as maps, and the series of some pixels with their intervals."""
    plt = _pyplot()
    found = mexico.ours(scene, robust=True)[0]
    series, std, velocity, deviation = mexico.scaled(found)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4), width_ratios=(1.1, 1.1, 1.2))
    most = float(np.quantile(np.abs(velocity), SURE))
    maps = ((left, velocity, "velocity, mm/yr", "RdBu", -most, most), (middle, deviation, "standard deviation, mm/yr",
            "viridis", 0.0, float(np.quantile(deviation, SURE))))  # fmt: skip
    for axes, values, title, colours, low, high in maps:
        image = axes.imshow(mexico.map_of(values, scene), cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        figure.colorbar(image, ax=axes, shrink=0.7)
        axes.set_title(title)
    numbers = np.full(scene.complete.shape, -1)
    numbers[scene.complete] = np.arange(int(scene.complete.sum()))
    days = [np.datetime64(day) for day in scene.network.dates]
    for (name, (row, column)), colour in zip(PIXELS.items(), COLOURS, strict=True):
        pixel = int(numbers[row, column])
        left.plot(column, row, "o", color=colour, markeredgecolor="white")
        label = f"{name}: {velocity[pixel]:.0f} ± {deviation[pixel]:.0f} mm/yr"
        bars = INTERVAL * std[:, pixel]
        right.errorbar(days, series[:, pixel], yerr=bars, fmt="o", capsize=2, color=colour, label=label)
        right.plot(days, MM * found.line[:, pixel], "-", color=colour, linewidth=1)
    right.set_title("displacement toward the satellite, mm")
    right.tick_params(axis="x", rotation=30)
    right.legend(fontsize=8)
    _save(figure, path)


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    figure.clear()

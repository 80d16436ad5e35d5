"""Draws a stack of gradients beside one of its interferograms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio

PANEL_INCHES, DOTS_PER_INCH = 3.6, 110
QUANTILE = 98.0  # of the gradients: the ends of the colours


def draw(interferogram: Path, stack: Path, picture: Path) -> None:
    """A row of four: an interferogram (rad, wrapped here), both gradients (rad/yr and pixel), stack coherence."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    with rasterio.open(interferogram) as source:
        phase = np.angle(np.exp(1j * source.read(1)))
    with rasterio.open(stack) as source:
        x, y, coherence = source.read()
    high = float(np.nanpercentile(np.abs(np.stack([x, y])), QUANTILE))
    panels = [
        ("one interferogram, rad", phase, "twilight_shifted", -np.pi, np.pi),
        ("x gradient, rad/yr per pixel", x, "RdBu_r", -high, high),
        ("y gradient, rad/yr per pixel", y, "RdBu_r", -high, high),
        ("stack coherence", coherence, "gray", 0.0, 1.0),
    ]
    rows, columns = phase.shape
    size = (4 * PANEL_INCHES, PANEL_INCHES * rows / columns + 0.9)
    figure, all_axes = plt.subplots(1, 4, figsize=size, layout="constrained")
    for axes, (title, image, colours, low, top) in zip(all_axes, panels, strict=True):
        shown = axes.imshow(image, cmap=colours, vmin=low, vmax=top, interpolation="nearest")
        axes.set(title=title, xticks=[], yticks=[])
        figure.colorbar(shown, ax=axes, orientation="horizontal", shrink=0.8, aspect=30)
    figure.savefig(picture, dpi=DOTS_PER_INCH)
    plt.close(figure)

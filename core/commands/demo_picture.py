"""Draws the layers of a demonstration side by side, whole and in detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]

# Readable without telling red from green: Okabe and Ito's orange-red and blue.
COHERENT, DECORRELATED, LOST, MISSED, EMPTY = "#f4f1ea", "#3a4452", "#d55e00", "#56b4e9", "#ffffff"
PANEL_INCHES = 3.3
TITLE_INCHES = 0.9
DOTS_PER_INCH = 130


@dataclass(frozen=True)
class Layer:
    """One column of the picture; `judged` is the truth for the whole and for the detail, `numbers` its scores."""

    title: str
    kind: str  # phase, coherence, truth or mask
    whole: Image
    detail: Image
    judged: tuple[Image, Image] | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """Title, and below it the scores."""
        if not self.numbers:
            return self.title
        shares = f"{self.numbers['valid_lost']:.1%} of valid lost, {self.numbers['missed']:.1%} missed"
        return f"{self.title}: IoU {self.numbers['iou']:.2f}\n{shares}"


def colours(image: Image, truth: Image | None) -> npt.NDArray[np.float64]:
    """A mask as colours (rows, cols, 3): right, lost (valid and masked), missed (decorrelated and kept)."""
    from matplotlib.colors import to_rgb

    masked = image == 1
    result = np.empty((*image.shape, 3))
    result[:] = to_rgb(COHERENT)
    result[masked] = to_rgb(DECORRELATED)
    if truth is not None:
        result[masked & (truth == 0)] = to_rgb(LOST)
        result[~masked & (truth == 1)] = to_rgb(MISSED)
    result[np.isnan(image)] = to_rgb(EMPTY)
    return result


def show(axes: Any, layer: Layer, image: Image, truth: Image | None) -> None:
    """One panel."""
    if layer.kind == "phase":
        axes.imshow(image, cmap="twilight_shifted", vmin=-np.pi, vmax=np.pi, interpolation="nearest")
    elif layer.kind == "coherence":
        # 8-bit coherence goes to 255.
        axes.imshow(image, cmap="gray", vmin=0, vmax=255 if np.nanmax(image, initial=0) > 1 else 1)
    else:
        axes.imshow(colours(image, truth), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])


def legend(figure: Any, *, judged: bool) -> None:
    """Say what the colours of the masks mean."""
    from matplotlib.patches import Patch

    entries = [("coherent", COHERENT), ("decorrelated", DECORRELATED)]
    if judged:
        entries += [("valid but masked", LOST), ("decorrelated but kept", MISSED)]
    handles = [Patch(facecolor=colour, edgecolor="#999999", label=label) for label, colour in entries]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), frameon=False)


def draw(layers: list[Layer], square: tuple[float, float, float, float], path: Path) -> Path:
    """Write the picture: wholes above, details below; `square` (row, column, height, width) outlines the detail.

    The square is in pixels of the wholes. Returns the path.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.patches import Rectangle

    rows, cols = layers[0].whole.shape
    heights = (PANEL_INCHES * rows / cols, PANEL_INCHES * square[2] / square[3])
    size = (PANEL_INCHES * len(layers), sum(heights) + TITLE_INCHES)
    room_for_legend = ConstrainedLayoutEngine(rect=(0, 0.05, 1, 0.95))
    figure, grid = pyplot.subplots(
        2, len(layers), figsize=size, squeeze=False, layout=room_for_legend, height_ratios=heights
    )
    row, column, height, width = square
    for layer, (above, below) in zip(layers, grid.T, strict=True):
        truths = layer.judged or (None, None)
        show(above, layer, layer.whole, truths[0])
        show(below, layer, layer.detail, truths[1])
        above.set_title(layer.caption, fontsize=10)
        above.add_patch(Rectangle((column, row), width, height, fill=False, edgecolor="black", linewidth=0.8))
    legend(figure, judged=any(layer.judged for layer in layers))
    figure.savefig(path, dpi=DOTS_PER_INCH)
    pyplot.close(figure)
    return path

"""What `./run demo` ends with: the scores against the truth, where there is one, and one picture of everything.

    python -m fringelens.core.commands.demo --folder DIR --interferogram FILE [--coherence FILE]

The folder holds mask.tif, and otsu.tif and truth.tif where they were made; demo.png and scores.json are written there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ..evaluate import mask_metrics
from ..raster.source import Source
from ..raster.window import Window
from . import demo_picture

STRIP_ROWS = 512
PICTURE_PIXELS = 1000  # no panel shows more pixels along a side than this
DETAIL_PIXELS = 260  # side of the square that is shown at full resolution


def read(path: Path, window: Window | None = None, step: int = 1) -> npt.NDArray[np.float32]:
    """Every `step`th pixel of a raster, (rows, cols) float32, NaN where it is not valid; complex gives its phase."""
    with Source(path, name=path.name) as source:
        whole = window or Window(0, 0, source.grid.height, source.grid.width)
        strips = []
        for row in range(0, whole.height, STRIP_ROWS * step):
            height = min(STRIP_ROWS * step, whole.height - row)
            patch = source.read(Window(whole.row + row, whole.column, height, whole.width))
            values, valid = patch.values[::step, ::step], patch.valid[::step, ::step]
            real = np.angle(values) if np.iscomplexobj(values) else values
            strips.append(np.where(valid, real, np.nan).astype(np.float32))
    return np.concatenate(strips)


def score(mask: Path, truth: Path) -> dict[str, float]:
    """IoU of what is decorrelated, share of valid pixels lost, share of decorrelated pixels missed; each 0 to 1."""
    mine, real = torch.from_numpy(read(mask))[None], torch.from_numpy(read(truth))[None]
    counts = mask_metrics.count(mine == 1, real == 1, ~(mine.isnan() | real.isnan()))
    missed = counts.false_negative / (counts.false_negative + counts.true_positive)
    return {"iou": float(counts.iou), "valid_lost": float(counts.lost), "missed": float(missed)}


def busiest(mask: npt.NDArray[np.float32]) -> Window:
    """The square with the most shore: where the most neighbours differ in the mask."""
    rows, cols = mask.shape
    side = min(DETAIL_PIXELS, rows, cols)
    edges = np.zeros(mask.shape)
    edges[:-1] += mask[:-1] != mask[1:]
    edges[:, :-1] += mask[:, :-1] != mask[:, 1:]
    edges[np.isnan(mask)] = 0
    step = max(1, side // 4)
    corners = [(r, c) for r in range(0, rows - side + 1, step) for c in range(0, cols - side + 1, step)]
    row, col = max(corners, key=lambda corner: edges[corner[0] : corner[0] + side, corner[1] : corner[1] + side].sum())
    return Window(row, col, side, side)


def panels(folder: Path, interferogram: Path, coherence: Path | None, scores: dict[str, dict[str, float]]) -> Path:
    """Draw demo.png: each layer whole above, and its busiest square below."""
    truth = folder / "truth.tif" if (folder / "truth.tif").exists() else None
    with Source(interferogram, name="INPUT") as source:
        step = -(-max(source.grid.height, source.grid.width) // PICTURE_PIXELS)
    reference = read(truth or folder / "mask.tif", step=step)
    found = busiest(reference)
    limit = DETAIL_PIXELS
    detail = Window(found.row * step, found.column * step, min(limit, found.height), min(limit, found.width))
    layers: list[demo_picture.Layer] = []

    def add(title: str, kind: str, path: Path, **more: float) -> None:
        whole, part = read(path, step=step), read(path, detail)
        judged = None if truth is None or kind != "mask" else (reference, read(truth, detail))
        layers.append(demo_picture.Layer(title, kind, whole, part, judged, more))

    add("Interferogram", "phase", interferogram)
    if coherence is not None:
        add("Coherence", "coherence", coherence)
    if truth is not None:
        add("Truth", "truth", truth)
    if (folder / "otsu.tif").exists():
        add("Otsu on coherence", "mask", folder / "otsu.tif", **scores.get("otsu", {}))
    add("FringeLens", "mask", folder / "mask.tif", **scores.get("mask", {}))
    square = (detail.row / step, detail.column / step, detail.height / step, detail.width / step)
    return demo_picture.draw(layers, square, folder / "demo.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Score, draw, and say where everything lies."""
    parser = argparse.ArgumentParser(description="Score and draw the results of a demonstration.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--interferogram", type=Path, required=True)
    parser.add_argument("--coherence", type=Path)
    options = parser.parse_args(arguments)
    truth = options.folder / "truth.tif"
    names = [n for n in ("otsu", "mask") if (options.folder / f"{n}.tif").exists()]
    scores = {name: score(options.folder / f"{name}.tif", truth) for name in names} if truth.exists() else {}
    if scores:
        (options.folder / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
        sys.stdout.write(f"\n{'':18}{'IoU':>8}{'valid lost':>13}{'missed':>10}\n")
    for name, values in scores.items():
        label = {"otsu": "Otsu", "mask": "FringeLens"}[name]
        sys.stdout.write(f"{label:18}{values['iou']:8.3f}{values['valid_lost']:13.2%}{values['missed']:10.2%}\n")
    picture = panels(options.folder, options.interferogram, options.coherence, scores)
    sys.stdout.write(f"picture: {picture}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

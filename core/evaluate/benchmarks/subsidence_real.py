"""Detection on real interferograms: Mexico City re-wrapped, the earthquake of Thessaly, the volcano Kirishima."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...detection.regions import Area, Regions
from ...detection.troughs import NETWORK_MIDDLE, OUTLINE_LEVEL, depth_of, outlined, score_of, whole_mask
from ...phase.unwrap_features import unwrap_features
from ...phase.wrap import CYCLE
from ...raster.source import Source
from ...raster.window import Window
from ..report import Table
from .subsidence_plots import plot_spans

CONFIDENCE = 0.5
SPANS = (24, 48, 72, 96)  # days of the mean interferograms that are shown
STEP = 32  # sides are padded to a multiple of it, by their mirror image, which the network needs
C_BAND, L_BAND = 0.05546576, 0.2424525  # m
FAST = 0.15  # m per year: what sinks faster is the subsidence of Mexico City
YEAR = 365.25
ROOT = Path(__file__).resolve().parents[3]

Float = NDArray[np.float32]
Predict = Callable[[Float], Float]


def real_table(predict: Predict, picture: Path) -> Table | None:
    """What is found where; None where the data are not at hand."""
    named = os.environ.get("FRINGELENS_DATA")
    data = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (data / "mexico_city").is_dir():
        return None
    table = Table("Real interferograms", ["interferogram", "detections", "km2", "deepest, rad", "of the fast ground"])
    rate, means = mexico(data / "mexico_city")
    low, middle, high = np.quantile(rate, (0.05, 0.5, 0.95))
    stable = high if middle - low > high - middle else low  # rock, on the side where rates end abruptly
    fast = np.abs(rate - stable) > FAST
    panels = []
    for days, (phase, valid) in sorted(means.items()):
        probability, answer = probability_of(predict, phase, valid)
        row = _row(f"Mexico City, mean of {days} days, 150 m", probability, answer, 0.15**2)
        inside = np.any([whole_mask(*found, probability.shape) for found in _found(probability, answer)], axis=0)
        table.rows.append([*row, f"{np.sum(inside & fast) / max(1, fast.sum()):.2f}"])
        if days in SPANS:
            panels.append((f"{days} days", np.where(valid, phase, np.nan), probability))
    plot_spans(panels, picture)
    phase, valid = _read(data / "thessaly" / "20210218_20210303_wrapped.tif")
    table.rows.append([*_row("Earthquake of Thessaly, 100 m", *probability_of(predict, phase, valid), 0.01), "-"])
    velocity, valid = _read(data / "kirishima" / "velocity.tif")
    for years in (1, 2):
        phase = np.angle(np.exp(-2j * CYCLE / L_BAND * velocity * years)).astype(np.float32)
        name = f"Kirishima, {years} year(s) of its mean velocity, 20 m"
        table.rows.append([*_row(name, *probability_of(predict, phase, valid), 0.0004), "-"])
    table.note = (
        "Detections of score 0.5 and more. Mexico City: complex mean of the re-wrapped interferograms of the same span;"
        " the last column is the share of the ground that sinks faster than 150 mm per year (from the unwrapped stack)"
        " that lies in detections. At 100 m the lobes of the earthquake of Thessaly are as small as a mine at 20 m and"
        " have the same closed fringes: the tool cannot know better, and its help says so."
    )
    return table


def mexico(folder: Path) -> tuple[Float, dict[int, tuple[Float, NDArray[np.bool_]]]]:
    """Rate (m per year, of the range) and the mean wrapped phase of every span of days that has two interferograms."""
    spans: dict[int, list[tuple[Float, NDArray[np.bool_]]]] = defaultdict(list)
    weight, total = 0.0, np.zeros(())
    for path in sorted(folder.glob("2*_unwrapped.tif")):
        first, second = (date(int(d[:4]), int(d[4:6]), int(d[6:])) for d in re.findall(r"\d{8}", path.name))
        phase, valid = _read(path)
        days = (second - first).days
        spans[days].append((phase, valid))
        total = total + days / YEAR * np.where(valid, phase - np.median(phase[valid]), 0)
        weight += (days / YEAR) ** 2
    rate = np.asarray(total / weight * C_BAND / (2 * CYCLE), np.float32)
    means = {}
    for days, pairs in spans.items():
        if len(pairs) > 1:
            product = sum(np.where(valid, np.exp(1j * phase), 0) for phase, valid in pairs)
            means[days] = np.angle(product).astype(np.float32), np.any([valid for _, valid in pairs], axis=0)
    return rate, means


def probability_of(predict: Predict, phase: Float, valid: NDArray[np.bool_]) -> tuple[Float, Float]:
    """Probability (NaN without data) and all outputs of the network for a raster of any shape."""
    rows, columns = phase.shape
    margin = STEP
    sides = [(margin, margin + -side % STEP) for side in phase.shape]
    planes = unwrap_features(np.pad(phase, sides, mode="reflect"), np.pad(valid, sides, mode="reflect"), None)
    answer = predict(planes)[:, margin : margin + rows, margin : margin + columns]
    probability = expit(answer[3])
    return np.where(valid, probability, np.float32(np.nan)).astype(np.float32), answer


def _row(name: str, probability: Float, answer: Float, pixel: float) -> Sequence[str]:
    """Number, area (km2, by pixels of this size) and depth of the detections."""
    found = _found(probability, answer)
    deepest = max((abs(depth_of(area, mask).phase) for area, mask in found), default=0.0)
    return [name, str(len(found)), f"{sum(mask.sum() for _, mask in found) * pixel:.1f}", f"{deepest:.1f}"]


def _found(probability: Float, answer: Float) -> list[tuple[Area, NDArray[np.bool_]]]:
    """The detections with their pixels."""
    regions = Regions(OUTLINE_LEVEL)
    regions.add(Window(0, 0, *probability.shape), probability, np.stack((*answer[:2], probability)))
    return [(area, mask) for area, mask in outlined(regions) if score_of(area, NETWORK_MIDDLE) >= CONFIDENCE]


def _read(path: Path) -> tuple[Float, NDArray[np.bool_]]:
    with Source(path) as source:
        patch = source.read(Window(0, 0, *source.grid.shape))
    return patch.values, patch.valid

"""What every method leaves of the noise of a set of scenes, and the tables made of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...atmosphere.estimate import Predict
from ..atmosphere_metrics import coverage, left_over, peak_ratio, two_term_ssim
from ..bootstrap import Estimate, pooled
from ..report import Table
from .atmosphere_scenes import Scene, correct

METHODS = ("trend", "network")
NAMES = {"none": "uncorrected", "trend": "plane and elevation", "network": "network"}
OUTLYING = (10.0, 90.0)  # percentiles that are shown beside a median


@dataclass
class Tally:
    """Numbers of each scene, by method."""

    noise: list[float] = field(default_factory=list)  # mm
    left: dict[str, list[float]] = field(default_factory=dict)  # of the noise's deviation
    peak: dict[str, list[float]] = field(default_factory=dict)
    ssim: dict[str, list[float]] = field(default_factory=dict)
    within: list[float] = field(default_factory=list)  # share of errors within the stated deviation

    def add(self, scene: Scene, predict: Predict) -> None:
        """Correct a scene by every method and measure what is left."""
        noise = left_over(scene.total, scene.truth, scene.valid)
        self.noise.append(noise)
        self._keep("none", scene.total.astype(np.float64), scene, noise)
        for name in METHODS:
            made = correct(scene, predict if name == "network" else None)
            self._keep(name, made.movement, scene, noise)
            if made.deviation is not None:
                self.within.append(coverage(made.movement, scene.truth, made.deviation, scene.valid))

    def _keep(self, name: str, movement: NDArray[np.float64], scene: Scene, noise: float) -> None:
        self.left.setdefault(name, []).append(left_over(movement, scene.truth, scene.valid) / noise)
        self.peak.setdefault(name, []).append(peak_ratio(movement, scene.truth, scene.valid))
        self.ssim.setdefault(name, []).append(two_term_ssim(movement, scene.truth, scene.total, scene.valid))

    def less(self, name: str) -> Estimate:
        """Mean share of the noise's deviation that is gone, with its interval over scenes."""
        gone = 1.0 - np.asarray(self.left[name])
        return pooled(np.stack([gone, np.ones_like(gone)], 1), lambda sums: sums[:, 0] / sums[:, 1])

    def worse(self, name: str) -> float:
        """Share of the scenes with more error than before."""
        return float(np.mean(np.asarray(self.left[name]) > 1.0))

    def error(self, name: str) -> float:
        """Root mean square over scenes of the error's deviation, mm."""
        return float(np.sqrt(np.mean(np.square(np.asarray(self.left[name]) * np.asarray(self.noise)))))

    def peaks(self, name: str) -> tuple[float, float, float]:
        """Median of recovered over true peak, and the outer percentiles."""
        known = np.asarray([value for value in self.peak[name] if math.isfinite(value)])
        if not known.size:
            return math.nan, math.nan, math.nan
        low, high = np.percentile(known, OUTLYING)
        return float(np.median(known)), float(low), float(high)


def tally(scenes: Iterable[Scene], predict: Predict) -> Tally:
    """The numbers of a set of scenes."""
    kept = Tally()
    for scene in scenes:
        kept.add(scene, predict)
    return kept


def reduction_table(title: str, measured: dict[str, Tally], first: str, note: str = "") -> Table:
    """A row for each set: reduction by both methods, peaks, how often it became worse."""
    columns = (
        first, "scenes", "plane and elevation: noise less, %", "network: noise less, %", "peak, plane and elevation",
        "peak, network (10 to 90 %)", "worse than before, network",
    )  # fmt: skip
    table = Table(title, columns, note=note)
    for name, kept in measured.items():
        median, low, high = kept.peaks("network")
        still = math.isnan(median)
        table.rows.append(
            [
                name,
                str(len(kept.noise)),
                kept.less("trend").show(100, 1),
                kept.less("network").show(100, 1),
                "-" if still else f"{kept.peaks('trend')[0]:.3f}",
                "-" if still else f"{median:.3f} ({low:.2f}-{high:.2f})",
                f"{100 * kept.worse('network'):.0f} %",
            ]
        )
    return table


def error_table(measured: dict[str, Tally]) -> Table:
    """The poster's figure: error and its two-term SSIM by decade of signal to noise; calibration beside it."""
    columns = (
        "signal to noise", *(f"error of {name}, mm" for name in NAMES.values()),
        *(f"SSIM, {name}" for name in NAMES.values()),
        "errors within one stated deviation",
    )  # fmt: skip
    table = Table("Error and SSIM by signal to noise", columns)
    table.note = (
        "SSIM as the poster defines it: two terms of mean and deviation over the whole map, scaled to 0..255; it does"
        " not see structure, and is undefined without a signal. A calibrated deviation holds 68 % of the errors."
    )
    for title, kept in measured.items():
        still = not any(math.isfinite(value) for value in kept.peak["network"])
        similar = ["-" if still else f"{float(np.mean(kept.ssim[name])):.3f}" for name in NAMES]
        errors = [f"{kept.error(name):.2f}" for name in NAMES]
        table.rows.append([title, *errors, *similar, f"{100 * float(np.mean(kept.within)):.0f} %"])
    return table

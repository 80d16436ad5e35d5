"""What detections of many scenes add up to, and the tables that say it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..bootstrap import RESAMPLES, SEED, Estimate
from ..detection_metrics import average_precision, operating_point
from ..report import Table
from ..trough_metrics import Judged
from .subsidence_scenes import SHAPES, Trough, TroughScene

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Measure = Callable[[Float, Bool, int, float], float]  # of scores, hit or not, number of objects, area
Chosen = Callable[[Trough], bool]

PER = 1000.0  # km2 that false alarms are counted in
TARGET_PRECISION, TARGET_RECALL = 0.90, 0.95
CONFIDENCE = 0.5  # the tool's default
# Depths in rad, and how a table calls them.
DEPTHS = ((3.14, 6.28, "half a fringe to one"), (6.28, 19.0, "1 to 3 fringes"), (19.0, 1e3, "more than 3 fringes"))
ALIASED = math.pi  # rad per pixel


class Tally:
    """The judged scenes of one method."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scenes: list[TroughScene] = []
        self.judged: list[Judged] = []

    def add(self, scene: TroughScene, judged: Judged) -> None:
        """Take one scene; of it, only what tables need is kept."""
        self.scenes.append(scene.without_rasters())
        self.judged.append(judged)

    @property
    def area(self) -> float:
        """Square kilometres of all scenes."""
        return sum(scene.area for scene in self.scenes)

    def pooled(self, which: NDArray[np.int64] | None = None) -> tuple[Float, Bool, int, float]:
        """Scores, hit or not, objects, and area of some scenes (all)."""
        chosen = range(len(self.judged)) if which is None else which.tolist()
        judged = [self.judged[index] for index in chosen]
        scores = np.concatenate([j.scores for j in judged])
        hits = np.concatenate([j.hits for j in judged]) >= 0
        return scores, hits, sum(j.objects for j in judged), sum(self.scenes[index].area for index in chosen)

    def precision(self) -> Estimate:
        """Average precision at an overlap of half."""
        return self._estimate(lambda scores, hits, objects, _: average_precision(scores, hits, objects))

    def recall(self, rate: float = 1.0) -> Estimate:
        """Recall at so many false alarms per PER km2."""
        return self._estimate(lambda s, hits, objects, area: operating_point(s, hits, objects, rate * area / PER)[0])

    def threshold(self, rate: float = 1.0) -> float:
        """The score that gives so many false alarms per PER km2."""
        scores, hits, objects, area = self.pooled()
        return operating_point(scores, hits, objects, rate * area / PER)[1]

    def at(self, confidence: float) -> tuple[float, float, float]:
        """Recall, false alarms per PER km2 and mean overlap of hits, of detections of at least this score."""
        scores, hits, objects, area = self.pooled()
        overlaps = np.concatenate([j.overlaps for j in self.judged])
        kept = scores >= confidence
        right = hits & kept
        mean = float(overlaps[right].mean()) if right.any() else float("nan")
        return right.sum() / max(objects, 1), float((kept & ~hits).sum() / area * PER), mean

    def _estimate(self, measure: Measure) -> Estimate:
        value = measure(*self.pooled())
        draws = np.random.default_rng(SEED).integers(len(self.judged), size=(RESAMPLES // 2, len(self.judged)))
        values = [measure(*self.pooled(draw)) for draw in draws]
        low, high = np.nanpercentile(values, [2.5, 97.5])
        return Estimate(float(value), float(low), float(high))


def overall_table(tallies: list[Tally]) -> Table:
    """Precision, recall and outlines of every method."""
    objects = tallies[0].pooled()[2]
    title = f"{objects} troughs and {tallies[0].area:,.0f} km2"
    columns = [
        "method",
        "AP50",
        "recall at 1 per 1,000 km2",
        "at 10",
        "recall at 0.5",
        "false alarms at 0.5",
        "overlap",
    ]
    table = Table(title, columns)
    for tally in tallies:
        recall, alarms, overlap = tally.at(CONFIDENCE)
        values = [tally.precision().show(), tally.recall().show(), tally.recall(10.0).show()]
        table.rows.append([tally.name, *values, f"{recall:.3f}", f"{alarms:.1f}", f"{overlap:.2f}"])
    table.note = (
        "False alarms at CONFIDENCE 0.5, the tool's default, are per 1,000 km2; overlap is the mean intersection over"
        f" union of hits. One false alarm per 1,000 km2 is reached by the network at {tallies[0].threshold():.2f}."
    )
    return table


def depth_table(tallies: list[Tally]) -> Table:
    """Recall by depth and steepness, each method at its own score for ten false alarms per PER km2, and at one."""
    table = Table("Recall by depth", ["trough", "number", *[f"{t.name}, at {r}" for t in tallies for r in (1, 10)]])
    rows: list[tuple[str, Chosen]] = [(name, _between(low, high)) for low, high, name in DEPTHS]
    rows.append(("steeper than pi rad per pixel", lambda trough: trough.slope > ALIASED))
    rows += [(f"shape {name}", _of_shape(name)) for name in SHAPES]
    for name, chosen in rows:
        cells, count = [], 0
        for tally in tallies:
            for rate in (1.0, 10.0):
                found, count = _recall_of(tally, chosen, tally.threshold(rate))
                cells.append(f"{found / max(count, 1):.2f}")
        table.rows.append([name, str(count), *cells])
    table.note = "At the score that gives each method 1 or 10 false alarms per 1,000 km2; 0 where no score does."
    return table


def _between(low: float, high: float) -> Chosen:
    return lambda trough: low <= trough.peak < high


def _of_shape(name: str) -> Chosen:
    return lambda trough: trough.shape == name


def _recall_of(tally: Tally, chosen: Chosen, threshold: float) -> tuple[int, int]:
    found = count = 0
    for scene, judged in zip(tally.scenes, tally.judged, strict=True):
        hit = set(judged.hits[judged.scores >= threshold].tolist())
        for number, trough in enumerate(scene.troughs):
            if chosen(trough):
                count += 1
                found += number in hit
    return found, count


def background_table(tallies: list[Tally]) -> Table:
    """False alarms of scenes without troughs, by what is in them."""
    table = Table("False alarms per 1,000 km2 without troughs", ["scenes", "km2", *[t.name for t in tallies]])
    for kind in dict.fromkeys(scene.background for scene in tallies[0].scenes if scene.empty):
        cells, area = [], 0.0
        for tally in tallies:
            empty = [j for s, j in zip(tally.scenes, tally.judged, strict=True) if s.background == kind and s.empty]
            area = sum(s.area for s in tally.scenes if s.background == kind and s.empty)
            alarms = sum(int((j.scores >= CONFIDENCE).sum()) for j in empty)
            cells.append(f"{alarms / area * PER:.1f}")
        table.rows.append([kind, f"{area:,.0f}", *cells])
    table.note = "At CONFIDENCE 0.5."
    return table


def verdict(tally: Tally) -> str:
    """The targets, and whether they are met."""
    precision, recall = tally.precision(), tally.recall()
    words = [
        f"AP50 {precision.show()}, target {TARGET_PRECISION:.2f} {_met(precision.value >= TARGET_PRECISION)}",
        f"recall at one false alarm per 1,000 km2 {recall.show()}, target {TARGET_RECALL:.2f}"
        f" {_met(recall.value >= TARGET_RECALL)}",
    ]
    return "**" + "; ".join(words) + ".**"


def _met(reached: bool) -> str:  # noqa: FBT001
    return "met" if reached else "not met"

"""Detections of landslides against truth in which some slides are neither right nor wrong: no stack shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .detection_metrics import average_precision, operating_point

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass
class Matched:
    """Detections of one scene against its truth."""

    scores: Float  # (detections,)
    hit: NDArray[np.int64]  # (detections,) number of the object found, -1 for false alarms
    counted: Bool  # (detections,) False where it fell on an object that is neither right nor wrong
    objects: int  # that are to be found


def match(overlap: Float, scores: Float, wanted: Bool, least: float) -> Matched:
    """Give each wanted object the best-scored detection that overlaps it by at least `least`.

    overlap (detections, objects) intersection over union. A detection that hits no wanted object, but overlaps one of
    the others more than any wanted one, is not counted.
    """
    hit = np.full(len(scores), -1, np.int64)
    counted = np.ones(len(scores), bool)
    free = wanted.copy()
    for index in np.argsort(-scores, kind="stable"):
        if not overlap.shape[1]:
            break
        mine = np.where(free, overlap[index], 0.0)
        best = int(mine.argmax())
        if mine[best] >= least:
            hit[index], free[best] = best, False
        else:
            others = np.where(wanted, 0.0, overlap[index]).max()
            counted[index] = not others > np.where(wanted, overlap[index], 0.0).max()
    return Matched(np.asarray(scores, np.float64), hit, counted, int(np.count_nonzero(wanted)))


def precision_of(scenes: Sequence[Matched]) -> float:
    """Average precision over all scenes."""
    return average_precision(*_all(scenes))


def recall_at(scenes: Sequence[Matched], false_alarms: float) -> tuple[float, float]:
    """Recall with at most so many false alarms in all scenes together, and the score that gives it."""
    return operating_point(*_all(scenes), false_alarms)


def _all(scenes: Sequence[Matched]) -> tuple[Float, Bool, int]:
    scores = np.concatenate([scene.scores[scene.counted] for scene in scenes] or [np.empty(0)])
    hits = np.concatenate([scene.hit[scene.counted] >= 0 for scene in scenes] or [np.empty(0, bool)])
    return scores, hits, sum(scene.objects for scene in scenes)

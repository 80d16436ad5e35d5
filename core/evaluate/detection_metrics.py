"""How good detections are: which of them hit what is there, average precision, recall at a rate of false alarms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


def matched(overlaps: Float, scores: Float, least: float) -> NDArray[np.int64]:
    """For each detection of a scene the number of the object it hits, or -1.

    overlaps (detections, objects) intersection over union. The detection of the highest score chooses first among the
    objects that it overlaps by `least` and that are still free, as PASCAL VOC does it (Everingham et al. 2010).
    """
    hit = np.full(len(scores), -1, np.int64)
    free = np.ones(overlaps.shape[1], bool)
    for index in np.argsort(-scores, kind="stable"):
        candidates = np.where(free, overlaps[index], -1.0)
        if candidates.size and candidates.max() >= least:
            hit[index] = int(candidates.argmax())
            free[hit[index]] = False
    return hit


def overlaps_of(found: list[Bool], objects: list[Bool]) -> Float:
    """Intersection over union (detections, objects) of masks of one scene."""
    table = np.zeros((len(found), len(objects)))
    for i, first in enumerate(found):
        for j, second in enumerate(objects):
            shared = np.count_nonzero(first & second)
            if shared:
                table[i, j] = shared / np.count_nonzero(first | second)
    return table


def average_precision(scores: Float, hits: Bool, objects: int) -> float:
    """Area under precision over recall, precision made monotonic (Everingham et al. 2010); NaN without objects."""
    if objects == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(hits[order])
    precision = found / np.arange(1, len(order) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(best * np.diff(found, prepend=0)) / objects)


def operating_point(scores: Float, hits: Bool, objects: int, false_alarms: float) -> tuple[float, float]:
    """Recall with the lowest score that gives at most so many false alarms, and that score (inf where none does)."""
    order = np.argsort(-scores, kind="stable")
    wrong, right = np.cumsum(~hits[order]), np.cumsum(hits[order])
    # detections of one score stand or fall together
    last = np.append(np.diff(scores[order]) != 0, True) if len(order) else np.zeros(0, bool)
    allowed = np.flatnonzero(last & (wrong <= false_alarms))
    if not len(allowed):
        return 0.0, float("inf")
    return float(right[allowed[-1]] / max(objects, 1)), float(scores[order][allowed[-1]])

"""Detected troughs against those that are there: which are hit, and how well they are outlined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..detection.regions import Regions
from ..detection.troughs import OUTLINE_LEVEL, outlined, score_of, whole_mask
from ..raster.window import Window
from .detection_metrics import matched, overlaps_of

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]

LEAST_PIXELS = 25  # of a detection that is looked at; 1 ha at 20 m
OVERLAP = 0.5  # intersection over union from which an object is hit


@dataclass(frozen=True)
class Judged:
    """The detections of one scene that count, and what became of its objects."""

    scores: NDArray[np.float64]
    hits: NDArray[np.int64]  # number of the object that each detection hits, -1 for false alarms
    overlaps: NDArray[np.float64]  # of each detection with the object it hits, 0 for false alarms
    objects: int


def judge(probability: Float, objects: list[Bool], ignored: Bool, middle: float = 0.5) -> Judged:
    """Detections in a probability (rows, columns), NaN where there are no data.

    `middle` is the mean probability that scores a half. Those that mostly lie on what is ignored, and hit nothing,
    count neither way.
    """
    regions = Regions(OUTLINE_LEVEL)
    regions.add(Window(0, 0, *probability.shape), probability, probability[None])
    found = [(area, mask) for area, mask in outlined(regions) if mask.sum() >= LEAST_PIXELS]
    masks = [whole_mask(area, mask, (probability.shape[0], probability.shape[1])) for area, mask in found]
    scores = np.array([score_of(area, middle) for area, _ in found])
    table = overlaps_of(masks, objects)
    hits = matched(table, scores, OVERLAP)
    best = np.array([row[hit] if hit >= 0 else 0.0 for row, hit in zip(table, hits, strict=True)])
    counts = [hits[i] >= 0 or (mask & ignored).sum() < 0.5 * mask.sum() for i, mask in enumerate(masks)]
    kept = np.flatnonzero(counts)
    return Judged(scores[kept], hits[kept], best[kept], len(objects))

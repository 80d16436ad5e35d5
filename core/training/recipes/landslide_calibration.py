"""Sets the last layer of the landslide network so that a score is the share of such detections that are right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ...evaluate.landslide_metrics import Matched

Float = NDArray[np.float64]

FAINT = 0.1  # score from which detections are judged
ITERATIONS = 50
LEAST_DETECTIONS = 30  # below which nothing is fitted


def brier(scenes: Sequence[Matched]) -> float:
    """Square of score less truth, summed over counted detections and over what was missed, per object to be found.

    Where nothing was detected the score is 0, so that scores near 0 cost the same as none. NaN without objects.
    """
    objects = sum(scene.objects for scene in scenes)
    scores = np.concatenate([scene.scores[scene.counted] for scene in scenes] or [np.empty(0)])
    hits = np.concatenate([scene.hit[scene.counted] >= 0 for scene in scenes] or [np.empty(0, bool)])
    missed = objects - np.count_nonzero(hits)
    return float((np.sum((scores - hits) ** 2) + missed) / objects) if objects else float("nan")


def fit(scenes: Sequence[Matched]) -> tuple[float, float]:
    """Scale and offset of the logit that are likeliest; 1 and 0 where there are too few detections."""
    scores, hits = _judged(scenes)
    if len(scores) < LEAST_DETECTIONS or hits.all() or not hits.any():
        return 1.0, 0.0
    x, y = torch.logit(torch.from_numpy(scores), 1e-6), torch.from_numpy(hits)
    line = torch.tensor([1.0, 0.0], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(line[0] * x + line[1], y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    scale, offset = (float(value) for value in line.detach())
    return (scale, offset) if scale > 0 else (1.0, 0.0)


@torch.no_grad()
def fold_in(head: nn.Conv2d, scale: float, offset: float) -> None:
    """Make a last convolution give scale * logit + offset."""
    head.weight.mul_(scale)
    if head.bias is not None:
        head.bias.mul_(scale).add_(offset)


def _judged(scenes: Sequence[Matched]) -> tuple[Float, Float]:
    scores = np.concatenate([scene.scores[scene.counted] for scene in scenes] or [np.empty(0)])
    hits = np.concatenate([scene.hit[scene.counted] >= 0 for scene in scenes] or [np.empty(0, bool)])
    judged = scores >= FAINT
    return scores[judged].astype(np.float64), hits[judged].astype(np.float64)

"""Learning rate over the budget: a linear rise, then half a cosine down to nothing."""

from __future__ import annotations

import math

FLOOR = 0.01  # share of the peak that is left at the end


def learning_rate(peak: float, progress: float, warm_up: float) -> float:
    """Learning rate at `progress` (0 to 1) of the budget."""
    if progress < warm_up:
        return peak * max(progress / warm_up, FLOOR)
    falling = (progress - warm_up) / max(1.0 - warm_up, 1e-9)
    return peak * (FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + math.cos(math.pi * falling)))

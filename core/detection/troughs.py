"""What makes an area of probability a detected trough."""

from __future__ import annotations

from .regions import Area

OUTLINE_LEVEL = 0.5  # probability along the outline
SCORE_QUANTILE = 0.9  # of the probability within the outline


def score_of(area: Area) -> float:
    """How sure a detection is, 0..1."""
    return area.quantile(SCORE_QUANTILE)

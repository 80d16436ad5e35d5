"""Fringe lines: where wrapped phase jumps by a cycle from one pixel to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


def fringe_lines(phase: Float, valid: Bool) -> Bool:
    """Where the wrapped phase (rows, columns), rad, differs by more than pi from the next pixel right or down.

    These lines stand for the edges that Abdallah et al. (2025) take from the first layer of VGG-19: no weights of
    others are needed, and a line is one pixel wide. False where a neighbour is invalid or beyond the edge.
    """
    lines = np.zeros(phase.shape, dtype=bool)
    lines[:, :-1] |= (np.abs(phase[:, 1:] - phase[:, :-1]) > np.pi) & valid[:, 1:] & valid[:, :-1]
    lines[:-1] |= (np.abs(phase[1:] - phase[:-1]) > np.pi) & valid[1:] & valid[:-1]
    return lines

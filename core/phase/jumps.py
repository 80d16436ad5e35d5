"""Neighbours nearly a cycle apart, which wrapped phase has and unwrapped phase hardly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

JUMP = 1.25 * math.pi  # rad between neighbours: nearly a cycle
FEW_JUMPS = 1e-4  # share of such neighbours, beyond which a field within -pi and pi is wrapped
PI_TOLERANCE = 1e-3  # rad, to which products round


@dataclass
class Jumps:
    """What has been seen of a field, window by window: its range, its neighbours, and how many of them jump."""

    low: float = math.inf
    high: float = -math.inf
    count: int = 0
    found: int = 0
    compared: int = 0

    def look(self, values: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
        """Add a window (rows, columns) of phase in rad; values where `valid` is False are not looked at."""
        if not valid.any():
            return
        seen = values[valid]
        self.low, self.high = min(self.low, float(seen.min())), max(self.high, float(seen.max()))
        self.count += seen.size
        for axis in (0, 1):
            step = np.abs(np.diff(values.astype(np.float64), axis=axis))
            both = valid[1:] & valid[:-1] if axis == 0 else valid[:, 1:] & valid[:, :-1]
            self.found += int(np.count_nonzero(both & (step > JUMP)))
            self.compared += int(np.count_nonzero(both))

    @property
    def share(self) -> float:
        """Share of the neighbours that jump; 0 where there are none."""
        return self.found / max(self.compared, 1)

    @property
    def wrapped(self) -> bool:
        """Whether the field stays within a cycle and jumps where it would leave it, as wrapped phase does.

        In a large raster the jumps of a single fringe across it are enough, which are a small share of all neighbours.
        """
        across = math.sqrt(self.count)
        return max(self.high, -self.low) <= math.pi + PI_TOLERANCE and self.found > min(
            FEW_JUMPS * self.compared, across
        )

    def describe(self) -> str:
        """What wrapped phase is known by, in words that follow a file's name."""
        return f"stays within -pi and pi and jumps by whole cycles ({100 * self.share:.2g} % of the neighbours do)"

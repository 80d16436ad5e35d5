"""A place that an interferogram can be referred to: given as a point, or found as coherent and stable ground."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

BLOCK = 16  # pixels on a side of the blocks that are compared
LEAST_VALID = 0.9  # share of a block's pixels
BEST_SHARE = 0.25  # of the blocks, by quality, among which the most ordinary level is chosen


class Reference(NamedTuple):
    """Middle pixel of the reference, and the level (unit of the input) that becomes zero."""

    row: int
    column: int
    level: float


class ReferenceSearch:
    """Looks at a raster block by block and remembers three numbers of each; windows must start on whole blocks."""

    def __init__(self) -> None:
        self._found: list[NDArray[np.float64]] = []  # rows of: row, column, level, quality

    def add(self, row: int, column: int, values: Float, valid: Bool, coherence: Float | None) -> None:
        """Take a window that starts at `row` and `column`: values and validity (rows, columns), coherence 0..1."""
        levels, seen = _blocks(values), _blocks(valid)
        good = seen.mean(axis=-1) >= LEAST_VALID
        if not good.any():
            return
        quality = _blocks(coherence if coherence is not None else -_roughness(values, valid))
        down, right = np.nonzero(good)
        rows = []
        for y, x in zip(down, right, strict=True):
            inside = seen[y, x]
            level, worth = np.median(levels[y, x][inside]), quality[y, x][inside].mean()
            rows.append((row + (y + 0.5) * BLOCK, column + (x + 0.5) * BLOCK, level, worth))
        self._found.append(np.array(rows))

    def find(self) -> Reference | None:
        """The good block whose level is nearest to the median of all; None where no block is valid enough."""
        if not self._found:
            return None
        row, column, level, quality = np.concatenate(self._found).T
        best = quality >= np.quantile(quality, 1 - BEST_SHARE)
        distance = np.where(best, np.abs(level - np.median(level)), np.inf)
        place = int(np.argmin(distance))
        return Reference(int(row[place]), int(column[place]), float(level[place]))


def _blocks(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """(rows, columns) to (blocks down, blocks right, pixels); what does not fill a block is left out."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    cut = plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.swapaxes(1, 2).reshape(rows, columns, BLOCK * BLOCK)


def _roughness(values: Float, valid: Bool) -> Float:
    """Mean absolute difference to the next row and column."""
    rough = np.zeros(values.shape, np.float32)
    rough[:-1] += np.abs(np.diff(values, axis=0)) * (valid[1:] & valid[:-1])
    rough[:, :-1] += np.abs(np.diff(values, axis=1)) * (valid[:, 1:] & valid[:, :-1])
    return rough

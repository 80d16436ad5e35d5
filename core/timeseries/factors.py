"""Cholesky factors of many symmetric positive definite matrices at once, banded as those of most networks are.

Dates are linked to dates near to them, so that their normal matrices are bands: with three later dates for each of a
hundred, a factor takes a thousandth of the work of a full one.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Double = NDArray[np.float64]

NARROW = 4  # a matrix with this many times as many rows as its band is wide is worked on as a band


class Factors(Protocol):
    """Factors of matrices of one shape, one for each pixel."""

    def solve(self, right: Double) -> Double:
        """Solutions (rows, sides, pixels) for right sides of that shape, or alike for all pixels with 1 of them."""

    def diagonal(self) -> Double:
        """Diagonals (rows, pixels) of the inverses."""


def is_narrow(rows: int, width: int) -> bool:
    """Whether matrices of so many rows with `width` diagonals below the main one are worked on as bands."""
    return NARROW * (width + 1) <= rows


def factors(columns: Double) -> Factors:
    """Factors of matrices (rows, width + 1, pixels): [j, k] is the element in row j + k of column j, 0 beyond the end.

    `columns` may be overwritten.
    """
    return Band(columns) if is_narrow(len(columns), columns.shape[1] - 1) else Full(columns)


class Band:
    """Factors of bands: as many steps as rows, each for all pixels.

    What is computed from a matrix that is not positive definite is NaN, without an error as in Full, so that one pixel
    does not take the others with it.
    """

    def __init__(self, columns: Double) -> None:
        count, width = len(columns), columns.shape[1] - 1
        for row, column in enumerate(columns):
            column /= np.sqrt(column[0])
            for below in range(1, min(width, count - 1 - row) + 1):
                columns[row + below, : width + 1 - below] -= column[below] * column[below:]
        self._columns = columns

    def solve(self, right: Double) -> Double:
        """See Factors."""
        columns = self._columns
        found = np.array(np.broadcast_to(right, (*right.shape[:2], columns.shape[2])))
        count, width = len(columns), columns.shape[1] - 1
        for row, column in enumerate(columns):
            found[row] /= column[0]
            last = min(width, count - 1 - row)
            found[row + 1 : row + last + 1] -= column[1 : last + 1, None] * found[row]
        for row in range(count - 1, -1, -1):
            column, last = columns[row], min(width, count - 1 - row)
            found[row] -= (column[1 : last + 1, None] * found[row + 1 : row + last + 1]).sum(0)
            found[row] /= column[0]
        return found

    def diagonal(self) -> Double:
        """See Factors. From the last row up, the inverse only inside the band: Erisman and Tinney (1975), CACM 18."""
        count, width, pixels = len(self._columns), self._columns.shape[1] - 1, self._columns.shape[2]
        found = np.empty((count, pixels))
        below = np.zeros((width + 1, width + 1, pixels))  # of the inverse, from the row that was done last on
        for row in range(count - 1, -1, -1):
            column = self._columns[row]
            across = -np.einsum("ikp,kp->ip", below[:-1, :-1], column[1:]) / column[0]
            found[row] = (1.0 / column[0] - (column[1:] * across).sum(0)) / column[0]
            below[1:, 1:] = below[:-1, :-1].copy()
            below[0, 0], below[0, 1:], below[1:, 0] = found[row], across, across
        return found


class Full:
    """Factors of full matrices by LAPACK; raises torch.linalg.LinAlgError where one is not positive definite."""

    def __init__(self, columns: Double) -> None:
        count = len(columns)
        normal = np.zeros((columns.shape[2], count, count))
        for row, column in enumerate(columns):
            last = min(columns.shape[1], count - row)
            normal[:, row : row + last, row] = column[:last].T
            normal[:, row, row : row + last] = column[:last].T
        self._factors = torch.linalg.cholesky(torch.from_numpy(normal))

    def solve(self, right: Double) -> Double:
        """See Factors."""
        sides = np.broadcast_to(right, (*right.shape[:2], len(self._factors))).transpose(2, 0, 1)
        found = torch.cholesky_solve(torch.from_numpy(np.array(sides, order="C")), self._factors)
        return np.ascontiguousarray(found.numpy().transpose(1, 2, 0))

    def diagonal(self) -> Double:
        """See Factors."""
        inverse = torch.cholesky_inverse(self._factors)
        return np.ascontiguousarray(inverse.diagonal(dim1=1, dim2=2).numpy().T)

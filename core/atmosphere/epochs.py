"""Delay per date from the delays of interferograms, so that corrections of a network of dates close around loops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

RIDGE = 1e-6  # of the largest weight, on the dates' own delays: the level of each connected piece is arbitrary
CHUNK = 1 << 14  # cells whose systems are solved at a time
LEAST_VARIANCE = 1e-12
PAIR_NOISE = 0.05  # variance of an interferogram's own noise over that of the air of a date

Float64 = npt.NDArray[np.float64]


def incidence(pairs: Sequence[tuple[date, date]]) -> tuple[list[date], Float64]:
    """The dates in order, and the matrix (pairs, dates) that makes an interferogram (second minus first) of dates."""
    dates = sorted({day for pair in pairs for day in pair})
    matrix = np.zeros((len(pairs), len(dates)))
    for row, (first, second) in enumerate(pairs):
        matrix[row, dates.index(first)] -= 1.0
        matrix[row, dates.index(second)] += 1.0
    return dates, matrix


def consistent(delays: Float64, variances: Float64, matrix: Float64) -> Float64:
    """Delays (pairs, n) made differences of one delay per date, by least squares weighted with 1 / variances.

    variances (pairs, n), of which inf takes an interferogram out. Sums around any loop of the result vanish. matrix:
    `incidence`.
    """
    weights = 1.0 / np.maximum(variances, LEAST_VARIANCE)
    result = np.empty_like(delays, dtype=np.float64)
    dates = matrix.shape[1]
    for start in range(0, delays.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        weight = weights[:, part]
        weight = weight / np.maximum(weight.max(axis=0, keepdims=True), LEAST_VARIANCE)
        normal = np.einsum("pi,pn,pj->nij", matrix, weight, matrix, optimize=True) + RIDGE * np.eye(dates)
        right = np.einsum("pi,pn->ni", matrix, weight * delays[:, part], optimize=True)
        solved = np.linalg.solve(normal, right[..., None])[..., 0]
        result[:, part] = matrix @ solved.T
    return result


def rate_weights(matrix: Float64, years: Float64) -> Float64:
    """Weights (pairs,) whose sum with interferograms is the steady rate that fits them best (unit per year).

    Generalised least squares where every date has noise of its own, which its interferograms share; `years` (pairs,)
    are their spans. matrix: `incidence`. Zeros where no time passes.
    """
    covariance = matrix @ matrix.T + PAIR_NOISE * np.eye(len(matrix))
    solved = np.linalg.solve(covariance, years)
    norm = float(years @ solved)
    return np.asarray(solved / norm) if norm > 0 else np.zeros_like(years)

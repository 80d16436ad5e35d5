"""The part of the atmosphere that a plane and the height of the ground explain, found so that deformation stays.

A plane stands for orbit errors and the longest waves of delay, a term proportional to height for air in layers
(Doin et al. 2009; Bekaert et al. 2015). Both are fitted by iteratively reweighted least squares whose weights vanish
where a pixel does not fit (Beaton and Tukey 1974), so that what moves does not bend them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

TERMS = ("constant", "down", "right", "elevation")
KILOMETRE = 1000.0  # m; heights enter in kilometres, so that all coefficients are of like size
GENTLE_ROUNDS, STRICT_ROUNDS = 4, 10  # of reweighting: first with weights that never vanish, then with ones that do
GENTLE_LIMIT, STRICT_LIMIT = 1.0, 3.0  # deviations from where a pixel counts less, and from where it does not count
NORMAL_DEVIATION = 1.4826  # of a normal distribution over its median absolute deviation
LEAST_RELIEF = 10.0  # m, standard deviation of heights below which nothing can be said of layers
RIDGE = 1e-9  # of the normal equations' diagonal, so that scenes of a single row have a solution
TINY = 1e-12

Float64 = npt.NDArray[np.float64]
AnyFloat = npt.NDArray[np.floating]


class Trend(NamedTuple):
    """Coefficients (4,) of TERMS in the unit of the values, and the robust deviation of what they leave."""

    coefficients: Float64
    deviation: float

    def at(self, down: AnyFloat, right: AnyFloat, elevation: AnyFloat | None) -> Float64:
        """The trend at positions that broadcast, as `positions` gives them, and heights in m (0 where not known)."""
        constant, by_row, by_column, by_height = self.coefficients
        plane = constant + by_row * np.asarray(down, np.float64) + by_column * np.asarray(right, np.float64)
        if elevation is None or by_height == 0.0:
            return np.asarray(plane)
        return np.asarray(plane + by_height * (np.asarray(elevation, np.float64) / KILOMETRE))


def positions(start: int, length: int, whole: int, longest: int, step: float = 1.0) -> Float64:
    """Centres of `length` pixels of `step` from pixel `start`, from the middle of `whole`, in units of `longest`."""
    return np.asarray(((start + np.arange(length) + 0.5) * step - whole / 2) / longest)


def fit_trend(
    values: AnyFloat, weights: AnyFloat, down: AnyFloat, right: AnyFloat, elevation: AnyFloat | None = None
) -> Trend:
    """Fit plane and elevation to values (rows, columns) of any unit where weights (0..1) are positive.

    down and right broadcast to it (`positions`); elevation in m, same shape. The plane alone where there is no relief.
    A scene without any weight gives zeros. The deviation is 1.48 times the median absolute residual.
    """
    used = np.asarray(weights) > 0
    result = np.zeros(len(TERMS))
    if not used.any():
        return Trend(result, 0.0)
    shape = np.shape(values)
    observed, weight = np.asarray(values)[used].astype(np.float64), np.asarray(weights)[used].astype(np.float64)
    terms = [np.ones(observed.size), np.broadcast_to(down, shape)[used], np.broadcast_to(right, shape)[used]]
    if elevation is not None and float(np.std(np.asarray(elevation)[used])) > LEAST_RELIEF:
        terms.append(np.asarray(elevation)[used] / KILOMETRE)
    design = np.stack(terms, axis=1).astype(np.float64)
    solved = _reweighted(design, observed, weight)
    result[: len(solved)] = solved
    return Trend(result, _deviation(observed - design @ solved))


def _reweighted(design: Float64, observed: Float64, weight: Float64) -> Float64:
    """Least squares with weights by residual, first Huber's and then Tukey's."""
    solved = _solve(design, observed, weight)
    for step in range(GENTLE_ROUNDS + STRICT_ROUNDS):
        residual = observed - design @ solved
        deviation = _deviation(residual)
        if deviation < TINY:
            break
        size = np.abs(residual) / deviation
        if step < GENTLE_ROUNDS:
            robust = np.minimum(1.0, GENTLE_LIMIT / np.maximum(size, TINY))
        else:
            robust = np.square(np.clip(1.0 - np.square(size / STRICT_LIMIT), 0.0, None))
        solved = _solve(design, observed, weight * robust)
    return solved


def _solve(design: Float64, observed: Float64, weight: Float64) -> Float64:
    weighted = design * weight[:, None]
    normal = design.T @ weighted
    normal[np.diag_indices_from(normal)] += RIDGE * max(float(np.trace(normal)), TINY)
    return np.asarray(np.linalg.solve(normal, weighted.T @ observed))


def _deviation(residual: Float64) -> float:
    return float(NORMAL_DEVIATION * np.median(np.abs(residual - np.median(residual))))

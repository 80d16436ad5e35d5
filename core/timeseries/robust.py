"""Least squares that outliers do not take with them: iteratively reweighted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .invert import Design, Inverted, invert
from .network import Network

Double = NDArray[np.float64]

ABSOLUTE_STEPS = 8  # toward the sum of absolute residuals, which half of the observations cannot move far
BISQUARE_STEPS = 4  # toward Tukey's estimate, which forgets outliers and keeps what agrees
SMALLEST = 0.02  # standardised residual below which absolute values are taken as squares
TUNING = 4.685  # of Tukey's bisquare: 95 % as good as least squares where nothing is wrong
CONSISTENT = 1.16  # what Tukey's weights take off the variance of normal residuals, and the estimate's own loss
GAUSSIAN = 1.4826  # standard deviation over median absolute deviation of a normal distribution
LEAST_SCALE = 0.5  # of standardised residuals: where redundancy is low, some fit well by chance
TRACE = 1e-4  # weight that an outlier keeps, so that the network stays as connected as it is


def least_absolute(network: Network, phase: Double, weight: Double, design: Design | None = None) -> Inverted:
    """The fit with the least sum of absolute standardised residuals.

    Lauknes, Zebker and Larsen (2011), IEEE TGRS 49(1): L1 by iteratively reweighted least squares.
    """
    root = np.sqrt(weight)
    found = invert(network, phase, weight)
    for _ in range(ABSOLUTE_STEPS):
        adapted = weight / np.maximum(np.abs(found.residual) * root, SMALLEST)
        found = invert(network, phase, adapted, found.pieces, design=design)
    return found


def robust_weights(network: Network, phase: Double, weight: Double, first: Inverted) -> Double:
    """Weights (pairs, pixels) less those of outliers, by Tukey's bisquare from a first fit of the same data."""
    valid, adapted = weight > 0, weight
    count = valid.sum(0)
    lost, residual = np.sqrt(count / np.maximum(count - first.pieces.unknowns, 1)), first.residual
    for _ in range(BISQUARE_STEPS):
        standard = np.abs(residual) * np.sqrt(weight)
        scale = np.maximum(lost * _spread(standard, valid), LEAST_SCALE)
        inside = np.clip(1.0 - np.square(standard / (TUNING * scale)), 0.0, 1.0)
        adapted = weight * np.maximum(inside**2, TRACE)
        residual = invert(network, phase, adapted, first.pieces).residual
    return adapted


def _spread(standard: Double, valid: NDArray[np.bool_]) -> Double:
    """Standard deviation of each pixel's residuals (pixels,) from their median; 0 where there are none."""
    ordered = np.sort(np.where(valid, standard, np.inf), axis=0)
    middle = np.maximum(valid.sum(0) - 1, 0) // 2
    median = np.take_along_axis(ordered, middle[None], axis=0)[0]
    return np.asarray(GAUSSIAN * np.nan_to_num(median, posinf=0.0))

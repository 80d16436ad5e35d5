"""Gaps of a complex field filled with the solution of Laplace's equation: the smoothest surface over their rims."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex64]
Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

TOLERANCE = 1e-6  # of the residual against the rim values; leaves less than 1e-3 rad in a gap of 128 pixels
MOST_STEPS = 2000  # of conjugate gradients; a gap of w pixels needs about 2 w
COARSEST = 4  # pixels along the shorter side at which the pyramid of the first guess ends


def laplace_fill(signal: Complex, known: Bool, gap: Bool) -> Complex:
    """The field (rows, columns) with the pixels of `gap` filled from those `known`; other pixels come back as they are.

    Pixels that are neither take no part: no slope goes across them or the raster's edge. Gaps without a known
    neighbour are 0. A gap depends on its own rim alone, so tiles that hold it whole agree. Conjugate gradients from a
    pull-push first guess; the angle of the result is the filled phase, its length falls where the rim disagrees.
    """
    gap = gap & ~known
    if not gap.any() or not known.any():
        return np.where(known, signal, 0).astype(np.complex64)
    part = known | gap
    count = _neighbour_sum(part.astype(np.float32))
    weight = np.where(gap & (count > 0), 1.0 / np.maximum(count, 1.0), 0.0).astype(np.float32)
    fixed = np.where(known, signal, 0).astype(np.complex64)
    guess = np.where(gap, pull_push(fixed, known), 0).astype(np.complex64)
    rim: Complex = (_neighbour_sum(fixed) * weight).astype(np.complex64)
    return np.asarray(fixed + _solve(guess, rim, weight, count))


def _solve(x: Complex, rim: Complex, weight: Float, count: Float) -> Complex:
    """Conjugate gradients on gap pixels for x - mean of gap neighbours = rim, made symmetric by the neighbour count."""

    def residual_operator(v: Complex) -> Complex:
        return np.asarray(v - _neighbour_sum(v) * weight)

    scale = float(np.sqrt(np.vdot(rim, rim * count).real)) or 1.0
    inside = weight > 0
    x = np.where(inside, x, 0).astype(np.complex64)
    r = np.where(inside, rim - residual_operator(x), 0).astype(np.complex64)
    p = r.copy()
    energy = float(np.vdot(r, r * count).real)
    for _ in range(MOST_STEPS):
        if energy <= (TOLERANCE * scale) ** 2:
            break
        q = residual_operator(p)
        step = np.float32(energy / float(np.vdot(p, q * count).real))
        x += step * p
        r -= step * q
        before, energy = energy, float(np.vdot(r, r * count).real)
        p *= np.float32(energy / before)
        p += r
    return x


def _neighbour_sum(values: NDArray[Any]) -> NDArray[Any]:
    """Sum of the four neighbours, as far as there are any."""
    total = np.zeros_like(values)
    total[1:] += values[:-1]
    total[:-1] += values[1:]
    total[:, 1:] += values[:, :-1]
    total[:, :-1] += values[:, 1:]
    return total


def pull_push(signal: Complex, known: Bool) -> Complex:
    """A quick fill of all pixels: means over ever larger cells of 2x2, taken back wherever finer ones know nothing."""
    rows, columns = signal.shape
    if min(rows, columns) < COARSEST:
        mean = signal[known].mean() if known.any() else np.complex64(0)
        return np.where(known, signal, mean).astype(np.complex64)
    padded = np.pad(np.where(known, signal, 0), ((0, rows % 2), (0, columns % 2)))
    share = np.pad(known.astype(np.float32), ((0, rows % 2), (0, columns % 2)))
    coarse, weight = _pool(padded), _pool(share)
    seen = weight > 0
    coarse = pull_push((coarse / np.where(seen, weight, 1)).astype(np.complex64), seen)
    fine = np.repeat(np.repeat(coarse, 2, 0), 2, 1)[:rows, :columns]
    return np.where(known, signal, fine).astype(np.complex64)


def _pool(values: NDArray[Any]) -> NDArray[Any]:
    total = values[0::2, 0::2] + values[0::2, 1::2] + values[1::2, 0::2] + values[1::2, 1::2]
    return np.asarray(total * np.float32(0.25))

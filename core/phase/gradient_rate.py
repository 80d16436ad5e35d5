"""The rate behind a few complex sums, each of interferograms over the same time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

# Steps to the best rate; each brings what is left to its cube or so.
_STEPS = 3

# By how many deviations another cycle has to fit better, so that noise never chooses one.
_SURE = 3.0


def best_rate(real: Float, imaginary: Float, lever: Float, noise: Float) -> tuple[Float, Float]:
    """The rate v that maximises sum_k Re[G_k exp(-i v lever_k)], and that maximum.

    `real`, `imaginary` (spans, rows, columns) are the parts of G, `lever` (spans, ascending) is in pixels times years;
    v is in rad per pixel and year. There is more than one maximum. The one near the mean angle is taken; and the one
    that is found from the shortest span on, which says in which cycle longer ones are, where it is higher by more than
    `_SURE` times `noise` (rows, columns), the deviation that the sum has by chance.
    """
    size = np.hypot(real, imaginary)
    levers = lever[:, np.newaxis, np.newaxis]
    mean = _ratio((size * levers).sum(axis=0), size.sum(axis=0))
    sums = _Sums(real, imaginary, size, lever)
    rate = sums.refined(_ratio(np.arctan2(imaginary.sum(axis=0), real.sum(axis=0)), mean))
    resultant = sums.resultant(rate)
    if len(lever) == 1:
        return rate, resultant
    other = np.arctan2(imaginary[0], real[0]) / lever[0]
    for count in range(2, len(lever) + 1):
        other += sums.step(other, count)
    other = sums.refined(other)
    height = sums.resultant(other)
    better = height > resultant + np.float32(_SURE) * noise
    return np.where(better, other, rate), np.where(better, height, resultant)


class _Sums(NamedTuple):
    """The sums of each span, and the steps that turn them onto the real axis."""

    real: Float
    imaginary: Float
    size: Float
    lever: Float

    def step(self, rate: Float, count: int) -> Float:
        """By how much to change a rate: weighted least squares of the angles left in the first `count` sums."""
        slope, curvature = np.zeros_like(rate), np.zeros_like(rate)
        for k, length in enumerate(self.lever[:count]):
            along, across = _turned(self.real[k], self.imaginary[k], rate * length)
            slope += self.size[k] * length * np.arctan2(across, along)
            curvature += self.size[k] * (length * length)
        return _ratio(slope, curvature)

    def refined(self, rate: Float) -> Float:
        """The rate after some steps."""
        for _ in range(_STEPS):
            rate = rate + self.step(rate, len(self.lever))
        return rate

    def resultant(self, rate: Float) -> Float:
        """What lies on the real axis once the sums are turned back by a rate."""
        total = np.zeros_like(rate)
        for k, length in enumerate(self.lever):
            total += _turned(self.real[k], self.imaginary[k], rate * length)[0]
        return total


def _turned(real: Float, imaginary: Float, angle: Float) -> tuple[Float, Float]:
    """Real and imaginary part after turning back by `angle`."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return real * cosine + imaginary * sine, imaginary * cosine - real * sine


def _ratio(above: Float, below: Float) -> Float:
    """Quotient, 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

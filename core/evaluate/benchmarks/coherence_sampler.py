"""What is possible for one who knows by which law scenes of the easy set are drawn, but not their outlines.

Areas are those nearest to each of a number of points, coherence is spread evenly, and the joint law of two intensities
of so many looks is known (Lee et al. 1994; a bivariate gamma distribution). Points are moved at random and
kept or put back by Metropolis' rule, with coherence and power of each area summed out; the mean over what is kept is
the estimate of least squared error. It starts from the true outlines, as near as points give them, so that a chain that
has not gone far errs on the good side: no map without that knowledge can be expected to be better.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ive

from ...simulate.detected_scene import DetectedPair, PairOptions, simulate_pairs
from .coherence_limit import Limit
from .coherence_scenes import SEED
from .coherence_tally import Tally, groups_of

COHERENCES = np.linspace(0.01, 0.98, 33)
DECIBELS = np.linspace(-2.4, 2.4, 9)  # power of an area about the mean of the scene
USUAL_DECIBELS = 0.75  # standard deviation between areas, as PLAIN has it on average
REACH = 0.6  # of the side: how far from the middle points lie
MOVES = (1.0, 4.0, 12.0)  # pixels, standard deviations of a move
FITTING, WARMING, SAMPLING, EVERY = 3000, 1000, 4000, 20  # moves

Float = NDArray[np.float64]


def known_law(options: PairOptions) -> Limit:
    """Error and bias at low coherence of the best estimate on the first batch of a set like the easy one."""
    pair = simulate_pairs(options, torch.Generator().manual_seed(SEED))
    rng = np.random.default_rng(SEED)
    maps = [_Chain(pair, scene, rng).mean() for scene in range(options.batch)]
    tally = Tally()
    tally.add(torch.from_numpy(np.stack(maps)), pair, groups_of(pair))
    return Limit(tally.rmse().value, tally.bias("low").value)


def log_likelihood(first: Float, second: Float, looks: float) -> NDArray[np.float32]:
    """Of pairs of intensities (n,) about 1, for each of COHERENCES and DECIBELS (n, their product); constants left out.

    At a look count L, power P, coherence c: -(L+1) ln P - ln(1-c^2) - (L-1) ln c - L (a+b) / (P (1-c^2)) + ln I(z) of
    order L-1, z = 2 L c sqrt(ab) / (P (1-c^2)).
    """
    coherence, power = (part.ravel() for part in np.meshgrid(COHERENCES, 10 ** (DECIBELS / 10), indexing="ij"))
    spare = 1.0 - coherence**2
    found = np.empty((len(first), len(coherence)), np.float32)
    for index, (c, p, s) in enumerate(zip(coherence, power, spare, strict=True)):
        z = 2.0 * looks * c * np.sqrt(first * second) / (p * s)
        bessel = np.log(ive(looks - 1.0, z)) + z
        found[:, index] = bessel - (looks + 1.0) * np.log(p) - np.log(s) - (looks - 1.0) * np.log(c)
        found[:, index] -= looks * (first + second) / (p * s)
    return found


class _Chain:
    """Points of one scene, and what each pixel belongs to."""

    def __init__(self, pair: DetectedPair, scene: int, rng: np.random.Generator) -> None:
        self.rng, self.shape = rng, tuple(pair.coherence.shape[1:])
        first, second = (image[scene].double().flatten().numpy() for image in (pair.first, pair.second))
        self.likelihood = log_likelihood(first / first.mean(), second / second.mean(), float(pair.looks[scene]))
        self.prior = np.tile(-0.5 * (DECIBELS / USUAL_DECIBELS) ** 2, len(COHERENCES))
        self.pixels = np.indices(self.shape).reshape(2, -1).T + 0.5
        truth = pair.coherence[scene].flatten().numpy()
        _, kind = np.unique(truth, return_inverse=True)
        count = int(kind.max()) + 1
        self.points = np.stack([self.pixels[kind == index].mean(0) for index in range(count)])
        self.distance = ((self.pixels[:, None] - self.points[None]) ** 2).sum(-1)
        self._fit(kind)

    def mean(self) -> Float:
        """Mean coherence (rows, columns) over what is kept."""
        label = self.distance.argmin(1)
        sums = np.stack([self._sum(label == index) for index in range(len(self.points))])
        weight = self._evidence(sums)
        total, kept = np.zeros(len(label)), 0
        for step, (index, point) in enumerate(self._moves(WARMING + SAMPLING, MOVES)):
            moved, before = self._moved(index, point)
            changed = np.flatnonzero(moved != label)
            after = sums.copy()
            for area in np.union1d(moved[changed], label[changed]):
                after[area] += self._sum(changed[moved[changed] == area]) - self._sum(changed[label[changed] == area])
            gain = self._evidence(after) - weight
            if np.log(self.rng.random()) < gain:
                label, sums, weight, self.points[index] = moved, after, weight + gain, point
            else:
                self.distance[:, index] = before
            if step >= WARMING and step % EVERY == 0:
                total, kept = total + self._coherence(sums)[label], kept + 1
        return np.asarray(total / kept).reshape(self.shape)

    def _fit(self, kind: NDArray[np.int64]) -> None:
        """Move the points to where their areas are the true ones, as nearly as may be."""
        wrong = int((self.distance.argmin(1) != kind).sum())
        for index, point in self._moves(FITTING, (0.5, 2.0, 6.0)):
            moved, before = self._moved(index, point)
            now = int((moved != kind).sum())
            if now <= wrong:
                wrong, self.points[index] = now, point
            else:
                self.distance[:, index] = before

    def _moves(self, count: int, lengths: tuple[float, ...]) -> Iterator[tuple[int, Float]]:
        middle, reach = np.array(self.shape) / 2, REACH * np.array(self.shape)
        for _ in range(count):
            index = int(self.rng.integers(len(self.points)))
            point = self.points[index] + self.rng.normal(0.0, self.rng.choice(lengths), 2)
            yield index, point if (np.abs(point - middle) < reach).all() else self.points[index].copy()

    def _moved(self, index: int, point: Float) -> tuple[NDArray[np.int64], Float]:
        """What pixels belong to with a point moved, and its distances before."""
        before = self.distance[:, index].copy()
        self.distance[:, index] = ((self.pixels - point) ** 2).sum(1)
        return self.distance.argmin(1), before

    def _sum(self, pixels: NDArray[np.generic]) -> Float:
        return np.asarray(self.likelihood[pixels].sum(0, dtype=np.float64))

    def _evidence(self, sums: Float) -> float:
        """Logarithm of the likelihood of all areas, with coherence and power summed out."""
        joint = sums + self.prior
        top = joint.max(1)
        return float((top + np.log(np.exp(joint - top[:, None]).sum(1))).sum())

    def _coherence(self, sums: Float) -> Float:
        joint = sums + self.prior
        weight = np.exp(joint - joint.max(1, keepdims=True)).reshape(len(sums), len(COHERENCES), -1).sum(-1)
        return np.asarray((weight * COHERENCES).sum(1) / weight.sum(1))

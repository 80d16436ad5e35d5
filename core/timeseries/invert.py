"""Weighted least squares over a network of dates, for many pixels at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .factors import Factors, factors, is_narrow
from .network import NOT_SEEN, Network, Pieces

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Int = NDArray[np.int64]
Design = Callable[[Int], Double | None]  # columns (used dates, columns) for the labels (dates,) of a kind


@dataclass
class Spread:
    """Of the covariance of a kind's pixels, where weights are 1 / variance, what a line through the series needs."""

    variance: Double  # (used dates, pixels), 0 at the first date
    between: Double  # (columns, columns, pixels): of the sums of the series with the columns of the design


@dataclass
class Inverted:
    """Series of pixels and how well they are known; dates that a pixel does not have are NaN."""

    series: Double  # (dates, pixels), unit of the phase; 0 at the first date of each pixel
    residual: Double  # (pairs, pixels), 0 where there is no observation
    pieces: Pieces
    spreads: list[Spread | None]  # of each kind of the pieces; None where no design was given for it


def invert(
    network: Network, phase: Double, weight: Double, pieces: Pieces | None = None, *, design: Design | None = None
) -> Inverted:
    """Least squares for phases (pairs, pixels) with weights of the same shape, 0 where there is no observation.

    Each piece of a network that is not connected has a level of its own; of all levels those are taken that make the
    velocities between neighbouring dates smallest (minimum norm). Berardino et al. (2002), IEEE TGRS 40(11), eq. 12-17.
    Normal equations by Cholesky factors in float64: they are graph Laplacians, as good as their weights are. `pieces`
    saves finding them again where the same interferograms come with other weights.
    """
    valid = weight > 0
    pieces = network.pieces(valid) if pieces is None else pieces
    kinds, kind = pieces
    series = np.full((len(network.dates), phase.shape[1]), np.nan)
    spreads: list[Spread | None] = [None] * kinds.shape[1]
    for index, labels in enumerate(kinds.T):
        used = np.flatnonzero(labels != NOT_SEEN)
        if len(used) == 0:
            continue
        chosen = slice(None) if kinds.shape[1] == 1 else np.flatnonzero(kind == index)
        group, numbers = _Group(network, labels), np.arange(phase.shape[1])[chosen]
        found, solved = group.solve(phase[:, chosen], weight[:, chosen])
        series[np.ix_(used, numbers)] = found
        columns = design(labels) if design is not None else None
        if columns is not None:
            spreads[index] = group.spread(solved, columns)
    levels = np.nan_to_num(series)
    residual = np.where(valid, phase - (levels[network.second] - levels[network.first]), 0.0)
    return Inverted(series, residual, pieces, spreads)


def numbers_per_pixel(network: Network) -> int:
    """How many numbers the largest array has for each pixel."""
    dates, width = len(network.dates), int(np.abs(network.second - network.first).max(initial=0))
    return max(len(network.first), dates * (width + 1 if is_narrow(dates - 1, width) else dates))


class _Group:
    """Pixels whose dates fall into the same pieces: one design for all of them."""

    def __init__(self, network: Network, labels: Int) -> None:
        self._network = network
        self._used = np.flatnonzero(labels != NOT_SEEN)
        self._labels = labels[self._used]
        self._is_reference = self._labels == self._used  # the first date of each piece is its zero
        self._place = np.full(len(labels), NOT_SEEN)  # of each date among the unknowns
        self._place[self._used[~self._is_reference]] = np.arange(len(self._used) - self._is_reference.sum())

    def solve(self, phase: Double, weight: Double) -> tuple[Double, Factors]:
        """Series (used dates, pixels), and the factors of the normal matrices."""
        normal, right = self._normal()
        solved = factors((normal @ weight).reshape(self._count, -1, phase.shape[1]))
        series = np.zeros((len(self._used), phase.shape[1]))
        series[~self._is_reference] = solved.solve((right @ (weight * phase))[:, None])[:, 0]
        return (self._join() @ series if self._in_pieces else series), solved

    def spread(self, solved: Factors, columns: Double) -> Spread:
        """How well series are known, and their sums with `columns` (used dates, columns)."""
        free = ~self._is_reference
        joined = self._join() if self._in_pieces else np.eye(len(free))
        sides = (joined.T @ columns)[free]
        between = np.einsum("ja,jbp->abp", sides, solved.solve(sides[:, :, None]))
        variance = np.zeros((len(free), between.shape[2]))
        variance[free] = solved.diagonal()
        if self._in_pieces:  # levels that are guessed are as uncertain as the dates they are guessed from
            members, shift = self._members, self._shift()[:, free]
            guessed = solved.solve(shift.T[:, :, None])
            variance[free] += 2.0 * np.einsum("jm,jmp->jp", members[free], guessed)
            both = np.einsum("mj,jnp->mnp", shift, guessed)
            variance += np.einsum("im,mnp,in->ip", members, both, members)
        return Spread(variance, between)

    @property
    def _count(self) -> int:
        return int((~self._is_reference).sum())

    @property
    def _in_pieces(self) -> bool:
        return int(self._is_reference.sum()) > 1

    def _normal(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """What turns weights (pairs, pixels) into normal matrices as `factors` takes them, and phases into right sides.

        Sums over the pairs of each date; dates that are a reference are left out.
        """
        first, second = self._place[self._network.first], self._place[self._network.second]
        pairs = np.arange(len(first))
        unknown = (first != NOT_SEEN) & (second != NOT_SEEN)
        low, high = np.minimum(first, second)[unknown], np.maximum(first, second)[unknown]
        width = int((high - low).max(initial=0)) + 1
        one, two = first != NOT_SEEN, second != NOT_SEEN
        rows = np.concatenate([low * width + high - low, first[one] * width, second[two] * width])
        members = np.concatenate([pairs[unknown], pairs[one], pairs[two]])
        values = np.concatenate([np.full(len(low), -1.0), np.ones(one.sum() + two.sum())])
        normal = sparse.csr_array((values, (rows, members)), (self._count * width, len(pairs)))
        signs = np.concatenate([np.full(one.sum(), -1.0), np.ones(two.sum())])
        ends, whose = np.concatenate([first[one], second[two]]), np.concatenate([pairs[one], pairs[two]])
        return normal, sparse.csr_array((signs, (ends, whose)), (self._count, len(pairs)))

    @property
    def _members(self) -> Double:
        """1 where a date (used dates, pieces but the first) is in a piece; the first piece stays where it is."""
        names = self._labels[self._is_reference]
        return np.asarray(self._labels[:, None] == names[None, 1:], np.float64)

    def _shift(self) -> Double:
        """(pieces but the first, used dates): how far pieces that start at 0 are moved, for the smallest velocities."""
        years = self._network.years[self._used]
        rate = np.diff(np.eye(len(years)), axis=0) / np.diff(years)[:, None]
        return np.asarray(-np.linalg.pinv(rate @ self._members) @ rate)

    def _join(self) -> Double:
        """What turns series whose pieces start at 0 into the one of smallest velocities that starts at 0."""
        return np.asarray(np.eye(len(self._used)) + self._members @ self._shift())

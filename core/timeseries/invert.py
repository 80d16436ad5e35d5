"""Weighted least squares over a network of dates, for many pixels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .network import NOT_SEEN, Network, Pieces

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass
class Inverted:
    """Series of pixels and how well they are known; dates that a pixel does not have are NaN."""

    series: Double  # (dates, pixels), unit of the phase; 0 at the first date of each pixel
    cofactor: Double | None  # (pixels, dates, dates): covariance where weights are 1 / variance; 0 where not known
    residual: Double  # (pairs, pixels), 0 where there is no observation
    pieces: Pieces


def invert(
    network: Network, phase: Double, weight: Double, pieces: Pieces | None = None, *, with_cofactor: bool = True
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
    dates, pixels = len(network.dates), phase.shape[1]
    series = np.full((dates, pixels), np.nan)
    cofactor = np.zeros((pixels, dates, dates)) if with_cofactor else None
    for index, labels in enumerate(kinds.T):
        used = np.flatnonzero(labels != NOT_SEEN)
        if len(used) == 0:
            continue
        chosen = slice(None) if kinds.shape[1] == 1 else np.flatnonzero(kind == index)
        group, numbers = _Group(network, labels), np.arange(pixels)[chosen]
        found, factors = group.solve(phase[:, chosen], weight[:, chosen])
        series[np.ix_(used, numbers)] = found
        if cofactor is not None:
            cofactor[np.ix_(numbers, used, used)] = group.cofactors(factors)
    levels = np.nan_to_num(series)
    residual = np.where(valid, phase - (levels[network.second] - levels[network.first]), 0.0)
    return Inverted(series, cofactor, residual, pieces)


class _Group:
    """Pixels whose dates fall into the same pieces: one design for all of them."""

    def __init__(self, network: Network, labels: Int) -> None:
        self._network = network
        self._used = np.flatnonzero(labels != NOT_SEEN)
        self._labels = labels[self._used]
        self._is_reference = self._labels == self._used  # the first date of each piece is its zero
        self._unknown = self._used[~self._is_reference]

    def solve(self, phase: Double, weight: Double) -> tuple[Double, Tensor]:
        """Series (used dates, pixels), and the Cholesky factors of the normal matrices (pixels, unknowns, unknowns)."""
        normal, right = self._normal(phase, weight)
        factors = torch.linalg.cholesky(torch.from_numpy(normal))
        found = torch.cholesky_solve(torch.from_numpy(np.ascontiguousarray(right.T))[:, :, None], factors)
        series = np.zeros((len(self._used), phase.shape[1]))
        series[~self._is_reference] = found[:, :, 0].numpy().T
        return (self._join() @ series if self._in_pieces else series), factors

    def cofactors(self, factors: Tensor) -> Double:
        """(pixels, used dates, used dates), 0 at the first date; that of guessed levels is what their pieces give."""
        count = len(self._used)
        cofactor = np.zeros((len(factors), count, count))
        free = np.flatnonzero(~self._is_reference)
        cofactor[np.ix_(np.arange(len(factors)), free, free)] = torch.cholesky_inverse(factors).numpy()
        if self._in_pieces:
            joined = self._join()
            cofactor = np.asarray(joined @ cofactor @ joined.T)
        return cofactor

    @property
    def _in_pieces(self) -> bool:
        return int(self._is_reference.sum()) > 1

    def _normal(self, phase: Double, weight: Double) -> tuple[Double, Double]:
        """Normal matrices (pixels, unknowns, unknowns) and right sides (unknowns, pixels)."""
        network, dates, pixels = self._network, len(self._network.dates), phase.shape[1]
        laplacian = np.zeros((dates, dates, pixels))
        degree, right = np.zeros((dates, pixels)), np.zeros((dates, pixels))
        weighted = weight * phase
        for pair, (one, two) in enumerate(zip(network.first, network.second, strict=True)):
            laplacian[one, two] -= weight[pair]
            laplacian[two, one] -= weight[pair]
            degree[one] += weight[pair]
            degree[two] += weight[pair]
            right[one] -= weighted[pair]
            right[two] += weighted[pair]
        laplacian[np.arange(dates), np.arange(dates)] = degree
        part = laplacian[np.ix_(self._unknown, self._unknown)]
        return np.ascontiguousarray(part.transpose(2, 0, 1)), right[self._unknown]

    def _join(self) -> Double:
        """What turns series whose pieces start at 0 into the one of smallest velocities that starts at 0."""
        count = len(self._used)
        rate = np.diff(np.eye(count), axis=0) / np.diff(self._network.years[self._used])[:, None]
        names = self._labels[self._is_reference]
        members = (self._labels[:, None] == names[None, 1:]).astype(np.float64)  # the first piece stays
        shift = -np.linalg.pinv(rate @ members) @ rate
        return np.asarray(np.eye(count) + members @ shift)

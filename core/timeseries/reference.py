"""What does not move near what does: coherent pixels whose mean rate is the usual one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .network import Network

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Float = NDArray[np.float32]
Int = NDArray[np.int64]

LEAST_SEEN = 0.9  # of the interferograms that the best pixels have
COHERENT = 0.5  # share of the pixels, by coherence, that are looked at
STILL = 0.5  # share of these, by how near their rate is to the usual one
ALIKE = 0.5  # share of the pixels, by how near their elevation is to that of what moves
MOST = 2000  # pixels that are averaged; more tell nothing new


class Still(NamedTuple):
    """What is known of pixels (rows, columns) before they are referred to anything."""

    rate: Double  # phase per year
    seen: Double  # share of the interferograms that they have
    misfit: Double  # phase: root mean square of what the rate leaves


def look(network: Network, phase: Float, valid: Bool, level: Double) -> Still:
    """Mean rates of phases (pairs, rows, columns) less a level for each pair, NaN for pairs without one.

    A straight line through zero: the sum of phase times years over the sum of years squared.
    """
    years = network.years[network.second] - network.years[network.first]
    there = valid & np.isfinite(level)[:, None, None]
    referred = np.where(there, phase - np.nan_to_num(level)[:, None, None], 0.0)
    squares = np.tensordot(years**2, there, axes=1)
    product = np.tensordot(years, referred, axes=1)
    rate = product / np.where(squares > 0, squares, 1.0)
    left = np.maximum(np.square(referred).sum(0) - rate * product, 0.0)
    return Still(rate, there.mean(0), np.sqrt(left / np.maximum(there.sum(0), 1)))


def stable(rate: Double, seen: Double, quality: Double, candidate: Bool, apart: Double | None = None) -> Bool:
    """The pixels (rows, columns) to refer to; none where no candidate has any data.

    `quality` is coherence or whatever is larger for better pixels; `apart` how far (m) a pixel's elevation is from that
    of the place of interest, since delays that depend on elevation cancel between places alike.
    """
    best = float(seen[candidate].max(initial=0.0))
    good = candidate & (seen >= LEAST_SEEN * best) & (seen > 0)
    if apart is not None:
        good = _share(good, -apart, ALIKE)
    good = _share(good, quality, COHERENT)
    if good.any():
        good = _share(good, -np.abs(rate - np.median(rate[good])), STILL)
    return _first(good, quality, MOST)


def levels(phase: Float, valid: Bool, chosen: Bool) -> Double:
    """Median of each interferogram (pairs,) over the chosen pixels (rows, columns); NaN where it has none of them."""
    found = np.full(len(phase), np.nan)
    for pair, (values, there) in enumerate(zip(phase, valid, strict=True)):
        seen = values[there & chosen]
        if seen.size:
            found[pair] = np.median(seen)
    return found


def _share(good: Bool, merit: Double, share: float) -> Bool:
    """That share of the good pixels that has the most merit, ties included."""
    if not good.any():
        return good
    return np.asarray(good & (merit >= np.quantile(merit[good], 1.0 - share)))


def _first(good: Bool, merit: Double, most: int) -> Bool:
    """At most so many of the good pixels, those of most merit; of equals the first."""
    places = np.flatnonzero(good)
    if len(places) <= most:
        return good
    order = np.argsort(-merit.ravel()[places], kind="stable")[:most]
    chosen = np.zeros(good.size, bool)
    chosen[places[order]] = True
    return chosen.reshape(good.shape)

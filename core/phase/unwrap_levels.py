"""Levels of pieces from how many whole cycles lie between those that overlap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

AGREED = 0.5  # share of shared pixels that must say the same for two pieces to be one component
LEAST_SHARED = 16  # pixels


class Link(NamedTuple):
    """`cycles`: first minus second piece, where they overlap, as most of the shared pixels say."""

    first: int
    second: int
    cycles: int
    agreeing: int  # pixels
    shared: int  # pixels; 0 where the link is only a guess


def levels(count: int, links: list[Link]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cycles to add to each of `count` pieces, and the group of each that is one component; both (count,).

    Links that most pixels support come first and later ones that would close a loop are not needed (a maximum
    spanning forest), so that every level is a sum of whole cycles and none is a compromise. Then pieces become one
    component where their levels fit each other.
    """
    parent, shift = list(range(count)), [0] * count

    def root(piece: int) -> tuple[int, int]:
        total = 0
        while parent[piece] != piece:
            total += shift[piece]
            piece = parent[piece]
        return piece, total

    for link in sorted(links, key=lambda one: -one.agreeing):
        (first, above), (second, below) = root(link.first), root(link.second)
        if first != second:  # level of second piece = level of first + cycles
            parent[second], shift[second] = first, above + link.cycles - below
    found = np.array([root(piece)[1] for piece in range(count)], np.int64)
    return found, _groups(count, links, found)


def _groups(count: int, links: list[Link], found: NDArray[np.int64]) -> NDArray[np.int64]:
    group = list(range(count))

    def head(piece: int) -> int:
        while group[piece] != piece:
            piece = group[piece]
        return piece

    for link in links:
        fits = found[link.second] - found[link.first] == link.cycles
        if fits and link.shared >= LEAST_SHARED and link.agreeing > AGREED * link.shared:
            first, second = sorted((head(link.first), head(link.second)))
            group[second] = first
    heads = [head(piece) for piece in range(count)]
    return np.unique(np.array(heads, np.int64), return_inverse=True)[1].astype(np.int64)

"""Levels of pieces from how many whole cycles lie between those that overlap or touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

AGREED = 0.5  # share of shared pixels that must say the same for two pieces to be one component
LEAST_SHARED = 16  # pixels

Int = NDArray[np.int64]


class Link(NamedTuple):
    """`cycles`: first minus second piece, where they overlap, as most of the shared pixels say."""

    first: int
    second: int
    cycles: int
    agreeing: int  # pixels
    shared: int  # pixels; 0 where two pieces only touch


class Levels(NamedTuple):
    """For each piece: cycles to add, the component it is part of, and the island; all (count,).

    Within an island all levels are known. Between islands, which nothing links, each starts at a level of its own.
    """

    shifts: Int
    components: Int
    islands: Int


def levels(count: int, links: list[Link]) -> Levels:
    """Levels of `count` pieces.

    Links that most pixels support come first and later ones that would close a loop are not needed (a maximum
    spanning forest), so that every level is a sum of whole cycles and none is a compromise. Then pieces become one
    component where their levels fit each other.
    """
    ordered = sorted(links, key=lambda one: -one.agreeing)
    shifts, islands = forest(count, ((link.first, link.second, link.cycles) for link in ordered))
    return Levels(shifts, _components(count, links, shifts), islands)


def forest(count: int, links: Iterable[tuple[int, int, int]]) -> tuple[Int, Int]:
    """Cycles to add to each of `count` pieces and the tree that it is part of, both (count,).

    Links are (first, second, first minus second in cycles), the most trusted first.
    """
    parent, shift = list(range(count)), [0] * count

    def root(piece: int) -> tuple[int, int]:
        """The root of a piece's tree and the piece's level above it; the path to it becomes one step."""
        path = []
        while parent[piece] != piece:
            path.append(piece)
            piece = parent[piece]
        above = 0
        for one in reversed(path):
            above += shift[one]
            parent[one], shift[one] = piece, above
        return piece, above

    for one, other, cycles in links:
        (first, above), (second, below) = root(one), root(other)
        if first != second:  # level of the other = level of the one + cycles
            parent[second], shift[second] = first, above + cycles - below
    found = np.array([root(piece) for piece in range(count)], np.int64).reshape(count, 2)
    return found[:, 1], np.unique(found[:, 0], return_inverse=True)[1].astype(np.int64)


def _components(count: int, links: list[Link], shifts: Int) -> Int:
    """Pieces that overlap enough and whose levels fit."""
    fitting = (
        (link.first, link.second, 0)
        for link in links
        if link.shared >= LEAST_SHARED
        and link.agreeing > AGREED * link.shared
        and shifts[link.second] - shifts[link.first] == link.cycles
    )
    return forest(count, fitting)[1]

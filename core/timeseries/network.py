"""Dates and the interferograms between them: what a network can tell, and into which pieces it falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

DAYS_A_YEAR = 365.25
LEAST_INTERFEROGRAMS = 3  # fewer cannot tell a movement from an error
NOT_SEEN = -1  # piece of a date that no interferogram shows

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Int = NDArray[np.int64]


class Pieces(NamedTuple):
    """How the dates of each pixel are connected: the kinds that there are, and the kind of each pixel (pixels,).

    A kind (dates, kinds) gives each date the index of the first date that it is connected to, NOT_SEEN where no
    interferogram shows it.
    """

    kinds: Int
    kind: Int

    @property
    def unknowns(self) -> Int:
        """How many numbers the series of each pixel needs (pixels,): its dates less one for each piece."""
        firsts = self.kinds == np.arange(len(self.kinds))[:, None]
        return np.asarray(((self.kinds != NOT_SEEN).sum(0) - firsts.sum(0))[self.kind])


@dataclass(frozen=True)
class Network:
    """Dates in order, and for each interferogram the index of the dates whose phases it is: second minus first."""

    dates: tuple[date, ...]
    first: Int  # (pairs,)
    second: Int  # (pairs,)

    @classmethod
    def of(cls, pairs: Sequence[tuple[date, date]]) -> Network:
        """From pairs of dates, in any order; raises InputError where there are fewer than three."""
        if len(pairs) < LEAST_INTERFEROGRAMS:
            message = (
                f"INPUTS: {len(pairs)} interferogram(s) are too few for a series over time. Give at least "
                f"{LEAST_INTERFEROGRAMS}, better ten and more, whose dates overlap."
            )
            raise InputError(message)
        dates = tuple(sorted({day for pair in pairs for day in pair}))
        place = {day: index for index, day in enumerate(dates)}
        ends = np.array([[place[first], place[second]] for first, second in pairs], np.int64)
        return cls(dates, ends[:, 0], ends[:, 1])

    @property
    def years(self) -> Double:
        """Years since the first date (dates,)."""
        return np.array([(day - self.dates[0]).days for day in self.dates]) / DAYS_A_YEAR

    def incidence(self) -> Double:
        """(pairs, dates): 1 at the second date of a pair, -1 at its first."""
        matrix = np.zeros((len(self.first), len(self.dates)))
        rows = np.arange(len(self.first))
        matrix[rows, self.second] = 1.0
        matrix[rows, self.first] = -1.0
        return matrix

    def pieces(self, valid: Bool) -> Pieces:
        """Which dates are connected at each pixel, by the interferograms (pairs, pixels) that it has."""
        seen, which = _different(valid)
        kinds, kind = np.unique(self._pieces_of(seen), axis=1, return_inverse=True)
        return Pieces(kinds, np.asarray(kind.ravel()[which]))

    def _pieces_of(self, valid: Bool) -> Int:
        """Every date takes the number of the earliest date that it is connected to, until nothing changes."""
        labels = np.repeat(np.arange(len(self.dates))[:, None], valid.shape[1], axis=1)
        order = np.lexsort((self.second, self.first))
        changed = True
        while changed:
            before = labels.copy()
            for pair in order:
                one, two, there = self.first[pair], self.second[pair], valid[pair]
                lower = np.minimum(labels[one], labels[two])
                labels[one] = np.where(there, lower, labels[one])
                labels[two] = np.where(there, lower, labels[two])
            changed = not np.array_equal(before, labels)
        return np.where(self.degrees(valid) > 0, labels, NOT_SEEN)

    def degrees(self, valid: Bool) -> Int:
        """How many interferograms show each date (dates, pixels)."""
        shown = np.abs(self.incidence()).T.astype(np.float32)  # whole numbers far below what float32 counts
        return np.asarray(shown @ valid.astype(np.float32), np.int64)

    def triplets(self) -> tuple[Int, Int]:
        """All loops of three interferograms: their indices (loops, 3) and signs, with which a true phase sums to 0."""
        between = {}
        for pair, (one, two) in enumerate(zip(self.first.tolist(), self.second.tolist(), strict=True)):
            between[min(one, two), max(one, two)] = (pair, 1 if one < two else -1)
        loops, signs = [], []
        for (one, two), (pair, sign) in sorted(between.items()):
            for third in range(two + 1, len(self.dates)):
                if (two, third) in between and (one, third) in between:
                    onward, across = between[two, third], between[one, third]
                    loops.append((pair, onward[0], across[0]))
                    signs.append((sign, onward[1], -across[1]))
        shape = (-1, LEAST_INTERFEROGRAMS)
        return np.array(loops, np.int64).reshape(shape), np.array(signs, np.int64).reshape(shape)

    def describe(self, labels: Int) -> str:
        """The pieces of one pattern (dates,) in words: how many, and which dates they span."""
        names = [label for label in dict.fromkeys(labels.tolist()) if label != NOT_SEEN]
        spans = []
        for name in names:
            days = [self.dates[i] for i in np.flatnonzero(labels == name)]
            spans.append(f"{days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d} ({len(days)} dates)")
        return f"{len(names)} pieces: {'; '.join(spans)}"


def _different(valid: Bool) -> tuple[Bool, Int]:
    """The different columns of (pairs, pixels), and which of them each pixel has."""
    which = np.zeros(valid.shape[1], np.int64)
    for byte in np.packbits(valid, axis=0):
        _, which = np.unique(which * 256 + byte, return_inverse=True)
    _, first = np.unique(which, return_index=True)
    return valid[:, first], which

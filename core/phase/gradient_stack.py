"""Phase gradients of many wrapped interferograms, averaged to a rate without any unwrapping.

The phase difference over 2 STEP pixels is taken as a complex product z(x + s) conj z(x - s) of unit phasors, so that
no wrap ever counts, and products are added up, never angles (phase-gradient stacking: Fu et al. 2022, Frontiers in
Environmental Science 10, 963322). Products of interferograms of the same time span T are added to one sum G_T, weighted
by the inverse variance of their phase. The rate v (rad per year and pixel) is the one that turns these few sums best
onto the real axis:

    v = argmax  sum_T Re[ G_T exp(-i v 2 s T) ]

which for small phases is the weighted least-squares line through the origin, sum w T g / sum w T^2, so that long spans
count by the signal they carry; and it is wrap-safe, because spans of a few days say in which cycle longer ones are. The
maximum, over the sum of weights, is the stack coherence: 1 where all interferograms agree with one constant rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .gradient_rate import best_rate

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

YEAR = 365.25  # days

# Sums are kept for so many spans; more are brought together, each with the mean of its own.
MOST_SPANS = 8

# A pixel with fewer interferograms than this has no mean worth the name.
LEAST_COUNT = 3

# What varies in a gradient besides decorrelation, mostly air, in the same measure as 1 / coherence^2 - 1: about 0.1 rad
# for 4 looks. It keeps single interferograms of high coherence from deciding alone.
_AIR = 0.1
_LEAST_COHERENCE = 0.05

# The sums are worked on in pieces of about so many pixels, which stay in the processor's cache.
_PIECE = 1 << 16


class Stacked(NamedTuple):
    """Rates of the gradient along columns `x` and rows `y` (rad per year and pixel), and stack coherence 0..1.

    Same shape; NaN where fewer than `LEAST_COUNT` interferograms know both gradients.
    """

    x: Float
    y: Float
    coherence: Float


def span_classes(days: Sequence[int]) -> tuple[list[int], list[float]]:
    """For each span (days, signed) the class its sum belongs to, and the mean span of each class in years.

    At most `MOST_SPANS` classes, by length alone; neighbours that differ least, as shares of their length, are joined.
    """
    groups = [[span] for span in sorted({abs(day) for day in days})]
    while len(groups) > MOST_SPANS:
        ratios = [groups[i + 1][-1] / groups[i][0] for i in range(len(groups) - 1)]
        closest = int(np.argmin(ratios))
        groups[closest : closest + 2] = [groups[closest] + groups[closest + 1]]
    group_of = {span: index for index, group in enumerate(groups) for span in group}
    members = [group_of[abs(day)] for day in days]
    lengths: list[list[int]] = [[] for _ in groups]
    for member, day in zip(members, days, strict=True):
        lengths[member].append(abs(day))
    return members, [float(np.mean(spans)) / YEAR for spans in lengths]


class _Planes(NamedTuple):
    """An interferogram: cosine and sine (0 where not known), where it is known, and `_excess` of its coherence."""

    cosine: Float
    sine: Float
    known: Bool
    excess: Float

    def part(self, rows: slice, columns: slice = slice(None)) -> _Planes:
        """The same of a part."""
        where = rows, columns
        return _Planes(self.cosine[where], self.sine[where], self.known[where], self.excess[where])


def reach(step: int, looks: int) -> int:
    """Pixels around a pixel on which its gradient depends."""
    return step + looks // 2


class GradientSums:
    """The sums of a window: fed one interferogram at a time, then solved. Memory does not grow with their number.

    `shape` (rows, columns) includes `reach(step, looks)` pixels around what is wanted, as far as the raster goes;
    `spans` are the mean spans of the classes in years.
    """

    def __init__(self, shape: tuple[int, int], spans: Sequence[float], step: int) -> None:
        self._spans, self._step = np.asarray(spans, np.float32), step
        self._sums = np.zeros((2, len(spans), 2, *shape), np.float32)  # direction, span, real and imaginary part
        self._weights = np.zeros((2, *shape), np.float32)
        self._counts = np.zeros((2, *shape), np.int16)

    def add(
        self, values: NDArray[np.float32 | np.complex64], valid: Bool, member: int, *, reversed_dates: bool = False,
        coherence: Float | None = None,
    ) -> None:  # fmt: skip
        """Add an interferogram: rad, wrapped or not, or complex, where `valid`; it belongs to span class `member`.

        `reversed_dates` says that the later date comes first, so that the phase has the other sign. `coherence` (0..1,
        0 where unknown) weights it by the inverse variance of the phase of both pixels.
        """
        rows = values.shape[0]
        height = max(1, _PIECE // values.shape[1])
        sign = np.float32(-1 if reversed_dates else 1)
        for top in range(0, rows, height):
            first, last = max(0, top - self._step), min(rows, top + height + self._step)
            near = slice(first, last)
            known = valid[near] & (values[near] != 0) if np.iscomplexobj(values) else valid[near]
            known = known if coherence is None else known & (coherence[near] > 0)
            cosine, sine = unit_phasor(values[near], known, sign)
            excess = np.zeros_like(cosine) if coherence is None else _excess(coherence[near])
            self._add_rows(top, min(rows, top + height), first, member, _Planes(cosine, sine, known, excess))

    def _add_rows(self, top: int, bottom: int, first: int, member: int, planes: _Planes) -> None:
        """Add the products of rows `top` to `bottom`; the planes begin at row `first`."""
        step, (rows, columns) = self._step, self._weights.shape[1:]
        inner = slice(top - first, bottom - first)
        if columns > 2 * step:
            before, after = planes.part(inner, slice(-2 * step)), planes.part(inner, slice(2 * step, None))
            self._add_products(0, member, (slice(top, bottom), slice(step, columns - step)), before, after)
        low, high = max(top, step) - first, min(bottom, rows - step) - first
        if high > low:
            before, after = planes.part(slice(low - step, high - step)), planes.part(slice(low + step, high + step))
            self._add_products(1, member, (slice(low + first, high + first), slice(None)), before, after)

    def _add_products(
        self, direction: int, member: int, where: tuple[slice, slice], before: _Planes, after: _Planes
    ) -> None:
        """Add z(after) conj z(before), in real arithmetic, which rounds the same wherever a pixel lies in an array."""
        real, imaginary = after.cosine * before.cosine, after.sine * before.cosine
        real += after.sine * before.sine
        imaginary -= after.cosine * before.sine
        known = after.known & before.known
        weight = known / (after.excess + before.excess + np.float32(_AIR))
        sums = self._sums[direction, member]
        sums[0][where] += real * weight
        sums[1][where] += imaginary * weight
        self._weights[direction][where] += weight
        self._counts[direction][where] += known

    def solve(self, looks: int, crop: tuple[slice, slice]) -> Stacked:
        """Rates and coherence of the part `crop`, with products averaged over windows of `looks` pixels on a side."""
        rows, columns = (
            range(*part.indices(length)) for part, length in zip(crop, self._weights.shape[1:], strict=True)
        )
        out = np.full((3, len(rows), len(columns)), np.nan, np.float32)
        height = max(1, _PIECE // max(1, len(columns)))
        for top in range(0, len(rows), height):
            part = slice(rows.start + top, min(rows.stop, rows.start + top + height)), crop[1]
            self._solve_rows(looks, part, out[:, top : top + height])
        return Stacked(*out)

    def _solve_rows(self, looks: int, part: tuple[slice, slice], out: Float) -> None:
        known = (self._counts[(slice(None), *part)] >= LEAST_COUNT).all(axis=0)
        if not known.any():
            return
        total, weight = np.zeros(known.shape, np.float32), np.zeros(known.shape, np.float32)
        for direction in range(2):
            sums = _averaged(self._sums[direction], looks, part)
            weights = _averaged(self._weights[direction], looks, part)
            noise = weights / np.sqrt(np.maximum(self._counts[direction][part], 1)).astype(np.float32)
            rate, resultant = best_rate(sums[:, 0], sums[:, 1], self._spans * np.float32(2 * self._step), noise)
            out[direction][known] = rate[known]
            total += resultant
            weight += weights
        share = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
        out[2][known] = np.clip(share, 0, 1)[known]


def unit_phasor(values: NDArray[np.float32 | np.complex64], valid: Bool, sign: np.float32) -> tuple[Float, Float]:
    """Cosine and sine of a phase (rad, or the angle of complex numbers) times `sign`; 0 where not valid."""
    if np.iscomplexobj(values):
        size = np.abs(values)
        scale = np.divide(np.float32(1), size, out=np.zeros_like(size), where=valid & (size > 0))
        return values.real * scale, np.asarray(values.imag * scale * sign, np.float32)
    cosine, sine = np.cos(values), np.sin(values)
    cosine *= valid
    sine *= valid
    sine *= sign
    return cosine, sine


def _excess(coherence: Float) -> Float:
    """1 / coherence^2 - 1, to which the variance of an interferometric phase is proportional (Rosen et al. 2000)."""
    bounded = np.maximum(coherence, np.float32(_LEAST_COHERENCE))
    return np.asarray(1 / (bounded * bounded) - 1, np.float32)


def _averaged(planes: Float, looks: int, part: tuple[slice, slice]) -> Float:
    """Sum over windows of `looks` pixels along the last two axes, for `part`; beyond the edges there is nothing.

    An even number has half of the pixels at both ends, so that the window keeps its middle. Added tap by tap, so that
    no pixel depends on where the window began.
    """
    rows = _along(planes, looks, part[0], axis=-2)
    return _along(rows, looks, part[1], axis=-1)


def _along(planes: Float, looks: int, part: slice, axis: int) -> Float:
    length = planes.shape[axis]
    start, stop, _ = part.indices(length)
    moved = np.moveaxis(planes, axis, 0)
    out = moved[start:stop].copy()
    half = looks // 2
    for offset in range(1, half + 1):
        share = np.float32(0.5 if looks % 2 == 0 and offset == half else 1.0)
        for shift in (-offset, offset):
            first, last = max(start, -shift), min(stop, length - shift)
            if last > first:
                out[first - start : last - start] += share * moved[first + shift : last + shift]
    return np.moveaxis(out, 0, axis)

"""Filling gaps of a complex field on a pyramid of cells, turning each value along the local fringes as it is carried.

With no fringes this is the pull-push approximation of the complex Laplace fill. Given the local fringe frequency it
continues fringes into a gap and averages observations without cancelling them, however many fringes lie between.
Every cell is a fixed square of the raster and sees a fixed surrounding, so the result does not depend on the tile as
long as tiles begin on the coarsest cells.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

LEVELS = 5  # the coarsest cells have 32 pixels
NEAR, FAR = 0.75, 0.25  # weights of bilinear interpolation between the centres of two cells, halfway into one
FULL = 4.0  # a cell is fully trusted when one in so many of its pixels is known
LEAST = 1e-6  # keeps divisions by absent weights finite
SCARCE = 0.02  # share of known neighbours below which a window's mean is not believed


def neighbour_products(z: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Phase change to the next column and to the next row, complex, and the weight of each: all (n, 1, h, w).

    0 in the last column or row.
    """
    across, down = torch.zeros_like(z), torch.zeros_like(z)
    across_weight, down_weight = torch.zeros_like(weight), torch.zeros_like(weight)
    across[..., :-1] = z[..., 1:] * z[..., :-1].conj()
    across_weight[..., :-1] = weight[..., 1:] * weight[..., :-1]
    down[..., :-1, :] = z[..., 1:, :] * z[..., :-1, :].conj()
    down_weight[..., :-1, :] = weight[..., 1:, :] * weight[..., :-1, :]
    return across, down, across_weight, down_weight


def unit(z: Tensor) -> Tensor:
    """Complex numbers brought to length 1; those near 0 stay near 0, so that gradients stay finite."""
    return z * torch.rsqrt(z.real.square() + z.imag.square() + LEAST)


def pool(z: Tensor) -> Tensor:
    """Mean over cells of 2x2 of a real or complex (n, 1, h, w)."""
    return 0.25 * (z[..., 0::2, 0::2] + z[..., 0::2, 1::2] + z[..., 1::2, 0::2] + z[..., 1::2, 1::2])


def half_turns(frequency: Tensor, level: int) -> Tensor:
    """The turn over half a cell of `level` (2 ** level pixels) from the turn over one pixel (complex, any length)."""
    turn = unit(frequency)
    if level == 0:
        return unit(turn + 1.0)
    for _ in range(level - 1):
        turn = turn * turn
    return turn


def fill_still(z: Tensor, weight: Tensor, levels: int = LEVELS) -> Tensor:
    """Like `fill`, for a field (n, channels, h, w) without fringes."""
    known, weights = [z * weight], [weight]
    for _ in range(levels):
        pooled = pool(weights[-1])
        trusted = (pooled * FULL).clamp(max=1.0)
        known.append(pool(known[-1]) * (trusted / pooled.clamp_min(LEAST)))
        weights.append(trusted)
    filled = known[-1] / weights[-1].clamp_min(LEAST)
    for level in reversed(range(levels)):
        for axis in (-1, -2):
            first = NEAR * filled + FAR * _shifted(filled, axis, -1)
            second = NEAR * filled + FAR * _shifted(filled, axis, 1)
            filled = _interleaved(first, second, axis)
        filled = known[level] + (1.0 - weights[level]) * filled
    return filled


def fill(z: Tensor, weight: Tensor, across: Tensor, down: Tensor, levels: int = LEVELS, calm: int = 0) -> Tensor:
    """Fill a complex field (n, 1, h, w), known where weight (0..1) is 1, sides divisible by 2 ** levels.

    `across` and `down` are the turns to the next column and row, complex of any length (1 means no fringes). The
    length of the result is at most that of `z`; it is shorter where what was carried together disagrees. With `calm`
    above 0 what is known counts only as the mean over cells of 2 ** calm pixels, turned together along the fringes: it
    is replaced too, so that its noise is not carried into the gaps.
    """
    known, weights = [z * weight], [weight]
    frequencies = [(across, down)]
    for level in range(levels):
        x, y = frequencies[-1]
        known_coarse, weight_coarse = _pull(known[-1], weights[-1], half_turns(x, level), half_turns(y, level))
        known.append(known_coarse)
        weights.append(weight_coarse)
        frequencies.append((pool(x), pool(y)))
    filled = known[-1] / weights[-1].clamp_min(LEAST)
    for level in reversed(range(levels)):
        x, y = frequencies[level + 1]
        filled = _push(filled, half_turns(x, level), half_turns(y, level))
        if level >= calm:
            filled = known[level] + (1.0 - weights[level]) * filled
    return filled


def _pull(known: Tensor, weight: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """To cells twice as large: each child turned from its own centre to that of its parent."""
    total = torch.zeros_like(known[..., 0::2, 0::2])
    for row in (0, 1):
        for column in (0, 1):
            child = (..., slice(row, None, 2), slice(column, None, 2))
            turn = (x[child] if column == 0 else x[child].conj()) * (y[child] if row == 0 else y[child].conj())
            total = total + known[child] * turn
    pooled = pool(weight)
    trusted = (pooled * FULL).clamp(max=1.0)
    return 0.25 * total * (trusted / pooled.clamp_min(LEAST)), trusted


def _push(coarse: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """To cells half as large: each child from its parent and that parent's neighbour, turned along the fringes."""
    columns = _push_axis(coarse, x, -1)
    return _push_axis(columns, y.repeat_interleave(2, dim=-1), -2)


def _push_axis(coarse: Tensor, turn: Tensor, axis: int) -> Tensor:
    cubed = turn * turn * turn
    before = _shifted(coarse * cubed, axis, -1)  # the cell before, whose centre is three halves of a small cell away
    after = _shifted(coarse * cubed.conj(), axis, 1)
    first = NEAR * coarse * turn.conj() + FAR * before
    second = NEAR * coarse * turn + FAR * after
    return _interleaved(first, second, axis)


def _interleaved(first: Tensor, second: Tensor, axis: int) -> Tensor:
    """Two fields taken in turns along an axis (-1 or -2), which is twice as long then."""
    shape = list(first.shape)
    shape[axis] *= 2
    return torch.stack((first, second), axis).reshape(shape)


def _shifted(z: Tensor, axis: int, step: int) -> Tensor:
    """The neighbour one cell before (-1) or after (1) along an axis; at the edge the cell itself."""
    size = z.shape[axis]
    if step < 0:
        return torch.cat((z.narrow(axis, 0, 1), z.narrow(axis, 0, size - 1)), axis)
    return torch.cat((z.narrow(axis, 1, size - 1), z.narrow(axis, size - 1, 1)), axis)


class Turns(NamedTuple):
    """Phase change to the next column and to the next row, complex (n, 1, h, w); shorter where neighbours disagree."""

    across: Tensor
    down: Tensor


def smoothed(z: Tensor, window: int) -> Tensor:
    """Mean over window x window pixels, twice, of a real or complex (n, channels, h, w); beyond the edge is nothing."""
    if z.is_complex():
        return torch.complex(smoothed(z.real, window), smoothed(z.imag, window))
    for _ in range(2):
        z = functional.avg_pool2d(z, (1, window), 1, (0, window // 2))
        z = functional.avg_pool2d(z, (window, 1), 1, (window // 2, 0))
    return z


def observed_turns(z: Tensor, weight: Tensor, window: int, levels: int = LEVELS) -> Turns:
    """Turns between observed neighbours, averaged over a window, then filled: narrow for detail, wide against noise."""
    across, down, across_weight, down_weight = neighbour_products(z, weight)
    both, weights = torch.cat((across, down), 1), torch.cat((across_weight, down_weight), 1)
    mean, share = smoothed(both * weights, window), smoothed(weights, window)
    trusted = (share * FULL).clamp(max=1.0) * (share > SCARCE)
    filled = fill_still(mean / share.clamp_min(LEAST), trusted, levels)
    return Turns(filled[:, 0:1], filled[:, 1:2])


def complex_of(planes: Tensor) -> Tensor:
    """Two real planes (n, 2, h, w) as one complex (n, 1, h, w) in single precision."""
    planes = planes.float()
    return torch.complex(planes[:, 0:1], planes[:, 1:2])


def planes_of(z: Tensor) -> Tensor:
    """One complex plane (n, 1, h, w) as two real ones (n, 2, h, w)."""
    return torch.cat((z.real, z.imag), 1)

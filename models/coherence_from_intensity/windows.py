"""Means over square windows, and cells made larger, as features and segments need them."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def box_mean(planes: Tensor, side: int) -> Tensor:
    """Mean (n, c, h, w) over side x side cells, side odd, with zeros beyond the edge."""
    half = side // 2
    planes = functional.pad(planes, (half, half, half, half))
    for dim in (2, 3):
        planes = _running_sum(planes, side, dim)
    return planes / side**2


def enlarged(planes: Tensor, factor: int) -> Tensor:
    """Each cell as factor x factor cells of the same value."""
    return functional.interpolate(planes, scale_factor=factor, mode="nearest")


def _running_sum(planes: Tensor, count: int, dim: int) -> Tensor:
    """Sums over `count` neighbours, out of sums over powers of two: the same order of adding everywhere."""
    length = planes.shape[dim] - count + 1
    found: Tensor | None = None
    power, size, begin = planes, 1, 0
    while True:
        if count & size:
            part = power.narrow(dim, begin, length)
            found = part if found is None else found + part
            begin += size
        if 2 * size > count:
            return planes if found is None else found
        power = power.narrow(dim, 0, power.shape[dim] - size) + power.narrow(dim, size, power.shape[dim] - size)
        size *= 2

"""Displacement of the surface by a small pressurised sphere: the usual first model of a magma chamber."""

from __future__ import annotations

import math

from torch import Tensor

from .okada import POISSON


def displacement(
    volume: Tensor, depth: Tensor, east: Tensor, north: Tensor, poisson: float = POISSON
) -> tuple[Tensor, Tensor, Tensor]:
    """East, north and up displacement (m) by a volume change (m^3) at a depth (m) below the origin.

    volume and depth (batch,); east, north (batch or 1, rows, cols) m from the source. Mogi (1958).
    """
    depth = depth[:, None, None]
    strength = volume[:, None, None] * (1.0 - poisson) / math.pi
    cube = (east.square() + north.square() + depth.square()).pow(1.5)
    return strength * east / cube, strength * north / cube, strength * depth / cube

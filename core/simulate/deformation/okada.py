"""Displacement of the surface by slip or opening on a rectangular fault in an elastic half-space.

Okada (1985), Surface deformation due to shear and tensile faults in a half-space, BSSA 75(4), equations 25 to 30.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

POISSON = 0.25  # of rock
_TINY = 1e-9  # relative to the lengths of a fault: below it a denominator counts as zero, as Okada prescribes
_VERTICAL = 1e-5  # cosine of a dip that counts as vertical: closer, the general formula loses more than it gains


@dataclass
class Fault:
    """Rectangular faults, each value a tensor (batch,); metres and degrees.

    east, north: centre of the plane, projected to the surface; depth: of the centre, so that the upper edge,
    depth - width / 2 sin(dip), is not above ground. Strike clockwise from north, the plane dipping to its right. Rake 0
    is left-lateral, 90 thrust. slip and opening in the unit wanted for the displacement.
    """

    east: Tensor
    north: Tensor
    depth: Tensor
    strike: Tensor
    dip: Tensor
    length: Tensor
    width: Tensor
    slip: Tensor
    rake: Tensor
    opening: Tensor


class _Corner(NamedTuple):
    """Okada's variables at one corner of the plane."""

    xi: Tensor
    eta: Tensor
    q: Tensor
    sine: Tensor
    cosine: Tensor
    y: Tensor
    d: Tensor
    r: Tensor


def displacement(fault: Fault, east: Tensor, north: Tensor, poisson: float = POISSON) -> tuple[Tensor, Tensor, Tensor]:
    """East, north and up displacement at points on the surface, in the unit of the slip.

    east, north: (batch or 1, …) m, in the frame of the fault. Computed in float64. Raises ValueError for a fault that
    reaches above the ground.
    """
    shape = (-1, *([1] * (east.dim() - 1)))

    def wide(value: Tensor) -> Tensor:
        return value.double().view(shape)

    dip, strike, rake = (wide(v) * math.pi / 180 for v in (fault.dip, fault.strike, fault.rake))
    sine, cosine = torch.sin(dip), torch.cos(dip)
    length, width = wide(fault.length), wide(fault.width)
    if bool((wide(fault.depth) - width / 2 * sine.abs() < -1e-6 * width).any()):
        message = "a fault reaches above the ground: its depth is less than half its width times the sine of its dip"
        raise ValueError(message)
    along, left = (torch.sin(strike), torch.cos(strike)), (-torch.cos(strike), torch.sin(strike))
    de, dn = east.double() - wide(fault.east), north.double() - wide(fault.north)
    # Okada's origin is the lower corner where the strike begins.
    x = de * along[0] + dn * along[1] + length / 2
    y = de * left[0] + dn * left[1] + width / 2 * cosine
    depth = wide(fault.depth) + width / 2 * sine
    slips = (wide(fault.slip) * torch.cos(rake), wide(fault.slip) * torch.sin(rake), wide(fault.opening))
    ux, uy, uz = rectangle(x, y, depth, sine, cosine, length, width, slips, poisson)
    return ux * along[0] + uy * left[0], ux * along[1] + uy * left[1], uz


def rectangle(
    x: Tensor,
    y: Tensor,
    depth: Tensor,
    sine: Tensor,
    cosine: Tensor,
    length: Tensor,
    width: Tensor,
    slips: tuple[Tensor, Tensor, Tensor],
    poisson: float = POISSON,
) -> tuple[Tensor, Tensor, Tensor]:
    """Okada's own frame: x along strike, y up-dip, origin above the lower left corner at `depth`; float64."""
    cosine = torch.where(cosine.abs() < _VERTICAL, torch.zeros_like(cosine), cosine)
    p, q = y * cosine + depth * sine, y * sine - depth * cosine
    total = [torch.zeros_like(p + x) for _ in range(3)]
    for xi, eta, sign in (
        (x, p, 1.0),
        (x, p - width, -1.0),
        (x - length, p, -1.0),
        (x - length, p - width, 1.0),
    ):
        for axis, part in enumerate(_corner(xi, eta, q, sine, cosine, slips, 1.0 - 2.0 * poisson)):
            total[axis] = total[axis] + sign * part
    return total[0], total[1], total[2]


def _corner(
    xi: Tensor,
    eta: Tensor,
    q: Tensor,
    sine: Tensor,
    cosine: Tensor,
    slips: tuple[Tensor, Tensor, Tensor],
    modulus: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """The sum over the three kinds of slip at one corner; `modulus` is mu / (lambda + mu)."""
    whole = torch.zeros_like(xi + eta + q)
    xi, eta, q = xi + whole, eta + whole, q + whole
    y, d = eta * cosine + q * sine, eta * sine - q * cosine
    r = torch.sqrt(xi.square() + eta.square() + q.square())
    corner = _Corner(xi, eta, q, sine, cosine, y, d, r)
    by_eta, by_xi = _inverse(r * (r + eta), r), _inverse(r * (r + xi), r)
    flat = q.abs() <= _TINY * r
    angle = torch.where(flat, 0.0, torch.atan(xi * eta / torch.where(flat, torch.ones_like(q), q * r)))
    i1, i2, i3, i4, i5 = _integrals(corner, modulus)
    strike, dip, opening = (s / (2 * math.pi) for s in slips)
    both = sine * cosine
    ux = -strike * (xi * q * by_eta + angle + i1 * sine) - dip * (q / r - i3 * both)
    ux = ux + opening * (q.square() * by_eta - i3 * sine.square())
    uy = -strike * (y * q * by_eta + q * cosine * by_eta * r + i2 * sine)
    uy = uy - dip * (y * q * by_xi + cosine * angle - i1 * both)
    uy = uy + opening * (-d * q * by_xi - sine * (xi * q * by_eta - angle) - i1 * sine.square())
    uz = -strike * (d * q * by_eta + q * sine * by_eta * r + i4 * sine)
    uz = uz - dip * (d * q * by_xi + sine * angle - i5 * both)
    uz = uz + opening * (y * q * by_xi + cosine * (xi * q * by_eta - angle) - i5 * sine.square())
    return ux, uy, uz


def _inverse(value: Tensor, scale: Tensor) -> Tensor:
    """1 / value, and 0 where the value vanishes against scale squared (Okada 1985, after equation 30)."""
    zero = value.abs() <= _TINY * scale.square()
    return torch.where(zero, 0.0, 1.0 / torch.where(zero, torch.ones_like(value), value))


def _log_sum(r: Tensor, eta: Tensor) -> Tensor:
    """Logarithm of r + eta, and -log(r - eta) where the sum vanishes."""
    total = r + eta
    zero = total <= _TINY * r
    safe = torch.where(zero, torch.ones_like(r), total)
    other = torch.where(zero, (r - eta).clamp_min(1e-300), torch.ones_like(r))
    return torch.where(zero, -torch.log(other), torch.log(safe))


def _integrals(c: _Corner, modulus: float) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Okada's I1 to I5, equations 28 and, for a vertical plane, 29."""
    vertical = c.cosine == 0
    cosine = torch.where(vertical, torch.ones_like(c.cosine), c.cosine)
    below = (c.r + c.d).clamp_min(1e-300)
    log_eta = _log_sum(c.r, c.eta)
    x = torch.sqrt(c.xi.square() + c.q.square())
    centred = c.xi.abs() <= _TINY * c.r
    numerator = c.eta * (x + c.q * cosine) + x * (c.r + x) * c.sine
    denominator = torch.where(centred, torch.ones_like(c.xi), c.xi * (c.r + x) * cosine)
    i5 = torch.where(centred, 0.0, 2.0 * modulus / cosine * torch.atan(numerator / denominator))
    i4 = modulus / cosine * (torch.log(below) - c.sine * log_eta)
    i3 = modulus * (c.y / (cosine * below) - log_eta) + c.sine / cosine * i4
    i1 = -modulus * c.xi / (cosine * below) - c.sine / cosine * i5
    half = modulus / 2
    i5 = torch.where(vertical, -modulus * c.xi * c.sine / below, i5)
    i4 = torch.where(vertical, -modulus * c.q / below, i4)
    i3 = torch.where(vertical, half * (c.eta / below + c.y * c.q / below.square() - log_eta), i3)
    i1 = torch.where(vertical, -half * c.xi * c.q / below.square(), i1)
    i2 = -modulus * log_eta - i3
    return i1, i2, i3, i4, i5

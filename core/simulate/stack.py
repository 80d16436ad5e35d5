"""Stacks: acquisitions of one ground over time, and the interferograms between them.

Every date has one atmosphere, one place in orbit and one state of the ground; interferograms are differences of dates,
so that the noise-free phases of any three of them close.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .atmosphere import ramp, stratified, turbulence
from .draw import Draw, per_pixel
from .geometry import phase_per_mm, topographic_factor
from .pair import estimate_coherence, multilook_pair
from .phase_noise import critical_coherence

WINDOW = 5  # pixels of the coherence estimate


@dataclass
class Site:
    """What stays, and how it moves: all (rows, cols) but the numbers."""

    elevation: Tensor  # m
    elevation_error: Tensor  # m, of the model that was used to take topography out
    velocity: Tensor  # mm per year toward the satellite
    seasonal: Tensor  # mm, amplitude of a yearly sine
    power: Tensor  # expected, linear
    instant_coherence: Tensor  # at no time between
    lasting_coherence: Tensor  # after any time
    decay_days: Tensor
    wavelength: float  # m
    slant_range: float  # m
    incidence: float  # rad


@dataclass(frozen=True)
class Weather:
    """Per-date standard deviations: turbulence and layered delay (mm), ramp (mm per pixel), orbit (m)."""

    turbulence: float = 6.0
    stratified: float = 4.0
    ramp: float = 0.01
    baseline: float = 60.0


@dataclass
class Stack:
    """Acquisitions: everything per date is relative to the first where it moves, and absolute where it delays."""

    days: Tensor  # (dates,) float64
    baselines: Tensor  # (dates,) m, perpendicular
    displacement: Tensor  # (dates, rows, cols) mm toward the satellite since the first date
    delay: Tensor  # (dates, rows, cols) mm along the line of sight
    phase: Tensor  # (dates, rows, cols) float64 rad: the sum of all parts


@dataclass
class Interferograms:
    """Interferograms of pairs of dates: float32 (pairs, rows, cols)."""

    first: Tensor  # (pairs,) index of a date
    second: Tensor
    unwrapped: Tensor  # float64 rad, without noise: phase of the second date minus the first
    interferogram: Tensor  # complex64, multilooked, noisy
    true_coherence: Tensor
    coherence_estimate: Tensor
    decorrelated: Tensor  # bool


def acquire(draw: Draw, site: Site, days: Sequence[float], weather: Weather | None = None) -> Stack:
    """Draws the acquisitions of a site on these days (any order, at least two)."""
    weather = weather or Weather()
    rows, cols = site.elevation.shape
    when = torch.tensor(list(days), dtype=torch.float64, device=draw.device)
    years = ((when - when[0]) / 365.25).float()
    season = torch.sin(2 * math.pi * years)
    displacement = per_pixel(years) * site.velocity + per_pixel(season) * site.seasonal
    count = len(when)
    delay = weather.turbulence * turbulence(draw, count, rows, cols)
    layered = weather.stratified * draw.normal(count)
    delay += per_pixel(layered) * stratified(site.elevation[None])
    delay += ramp(draw, weather.ramp * draw.normal(count), rows, cols)
    baselines = weather.baseline * draw.normal(count)
    factor = topographic_factor(
        baselines.double(),
        torch.tensor(site.wavelength, dtype=torch.float64),
        torch.tensor(site.slant_range, dtype=torch.float64),
        torch.tensor(site.incidence, dtype=torch.float64),
    )
    phase = (
        phase_per_mm(site.wavelength) * (displacement.double() - delay.double())
        + per_pixel(factor) * site.elevation_error.double()
    )
    return Stack(when, baselines, displacement, delay, phase)


def network(days: Sequence[float], longest: float, most: int = 3) -> list[tuple[int, int]]:
    """Pairs of dates (earlier, later) no more than `longest` days apart, each date with at most `most` later ones."""
    order = sorted(range(len(days)), key=lambda index: days[index])
    pairs = []
    for place, first in enumerate(order):
        later = [second for second in order[place + 1 :] if days[second] - days[first] <= longest]
        pairs += [(first, second) for second in later[:most]]
    return pairs


def interfere(
    draw: Draw, site: Site, stack: Stack, pairs: Sequence[tuple[int, int]], looks: float, oversampling: float = 1.15
) -> Interferograms:
    """Forms the interferograms of these pairs of dates, with `looks` looks; phase of the second date minus the first.

    Noise is drawn anew for each pair, of which sums around loops do not close, as those of multilooked data do not.
    """
    index = torch.tensor(list(pairs), dtype=torch.long, device=draw.device)
    first, second = index[:, 0], index[:, 1]
    unwrapped = stack.phase[second] - stack.phase[first]
    passed = (stack.days[second] - stack.days[first]).abs().float()
    decay = torch.exp(-per_pixel(passed) / site.decay_days)
    coherence = (site.instant_coherence - site.lasting_coherence) * decay + site.lasting_coherence
    count = len(index)
    every = torch.full((count,), float(looks), device=draw.device)
    wrapped = torch.remainder(unwrapped, 2 * math.pi).float()
    power = site.power.expand(count, -1, -1)
    cross, one, two = multilook_pair(draw, wrapped, coherence, power, every, torch.full_like(every, oversampling))
    estimate = estimate_coherence(cross, one, two, torch.full_like(every, WINDOW), torch.zeros_like(one))
    limit = per_pixel(critical_coherence(every))
    return Interferograms(first, second, unwrapped, cross, coherence, estimate, coherence < limit)

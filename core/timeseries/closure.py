"""Whole cycles that unwrapping put into single interferograms, found because phases around loops must sum to zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..phase.wrap import CYCLE
from .network import Network
from .robust import least_absolute

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]
Int = NDArray[np.int64]

# What a link between neighbouring dates counts where an interferogram counts 1: the two of a date less than one.
LINK = 0.45


def open_loops(network: Network, phase: Double, valid: Bool) -> tuple[Int, Int]:
    """How many loops of three interferograms each pixel has, and how many of them miss by whole cycles (pixels,).

    Yunjun, Fattahi and Amelung (2019), Computers and Geosciences 133, equation 7.
    """
    loops, signs = network.triplets()
    whole, missed = np.zeros(phase.shape[1], np.int64), np.zeros(phase.shape[1], np.int64)
    for members, sign in zip(loops, signs, strict=True):
        there = valid[members].all(0)
        whole += there
        missed += there & (np.rint(sign @ phase[members] / CYCLE) != 0)
    return whole, missed


def whole_cycles(network: Network, phase: Double, weight: Double) -> Int:
    """Cycles (pairs, pixels) to take out of the phases so that loops of any length close with the fewest changes.

    The integers nearest to the residuals of the least absolute sum, which is the sparsest set of changes nearly always:
    incidence matrices are totally unimodular. All interferograms count alike, since coherence says how noisy a phase is
    and little of its cycle. Where two sets of changes would do equally, that with the more even movement is taken:
    links between neighbouring dates say what the pixel's own median velocity would give. Those on both sides of some
    dates count less than a single interferogram, so that one which no other contradicts is not changed.
    """
    valid = weight > 0
    count, steps = len(phase), len(network.dates) - 1
    expected = median_velocity(network, phase, weight) * np.diff(network.years)[:, None]
    before = np.arange(steps)
    linked = Network(network.dates, np.append(network.first, before), np.append(network.second, before + 1))
    alike = np.concatenate([valid.astype(np.float64), np.full((steps, phase.shape[1]), LINK**2)])
    fit = least_absolute(linked, np.concatenate([phase, expected]), alike)
    return np.rint(fit.residual[:count] / CYCLE).astype(np.int64)


def median_velocity(network: Network, phase: Double, weight: Double) -> Double:
    """The velocity (pixels,), phase per year, with the least sum of absolute misfits to all interferograms."""
    between = (network.years[network.second] - network.years[network.first])[:, None]
    velocity = phase / between
    order = np.argsort(velocity, axis=0, kind="stable")
    reached = np.cumsum(np.take_along_axis(np.sqrt(weight) * np.abs(between), order, axis=0), axis=0)
    place = np.minimum((reached < reached[-1] / 2).sum(0), len(phase) - 1)
    chosen = np.take_along_axis(order, place[None], axis=0)
    return np.asarray(np.take_along_axis(velocity, chosen, axis=0)[0])

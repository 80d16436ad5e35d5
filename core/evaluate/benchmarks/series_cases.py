"""Simulated pixels with known velocities: coherence that varies, air on every date, gaps, and wrong cycles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...phase.wavelengths import wavelength
from ...phase.wrap import CYCLE
from ...timeseries.motion import Motion, motion
from ...timeseries.network import Network
from ...timeseries.robust import least_absolute
from ...timeseries.trend import design_of, fit_trend
from ...timeseries.weights import phase_variance, weights
from ..bootstrap import Estimate, pooled

START, REPEAT = date(2020, 1, 3), 12  # days
LOOKS = 10.0
COHERENCES = (0.3, 0.9)  # uniform between these
SPEED = 45.0  # mm per year, standard deviation over pixels
AIR = 2.0  # mm, standard deviation of a date against a reference near by
SCENES, PIXELS = 10, 100
SEED = 20_265
INTERVAL = 1.96  # standard deviations that hold 95 %
MM = wavelength("sentinel1") * 1000.0 / (4.0 * np.pi)  # of a radian

Double = NDArray[np.float64]
Solve = Callable[["Pixels"], tuple[Double, Double]]


class Case(NamedTuple):
    """Each date with so many `later` ones; shares of wrong cycles, and of interferograms that a pixel lacks."""

    dates: int = 30
    later: int = 4
    wrong: float = 0.10
    gaps: float = 0.30
    air: float = AIR


class Pixels(NamedTuple):
    """A scene: independent pixels of one network; phases in rad, velocity in rad per year."""

    network: Network
    phase: Double
    right: Double  # the same without wrong cycles
    weight: Double
    velocity: Double


def network_of(dates: int, later: int) -> Network:
    """Dates 12 days apart, each with the next `later` ones."""
    days = [START + timedelta(REPEAT * i) for i in range(dates)]
    return Network.of([(days[i], days[j]) for i in range(dates) for j in range(i + 1, min(dates, i + 1 + later))])


def draw(case: Case, seed: int, pixels: int = PIXELS) -> Pixels:
    """A scene of a case."""
    rng = np.random.default_rng(seed)
    network = network_of(case.dates, case.later)
    velocity = rng.normal(0, SPEED / MM, pixels)
    series = velocity * network.years[:, None] + rng.normal(0, case.air / MM, (case.dates, pixels))
    true = series[network.second] - series[network.first]
    coherence = rng.uniform(*COHERENCES, true.shape)
    right = true + rng.normal(size=true.shape) * np.sqrt(phase_variance(coherence, LOOKS))
    cycles = np.where(rng.random(true.shape) < case.wrong, rng.choice([-1.0, 1.0], true.shape), 0.0)
    weight = weights(coherence, rng.random(true.shape) >= case.gaps, LOOKS)
    return Pixels(network, right + CYCLE * cycles, right, weight, velocity)


def plain(scene: Pixels) -> tuple[Double, Double]:
    """Weighted least squares."""
    return _both(motion(scene.network, scene.phase, scene.weight, robust=False))


def robust(scene: Pixels) -> tuple[Double, Double]:
    """What the tool does by default."""
    return _both(motion(scene.network, scene.phase, scene.weight, robust=True))


def absolute(scene: Pixels) -> tuple[Double, Double]:
    """Least absolute sum alone (L1); it gives no standard deviation."""
    found = least_absolute(scene.network, scene.phase, scene.weight, design_of(scene.network, None))
    trend = fit_trend(scene.network, found, np.zeros(len(scene.velocity)))
    return trend.velocity, np.full_like(trend.velocity, np.nan)


def unspoilt(scene: Pixels) -> tuple[Double, Double]:
    """Least squares where no cycle is wrong: nothing can be better."""
    return plain(scene._replace(phase=scene.right))


METHODS: dict[str, Solve] = {"least squares": plain, "L1": absolute, "robust": robust, "no wrong cycle": unspoilt}


class Measured(NamedTuple):
    """Of each method: squared errors, pixels, and pixels within their interval, for each scene (scenes, 3)."""

    totals: dict[str, Double]

    def error(self, method: str) -> Estimate:
        """Root mean square error of the velocity, mm per year."""
        return pooled(self.totals[method], lambda sums: MM * np.sqrt(sums[:, 0] / sums[:, 1]))

    def share(self, method: str, of: str) -> Estimate:
        """Its error as a share of that of another method."""
        both = np.concatenate([self.totals[method], self.totals[of]], axis=1)
        return pooled(both, lambda sums: np.sqrt(sums[:, 0] / sums[:, 1] / (sums[:, 3] / sums[:, 4])))

    def coverage(self, method: str) -> Estimate:
        """Share of pixels whose 95 % interval holds the truth."""
        return pooled(self.totals[method], lambda sums: sums[:, 2] / sums[:, 1])


def measure(case: Case, methods: tuple[str, ...] = tuple(METHODS)) -> Measured:
    """All scenes of a case by some methods."""
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in methods}
    for scene_number in range(SCENES):
        scene = draw(case, SEED + scene_number)
        for name in methods:
            velocity, deviation = METHODS[name](scene)
            known = np.isfinite(velocity)
            error = velocity[known] - scene.velocity[known]
            inside = np.abs(error) < INTERVAL * deviation[known]
            rows[name].append((float(np.square(error).sum()), float(known.sum()), float(inside.sum())))
    return Measured({name: np.array(values, np.float64) for name, values in rows.items()})


def _both(found: Motion) -> tuple[Double, Double]:
    return found.velocity, found.velocity_std

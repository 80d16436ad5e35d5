"""Hits and misses of landslide detections over many scenes, by aspect, size, clearness and rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ...detection.boxes import overlaps
from ..bootstrap import Estimate, resampled
from ..landslide_metrics import Matched, match, precision_of, recall_at
from ..landslide_scenes import Answer, Truth, overlap_of

HALF, LOOSE = 0.5, 0.3  # overlaps of boxes from which a detection hits
WAYS = ("north", "east", "south", "west")
SIZES = (100.0, 200.0, 400.0, 800.0, 1e9)  # m, longer side of the box
CLEARER = (12.0, 20.0)
CLEARNESS = (8.0, 16.0, 32.0, 64.0, 1e9)
COHERENT, LONG = 0.5, 200.0  # share of a slide's pixels, and m, for the smallest rate
STEPS, RIDGE = 50, 1e-3  # of the fit of a logistic curve

Float = NDArray[np.float64]


@dataclass
class Slide:
    """One true slide, and the score of the detection that hit it (0 where none did)."""

    score: float
    wanted: bool
    azimuth: float  # rad
    sensitivity: float
    length: float  # m
    clearness: float  # signal to noise
    rate: float  # mm per year along the line of sight
    coherent: float


@dataclass
class Tally:
    """What a method found in the scenes so far."""

    half: list[Matched] = field(default_factory=list)
    loose: list[Matched] = field(default_factory=list)
    every_half: list[Matched] = field(default_factory=list)
    every_loose: list[Matched] = field(default_factory=list)
    clearer: dict[float, tuple[list[Matched], list[Matched]]] = field(default_factory=dict)  # by least signal to noise
    outlines: list[list[float]] = field(default_factory=list)  # of the hits of each scene
    found: list[Slide] = field(default_factory=list)
    areas_km2: list[float] = field(default_factory=list)

    def add(self, truth: Truth, answer: Answer) -> None:
        """Count one scene."""
        overlap = overlaps(answer.boxes.edges, truth.edges).astype(np.float64)
        scores, wanted = answer.boxes.scores.astype(np.float64), truth.wanted
        everything = np.ones_like(wanted)
        self.half.append(match(overlap, scores, wanted, HALF))
        self.loose.append(match(overlap, scores, wanted, LOOSE))
        self.every_half.append(match(overlap, scores, everything, HALF))
        self.every_loose.append(match(overlap, scores, everything, LOOSE))
        snr = truth.scene.snr[truth.index].numpy()[truth.numbers]
        for least in CLEARER:
            half, loose = self.clearer.setdefault(least, ([], []))
            half.append(match(overlap, scores, wanted & (snr >= least), HALF))
            loose.append(match(overlap, scores, wanted & (snr >= least), LOOSE))
        bodies = overlap_of(answer.bodies, truth)
        self.outlines.append([float(bodies[i, hit]) for i, hit in enumerate(self.loose[-1].hit) if hit >= 0])
        self._remember(truth, scores, self.every_loose[-1].hit)
        self.areas_km2.append(truth.area_km2)

    def _remember(self, truth: Truth, scores: Float, hit: NDArray[np.int64]) -> None:
        slides, pixel = truth.scene.slides, float(truth.scene.pixel[truth.index])
        for place, number in enumerate(truth.numbers):
            mine = np.flatnonzero(hit == place)
            top, left, bottom, right = truth.edges[place]
            at = (truth.index, int(number))
            seen = abs(float(slides.sensitivity[at]))
            self.found.append(
                Slide(
                    float(scores[mine[0]]) if mine.size else 0.0,
                    bool(truth.wanted[place]),
                    float(slides.azimuth[at]),
                    seen,
                    float(max(bottom - top, right - left)) * pixel,
                    float(truth.scene.snr[at]),
                    float(slides.speed[at]) * seen,
                    float(truth.scene.coherent[at]),
                )
            )

    @property
    def slides(self) -> int:
        """How many there are."""
        return len(self.found)

    @property
    def wanted(self) -> int:
        """How many are to be found."""
        return sum(slide.wanted for slide in self.found)

    @property
    def area_km2(self) -> float:
        """Ground with data of all scenes."""
        return sum(self.areas_km2)

    def precision(self, *, loose: bool = False, strict: bool = False) -> Estimate:
        """Average precision where boxes overlap by half (0.3 where `loose`); `strict`: with every slide to be found."""
        scenes = self._scenes(loose=loose, strict=strict)
        return self._estimate(lambda chosen: precision_of([scenes[index] for index in chosen]))

    def ahead_of(self, other: Tally) -> Estimate:
        """Average precision at half overlap less that of another method on the same scenes."""
        return self._estimate(
            lambda chosen: (
                precision_of([self.half[index] for index in chosen])
                - precision_of([other.half[index] for index in chosen])
            )
        )

    def outline(self) -> Estimate:
        """Mean overlap of the outlines of hits with the true bodies."""

        def mean(chosen: Sequence[int]) -> float:
            values = [value for index in chosen for value in self.outlines[index]]
            return float(np.mean(values)) if values else math.nan

        return self._estimate(mean)

    def recall(self, per_km2: float, *, strict: bool = False) -> Estimate:
        """Share of the slides found with at most so many false alarms per km2."""
        scenes = self._scenes(loose=True, strict=strict)

        def share(chosen: Sequence[int]) -> float:
            if not any(scenes[index].objects for index in chosen):
                return math.nan
            area = sum(self.areas_km2[index] for index in chosen)
            return recall_at([scenes[index] for index in chosen], per_km2 * area)[0]

        return self._estimate(share)

    def threshold(self, per_km2: float) -> float:
        """The score that gives so many false alarms per km2."""
        return recall_at(self.loose, per_km2 * self.area_km2)[1]

    def _scenes(self, *, loose: bool, strict: bool) -> list[Matched]:
        if strict:
            return self.every_loose if loose else self.every_half
        return self.loose if loose else self.half

    def _estimate(self, measure: Callable[[Sequence[int]], float]) -> Estimate:
        return resampled(len(self.areas_km2), measure)

    def by_least_clearness(self, per_km2: float) -> list[list[str]]:
        """Rows: least signal to noise of what is to be found, how many, AP50, AP30, recall."""
        every = {CLEARNESS[0]: (self.half, self.loose)} | self.clearer
        return [
            [
                f"{least:g}",
                str(sum(scene.objects for scene in half)),
                f"{precision_of(half):.3f}",
                f"{precision_of(loose):.3f}",
                f"{recall_at(loose, per_km2 * self.area_km2)[0]:.3f}",
            ]
            for least, (half, loose) in every.items()
        ]

    def by_aspect(self, per_km2: float) -> list[list[str]]:
        """Rows: way, slides, mean sensitivity, share found, how many to be found, share found of these."""
        least, rows = self.threshold(per_km2), []
        for place, way in enumerate(WAYS):
            turned = [round(slide.azimuth / (math.pi / 2)) % 4 for slide in self.found]
            mine = [slide for slide, quarter in zip(self.found, turned, strict=True) if quarter == place]
            wanted = [slide for slide in mine if slide.wanted]
            seen = np.mean([slide.sensitivity for slide in mine]) if mine else math.nan
            rows.append(
                [way, str(len(mine)), f"{seen:.2f}", _share(mine, least), str(len(wanted)), _share(wanted, least)]
            )
        return rows

    def by_size(self, per_km2: float) -> list[list[str]]:
        """Rows: length, how many to be found, share found."""
        return self._rows(per_km2, SIZES, lambda slide: slide.length, "{} to {} m")

    def by_clearness(self, per_km2: float) -> list[list[str]]:
        """Rows: signal to noise, how many to be found, share found."""
        return self._rows(per_km2, CLEARNESS, lambda slide: slide.clearness, "signal to noise {} to {}")

    def _rows(self, per_km2: float, edges: tuple[float, ...], value, words: str) -> list[list[str]]:  # type: ignore[no-untyped-def]
        least, rows = self.threshold(per_km2), []
        for low, high in pairwise(edges):
            mine = [slide for slide in self.found if slide.wanted and low <= value(slide) < high]
            upper = f"{high:g}" if high < 1e8 else "more"
            rows.append([words.format(f"{low:g}", upper), str(len(mine)), _share(mine, least)])
        return rows

    def slowest(self, share: float, least: float) -> float | None:
        """Rate (mm per year) from which this share of the slides is found with scores of `least`; None if never.

        Of slides of LONG and more on coherent ground.
        """
        mine = [slide for slide in self.found if slide.coherent > COHERENT and slide.length >= LONG]
        rates = np.log(np.array([max(slide.rate, 0.1) for slide in mine]))
        hits = np.array([slide.score >= least for slide in mine], np.float64)
        if len(mine) < 10 or hits.sum() < 3:
            return None
        offset, slope = _logistic(rates, hits)
        rate = math.exp((math.log(share / (1 - share)) - offset) / slope) if slope > 0.1 else math.inf
        return rate if rate < np.exp(rates.max()) else None


def _share(slides: list[Slide], least: float) -> str:
    return f"{np.mean([slide.score >= least for slide in slides]):.2f}" if slides else "none"


def _logistic(x: Float, hits: Float) -> tuple[float, float]:
    """Offset and slope of the likeliest logistic curve, by Newton's method with a small ridge."""
    design = np.stack((np.ones_like(x), x), 1)
    line = np.zeros(2)
    for _ in range(STEPS):
        chance = expit(design @ line)
        slope = design.T @ (hits - chance) - RIDGE * line
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + RIDGE * np.eye(2)
        line = line + np.linalg.solve(curvature, slope)
    return float(line[0]), float(line[1])

"""The section on detection first in the page of benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..evaluate.report import Section, Table
from ..machine import processor, threads

NAME = "detection_first"
MOVING = 20.0  # mm per year toward the satellite or away: slower ones are not counted as missed
TARGET_MINUTES, TARGET_SHARE = 20.0, 0.2


class Step(NamedTuple):
    """A tool that was run: its name, how long it took and used processors in seconds, and its peak memory in MiB."""

    what: str
    seconds: float
    processor: float
    mebibytes: float


@dataclass
class Measured:
    """Seconds and peak memory of every step, what was found, and how the other way was measured."""

    side: int
    count: int
    share: int
    steps: list[Step] = field(default_factory=list)
    making: float = 0.0
    gibibytes: float = 0.0
    part: Step | None = None
    detections: int = 0
    slides: int = 0
    found: int = 0
    right: int = 0

    @property
    def total(self) -> float:
        """Seconds from files to series of the detections."""
        return sum(step.seconds for step in self.steps)

    @property
    def whole(self) -> float:
        """Seconds of the series of all pixels, by their number from those of a part."""
        return self.part.seconds * self.share**2 if self.part else float("nan")


def report(measured: Measured) -> Section:
    """The section of the page of benchmarks."""
    minutes = measured.total / 60
    steps = Table(
        "From files to series of the detections", ["step", "seconds", "share", "processor seconds", "peak memory, MiB"]
    )
    steps.rows = [_row(step, measured.total) for step in measured.steps]
    used = sum(step.processor for step in measured.steps)
    steps.rows.append(
        ("together", f"{measured.total:.0f}", "100 %", f"{used:.0f}", f"{max(s.mebibytes for s in measured.steps):.0f}")
    )
    other = Table("Against a series of the whole scene", ["measure", "value", "target"])
    part = measured.part or Step("", float("nan"), float("nan"), float("nan"))
    detected = sum(step.seconds for step in measured.steps[:2])
    other.rows = [
        ("files to detections, minutes", f"{detected / 60:.1f}", f"below {TARGET_MINUTES:.0f} at 350 of 2000 x 2000"),
        ("files to series of detections, minutes", f"{minutes:.1f}", ""),
        (
            f"series of all pixels of 1/{measured.share**2} of the scene, minutes, measured",
            f"{part.seconds / 60:.1f}",
            "",
        ),
        ("series of all pixels of the scene, minutes, scaled by area", f"{measured.whole / 60:.0f}", ""),
        ("detection first over whole scene", f"{measured.total / measured.whole:.3f}", f"at most {TARGET_SHARE}"),
        ("processor seconds of the series of that part", f"{part.processor:.0f}", ""),
        ("peak memory of the series of that part, MiB", f"{part.mebibytes:.0f}", ""),
        (f"landslides of {MOVING:.0f} mm/yr and more found", f"{measured.found} of {measured.slides}", ""),
        ("detections on a landslide", f"{measured.right} of {measured.detections}", ""),
    ]
    return Section(NAME, "Detection first", [_what(measured)], [steps, other])


def _row(step: Step, total: float) -> Sequence[str]:
    share = f"{100 * step.seconds / total:.0f} %"
    return step.what, f"{step.seconds:.0f}", share, f"{step.processor:.0f}", f"{step.mebibytes:.0f}"


def _what(measured: Measured) -> str:
    return (
        f"{measured.count} wrapped interferograms of {measured.side} x {measured.side} pixels of 20 m, spans of 12 to"
        f" 36 days, with their coherences ({measured.gibibytes:.1f} GiB, deflated and tiled, made in"
        f" {measured.making / 60:.1f} minutes, which are not counted; the system may have them in its cache when they"
        " are read), of mountains with at most one landslide in 25 square kilometres. The tools run one by one,"
        f" each in a process of its own with its start, on {processor()}, {threads()} threads. The series of the whole"
        " scene is that of the same tool without detections; it is measured on the middle of the scene and scaled by"
        " the area, which leaves out what grows faster than that, such as minimum-cost flow and the levels between"
        " tiles, and that several interferograms are unwrapped at a time only where they are small: the whole takes"
        " longer rather than less. Written by"
        f" `fringelens bench detection_first --side {measured.side} --count {measured.count} --share {measured.share}`."
    )

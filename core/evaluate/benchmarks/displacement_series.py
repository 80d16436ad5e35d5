"""Benchmark of the time series: velocities against truth, intervals, MintPy on the same input, and time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ...progress import Progress
from ...timeseries.motion import motion
from ..report import Section, Table
from . import series_mexico as mexico
from .series_cases import AIR, METHODS, MM, Case, Measured, draw, measure
from .series_plots import plot_errors, plot_mexico

TARGET = 0.5  # of the error of plain least squares, at 10 % wrong cycles and 30 % gaps
WITHIN = 0.1  # mm per year of MintPy's velocity
LATER, WRONG = (3, 4, 5), (0.0, 0.05, 0.10, 0.20)
TIMED = ((13, 3), (30, 4), (100, 4))  # dates and later dates of the networks that are timed
MILLION = 1e6
CHART, MAPS = "benchmark-displacement_series-errors.png", "benchmark-displacement_series-mexico.png"
WHAT = (
    "Simulated pixels at C band, dates 12 days apart for a year, each date with the next few; coherence uniform between"
    f" 0.3 and 0.9 and 10 looks, {AIR:g} mm of air on each date, velocities of 45 mm/yr (one standard deviation). Wrong"
    " cycles (one up or one down) and gaps fall on single interferograms of single pixels, alike and independently."
    " Errors are root mean squares over pixels. Which cycles were wrong is not told to any method."
)


def section(pictures: Path, progress: Progress) -> Section:
    """Measure, plot, and say it in tables."""
    pictures.mkdir(parents=True, exist_ok=True)
    measured: dict[Case, Measured] = {}
    cases = [Case(later=later) for later in LATER] + [
        Case(wrong=wrong) for wrong in WRONG if Case(wrong=wrong) != Case()
    ]
    for done, case in enumerate(cases):
        progress.update(0.6 * done / len(cases), f"{case.later} later dates, {case.wrong:.0%} wrong")
        measured[case] = measure(case)
    plot_errors({case.wrong: measured[case] for case in sorted(cases) if case.later == Case().later}, pictures / CHART)
    tables = [_errors(measured), _coverage(progress)]
    shown = [(CHART, "Error of the velocity by the share of wrong cycles")]
    verdicts = [_verdict(measured[Case()])]
    progress.update(0.8, "Mexico City")
    place = mexico.folder()
    if place is not None:
        scene = mexico.read(place)
        table, verdict = _mexico(scene, place, progress)
        tables.append(table)
        verdicts.append(verdict)
        plot_mexico(scene, pictures / MAPS)
        shown.append(
            (MAPS, "Mexico City: velocity, its standard deviation, and series of three pixels with 95 % intervals")
        )
    tables.append(_speed(progress))
    title = "Displacement series (`displacementseries`)"
    return Section("displacement_series", title, [WHAT, "**" + "; ".join(verdicts) + ".**"], tables, shown)


def _verdict(measured: Measured) -> str:
    share = measured.share("robust", "least squares")
    met = "met" if share.value <= TARGET else "not met"
    return (
        f"10 % wrong cycles, 30 % gaps, 4 later dates: robust leaves {share.show(digits=2)} of the error of least"
        f" squares, target {TARGET} {met}"
    )


def _errors(measured: dict[Case, Measured]) -> Table:
    columns = ["later dates", "wrong", "gaps", *METHODS, "robust / least squares", "robust within 95 %"]
    table = Table("Error of the velocity, mm/yr", columns)
    for case, found in sorted(measured.items()):
        errors = [found.error(name).show(digits=1) for name in METHODS]
        share, inside = found.share("robust", "least squares"), found.coverage("robust")
        shape = [f"{case.later}", f"{case.wrong:.0%}", f"{case.gaps:.0%}"]
        table.rows.append([*shape, *errors, share.show(digits=2), inside.show()])
    table.note = (
        "With 3 later dates and 30 % gaps most pixels hang on single interferograms at some date: whether such a one is"
        " wrong cannot be known, and is not guessed."
    )
    return table


def _coverage(progress: Progress) -> Table:
    """Intervals where no cycle is wrong."""
    progress.update(0.65, "intervals")
    table = Table("Share of 95 % intervals (1.96 standard deviations) that hold the true velocity, no wrong cycle",
                  ["air on a date, mm", "least squares", "robust"])  # fmt: skip
    for air in (0.0, AIR, 4 * AIR):
        found = measure(Case(wrong=0.0, air=air), ("least squares", "robust"))
        table.rows.append([f"{air:g}", *(found.coverage(name).show() for name in found.totals)])
    return table


def _mexico(scene: mexico.Scene, place: Path, progress: Progress) -> tuple[Table, str]:
    columns = [
        "Mexico City",
        "largest difference of velocity, mm/yr",
        "of series, mm",
        "our CPU s per 10^6",
        "its CPU s per 10^6",
    ]
    table = Table(
        "The same input and weights through MintPy's inversion (`estimate_timeseries`, minimum-norm velocity)", columns
    )
    size, worst, version = scene.phase.shape[1] * len(scene.network.dates) / MILLION, 0.0, ""
    for name, weighted in (("weights from coherence", True), ("no weights", False)):
        found, seconds = mexico.ours(scene, weighted=weighted)
        other = mexico.peer(scene, weighted=weighted)
        if other is None:
            table.rows.append([name, "MintPy is not there", "-", f"{seconds / size:.1f}", "-"])
            continue
        version = other.version
        apart = MM * float(np.abs(found.velocity - other.velocity).max())
        series = MM * float(np.abs(found.series - other.series).max())
        worst = max(worst, apart)
        table.rows.append(
            [name, f"{apart:.1e}", f"{series:.1e}", f"{seconds / size:.1f}", f"{other.seconds / size:.1f}"]
        )
    robust = mexico.ours(scene, robust=True)[0]
    again = mexico.rewrapped(place, progress)
    difference = MM * np.abs(again.velocity - robust.velocity)
    name = f"MintPy {version}" if version else f"MintPy is not there (set {mexico.PEER} to a Python that has it); it"
    table.note = (
        f"{len(scene.pairs)} interferograms of {len(scene.network.dates)} dates, {scene.phase.shape[1]} pixels, set"
        f" to zero on firm ground in the west. {name} gives series as 32-bit numbers. Fastest pixel"
        f" {MM * float(np.nanmin(robust.velocity)):.0f} mm/yr. Wrapped again and unwrapped by this tool, the velocity"
        f" differs by {np.median(difference):.2f} mm/yr (median; largest {difference.max():.1f})."
    )
    if not version:
        return table, "Mexico City: not compared, because MintPy is not there"
    met = "met" if worst <= WITHIN else "not met"
    return table, f"Mexico City: within {worst:.1e} mm/yr of MintPy's velocity, target {WITHIN} {met}"


def _speed(progress: Progress) -> Table:
    progress.update(0.9, "time")
    table = Table("Seconds per million pixel-dates, one core", ["dates", "interferograms", "least squares", "robust"])
    for dates, later in TIMED:
        scene = draw(Case(dates=dates, later=later), 1, pixels=max(200, 60_000 // dates))
        row = [f"{dates}", f"{len(scene.phase)}"]
        for robust in (False, True):
            began = time.process_time()
            motion(scene.network, scene.phase, scene.weight, robust=robust)
            row.append(f"{(time.process_time() - began) / scene.phase.shape[1] / dates * MILLION:.1f}")
        table.rows.append(row)
    table.note = "Every pixel has other gaps and 10 % wrong cycles, which is the slowest case; processor time."
    return table

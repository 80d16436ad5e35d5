"""What the benchmark of unwrapping measured, in tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...phase.unwrap_mcf import mcf
from ..bootstrap import Estimate, pooled
from ..phase_unwrapping_cells import LOOKS, Cell, core_of, right_pixels, scenes
from ..report import Table

METHODS = ("mcf", "snaphu", "network", "combined")
COUNT, SEED = 10, 20_261  # of the scenes of a cell
TARGETS = {Cell(3.4, 0.6): 0.90, Cell(5.2, 0.6): 0.70}
GENTLE, GENTLE_LOSS = 1.75, 0.01  # up to this slope the combination may lose so much against MCF
CONGRUENCE = 1e-5  # rad
SNAPHU_TIME = 0.5  # of SNAPHU's, that the combination may take
NOISY = [Cell(slope, coherence, air=3.0) for coherence in (0.4, 0.25) for slope in (0.8, 1.6)]
FILTERS = (0.0, 0.5, 1.0)  # strengths of the Goldstein filter

Shares = dict[str, list[tuple[int, int]]]  # of each method: right pixels and pixels of each scene


def estimates(found: Shares) -> dict[str, Estimate]:
    """Share of each method with its interval over scenes."""
    return {
        name: pooled(np.asarray(rows, np.float64), lambda sums: sums[:, 0] / sums[:, 1]) for name, rows in found.items()
    }


def shares(title: str, measured: Mapping[Cell, Shares]) -> Table:
    """Right share of the core by cell and method."""
    names = [name for name in METHODS if name in next(iter(measured.values()))]
    table = Table(title, ["coherence", "slope", *names])
    for cell, found in measured.items():
        shown = estimates(found)
        table.rows.append([f"{cell.coherence:g}", f"{cell.slope:g}", *(shown[name].show() for name in names)])
    return table


def filtered() -> Table:
    """What guiding minimum-cost flow by a filtered phase is worth in noise."""
    table = Table(
        "The Goldstein filter that can guide minimum-cost flow (`GOLDSTEIN`), troughs in noise and turbulent air",
        ["coherence", "slope", *(f"mcf, {strength:g}" for strength in FILTERS)],
    )
    for cell in NOISY:
        found: Shares = {}
        for scene in scenes(cell, COUNT, SEED):
            valid, total = np.ones(scene.wrapped.shape, bool), int(core_of(scene).sum())
            for strength in FILTERS:
                unwrapped = mcf(scene.wrapped, valid, scene.coherence, LOOKS, strength=strength).phase
                found.setdefault(f"{strength:g}", []).append((right_pixels(unwrapped, scene), total))
        shown = estimates(found)
        table.rows.append([f"{cell.coherence:g}", f"{cell.slope:g}", *(value.show() for value in shown.values())])
    table.note = "The result is congruent with the phase that is not filtered, so that its own noise stays in it."
    return table


def speed(seconds: Mapping[str, float], count: int) -> Table:
    """Seconds of each method for a scene."""
    table = Table("Seconds per scene of 176 x 176 pixels", ["method", "seconds", "of SNAPHU"])
    for name in METHODS:
        if name in seconds:
            share = f"{seconds[name] / seconds['snaphu']:.2f}" if "snaphu" in seconds else "not installed"
            table.rows.append([name, f"{seconds[name] / count:.3f}", share])
    table.note = "SNAPHU through its Python package with the deformation cost, its files and process included."
    return table


def targets(
    measured: Mapping[Cell, Shares], worst: float, seconds: Mapping[str, float], real: Mapping[str, float] | None
) -> Table:
    """What was asked for, and what came; `worst` is the largest distance from a whole cycle (rad)."""
    table = Table("Targets", ["measure", "target", "measured", "met"])

    def line(what: str, target: str, value: str, *, met: bool) -> None:
        table.rows.append([what, target, value, "yes" if met else "no"])

    for cell, least in TARGETS.items():
        shown = estimates(measured[cell])
        what = f"core in the right cycle, {cell.slope} rad per pixel, coherence {cell.coherence}"
        value = f"{shown['combined'].show()}; MCF {shown['mcf'].value:.3f}"
        line(what, f">= {least:.2f}", value, met=shown["combined"].value >= least)
    gentle = [estimates(found) for cell, found in measured.items() if cell.slope <= GENTLE]
    loss = max(shown["mcf"].value - shown["combined"].value for shown in gentle)
    what = f"loss against MCF up to {GENTLE} rad per pixel, worst cell"
    line(what, f"<= {GENTLE_LOSS}", f"{loss:.4f}", met=loss <= GENTLE_LOSS)
    what = "farthest from a whole cycle above the input, rad"
    line(what, f"<= {CONGRUENCE:g}", f"{worst:.1e}", met=worst <= CONGRUENCE)
    if real is not None:
        value = f"{real['combined']:.4f}; MCF {real['mcf']:.4f}"
        line("Thessaly within half a cycle", "above MCF", value, met=real["combined"] > real["mcf"])
    if "snaphu" in seconds:
        share = seconds["combined"] / seconds["snaphu"]
        line("time over SNAPHU's on the same scenes", f"<= {SNAPHU_TIME}", f"{share:.2f}", met=share <= SNAPHU_TIME)
    return table


def thessaly(real: Mapping[str, float]) -> Table:
    """The earthquake."""
    table = Table("Earthquake of Thessaly, 3 March 2021 (Sentinel-1, LiCSAR)", ["method", "within half a cycle"])
    table.rows = [[name, f"{share:.4f}"] for name, share in real.items()]
    table.note = (
        "Against the unwrapped phase that came with the interferogram. The phase was resampled after wrapping, so that"
        " a thin line of wrong values follows every jump."
    )
    return table

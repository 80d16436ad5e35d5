"""Benchmark of landslide detection: held-out stacks by the network and by divergence; how slow, which slopes; real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from ....models.landslide_detection.views import Seen
from ....models.registry import Card
from ...progress import Progress
from ...simulate.gradient_scene import GradientOptions
from ...simulate.terrain import TerrainSource, find_terrain
from ..landslide_scenes import BATCH, Answer, Truth, by_divergence, by_network, truths
from ..report import Section, Table
from .landslide_plots import plot_examples, plot_slowest
from .landslide_real import real_table
from .landslide_tally import Tally

SIDE, SCENES, SEED = 224, 160, 31_337
COUNTS, CURVE_SCENES, CURVE_SEED = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0), 12, 4_242
CURVE_PIXEL, CURVE_WAVELENGTH = 20.0, 0.0555  # m
ALARMS = 0.01  # false alarms per km2: one in 100 km2
TARGETS = {"AP50": 0.80, "above divergence": 0.20, "recall": 0.90, "outline": 0.60}
FOUND = 0.8  # recall that the smallest rate is asked for
WHAT = (
    "Simulated stacks of {pixels} x {pixels} pixels of 15 to 40 m, 10 to 350 interferograms, on validation terrain,"
    " with slides of 100 to 1500 m and 1 to 30 cm/yr down their slope (tongues, ragged outlines, bodies of two blocks:"
    " shapes that are not trained on), turbulent and layered air left over per date, errors of the elevation model,"
    " layover, water, snow, patches of vegetation and of biased land cover, and mines, sinking plains, domes and"
    " embankments that are no landslides. A detection hits a slide where their boxes overlap by at least one half"
    " (AP50) or 0.3 (AP30, recall); every slide is hit once. What is left of a slide below a signal to noise of 8 over"
    " its whole body (as the simulator knows it), or on ground that is decorrelated by more than half, is neither right"
    " nor wrong; a table further down counts every slide. Detections on slopes of less than 10 degrees are left out, as"
    " the tool does. {scenes} scenes, {slides} slides, {wanted} of them to be found, {area:,.0f} km2."
)

Method = Callable[[Truth], Answer]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure, plot, and say it in tables."""
    network = Seen(network.to(device))  # as the tool asks it
    methods: dict[str, Method] = {
        "network": lambda truth: by_network(network, truth, device),
        "network without line of sight": lambda truth: by_network(network, truth, device, look=False),
        "network without DEM": lambda truth: by_network(network, truth, device, dem=False),
        "divergence": by_divergence,
    }
    terrain = find_terrain("validation")
    options = GradientOptions(BATCH, SIDE, SIDE, "held_out")
    scenes = list(truths(options, SCENES, SEED, terrain))
    tallies = {}
    for done, (name, method) in enumerate(methods.items()):
        tallies[name] = Tally()
        for index, truth in enumerate(scenes):
            progress.update(0.7 * (done + index / SCENES) / len(methods), name)
            tallies[name].add(truth, method(truth))
    curves = _curves({name: methods[name] for name in ("network", "divergence")}, terrain, progress)
    pictures.mkdir(parents=True, exist_ok=True)
    slowest = {
        name: {count: tally.slowest(FOUND, tallies[name].threshold(ALARMS)) for count, tally in curve.items()}
        for name, curve in curves.items()
    }
    plot_slowest(slowest, FOUND, pictures / "benchmark-landslide_detection-slowest.png")
    plot_examples(scenes, methods["network"], pictures / "benchmark-landslide_detection-examples.png")
    own = tallies["network"]
    what = WHAT.format(pixels=SIDE, scenes=SCENES, slides=own.slides, wanted=own.wanted, area=own.area_km2)
    real = real_table(network, device)
    return Section(
        card.name,
        "Landslides (`detectlandslides`)",
        [what, _verdict(tallies), f"Network: configuration `{card.config}`, weights {card.sha256[:12]}."],
        [_methods(tallies), _strict(tallies), _clearer(own), _aspects(own), _sizes(own), _slowest(slowest),
         *([real] if real is not None else [])],
        [
            ("benchmark-landslide_detection-slowest.png", "Smallest rate found by the number of interferograms"),
            ("benchmark-landslide_detection-examples.png", "Gradients, coherence, truth and detections"),
        ],
    )  # fmt: skip


def _curves(
    methods: dict[str, Method], terrain: TerrainSource | None, progress: Progress
) -> dict[str, dict[float, Tally]]:
    """The same scenes for each method and each of COUNTS, the longest part of the time."""
    curves: dict[str, dict[float, Tally]] = {name: {} for name in methods}
    for place, count in enumerate(COUNTS):
        progress.update(0.7 + 0.25 * place / len(COUNTS), f"{count:.0f} interferograms")
        options = GradientOptions(
            BATCH, SIDE, SIDE, "held_out", interferograms=count, pixel=CURVE_PIXEL, wavelength=CURVE_WAVELENGTH
        )
        for curve in curves.values():
            curve[count] = Tally()
        for truth in truths(options, CURVE_SCENES, CURVE_SEED, terrain):
            for name, method in methods.items():
                curves[name][count].add(truth, method(truth))
    return curves


def _methods(tallies: dict[str, Tally]) -> Table:
    table = Table(
        "Hard held-out stacks",
        ["method", "AP50", "AP30", "recall at one false alarm per 100 km2", "at a score of", "outline IoU of hits"],
    )
    for name, tally in tallies.items():
        table.rows.append(
            [
                name,
                tally.precision().show(),
                tally.precision(loose=True).show(),
                tally.recall(ALARMS).show(),
                f"{tally.threshold(ALARMS):.2f}",
                tally.outline().show(),
            ]
        )
    table.note = (
        "In brackets 95 % intervals of resampled scenes. Boxes are those around the outlines, which are what the tool"
        " gives. Divergence was tuned on scenes of the training family."
    )
    return table


def _strict(tallies: dict[str, Tally]) -> Table:
    table = Table("Every slide counted, also those that the stack does not show", ["method", "AP50", "AP30", "recall"])
    for name, tally in tallies.items():
        precisions = [tally.precision(loose=loose, strict=True).show() for loose in (False, True)]
        table.rows.append([name, *precisions, tally.recall(ALARMS, strict=True).show()])
    return table


def _clearer(tally: Tally) -> Table:
    table = Table(
        "By what counts as shown by the stack: signal to noise of a whole body, network",
        ["at least", "to be found", "AP50", "AP30", "recall"],
    )
    table.rows = [*tally.by_least_clearness(ALARMS)]
    return table


def _aspects(tally: Tally) -> Table:
    table = Table(
        "By the way down, network at one false alarm per 100 km2",
        ["toward", "slides", "mean sensitivity", "found", "to be found", "found of these"],
    )
    table.rows = [*tally.by_aspect(ALARMS)]
    table.note = (
        "Sensitivity is the share of motion down the slope that the radar sees, without its sign; both orbits. Slopes"
        " to the north and south are the blind ones."
    )
    return table


def _sizes(tally: Tally) -> Table:
    table = Table(
        "By length of the box and by signal to noise, network at one false alarm per 100 km2",
        ["", "to be found", "found"],
    )
    table.rows = [*tally.by_size(ALARMS), *tally.by_clearness(ALARMS)]
    return table


def _slowest(slowest: dict[str, dict[float, float | None]]) -> Table:
    table = Table(
        "Smallest rate along the line of sight that is found in 80 % of the cases, mm per year",
        ["interferograms", *slowest],
    )
    for count in COUNTS:
        values = [curve[count] for curve in slowest.values()]
        table.rows.append([f"{count:.0f}", *(f"{v:.0f}" if v is not None else "not reached" for v in values)])
    table.note = (
        "C band, pixels of 20 m; of slides of 200 m and more on coherent ground, with the score that allows one false"
        " alarm per 100 km2 above: where a logistic curve through hits and misses over the logarithm of the rate"
        " crosses 80 %. 'not reached': not even by the fastest of 30 cm/yr."
    )
    return table


def _verdict(tallies: dict[str, Tally]) -> str:
    own, other = tallies["network"], tallies["divergence"]
    measured = {
        "AP50": own.precision(),
        "above divergence": own.ahead_of(other),
        "recall": own.recall(ALARMS),
        "outline": own.outline(),
    }
    words = [
        f"{name} {measure.show()}, target {TARGETS[name]:.2f} {'met' if measure.value >= TARGETS[name] else 'not met'}"
        for name, measure in measured.items()
    ]
    return "**" + "; ".join(words) + ".**"

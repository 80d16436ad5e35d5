"""Real gradients from places without known landslides: what is found there are false alarms."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ....models.landslide_detection.features import noise_level, planes
from ...detection.gradient_input import steps
from ...detection.slopes import surface
from ...phase.coherence import phase_coherence
from ...phase.gradient_stack import GradientSums, span_classes
from ...raster.dates import pairs_of, span_days
from ...raster.grid import Grid
from ...raster.source import Source
from ...raster.window import Window
from ...simulate.geometry import phase_per_mm
from ..landslide_scenes import Answer, asked
from ..report import Table

ROOT = Path(__file__).resolve().parents[3]
STEP, CONFIDENCE, LEAST_AREA = 3, 0.5, 20_000.0  # as the tool has it by default; the area in m2
MULTIPLE = 32  # sides are cut to a multiple of it, which the network needs
ALOS = 0.2362  # m

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


@dataclass
class Place:
    """A real stack: gradients (2, rows, columns), coherence, validity, and heights where they are at hand."""

    name: str
    gradient: Float
    coherence: Float
    valid: Bool
    grid: Grid
    heights: Float | None


def real_table(network: nn.Module, device: torch.device) -> Table | None:
    """Detections at the default confidence, and the largest score; None where the data are not at hand."""
    named = os.environ.get("FRINGELENS_DATA")
    data = Path(named) if named else ROOT.parent / "shared" / "data"
    makers: dict[str, Callable[[Path], Place]] = {
        "thessaly": _thessaly,
        "kirishima": _kirishima,
        "mexico_city": _mexico_city,
    }
    places = [make(data / folder) for folder, make in makers.items() if (data / folder).is_dir()]
    if not places:
        return None
    table = Table(
        "Real gradients where no landslide is known",
        ["place", "km2", "detections", "largest score", "without DEM", "largest score"],
    )
    for place in places:
        row = [place.name, f"{_area(place):,.0f}"]
        row += _count(find(network, place, device, dem=True), place) if place.heights is not None else ["", ""]
        table.rows.append([*row, *_count(find(network, place, device, dem=False), place)])
    table.note = (
        f"Detections of a score of {CONFIDENCE} and an area of {LEAST_AREA:,.0f} m2 and more, as by default; with a DEM"
        " on slopes of 10 degrees and more. A single interferogram is no stack: its air is not averaged out. Mexico"
        " City sinks by 30 cm a year, but it is flat. On Kirishima the craters moved in these years; what is found lies"
        " elsewhere and is taken for false: a spot of 150 m near Shinmoe-dake that goes 6 mm a year its own way, alike"
        " in all views and without its strongest pixels, and without a DEM a wider patch of a few mm a year."
    )
    return table


def find(network: nn.Module, place: Place, device: torch.device, *, dem: bool) -> Answer:
    """What the network finds in a place."""
    ground = None
    if dem and place.heights is not None:
        step_x, step_y = steps(place.grid, 0, place.heights.shape[0])
        ground = surface(torch.from_numpy(place.heights)[None], step_x[None], step_y[None])
    gradient, valid = torch.from_numpy(place.gradient)[None], torch.from_numpy(place.valid)[None]
    shown = planes(
        gradient,
        torch.from_numpy(place.coherence)[None],
        valid.float(),
        noise_level(gradient, valid),
        ground.planes() if ground is not None else None,
    )
    return asked(network, shown, ground.degrees()[0].numpy() if ground is not None else None, device)


def _count(answer: Answer, place: Place) -> list[str]:
    """How many are sure and large enough, how many more are sure but small, and the largest score of the former."""
    pixel = _area(place) * 1e6 / max(int(place.valid.sum()), 1)
    large = np.array([body.sum() * pixel >= LEAST_AREA for body in answer.bodies], bool)
    sure = answer.boxes.scores >= CONFIDENCE
    best = answer.boxes.scores[large]
    counted = f"{int((sure & large).sum())} (and {int((sure & ~large).sum())} small ones)"
    return [counted, f"{best.max():.2f}" if best.size else "none"]


def _area(place: Place) -> float:
    step_x, step_y = steps(place.grid, 0, place.valid.shape[0])
    return float((torch.from_numpy(place.valid).float().sum(1) * step_x * step_y).sum()) / 1e6


def _thessaly(folder: Path) -> Place:
    phase, valid, grid = _read(folder / "20210218_20210303_wrapped.tif")
    years = 13 / 365.25
    product = np.exp(1j * phase) * valid
    gradient, known = _differences(product, valid)
    return Place(
        "Thessaly, one interferogram with the earthquake of 2021",
        np.angle(gradient).astype(np.float32) / np.float32(2 * STEP * years) * known,
        phase_coherence(phase, valid) * known,
        known,
        grid,
        None,
    )


def _kirishima(folder: Path) -> Place:
    velocity, valid, grid = _read(folder / "velocity.tif")
    coherence, _, _ = _read(folder / "temporal_coherence.tif")
    heights, there, _ = _read(folder / "dem.tif")
    scale = 1000.0 * phase_per_mm(ALOS)
    before, after = _ends(np.where(valid, velocity * scale, np.nan))
    gradient = ((after - before) / (2 * STEP)).astype(np.float32)
    known = np.asarray(np.isfinite(gradient).all(axis=0))
    return Place(
        "Kirishima volcanoes, ALOS-2, 2015 to 2017",
        np.where(known, gradient, np.float32(0)),
        coherence * known,
        known,
        grid,
        np.where(there, heights, np.float32(np.nan)),
    )


def _mexico_city(folder: Path) -> Place:
    paths = [str(path) for path in sorted(folder.glob("20*_unwrapped.tif"))]
    spans = [span_days(pair) for pair in pairs_of(paths, None)]
    members, years = span_classes(spans)
    heights, there, grid = _read(folder / "dem.tif")
    sums = GradientSums(heights.shape, years, STEP)
    for path, member, span in zip(paths, members, spans, strict=True):
        phase, valid, grid = _read(Path(path))
        coherence, _, _ = _read(Path(path.replace("_unwrapped", "_coherence")))
        sums.add(phase, valid, member, reversed_dates=span < 0, coherence=coherence)
    stacked = sums.solve(1, (slice(None), slice(None)))
    gradient = np.stack((stacked.x, stacked.y))
    known = np.isfinite(gradient).all(0) & np.isfinite(stacked.coherence)
    return Place(
        "Mexico City, 30 interferograms of 2018",
        np.where(known, gradient, np.float32(0)),
        np.where(known, stacked.coherence, np.float32(0)),
        known,
        grid,
        np.where(there, heights, np.float32(np.nan)),
    )


def _ends(field: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values STEP before and STEP after, along columns and rows (2, rows, columns); NaN beyond the raster."""
    padded = np.pad(field, STEP, constant_values=np.nan)
    middle = slice(STEP, -STEP)
    before = np.stack((padded[middle, : -2 * STEP], padded[: -2 * STEP, middle]))
    return before, np.stack((padded[middle, 2 * STEP :], padded[2 * STEP :, middle]))


def _differences(product: NDArray[np.complex128], valid: Bool) -> tuple[NDArray[np.complex128], Bool]:
    """Products of the pixels STEP after and STEP before (2, rows, columns), and where both are known in both ways."""
    padded, there = np.pad(product, STEP), np.pad(valid, STEP)
    middle = slice(STEP, -STEP)
    x = padded[middle, 2 * STEP :] * padded[middle, : -2 * STEP].conj()
    y = padded[2 * STEP :, middle] * padded[: -2 * STEP, middle].conj()
    known = there[middle, 2 * STEP :] & there[middle, : -2 * STEP]
    return np.stack((x, y)), known & there[2 * STEP :, middle] & there[: -2 * STEP, middle]


def _read(path: Path) -> tuple[Float, Bool, Grid]:
    """A raster, cut to whole multiples of MULTIPLE."""
    with Source(path) as source:
        rows, columns = (max(MULTIPLE, math.floor(side / MULTIPLE) * MULTIPLE) for side in source.grid.shape)
        patch = source.read(Window(0, 0, rows, columns))
        return patch.values, patch.valid, source.grid

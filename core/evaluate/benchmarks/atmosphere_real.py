"""Known movement put into real noise: Mexico City, Thessaly away from its fault, Kirishima away from its craters.

What moved in Mexico City sinks steadily, so that it cancels in the difference of two interferograms of equal span;
what is left is the air of four dates, divided by the root of two.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray

from ...raster.dates import dates_of, span_days
from ...simulate.delays import DelayOptions, simulate_delays
from .atmosphere_scenes import Scene

ROOT = Path(__file__).resolve().parents[3]
MEXICO_PIXEL, THESSALY_PIXEL, KIRISHIMA_PIXEL = 150.0, 100.0, 19.0  # m
SENTINEL, MILLIMETRES = 55.46576, 1000.0  # mm
THESSALY = ((slice(560, 800), slice(130, 800)), (slice(150, 420), slice(580, 800)))  # far from the fault
KIRISHIMA_CRATERS = ((375, 365, 75), (180, 180, 35))  # row, column and radius in pixels of what really moved
MOST_PAIRS = 12  # differences of Mexico City
SOURCES = 3  # for each piece of real noise but those of Mexico City, which get one
SNR = (0.7, 3.0)
KINDS = ("okada", "mogi")

Float = NDArray[np.float32]


def real_noise() -> Iterator[tuple[str, Float, float, Float | None]]:
    """Name, noise (mm, NaN where there is none), pixel (m), heights of each piece; nothing where the data are not."""
    named = os.environ.get("FRINGELENS_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if (folder / "mexico_city").is_dir():
        yield from _mexico_city(folder / "mexico_city")
    if (folder / "thessaly").is_dir():
        phase = _read(folder / "thessaly" / "20210218_20210303_unwrapped.tif") * (SENTINEL / (4 * math.pi))
        for part in THESSALY:
            yield "Thessaly", phase[part], THESSALY_PIXEL, None
    if (folder / "kirishima").is_dir():
        yield _kirishima(folder / "kirishima")


def injected(seed: int) -> Iterator[tuple[str, Scene]]:
    """Scenes of known movement in real noise, and each noise alone (signal to noise 0)."""
    for index, (name, noise, pixel, heights) in enumerate(real_noise()):
        valid = np.isfinite(noise)
        clean = np.where(valid, noise - np.nanmean(noise), 0).astype(np.float32)
        yield name, Scene(np.zeros_like(clean), clean, valid, heights, None, pixel, 0.0)
        count = 1 if name == "Mexico City" else SOURCES
        for truth, snr in _movements(clean, valid, pixel, count, seed + index):
            yield name, Scene(truth, clean, valid, heights, None, pixel, snr)


def _movements(
    noise: Float, valid: NDArray[np.bool_], pixel: float, count: int, seed: int
) -> Iterator[tuple[Float, float]]:
    rows, cols = noise.shape
    generator = torch.Generator().manual_seed(seed)
    options = DelayOptions(batch=count, rows=rows, cols=cols, spacing=(pixel, pixel), kinds=KINDS, weights=(1, 1))
    moved = simulate_delays(options, generator).deformation.numpy()
    for field in moved:
        truth = field - np.median(field)
        snr = float(np.exp(np.log(SNR[0]) + torch.rand(1, generator=generator).item() * np.log(SNR[1] / SNR[0])))
        scale = math.sqrt(snr) * float(noise[valid].std()) / max(float(truth[valid].std()), 1e-9)
        yield (truth * np.float32(scale)).astype(np.float32), snr


def _mexico_city(folder: Path) -> Iterator[tuple[str, Float, float, Float | None]]:
    paths = sorted(folder.glob("2*_unwrapped.tif"))
    pairs = {path: dates_of(str(path)) for path in paths}
    heights = _read(folder / "dem.tif")
    chosen = [
        (first, second)
        for first, second in combinations(paths, 2)
        if span_days(pairs[first]) == span_days(pairs[second]) and not set(pairs[first]) & set(pairs[second])
    ]
    step = max(1, len(chosen) // MOST_PAIRS)
    for first, second in chosen[::step][:MOST_PAIRS]:
        difference = (_read(first) - _read(second)) / math.sqrt(2)
        yield "Mexico City", difference * np.float32(SENTINEL / (4 * math.pi)), MEXICO_PIXEL, heights


def _kirishima(folder: Path) -> tuple[str, Float, float, Float | None]:
    velocity = _read(folder / "velocity.tif") * np.float32(MILLIMETRES)
    rows, cols = np.mgrid[: velocity.shape[0], : velocity.shape[1]]
    for row, col, radius in KIRISHIMA_CRATERS:
        velocity[(rows - row) ** 2 + (cols - col) ** 2 < radius**2] = np.nan
    return "Kirishima", velocity, KIRISHIMA_PIXEL, _read(folder / "dem.tif")


def _read(path: Path) -> Float:
    with rasterio.open(path) as source:
        values: Float = source.read(1, masked=True).astype(np.float32).filled(np.nan)
    return values

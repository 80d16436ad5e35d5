"""`fringelens bench detection_first`: what the way from interferograms over detections to series takes, and where.

A stack of landslides is made in a temporary folder, then the tools are run one after the other as a user runs them,
each in a process of its own. The other way, a series of every pixel of the scene, is run on a part of it and scaled up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FringeLensError, InputError

if TYPE_CHECKING:
    from .bench_detection_page import Measured, Step

ROOT = Path(__file__).resolve().parents[2]
SEED = 11
SIDE, COUNT, SHARE = 512, 30, 4  # of a quick run
BYTES_PER_PIXEL = 6  # of one interferogram and its coherence on the disk, compressed
KIB_PER_MIB = 1024.0
WIDE = 3  # pixels around a landslide in which a detection counts as its own


def measure(args: argparse.Namespace) -> int:
    """Make the stack, run the tools, print, and write the section of the page."""
    from ..evaluate.report import write_section
    from .bench_detection_page import Measured, report

    measured = Measured(args.side or SIDE, args.count or COUNT, args.share or SHARE)
    room = shutil.disk_usage(args.folder or tempfile.gettempdir()).free
    needed = measured.side**2 * BYTES_PER_PIXEL * measured.count
    if needed > room:
        message = f"the stack needs about {needed:,} bytes and the disk of the temporary folder has {room:,} free"
        raise InputError(message)
    with tempfile.TemporaryDirectory(prefix="fringelens-detection-", dir=args.folder) as name:
        folder = Path(name)
        _say(f"making {measured.count} interferograms of {measured.side} x {measured.side} pixels")
        truth = _timed_making(folder, measured)
        _detection_first(folder, measured)
        _compare(folder, truth, measured)
        _whole_scene(folder, measured)
    section = report(measured)
    sys.stdout.write("\n".join([*section.paragraphs, "", *(table.text() for table in section.tables)]) + "\n")
    if not args.dry:
        write_section(ROOT / "docs" / "benchmarks.md", section)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


# Making the stack.


def _timed_making(folder: Path, measured: Measured) -> Any:
    import torch

    from ..machine import threads
    from ..simulate.slide_stack import SlideStack, SlideStackOptions
    from ..simulate.terrain import find_terrain

    torch.set_num_threads(threads())
    began = time.perf_counter()
    options = SlideStackOptions(side=measured.side, interferograms=measured.count)
    stack = SlideStack(options, torch.Generator().manual_seed(SEED), find_terrain("validation"))
    _write(folder / "dem.tif", stack.elevation.numpy())
    by_span: dict[int, Path] = {}
    for pair in stack.interferograms():
        name = f"{pair.first:%Y%m%d}_{pair.second:%Y%m%d}"
        _write(folder / f"{name}_phase.tif", pair.phase.numpy())
        target = folder / f"{name}_coherence.tif"
        if pair.days not in by_span:
            by_span[pair.days] = target
            _write(target, (stack.coherence_after(pair.days) * 255).round().byte().numpy())
        else:  # the same values in a file of its own, as every interferogram has one
            shutil.copyfile(by_span[pair.days], target)
    measured.making = time.perf_counter() - began
    measured.gibibytes = sum(path.stat().st_size for path in folder.iterdir()) / 2**30
    return stack


def _write(path: Path, values: Any, origin: tuple[float, float] = (500_000.0, 4_500_000.0)) -> None:
    """A GeoTIFF as archives offer them: tiled, deflated, in UTM."""
    import rasterio

    how = {"driver": "GTiff", "count": 1, "dtype": values.dtype, "height": values.shape[0], "width": values.shape[1]}
    how |= {"compress": "deflate", "zlevel": 1, "tiled": True, "blockxsize": 256, "blockysize": 256}
    transform = rasterio.Affine(20.0, 0.0, origin[0], 0.0, -20.0, origin[1])
    with rasterio.open(path, "w", crs="EPSG:32633", transform=transform, **how) as file:
        file.write(values, 1)


# Running the tools.


def _detection_first(folder: Path, measured: Measured) -> None:
    from ..simulate.slide_stack import HEADING, INCIDENCE

    stack, found = str(folder / "stack.tif"), str(folder / "slides.gpkg")
    measured.steps.append(_run("stackphasegradients", *_stack_options(folder), "--output", stack))
    measured.steps.append(
        _run("detectlandslides", "--input", stack, "--dem", str(folder / "dem.tif"), "--heading", str(HEADING),
             "--incidence", str(INCIDENCE), "--output", found)
    )  # fmt: skip
    outputs = ("--velocity", str(folder / "velocity.tif"), "--series", str(folder / "series.gpkg"))
    measured.steps.append(_run("displacementseries", *_series_options(folder), "--detections", found, *outputs))


def _stack_options(folder: Path) -> list[str]:
    return ["--inputs", str(folder / "*_phase.tif"), "--coherences", str(folder / "*_coherence.tif")]


def _series_options(folder: Path) -> list[str]:
    from ..simulate.slide_stack import WAVELENGTH

    return [*_stack_options(folder), "--phase", "wrapped", "--wavelength", str(WAVELENGTH)]


def _whole_scene(folder: Path, measured: Measured) -> None:
    """Series of every pixel of the middle part of the scene."""
    import rasterio
    from rasterio.windows import Window

    part = folder / "part"
    part.mkdir()
    side = measured.side // measured.share
    start = (measured.side - side) // 2
    for path in sorted(folder.glob("*_*_*.tif")):
        with rasterio.open(path) as file:
            _write(part / path.name, file.read(1, window=Window(start, start, side, side)))
    outputs = ("--velocity", str(part / "velocity.tif"), "--series", str(part / "series.csv"))
    measured.part = _run("displacementseries", *_series_options(part), *outputs)


def _run(tool: str, *words: str) -> Step:
    """Run a tool in a process of its own; raises `FringeLensError` with what it wrote where it fails."""
    _say(f"running {tool}")
    began = time.perf_counter()
    command = [sys.executable, str(ROOT / "__main__.py"), tool, *words, "--quiet"]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)  # nosec B603 - our own command line
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().strip()
    if process.returncode:
        message = f"{tool} failed: {said}"
        raise FringeLensError(message)
    if said:
        _say(said)
    from .bench_detection_page import Step

    seconds = time.perf_counter() - began
    _say(f"{tool} took {seconds:.0f} seconds")
    return Step(tool, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_PER_MIB)


# What came of it.


def _compare(folder: Path, truth: Any, measured: Measured) -> None:
    """Count the landslides that a detection touches, and the detections that touch one."""
    import numpy as np
    from rasterio.features import rasterize
    from scipy.ndimage import binary_dilation

    from ..raster.source import Source
    from ..raster.vector import read_polygons
    from .bench_detection_page import MOVING

    owner, rate = truth.owner.numpy(), np.abs(truth.rate.numpy())
    with Source(folder / "dem.tif") as source:
        grid = source.grid
    burnt = np.zeros(owner.shape, bool)
    for feature in read_polygons(str(folder / "slides.gpkg"), grid.crs, "DETECTIONS"):
        shapes = [{"type": "Polygon", "coordinates": [ring.tolist() for ring in rings]} for rings in feature.polygons]
        body = rasterize(shapes, owner.shape, transform=grid.transform) > 0
        measured.detections += 1
        measured.right += bool((owner[binary_dilation(body, iterations=WIDE)] > 0).any())
        burnt |= body
    near = binary_dilation(burnt, iterations=WIDE)
    for number in range(1, int(owner.max()) + 1):
        body = owner == number
        if rate[body].max() >= MOVING:
            measured.slides += 1
            measured.found += bool(near[body].any())

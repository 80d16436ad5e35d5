"""Mexico City: the same interferograms, referred alike, through our inversion and through MintPy's, a peer."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...phase.unwrap_process import SolverProcess
from ...phase.unwrap_scene import Rules as UnwrapRules
from ...phase.wrap import wrap
from ...progress import Progress, Silent
from ...raster.dates import pairs_of
from ...raster.stack import Stack
from ...raster.window import Window
from ...timeseries.motion import Motion, motion
from ...timeseries.network import Network
from ...timeseries.phases import Cube, Files
from ...timeseries.reference import levels
from ...timeseries.weights import weights
from .series_cases import MM

PEER = "FRINGELENS_MINTPY"  # environment variable: a Python that has MintPy
LOOKS = 10.0
GROUND = (slice(8, 13), slice(2, 7))  # rows and columns of firm ground in the west of the scene, the reference

Double = NDArray[np.float64]

# Runs in the peer's Python: MintPy's own design, inversion and velocity, pixel by pixel, since weights differ.
_SCRIPT = """
import sys, time
import numpy as np
from mintpy.ifgram_inversion import estimate_timeseries
from mintpy.objects import ifgramStack
from mintpy.utils import ptime, time_func
import mintpy
given = np.load(sys.argv[1])
pairs, phase, root = given["pairs"].tolist(), given["phase"], given["root"]
dates = ptime.date12_list2date_list(pairs) if hasattr(ptime, "date12_list2date_list") else sorted(
    {d for p in pairs for d in p.split("_")})
A, B = ifgramStack.get_design_matrix4timeseries(pairs)[:2]
steps = np.diff(np.array(ptime.date_list2tbase(dates)[0], np.float64)).reshape(-1, 1) / 365.25
began = time.process_time()
series = np.zeros((len(dates), phase.shape[1]))
for pixel in range(phase.shape[1]):
    y, w = phase[:, [pixel]], None if given["plain"] else root[:, [pixel]]
    ts = estimate_timeseries(A, B, y, steps, weight_sqrt=w, print_msg=False)[0]
    series[:, pixel] = ts.ravel()
seconds = time.process_time() - began
velocity = time_func.estimate_time_func({"polynomial": 1}, dates, series)[1][1]
np.savez(sys.argv[2], series=series, velocity=velocity, seconds=seconds, version=mintpy.__version__)
"""


class Scene(NamedTuple):
    """The referred stack: phases and weights (pairs, pixels) of pixels that have all interferograms."""

    network: Network
    pairs: list[str]
    phase: Double
    weight: Double
    complete: NDArray[np.bool_]  # (rows, columns)


class Peer(NamedTuple):
    """What MintPy says of a scene."""

    series: Double
    velocity: Double
    seconds: float
    version: str


def folder() -> Path | None:
    """The folder of the stack: in FRINGELENS_DATA, else in shared/data beside the checkout; None where absent."""
    named = os.environ.get("FRINGELENS_DATA")
    found = (Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data") / "mexico_city"
    return found if found.is_dir() else None


def read(place: Path) -> Scene:
    """The stack, referred to firm ground."""
    paths = sorted(str(path) for path in place.glob("2018*_unwrapped.tif"))
    pairs = pairs_of(paths)
    files = Files(Stack(paths, Silent()), Stack([p.replace("unwrapped", "coherence") for p in paths], Silent()))
    cube = files.read(Window(0, 0, *files.stack.grid.shape))
    phase, weight, complete = _referred(cube)
    return Scene(Network.of(pairs), [f"{a:%Y%m%d}_{b:%Y%m%d}" for a, b in pairs], phase, weight, complete)


def ours(scene: Scene, *, robust: bool = False, weighted: bool = True) -> tuple[Motion, float]:
    """Our inversion, and the processor seconds that it took."""
    weight = scene.weight if weighted else np.ones_like(scene.weight)
    began = time.process_time()
    found = motion(scene.network, scene.phase, weight, robust=robust)
    return found, time.process_time() - began


def peer(scene: Scene, *, weighted: bool) -> Peer | None:
    """MintPy's inversion in the Python that FRINGELENS_MINTPY names; None where there is none."""
    python = os.environ.get(PEER)
    if not python:
        return None
    with tempfile.TemporaryDirectory() as name:
        given, made = Path(name) / "given.npz", Path(name) / "made.npz"
        arrays = {"pairs": np.array(scene.pairs), "phase": scene.phase, "root": np.sqrt(scene.weight)}
        arrays["plain"] = np.array(not weighted)
        np.savez(given, allow_pickle=False, **arrays)
        subprocess.run([python, "-c", _SCRIPT, str(given), str(made)], check=True, capture_output=True)
        found = np.load(made)
        return Peer(found["series"], found["velocity"], float(found["seconds"]), str(found["version"]))


def rewrapped(place: Path, progress: Progress) -> Motion:
    """The stack wrapped again, unwrapped here by minimum-cost flow, and solved as the tool does by default."""
    paths = sorted(str(path) for path in place.glob("2018*_unwrapped.tif"))
    files = Files(Stack(paths, Silent()), Stack([p.replace("unwrapped", "coherence") for p in paths], Silent()))
    cube = files.read(Window(0, 0, *files.stack.grid.shape))
    unwrapped = np.zeros_like(cube.phase)
    coherence = cube.coherence if cube.coherence is not None else np.ones_like(cube.phase)
    rules = UnwrapRules(LOOKS)
    with SolverProcess("mcf", progress) as solve:
        for index, (phase, valid) in enumerate(zip(cube.phase, cube.valid, strict=True)):
            wrapped = np.where(valid, wrap(phase), np.float32(0))
            unwrapped[index] = solve(wrapped, valid, coherence[index], rules.looks).phase
    again, weight, _ = _referred(cube._replace(phase=unwrapped))
    return motion(Network.of(pairs_of(paths)), again, weight, robust=True)


def map_of(values: Double, scene: Scene) -> Double:
    """Values of the pixels as (rows, columns)."""
    plane = np.full(scene.complete.shape, np.nan)
    plane[scene.complete] = values
    return plane


def _referred(cube: Cube) -> tuple[Double, Double, NDArray[np.bool_]]:
    firm = np.zeros(cube.valid.shape[1:], bool)
    firm[GROUND] = True
    level = levels(cube.phase, cube.valid, firm)
    complete = np.asarray(cube.valid.all(0))
    coherence = None if cube.coherence is None else cube.coherence[:, complete].astype(np.float64)
    phase = -(cube.phase[:, complete] - level[:, None])  # positive toward the satellite from here on
    return phase.astype(np.float64), weights(coherence, cube.valid[:, complete], LOOKS), complete


def scaled(found: Motion) -> tuple[Double, Double, Double, Double]:
    """Series and its deviation (mm), velocity and its deviation (mm per year)."""
    return MM * found.series, MM * found.std, MM * found.velocity, MM * found.velocity_std

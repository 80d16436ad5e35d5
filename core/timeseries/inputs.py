"""The interferograms of a job: opened, on one grid, with dates, and of the kind of phase that they are said to be."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..progress import Progress
from ..raster.dates import Pair, matched, pairs_of
from ..raster.quantities import WrappedPhase
from ..raster.source import Source
from ..raster.stack import Stack, check_grids, coherence_stack
from ..raster.window import scattered_windows
from .network import Network
from .phases import Files

FULL = 0.95  # share of the range of wrapped phase that values must span to be taken for it
PI_TOLERANCE = 1e-3  # rad, to which products round
LOOKED_AT, SIDE, COUNT = 5, 128, 16  # files, and windows in each, that tell wrapped from unwrapped


@dataclass
class Inputs:
    """What a job works on; `elevation` is None where there is none."""

    network: Network
    pairs: list[Pair]
    files: Files
    elevation: Source | None


@contextlib.contextmanager
def opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[Inputs]:
    """The inputs that INPUTS, COHERENCES, DATES and DEM name; PHASE is checked against what the files hold.

    Raises InputError for fewer than three interferograms, dates that cannot be read or that two of them share, and
    files that cannot be used; GridMismatchError where one is on another grid.
    """
    paths, zero = parameters["INPUTS"], parameters["ZERO_IS_NODATA"]
    pairs = pairs_of(paths, parameters["DATES"])
    network = Network.of(pairs)
    is_wrapped = parameters["PHASE"] == "wrapped"
    with contextlib.ExitStack() as stack:
        check = _wrapped_header if is_wrapped else _unwrapped_header
        phases = Stack(paths, progress, band=parameters["BAND"], zero_is_nodata=zero, check=check)
        stack.enter_context(phases)
        coherences = None
        if parameters["COHERENCES"] is not None:
            names = matched(pairs, parameters["COHERENCES"], name="COHERENCES")
            coherences = stack.enter_context(coherence_stack(names, phases, progress, zero_is_nodata=zero))
        elevation = None
        if parameters["DEM"] is not None:
            elevation = stack.enter_context(Source(parameters["DEM"], name="DEM"))
            check_grids(phases.grid, phases.paths[0], [(elevation.path, elevation.grid)], "DEM")
        if not is_wrapped:
            _refuse_wrapped(phases)
        yield Inputs(network, pairs, Files(phases, coherences), elevation)


def _wrapped_header(source: Source) -> None:
    WrappedPhase(source).check()


def _unwrapped_header(source: Source) -> None:
    if source.is_complex:
        message = (
            f"{source.name}: {source.path} is complex, so it is wrapped. Set PHASE to wrapped, or unwrap it first "
            "('Unwrap phase')."
        )
        raise InputError(message)


def _refuse_wrapped(phases: Stack) -> None:
    """Raise InputError where the values of all files looked at fill -pi to pi and none lies beyond."""
    low, high, path = math.inf, -math.inf, phases.paths[0]
    for index in range(min(LOOKED_AT, phases.count)):
        with phases.open(index) as source:
            for window in scattered_windows(phases.grid.shape, SIDE, COUNT):
                patch = source.read(window)
                if patch.valid.any():
                    seen = patch.values[patch.valid]
                    low, high = min(low, float(seen.min())), max(high, float(seen.max()))
    fills = low < -FULL * math.pi and high > FULL * math.pi
    if fills and max(-low, high) <= math.pi + PI_TOLERANCE:
        message = (
            f"INPUTS: the phase of {path} and others fills -pi to pi and never leaves it, so it is wrapped. Set PHASE "
            "to wrapped, or unwrap it first ('Unwrap phase')."
        )
        raise InputError(message)

"""Fills the gaps of a wrapped interferogram: by the network, by Laplace's equation, or by way of unwrapping."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling

from ..errors import InputError
from ..inference.device import Device, choose_device
from ..inference.predict import Options, predict
from ..inference.recall import Recall
from ..networks import load_network
from ..phase.filling import Filler, LaplaceFill, NetworkFill, UnwrapFill, planes_of
from ..phase.gaps import too_wide
from ..phase.topographic import fringe_change
from ..phase.unwrap_process import SolverProcess
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.inputs import opened
from ..raster.mask import Mask
from ..raster.provenance import provenance
from ..raster.quantities import Coherence, WrappedPhase
from ..raster.sink import Outputs
from ..raster.source import Source
from ..raster.window import Window, scattered_windows

ID = "reconstructphase"
NETWORK = "phase_filling"
RASTERS = ("INPUT", "MASK", "COHERENCE", "TOPOGRAPHIC_PHASE")
LINE_NODATA = 255

# Where on the progress bar the inputs are checked, and only the overviews are left.
_STARTED, _FILLED = 0.02, 0.97

# The unwrapping method solves each tile directly; larger ones cost more than proportionally.
_UNWRAP_TILE = 384

# Windows in which it is checked that the topographic phase takes fringes out, and does not put them in.
_SAMPLE_SIDE, _SAMPLE_COUNT = 256, 9

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (wrapped phase, rad, NaN no data), and FRINGES and CONFIDENCE where paths are given.

    Observed pixels that are not masked come back as they are. Returns the paths and FILLED_SHARE, of the gap pixels,
    NaN where there is no gap. Raises InputError, GridMismatchError, WeightsError, OutputError, ResourceError; then no
    output was made or changed.
    """
    method = parameters["METHOD"]
    if method != "network" and parameters["CONFIDENCE"] is not None:
        message = f"METHOD {method} gives no CONFIDENCE, only the network does. Leave CONFIDENCE out."
        raise InputError(message)
    paths = [parameters[name] for name in RASTERS]
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as inputs:
        with _filler(method, parameters, progress) as (filler, device, weights):
            results = _Results(outputs, inputs.phase.source.grid, parameters, weights)
            _fill(inputs, filler, device, results, parameters, progress)
        results.tell(progress, parameters)
        progress.update(_FILLED, "finishing the files")
    return results.summary()


@dataclass
class _Piece:
    """A window of the inputs: what is observed, what is known and trusted, what is to be filled."""

    window: Window
    phase: Float
    known: Bool
    fill: Bool
    gap: Bool

    def part(self, window: Window) -> _Piece:
        """A window inside this one."""
        there = window.within(self.window)
        return _Piece(window, self.phase[there], self.known[there], self.fill[there], self.gap[there])


@dataclass
class _Inputs:
    """The opened rasters, each with its meaning; absent ones are None."""

    phase: WrappedPhase
    mask: Mask | None
    coherence: Coherence | None
    topography: Source | None
    threshold: float
    widest: float

    def read(self, window: Window) -> tuple[_Piece, Float]:
        """A window, and the planes that a filler is shown of it."""
        phase = self.phase.read(window)
        gap = ~phase.valid
        if self.mask is not None:
            gap |= self.mask.read(window)
        coherence = self.coherence.read(window).values if self.coherence is not None else None
        if coherence is not None and self.mask is None:
            gap |= coherence < self.threshold
        known, fillable, removed = ~gap, gap, None
        if self.topography is not None:
            topography = self.topography.read(window)
            removed = topography.values
            known, fillable = known & topography.valid, gap & topography.valid
        fill = fillable & ~too_wide(~known, self.widest)
        planes = planes_of(phase.values, known, fill, coherence=coherence, removed=removed)
        return _Piece(window, phase.values, ~gap, fill, gap), planes


class _Results:
    """The output rasters of a run and the counts of what was written to them."""

    def __init__(self, outputs: Outputs, grid: Grid, parameters: Mapping[str, Any], weights: str | None) -> None:
        tags = {**provenance(ID, parameters, weights), "FRINGELENS_SIGN": "as in the input"}
        self.gaps = self.filled = self.pixels = 0
        self.sinks: dict[str, RasterSink] = {
            "OUTPUT": outputs.raster(
                parameters["OUTPUT"],
                grid,
                dtype="float32",
                nodata=math.nan,
                bands=("wrapped phase",),
                unit="rad",
                tags=tags,
            )
        }
        if parameters["FRINGES"] is not None:
            classes = {**tags, "FRINGELENS_CLASSES": "1 fringe line, 0 none, 255 no data"}
            self.sinks["FRINGES"] = outputs.raster(
                parameters["FRINGES"], grid, dtype="uint8", nodata=LINE_NODATA, bands=("fringe lines",), tags=classes
            )
        if parameters["CONFIDENCE"] is not None:
            self.sinks["CONFIDENCE"] = outputs.raster(
                parameters["CONFIDENCE"],
                grid,
                dtype="float32",
                nodata=math.nan,
                bands=("expected cosine of the phase error",),
                tags=tags,
                overview=Resampling.average,
            )

    def write(self, window: Window, piece: _Piece, answer: Float, least: float) -> None:
        """Write one window to all outputs and count its pixels; gaps of less confidence than `least` are left out."""
        fill = piece.fill
        if least > 0:
            fill = fill & (answer[1] >= least)
        valid = piece.known | fill
        whole = np.where(fill, answer[0], piece.phase)
        self.sinks["OUTPUT"].write(window, np.where(valid, whole, np.float32(np.nan)))
        if "FRINGES" in self.sinks:
            lines = np.where(valid, answer[2] > 0.5, np.uint8(LINE_NODATA)).astype(np.uint8)
            self.sinks["FRINGES"].write(window, lines)
        if "CONFIDENCE" in self.sinks:
            sure = np.where(piece.known, np.float32(1), answer[1])
            self.sinks["CONFIDENCE"].write(window, np.where(valid, sure, np.float32(np.nan)))
        self.pixels += fill.size
        self.gaps += int(np.count_nonzero(piece.gap))
        self.filled += int(np.count_nonzero(fill))

    def tell(self, progress: Progress, parameters: Mapping[str, Any]) -> None:
        """Say what came of the gaps."""
        if not self.gaps:
            progress.log(f"{parameters['INPUT']} has no gap, so OUTPUT is a copy of it. Give MASK or COHERENCE.")
        elif self.gaps == self.pixels:
            progress.warn("everything is masked or without data: with nothing to fill from, OUTPUT is all no data")
        else:
            progress.log(f"filled {self.filled:,} of {self.gaps:,} gap pixels")

    def summary(self) -> dict[str, Any]:
        """What the tool returns."""
        share = self.filled / self.gaps if self.gaps else math.nan
        return {**{name: str(sink.path) for name, sink in self.sinks.items()}, "FILLED_SHARE": share}


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid, and plausible."""
    # Zero is a class of a mask and a height of topography, never missing there.
    with opened(parameters, RASTERS, progress, zero_is_value=("MASK", "TOPOGRAPHIC_PHASE")) as sources:
        mask, coherence, topography = (sources.get(name) for name in RASTERS[1:])
        inputs = _Inputs(
            WrappedPhase(sources["INPUT"], progress),
            Mask(mask) if mask else None,
            Coherence(coherence, progress) if coherence else None,
            topography,
            parameters["COHERENCE_THRESHOLD"],
            parameters["MAX_GAP"],
        )
        for quantity in (inputs.phase, inputs.mask, inputs.coherence):
            if quantity is not None:
                quantity.check()
        _check_topography(inputs, progress)
        yield inputs


def _check_topography(inputs: _Inputs, progress: Progress) -> None:
    """Refuse what is no phase, and warn where subtracting it makes more fringes than it takes away."""
    source = inputs.topography
    if source is None:
        return
    if source.is_complex:
        message = f"TOPOGRAPHIC_PHASE: {source.path} is complex. Give the predicted phase in radians."
        raise InputError(message)
    changes = []
    for window in scattered_windows(inputs.phase.source.grid.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
        phase, topography = inputs.phase.read(window), source.read(window)
        changes.append(fringe_change(phase.values, topography.values, phase.valid & topography.valid))
    before, after = np.sum(changes, axis=0)
    if after < before:
        progress.warn(
            "TOPOGRAPHIC_PHASE does not take fringes out of INPUT, it adds some: its sign may be the opposite one,"
            " or its baseline another. Multiply it by -1, or leave it out."
        )


@contextlib.contextmanager
def _filler(
    method: str, parameters: Mapping[str, Any], progress: Progress
) -> Iterator[tuple[Filler, Device, str | None]]:
    """The method, the device it runs on, and the hash of its weights."""
    margin = math.ceil(parameters["MAX_GAP"])
    if method == "network":
        network, card = load_network(NETWORK, parameters["MODEL"], progress)
        yield NetworkFill(network, margin), choose_device(parameters["DEVICE"], progress), card.sha256
        return
    device = choose_device("cpu", progress)
    if method == "laplace":
        yield LaplaceFill(2 * margin), device, None
        return
    with SolverProcess("mcf", progress) as unwrap:
        yield UnwrapFill(margin, unwrap), device, None


def _fill(
    inputs: _Inputs,
    filler: Filler,
    device: Device,
    results: _Results,
    parameters: Mapping[str, Any],
    progress: Progress,
) -> None:
    seen: Recall[_Piece] = Recall()

    def read(window: Window) -> Float | None:
        piece, planes = inputs.read(window)
        seen.keep(window, piece)
        return planes if piece.fill.any() or parameters["FRINGES"] is not None else None

    shape = inputs.phase.source.grid.shape
    margin = math.ceil(inputs.widest)

    def write(window: Window, answer: Float) -> None:
        # Which gaps are too wide is only sure a margin away from the edges of what was read.
        piece, _ = seen.find(window.widened(margin, shape))
        results.write(window, piece.part(window), answer, parameters["MIN_CONFIDENCE"])

    size = parameters["TILE_SIZE"]
    if parameters["METHOD"] == "unwrap":
        size = min(size, _UNWRAP_TILE)
    predict(filler, read, shape, write, Options(device, tile_size=size), Stage(progress, _STARTED, _FILLED))

"""Unwraps an interferogram: by minimum-cost flow, with a network where fringes are too dense for it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..inference.device import choose_device
from ..inference.predict import Options
from ..networks import load_network
from ..phase.unwrap_line import Unwrapped
from ..phase.unwrap_process import SolverProcess
from ..phase.unwrap_scene import Predictor, Rules, unwrap_scene
from ..phase.unwrap_snaphu import check_installed
from ..phase.unwrap_tiles import Mosaic, Tile, layout
from ..progress import Progress, Stage
from ..raster.inputs import opened
from ..raster.mask import Mask
from ..raster.provenance import provenance
from ..raster.quantities import Coherence, WrappedPhase
from ..raster.sink import Outputs
from ..raster.window import Window

ID = "unwrapphase"
NETWORK = "phase_unwrapping"
RASTERS = ("INPUT", "COHERENCE", "MASK")
NO_COMPONENT = 65535  # where there are no data; also the largest number a component can have, plus one

# Where on the progress bar the inputs are checked, the tiles are unwrapped, and only the overviews are left.
_STARTED, _UNWRAPPED, _WRITTEN = 0.02, 0.9, 0.97

# Interior of the tiles that the network sees; it does not change what it says.
_NETWORK_TILE = 512

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (float32, rad) and COMPONENTS (uint16) where a path is given; returns them and COMPONENT_COUNT.

    Raises InputError, GridMismatchError, WeightsError, DependencyError, OutputError, ResourceError; then no output was
    made or changed.
    """
    if parameters["METHOD"] == "snaphu":
        check_installed()
    paths = [parameters[name] for name in RASTERS]
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as inputs:
        predictor, weights = _predictor(parameters, progress)
        tiles = layout(inputs.shape, parameters["TILE_SIZE"])
        results = _Results(outputs, inputs, parameters, weights)
        mosaic = Mosaic(tiles)
        _unwrap(mosaic, inputs, tiles, predictor, parameters, Stage(progress, _STARTED, _UNWRAPPED))
        for index, tile in enumerate(tiles):
            progress.update(_UNWRAPPED + (_WRITTEN - _UNWRAPPED) * index / len(tiles), "levelling the tiles")
            wrapped, valid = inputs.read(tile.core)
            results.write(tile.core, mosaic.read(index, wrapped), valid)
        if not results.valid:
            progress.warn(f"{parameters['INPUT']} has not one pixel to unwrap: the outputs are all no data")
        progress.update(_WRITTEN, "finishing the files")
    return {**results.paths, "COMPONENT_COUNT": mosaic.component_count}


@dataclass
class _Inputs:
    """The opened rasters, each with its meaning; absent ones are None."""

    phase: WrappedPhase
    coherence: Coherence | None
    mask: Mask | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.phase.source.grid.shape

    def read(self, window: Window) -> tuple[Float, Bool]:
        """Wrapped phase, 0 where invalid, and where it is valid and not masked."""
        patch = self.phase.read(window)
        valid = patch.valid & ~self.mask.read(window) if self.mask else patch.valid
        return np.where(valid, patch.values, np.float32(0)), valid

    def read_coherence(self, window: Window) -> Float | None:
        """Coherence, 0 where it is unknown; None where none was given."""
        return self.coherence.read(window).values if self.coherence else None


class _Results:
    """The output rasters of a run."""

    def __init__(self, outputs: Outputs, inputs: _Inputs, parameters: Mapping[str, Any], weights: str | None) -> None:
        grid, tags = inputs.phase.source.grid, provenance(ID, parameters, weights)
        self.valid = 0
        self._phase = outputs.raster(
            parameters["OUTPUT"],
            grid,
            dtype="float32",
            nodata=math.nan,
            bands=("unwrapped phase",),
            unit="rad",
            tags={**tags, "FRINGELENS_SIGN": "as in the input"},
        )
        self._components = None
        if parameters["COMPONENTS"] is not None:
            self._components = outputs.raster(
                parameters["COMPONENTS"],
                grid,
                dtype="uint16",
                nodata=NO_COMPONENT,
                bands=("connected component",),
                tags={**tags, "FRINGELENS_CLASSES": "0 none, 1 the largest component, 65535 no data"},
            )

    def write(self, window: Window, unwrapped: Unwrapped, valid: Bool) -> None:
        """Write one window to all outputs."""
        self.valid += int(np.count_nonzero(valid))
        self._phase.write(window, np.where(valid, unwrapped.phase, np.float32(np.nan)))
        if self._components is not None:
            labels = np.where(unwrapped.components < NO_COMPONENT, unwrapped.components, 0)
            self._components.write(window, np.where(valid, labels, NO_COMPONENT).astype(np.uint16))

    @property
    def paths(self) -> dict[str, str]:
        """Where the outputs are, once they are in place."""
        sinks = {"OUTPUT": self._phase, "COMPONENTS": self._components}
        return {name: str(sink.path) for name, sink in sinks.items() if sink is not None}


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid, and plausible."""
    # A mask of 0 and 1 has no zeros to lose.
    with opened(parameters, RASTERS, progress, zero_is_value=("MASK",)) as sources:
        coherence, mask = sources.get("COHERENCE"), sources.get("MASK")
        inputs = _Inputs(
            WrappedPhase(sources["INPUT"], progress),
            Coherence(coherence, progress) if coherence else None,
            Mask(mask) if mask else None,
        )
        for quantity in (inputs.phase, inputs.coherence, inputs.mask):
            if quantity is not None:
                quantity.check()
        if coherence is None:
            progress.log("no COHERENCE: how well neighbouring phases agree stands in for it")
        yield inputs


def _predictor(parameters: Mapping[str, Any], progress: Progress) -> tuple[Predictor | None, str | None]:
    """The network where the method needs it, and the hash of its weights."""
    if parameters["METHOD"] not in ("combined", "network"):
        return None, None
    network, card = load_network(NETWORK, parameters["MODEL"], progress)
    device = choose_device(parameters["DEVICE"], progress)
    return Predictor(network, Options(device, tile_size=_NETWORK_TILE)), card.sha256


def _unwrap(
    mosaic: Mosaic,
    inputs: _Inputs,
    tiles: list[Tile],
    predictor: Predictor | None,
    parameters: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Put all tiles into the mosaic, unwrapped, and level it."""
    method = parameters["METHOD"]
    solver = "snaphu" if method == "snaphu" else "mcf"
    options = {} if solver == "snaphu" else {"strength": parameters["GOLDSTEIN"]}
    if len(tiles) > 1:
        progress.log(f"unwrapping in {len(tiles)} overlapping tiles")
    with SolverProcess(solver, progress, **options) as solve:
        rules = Rules(parameters["LOOKS"], network_alone=method == "network")
        unwrap_scene(mosaic, inputs, tiles, solve, predictor, rules, progress)

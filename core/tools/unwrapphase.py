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
from ..inference.predict import Options, predict
from ..networks import load_network
from ..phase.coherence import phase_coherence
from ..phase.unwrap_combined import Prediction, by_network, combined
from ..phase.unwrap_features import unwrap_features
from ..phase.unwrap_line import Unwrapped
from ..phase.unwrap_process import SolverProcess
from ..phase.unwrap_snaphu import check_installed
from ..phase.unwrap_tiles import Mosaic, Tile, inside, layout
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
_PREDICTING = 0.4  # share of a tile's time that the network takes, roughly

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
        network = _Network.load(parameters, progress) if parameters["METHOD"] in ("combined", "network") else None
        tiles = layout(inputs.phase.source.grid.shape, parameters["TILE_SIZE"])
        results = _Results(outputs, inputs, parameters, network.weights if network else None)
        mosaic = _unwrapped(inputs, tiles, network, parameters, Stage(progress, _STARTED, _UNWRAPPED))
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

    def read(self, window: Window) -> tuple[Float, Bool]:
        """Wrapped phase, 0 where invalid, and where it is valid and not masked."""
        patch = self.phase.read(window)
        valid = patch.valid & ~self.mask.read(window) if self.mask else patch.valid
        return np.where(valid, patch.values, np.float32(0)), valid

    def read_coherence(self, window: Window) -> Float | None:
        """Coherence, 0 where it is unknown; None where none was given."""
        return self.coherence.read(window).values if self.coherence else None


class _Network:
    """The network with its device."""

    def __init__(self, network: Any, weights: str, options: Options) -> None:
        self._network, self.weights, self._options = network, weights, options

    @classmethod
    def load(cls, parameters: Mapping[str, Any], progress: Progress) -> _Network:
        """As the parameters say."""
        network, card = load_network(NETWORK, parameters["MODEL"], progress)
        device = choose_device(parameters["DEVICE"], progress)
        return cls(network, card.sha256, Options(device, tile_size=_NETWORK_TILE))

    def predict(self, inputs: _Inputs, tile: Tile, progress: Progress) -> Prediction:
        """What the network says of the reach of a tile; it sees what lies around that too."""
        whole = inputs.phase.source.grid.shape
        seen = _around(tile.reach, self._network.halo, self._network.multiple_of, whole)
        answer = np.zeros((self._network.outputs, seen.height, seen.width), np.float32)

        def read(window: Window) -> Float | None:
            there = Window(seen.row + window.row, seen.column + window.column, window.height, window.width)
            phase, valid = inputs.read(there)
            return unwrap_features(phase, valid, inputs.read_coherence(there)) if valid.any() else None

        def write(window: Window, planes: Float) -> None:
            answer[(slice(None), *window.slices)] = np.nan_to_num(planes)

        predict(self._network, read, (seen.height, seen.width), write, self._options, progress)
        return Prediction.of(answer[(slice(None), *inside(tile.reach, seen))])


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


def _around(window: Window, halo: int, step: int, shape: tuple[int, int]) -> Window:
    """The window and `halo` pixels around it, inside the raster, starting on the network's sampling grid."""
    row, column = ((max(0, start - halo) // step) * step for start in window[:2])
    last_row = min(shape[0], window.row + window.height + halo)
    last_column = min(shape[1], window.column + window.width + halo)
    return Window(row, column, last_row - row, last_column - column)


def _unwrapped(
    inputs: _Inputs, tiles: list[Tile], network: _Network | None, parameters: Mapping[str, Any], progress: Progress
) -> Mosaic:
    """All tiles, unwrapped and levelled."""
    method, looks = parameters["METHOD"], parameters["LOOKS"]
    mosaic = Mosaic(tiles)
    solver = "snaphu" if method == "snaphu" else "mcf"
    options = {} if solver == "snaphu" else {"goldstein": parameters["GOLDSTEIN"]}
    if len(tiles) > 1:
        progress.log(f"unwrapping in {len(tiles)} overlapping tiles")
    with SolverProcess(solver, progress, **options) as solve:
        for index, tile in enumerate(tiles):
            stage = Stage(progress, index / len(tiles), (index + 1) / len(tiles))
            wrapped, valid = inputs.read(tile.reach)
            coherence = inputs.read_coherence(tile.reach)
            if coherence is None:
                coherence = phase_coherence(wrapped, valid)
            prediction = None
            if network is not None and valid.any():
                prediction = network.predict(inputs, tile, Stage(stage, 0.0, _PREDICTING))
            solve.at((index + (_PREDICTING if network else 0.0)) / len(tiles))
            if prediction is None:
                result = solve(wrapped, valid, coherence, looks)
            elif method == "network":
                result = by_network(wrapped, valid, prediction)
            else:
                result = combined(wrapped, valid, coherence, looks, prediction, solve)
            mosaic.add(wrapped, valid, result)
    mosaic.solve()
    return mosaic

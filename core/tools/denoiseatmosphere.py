"""Takes the atmosphere out of an unwrapped interferogram: plane, elevation term, and what a network tells from it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling

from ..atmosphere.cells import USUAL_PIXEL, Cells, ground_pixel
from ..atmosphere.estimate import VIEWS, Estimate, estimate, pixel_positions
from ..atmosphere.joint import estimate_together
from ..atmosphere.means import Beside, Spread, means_of
from ..atmosphere.unwrapped import Unwrapped
from ..errors import InputError
from ..inference.device import choose_device
from ..inference.memory import predict_planes
from ..inference.predict import Options
from ..networks import load_network
from ..progress import Progress, Stage
from ..raster.aligned import source_on
from ..raster.dates import pairs_of
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.inputs import opened
from ..raster.mask import Mask
from ..raster.provenance import provenance
from ..raster.quantities import Coherence
from ..raster.sink import Outputs
from ..raster.stack import Stack
from ..raster.window import Window, windows

ID = "denoiseatmosphere"
NETWORK = "atmosphere"
RASTERS = ("INPUT", "MASK", "COHERENCE")

# Where on the progress bar the cells are read, the atmosphere is found, and only the overviews are left.
_READ, _FOUND, _WRITTEN = 0.45, 0.65, 0.97

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (float32, in the unit of INPUT), and ATMOSPHERE and UNCERTAINTY where paths are given.

    Returns their paths and REDUCTION, NaN where no pixel is valid. Raises InputError, GridMismatchError, WeightsError,
    OutputError, ResourceError; then no output was made or changed.
    """
    if parameters["METHOD"] != "network" and parameters["UNCERTAINTY"] is not None:
        message = "METHOD ramp_elevation gives no UNCERTAINTY, only the network does. Leave UNCERTAINTY out."
        raise InputError(message)
    others = _others(parameters, progress)
    paths = [parameters[name] for name in (*RASTERS, "DEM")] + others
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as inputs:
        network = _Network.load(parameters, progress) if parameters["METHOD"] == "network" else None
        results = _Results(outputs, inputs, parameters, network.weights if network else None)
        found = _find(inputs, network, others, parameters, progress)
        _write(inputs, found, results, parameters["TILE_SIZE"], Stage(progress, _FOUND, _WRITTEN))
        if not results.before.count:
            progress.warn(f"{parameters['INPUT']} has not one valid pixel: the outputs are all no data")
        progress.update(_WRITTEN, "finishing the files")
    return results.summary()


def _others(parameters: Mapping[str, Any], progress: Progress) -> list[str]:
    """The further interferograms, without INPUT, which users choose along with its neighbours."""
    given = list(parameters["OTHERS"] or [])
    others = [path for path in given if not _is_same(path, parameters["INPUT"])]
    if len(others) < len(given):
        progress.log("INPUT is among OTHERS and counts once")
    return others


def _is_same(first: str, second: str) -> bool:
    try:
        return Path(first).samefile(second)
    except OSError:
        return first == second


@dataclass
class _Inputs:
    """The opened rasters, each with its meaning; absent ones are None."""

    phase: Unwrapped
    coherence: Coherence | None
    beside: Beside


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid, and plausible."""
    with contextlib.ExitStack() as stack:
        sources = stack.enter_context(opened(parameters, RASTERS, progress, zero_is_value=("MASK", "COHERENCE")))
        phase = Unwrapped(sources["INPUT"], parameters["UNITS"], parameters["WAVELENGTH"])
        phase.check(progress)
        mask = Mask(sources["MASK"]) if "MASK" in sources else None
        coherence = Coherence(sources["COHERENCE"], progress) if "COHERENCE" in sources else None
        for quantity in (mask, coherence):
            if quantity is not None:
                quantity.check()
        grid = sources["INPUT"].grid
        elevation = None
        if parameters["DEM"] is not None:
            method = parameters["DEM_RESAMPLING"]
            elevation = source_on(parameters["DEM"], grid, method, name="DEM", first=parameters["INPUT"])
            stack.enter_context(elevation)
        yield _Inputs(phase, coherence, Beside(_cells(parameters, grid, progress), mask, elevation))


def _cells(parameters: Mapping[str, Any], grid: Grid, progress: Progress) -> Cells:
    """Cells that suit the size of the pixels on the ground."""
    pixel = (parameters["PIXEL"],) * 2 if parameters["PIXEL"] is not None else ground_pixel(grid)
    if pixel is None:
        progress.warn(
            f"INPUT: {parameters['INPUT']} does not say how large its pixels are; taken as {USUAL_PIXEL:.0f} m. "
            "Give PIXEL where they are not."
        )
        pixel = (USUAL_PIXEL, USUAL_PIXEL)
    cells = Cells.of(grid.shape, (pixel[0], pixel[1]))
    progress.log(
        f"pixels of {pixel[0]:.4g} x {pixel[1]:.4g} m, cells of {cells.down} x {cells.right} pixels, "
        f"{cells.shape[0]} x {cells.shape[1]} of them"
    )
    return cells


class _Network:
    """The network with its device."""

    def __init__(self, network: Any, weights: str, options: Options) -> None:
        self._network, self.weights, self._options = network, weights, options

    @classmethod
    def load(cls, parameters: Mapping[str, Any], progress: Progress) -> _Network:
        """As the parameters say."""
        network, card = load_network(NETWORK, parameters["MODEL"], progress)
        device = choose_device(parameters["DEVICE"], progress)
        return cls(network, card.sha256, Options(device, tile_size=parameters["TILE_SIZE"]))

    def predict(self, planes: Float, progress: Progress) -> Float:
        """Delay and log variance (2, rows, columns) of planes in memory, tile by tile."""
        return predict_planes(self._network, planes, self._options, progress)


def _find(
    inputs: _Inputs, network: _Network | None, others: list[str], parameters: Mapping[str, Any], progress: Progress
) -> Estimate:
    """The atmosphere of INPUT, made consistent with those of the others."""
    pairs = pairs_of([parameters["INPUT"], *others], parameters["DATES"], name="OTHERS") if others else []
    tile, share = parameters["TILE_SIZE"], _READ / (1 + len(others))
    asked = len(VIEWS) * (len(others) + 2 if others else 1)  # each, and what they have in common
    step = (_FOUND - _READ) / asked
    stages = iter([Stage(progress, _READ + step * index, _READ + step * (index + 1)) for index in range(asked)])
    ask = (lambda planes: network.predict(planes, next(stages))) if network is not None else None
    phase, cells = inputs.phase, inputs.beside.cells
    means = [means_of(phase, inputs.beside, tile, Stage(progress, 0.0, share), inputs.coherence)]
    if not others:
        return _told(estimate(means[0], cells, phase.millimetres, ask), phase, progress)
    zero = bool(parameters["ZERO_IS_NODATA"])
    with Stack([parameters["INPUT"], *others], progress, name="OTHERS", zero_is_nodata=zero) as stack:
        for index in range(1, stack.count):
            with stack.open(index) as source:
                other = Unwrapped(source, parameters["UNITS"], parameters["WAVELENGTH"])
                other.check(progress)
                means.append(means_of(other, inputs.beside, tile, Stage(progress, share * index, share * (index + 1))))
    progress.log(f"{len(pairs)} interferograms of {len({day for pair in pairs for day in pair})} dates are joined")
    return _told(estimate_together(means, pairs, cells, phase.millimetres, ask)[0], phase, progress)


def _told(found: Estimate, phase: Unwrapped, progress: Progress) -> Estimate:
    """The same; its trend is logged."""
    constant, down, right, elevation = found.trend.coefficients
    progress.log(
        f"trend of {phase.source.path}: {down:.4g} and {right:.4g} {phase.unit} down and right over the longer side, "
        f"{elevation:.4g} {phase.unit} per km of height, about {constant:.4g}; {found.trend.deviation:.4g} is left"
    )
    return found


@dataclass
class _Results:
    """The output rasters of a run, and what was taken out."""

    outputs: Outputs
    inputs: _Inputs
    parameters: Mapping[str, Any]
    weights: str | None
    sinks: dict[str, RasterSink] = field(default_factory=dict)
    before: Spread = field(default_factory=Spread)
    after: Spread = field(default_factory=Spread)

    def __post_init__(self) -> None:
        tags = provenance(ID, self.parameters, self.weights)
        bands = {
            "OUTPUT": "deformation along the line of sight",
            "ATMOSPHERE": "atmosphere along the line of sight",
            "UNCERTAINTY": "standard deviation of the deformation",
        }
        for name, band in bands.items():
            if self.parameters[name] is not None:
                self.sinks[name] = self.outputs.raster(
                    self.parameters[name],
                    self.inputs.phase.source.grid,
                    dtype="float32",
                    nodata=math.nan,
                    bands=(band,),
                    unit=self.inputs.phase.unit,
                    tags=tags,
                    overview=Resampling.average,
                )

    def write(self, window: Window, values: dict[str, Float64], valid: Bool) -> None:
        """Write one window to all outputs."""
        for name, sink in self.sinks.items():
            sink.write(window, np.where(valid, values[name], np.nan).astype(np.float32))

    def summary(self) -> dict[str, Any]:
        """What the tool returns."""
        before = self.before.deviation()
        reduction = 1.0 - self.after.deviation() / before if before > 0 else math.nan
        return {**{name: str(sink.path) for name, sink in self.sinks.items()}, "REDUCTION": reduction}


def _write(inputs: _Inputs, found: Estimate, results: _Results, tile: int, progress: Progress) -> None:
    """Take the atmosphere out of every pixel."""
    beside = inputs.beside
    cells = beside.cells
    tiles = list(windows(cells.pixels, tile))
    deviation = None if found.variance is None else np.sqrt(found.variance)
    for index, window in enumerate(tiles):
        progress.update(index / len(tiles), "writing")
        patch = inputs.phase.read(window)
        valid = beside.valid(window, patch.valid)
        atmosphere = found.trend.at(*pixel_positions(cells, window), beside.filled_height(window))
        if found.delay is not None:
            atmosphere = atmosphere + cells.enlarge(found.delay, window)
        values = {"ATMOSPHERE": atmosphere, "OUTPUT": patch.values - atmosphere}
        if deviation is not None:
            values["UNCERTAINTY"] = np.maximum(cells.enlarge(deviation, window), 0.0)
        results.write(window, values, valid)
        results.before.add(patch.values[valid])
        results.after.add(values["OUTPUT"][valid])

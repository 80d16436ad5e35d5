"""Displacement over time and velocity from many interferograms, around detections or over a whole raster."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from rasterio.enums import Resampling

from ..errors import InputError
from ..inference.device import choose_device
from ..inference.predict import Options
from ..networks import load_network
from ..phase import unwrap_scene
from ..phase.unwrap_process import SolverProcess
from ..phase.wavelengths import millimetres_per_radian
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.point import pixel_of, place_of
from ..raster.provenance import provenance
from ..raster.sink import Outputs
from ..raster.table import table
from ..raster.vector import read_polygons
from ..raster.window import Window, windows
from ..timeseries.baselines import baselines_of
from ..timeseries.canvas import Canvas
from ..timeseries.crops import Crop, crops_of
from ..timeseries.inputs import Inputs, opened
from ..timeseries.motion import Motion
from ..timeseries.phases import Phases, Unwrapped, Unwrapper
from ..timeseries.region import Anchor, Region, Rules
from ..timeseries.report import Report
from ..timeseries.rows import Gathering, Place, fields_of, place_of_pixel

ID = "displacementseries"
NETWORK = "phase_unwrapping"
NETWORK_TILE = 512  # interior of the tiles that the network sees; it does not change what it says
POINTS = 1000  # series in the table where there are no detections, roughly

# Where on the progress bar the inputs are checked, phases are unwrapped and referred, and only files are finished.
_STARTED, _SOLVED = 0.03, 0.97
_UNWRAPPED, _REFERRED = 0.6, 0.2  # shares of the time of a region


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write VELOCITY and STDDEV (float32, mm/yr), DISPLACEMENT (mm, a band for each date) and the table SERIES.

    Returns those that were asked for, COUNT of series, and REFERENCE_POINT ("x,y") where there is one for all.
    Raises InputError, GridMismatchError, WeightsError, OutputError, ResourceError; then no output was made or changed.
    """
    scale = millimetres_per_radian(parameters["WAVELENGTH"], parameters["SENSOR"], parameters["SIGN"])
    files = [*parameters["INPUTS"], *(parameters["COHERENCES"] or []), parameters["DEM"]]
    with Outputs(progress, files) as outputs, opened(parameters, Stage(progress, 0.0, _STARTED)) as inputs:
        with _unwrapper(parameters, progress) as (unwrapper, weights):
            results = _Results(outputs, inputs, parameters, weights, scale)
            job = _Job(inputs, parameters, unwrapper, results, progress)
            stage = Stage(progress, _STARTED, _SOLVED)
            reference = None
            if parameters["DETECTIONS"] is None:
                reference = job.whole(stage)
            else:
                job.crops(stage)
        results.finish(job.places)
        job.report.say(progress)
        progress.update(_SOLVED, "finishing the files")
    return {**results.paths, "COUNT": len(job.places), "REFERENCE_POINT": reference}


class _Job:
    """The regions of a run, one after the other."""

    def __init__(
        self,
        inputs: Inputs,
        parameters: Mapping[str, Any],
        unwrapper: Unwrapper | None,
        results: _Results,
        progress: Progress,
    ) -> None:
        self._inputs, self._parameters, self._unwrapper, self._results = inputs, parameters, unwrapper, results
        self.places: list[Place] = []
        self.report = Report(inputs.network)
        self._grid: Grid = inputs.files.stack.grid
        baselines = None
        if parameters["DEM_ERROR"]:
            given = parameters["BASELINES"]
            baselines = baselines_of(inputs.network, inputs.pairs, parameters["INPUTS"], given)
            progress.log(f"perpendicular baselines span {np.ptp(baselines):.0f} m")
        robust = parameters["METHOD"] == "robust"
        self._rules = Rules(parameters["LOOKS"], robust, baselines, parameters["TILE_SIZE"])

    def whole(self, progress: Progress) -> str:
        """The whole raster; returns its reference as "x,y"."""
        window = Window(0, 0, *self._grid.shape)
        region, stage = self._region(window, progress)
        anchor = self._given(region)
        if anchor is None:
            anchor = region.anchor_anywhere(Stage(stage, 0.0, _REFERRED))
        place = ",".join(f"{value:.9g}" for value in place_of(anchor.row, anchor.column, self._grid))
        stage.log(f"reference: {place}")
        self._check(anchor, "at the reference", progress)
        spacing = self._parameters["SPACING"] or max(1, math.ceil(math.sqrt(window.pixels / POINTS)))
        for block, cube, found in region.solve(anchor, Stage(stage, _REFERRED, 1.0)):
            self.report.add(found)
            self._results.write(block, found)
            rows, columns = _pixels(block)
            chosen = (rows % spacing == spacing // 2) & (columns % spacing == spacing // 2)
            for pixel in np.flatnonzero(chosen & np.isfinite(found.velocity)):
                row, column = int(rows[pixel]), int(columns[pixel])
                self.places.append(place_of_pixel(0, row, column, found, int(pixel)))
            del cube
        self.places.sort(key=lambda place: (place.row, place.column))
        for number, one in enumerate(self.places, start=1):
            one.number = number
        return place

    def crops(self, progress: Progress) -> None:
        """Every detection in its crop."""
        features = read_polygons(self._parameters["DETECTIONS"], self._grid.crs)
        crops = crops_of(features, self._grid, self._parameters["MARGIN"])
        if not features:
            progress.warn(f"DETECTIONS: {self._parameters['DETECTIONS']} has no polygon: there is nothing to solve")
        elif not crops:
            message = (
                f"DETECTIONS: none of the {len(features)} polygons of {self._parameters['DETECTIONS']} lies on the "
                f"interferograms ({self._grid.describe()}). Give detections of the same place."
            )
            raise InputError(message)
        if len(crops) < len(features):
            progress.warn(f"{len(features) - len(crops)} of {len(features)} detections lie outside the interferograms")
        self._results.start_canvas()
        for index, crop in enumerate(crops):
            stage = Stage(progress, index / len(crops), (index + 1) / len(crops))
            place = self._crop(crop, stage)
            if place is None:
                progress.warn(f"detection {crop.fid} has no pixel with enough interferograms: no series")
            else:
                self.places.append(place)

    def _crop(self, crop: Crop, progress: Progress) -> Place | None:
        """One detection: its pixels onto the canvas, and its row."""
        region, stage = self._region(crop.window, progress)
        anchor = self._given(region)
        if anchor is None:
            if self._parameters["REFERENCE"] is not None:
                progress.warn(f"REFERENCE lies outside the crop of detection {crop.fid}: ground in the crop is taken")
            candidate, apart = ~(crop.inside | crop.others), self._apart(crop)
            anchor = region.anchor_near(candidate, apart, Stage(stage, 0.0, _REFERRED))
        if not np.isfinite(anchor.level).any():
            progress.warn(f"detection {crop.fid} has no ground with data around it to refer to. Set a larger MARGIN.")
            return None
        self._check(anchor, f"to refer to near detection {crop.fid}", progress)
        gathering = Gathering(self._inputs.network)
        for block, cube, found in region.solve(anchor, Stage(stage, _REFERRED, 1.0)):
            self.report.add(found)
            row, column = block.row - crop.window.row, block.column - crop.window.column
            inside = crop.inside[row : row + block.height, column : column + block.width]
            self._results.paint(block, found, inside)
            valid = cube.valid.reshape(len(cube.valid), -1)
            gathering.add(found, valid, inside.ravel(), *_pixels(block))
        return gathering.place(crop.fid)

    def _region(self, window: Window, progress: Progress) -> tuple[Region, Progress]:
        """A region with unwrapped phases, and what is left of its progress."""
        phases: Phases = self._inputs.files
        if self._unwrapper is not None:
            phases = Unwrapped(self._inputs.files, window, self._unwrapper, Stage(progress, 0.0, _UNWRAPPED))
            progress = Stage(progress, _UNWRAPPED, 1.0)
        return Region(self._inputs.network, phases, window, self._rules), progress

    def _given(self, region: Region) -> Anchor | None:
        """The reference that the user names; None where the region is to find its own."""
        if self._parameters["REFERENCE"] is None:
            return None
        row, column = pixel_of(self._parameters["REFERENCE"], self._grid, "REFERENCE")
        window = region.window
        within = 0 <= row - window.row < window.height and 0 <= column - window.column < window.width
        if self._unwrapper is not None and not within:
            return None  # phases of a crop know nothing of what is outside
        anchor = region.anchor_at(row, column, self._grid.shape)
        if not np.isfinite(anchor.level).any():
            message = (
                f"REFERENCE: there is no phase at {self._parameters['REFERENCE']}. Choose a point on valid pixels."
            )
            raise InputError(message)
        return anchor

    def _check(self, anchor: Anchor, where: str, progress: Progress) -> None:
        absent = np.flatnonzero(~np.isfinite(anchor.level))
        if len(absent):
            first = self._inputs.files.stack.paths[int(absent[0])]
            progress.warn(f"{len(absent)} interferograms have no data {where} and are left out there, such as {first}")

    def _apart(self, crop: Crop) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """How far the elevation of each pixel is from that of the detection, m; None without a DEM."""
        if self._inputs.elevation is None:
            return None
        patch = self._inputs.elevation.read(crop.window)
        known = patch.valid & crop.inside
        if not known.any():
            return None
        apart = np.abs(patch.values.astype(np.float64) - float(np.median(patch.values[known])))
        return np.where(patch.valid, apart, np.inf)


class _Results:
    """The outputs of a run, in mm and mm per year."""

    def __init__(
        self, outputs: Outputs, inputs: Inputs, parameters: Mapping[str, Any], weights: str | None, scale: float
    ) -> None:
        self._grid, self._network, self._scale = inputs.files.stack.grid, inputs.network, scale
        self._tile_size = parameters["TILE_SIZE"]
        self._canvas: Canvas | None = None
        tags = {**provenance(ID, parameters, weights), "FRINGELENS_SIGN": "positive toward the satellite"}
        dates = tuple(f"{day:%Y-%m-%d}" for day in inputs.network.dates)
        kinds = {"VELOCITY": ("velocity",), "STDDEV": ("standard deviation of the velocity",), "DISPLACEMENT": dates}
        self._sinks: dict[str, RasterSink] = {}
        for name, bands in kinds.items():
            if parameters[name] is not None:
                self._sinks[name] = outputs.raster(
                    parameters[name],
                    self._grid,
                    dtype="float32",
                    nodata=math.nan,
                    bands=bands,
                    unit="mm" if name == "DISPLACEMENT" else "mm/yr",
                    tags=tags,
                    overview=Resampling.average,
                )
        self._count = 2 + (len(dates) if "DISPLACEMENT" in self._sinks else 0)
        self._table = table(outputs, parameters["SERIES"], "series", self._grid.crs, tags)

    def write(self, window: Window, found: Motion) -> None:
        """Write the motion of a block of the whole raster."""
        planes = self._planes(window, found)
        for name, sink in self._sinks.items():
            sink.write(window, planes[self._bands(name)])

    def start_canvas(self) -> None:
        """Make room for crops, which may overlap."""
        self._canvas = Canvas(self._count, self._grid.shape)

    def paint(self, window: Window, found: Motion, own: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        """Put the motion of a block of a crop onto the canvas; pixels of the detection are its own."""
        if self._canvas is not None:
            self._canvas.paint(window, self._planes(window, found), own)

    def finish(self, places: list[Place]) -> None:
        """Write the canvas, where there is one, and the table."""
        if self._canvas is not None:
            for window in windows(self._grid.shape, self._tile_size):
                planes = self._canvas.read(window)
                for name, sink in self._sinks.items():
                    sink.write(window, planes[self._bands(name)])
        xy = np.array([place_of(place.row, place.column, self._grid) for place in places], np.float64).reshape(-1, 2)
        self._table.write(*fields_of(self._network, places, self._scale, xy))

    @property
    def paths(self) -> dict[str, str]:
        """Where the outputs are, once they are in place."""
        rasters = {name: str(sink.path) for name, sink in self._sinks.items()}
        return {**rasters, "SERIES": str(self._table.path)}

    def _bands(self, name: str) -> slice:
        return {"VELOCITY": slice(0, 1), "STDDEV": slice(1, 2), "DISPLACEMENT": slice(2, None)}[name]

    def _planes(self, window: Window, found: Motion) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Velocity, its standard deviation and, where it is asked for, displacement (planes, rows, columns)."""
        scale = self._scale
        planes = [scale * found.velocity, abs(scale) * found.velocity_std, *(scale * date for date in found.series)]
        flat = np.array(planes[: self._count], np.float32)
        return flat.reshape(-1, window.height, window.width)


def _pixels(block: Window) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Rows and columns of the pixels of a block, one after the other."""
    down, across = np.mgrid[: block.height, : block.width]
    return (down + block.row).ravel(), (across + block.column).ravel()


@contextlib.contextmanager
def _unwrapper(parameters: Mapping[str, Any], progress: Progress) -> Iterator[tuple[Unwrapper | None, str | None]]:
    """How wrapped phase is unwrapped, and the hash of the network's weights; None for what is unwrapped already."""
    if parameters["PHASE"] == "unwrapped":
        yield None, None
        return
    predictor, weights = None, None
    if parameters["UNWRAPPING"] == "combined":
        network, card = load_network(NETWORK, parameters["MODEL"], progress)
        device = choose_device(parameters["DEVICE"], progress)
        predictor, weights = unwrap_scene.Predictor(network, Options(device, tile_size=NETWORK_TILE)), card.sha256
    with SolverProcess("mcf", progress) as solve:
        yield Unwrapper(solve, predictor, unwrap_scene.Rules(parameters["LOOKS"]), parameters["TILE_SIZE"]), weights

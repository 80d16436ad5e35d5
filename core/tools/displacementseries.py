"""Displacement over time and velocity from many interferograms, around detections or over a whole raster."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..inference.device import allowed_threads, choose_device
from ..inference.predict import Options
from ..networks import load_network
from ..phase import unwrap_scene
from ..phase.unwrap_process import SolverProcess
from ..phase.unwrap_scene import Predictor
from ..phase.wavelengths import millimetres_per_radian
from ..progress import Progress, Silent, Stage
from ..raster.grid import Grid
from ..raster.point import pixel_of, place_of
from ..raster.sink import Outputs
from ..raster.vector import read_polygons
from ..raster.window import Window
from ..timeseries.baselines import baselines_of
from ..timeseries.crops import Crop, crops_of
from ..timeseries.gather import HELD, Unwrapper, gather, in_groups
from ..timeseries.inputs import Inputs, opened
from ..timeseries.phases import Kept, Phases, Shelf
from ..timeseries.region import Anchor, Region, Rules
from ..timeseries.report import Report
from ..timeseries.results import Results
from ..timeseries.rows import Gathering, Place, place_of_pixel

NETWORK = "phase_unwrapping"
NETWORK_TILE = 512  # interior of the tiles that the network sees; it does not change what it says
# Pixels around a detection that have a velocity too: what lies farther is there to be unwrapped and referred to.
RIM = 10
MOST_SOLVERS = 16  # unwrapping processes, each with its own copy of Python and of the solver in memory
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
        predictor, weights = _predictor(parameters, progress)
        results = Results(outputs, inputs, parameters, weights, scale)
        job = _Job(inputs, parameters, predictor, results, progress)
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
        predictor: Predictor | None,
        results: Results,
        progress: Progress,
    ) -> None:
        self._inputs, self._parameters, self._predictor, self._results = inputs, parameters, predictor, results
        self._is_wrapped = parameters["PHASE"] == "wrapped"
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
        # Where there is a network, choosing its device has warned of threads that make no sense.
        threads = allowed_threads(progress if predictor is None else Silent())
        self._threads = min(threads, inputs.files.stack.count, MOST_SOLVERS)

    def whole(self, progress: Progress) -> str:
        """The whole raster; returns its reference as "x,y"."""
        window = Window(0, 0, *self._grid.shape)
        if not self._is_wrapped:
            return self._whole(window, self._inputs.files, progress)
        with Shelf(self._inputs.files, [window], with_coherence=False) as shelf:
            with self._unwrappers([window], progress) as unwrappers:
                phases = self._gathered(shelf, unwrappers, Stage(progress, 0.0, _UNWRAPPED))
            return self._whole(window, phases[0], Stage(progress, _UNWRAPPED, 1.0))

    def _whole(self, window: Window, phases: Phases, stage: Progress) -> str:
        """The whole raster once its phases are unwrapped; returns its reference."""
        region = Region(self._inputs.network, phases, window, self._rules)
        anchor = self._given(region)
        if anchor is None:
            anchor = region.anchor_anywhere(Stage(stage, 0.0, _REFERRED))
        place = ",".join(f"{value:.9g}" for value in place_of(anchor.row, anchor.column, self._grid))
        stage.log(f"reference: {place}")
        self._check(anchor, "at the reference", stage)
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
        if not crops:
            return
        regions = [crop.window for crop in crops]
        groups = list(in_groups(self._inputs.files, regions, with_coherence=True))
        with self._unwrappers(regions, progress) as unwrappers:
            for group in groups:
                stage = Stage(progress, group.start / len(crops), group.stop / len(crops))
                self._group(crops[group.start : group.stop], unwrappers, stage)

    def _group(self, crops: Sequence[Crop], unwrappers: Sequence[Unwrapper], progress: Progress) -> None:
        """Crops whose phases are on disk at the same time."""
        with Shelf(self._inputs.files, [crop.window for crop in crops], with_coherence=True) as shelf:
            phases = self._gathered(shelf, unwrappers, Stage(progress, 0.0, _UNWRAPPED))
            for index, crop in enumerate(crops):
                share = (1.0 - _UNWRAPPED) / len(crops)
                stage = Stage(progress, _UNWRAPPED + index * share, _UNWRAPPED + (index + 1) * share)
                place = self._crop(crop, phases[index], stage)
                if place is None:
                    progress.warn(f"detection {crop.fid} has no pixel with enough interferograms: no series")
                else:
                    self.places.append(place)

    def _crop(self, crop: Crop, phases: Phases, progress: Progress) -> Place | None:
        """One detection: its pixels onto the canvas, and its row."""
        region = Region(self._inputs.network, phases, crop.window, self._rules)
        anchor = self._given(region)
        if anchor is None:
            if self._parameters["REFERENCE"] is not None:
                progress.warn(f"REFERENCE lies outside the crop of detection {crop.fid}: ground in the crop is taken")
            candidate, apart = ~(crop.inside | crop.others), self._apart(crop)
            anchor = region.anchor_near(candidate, apart, Stage(progress, 0.0, _REFERRED))
        if not np.isfinite(anchor.level).any():
            progress.warn(f"detection {crop.fid} has no ground with data around it to refer to. Set a larger MARGIN.")
            return None
        self._check(anchor, f"to refer to near detection {crop.fid}", progress)
        gathering = Gathering(self._inputs.network)
        for block, cube, found in region.solve(anchor, Stage(progress, _REFERRED, 1.0), crop.around(RIM)):
            self.report.add(found)
            row, column = block.row - crop.window.row, block.column - crop.window.column
            inside = crop.inside[row : row + block.height, column : column + block.width]
            self._results.paint(block, found, inside)
            valid = cube.valid.reshape(len(cube.valid), -1)
            gathering.add(found, valid, inside.ravel(), *_pixels(block))
        return gathering.place(crop.fid)

    @contextlib.contextmanager
    def _unwrappers(self, regions: Sequence[Window], progress: Progress) -> Iterator[list[Unwrapper]]:
        """What unwraps, for all regions; nothing where phases are unwrapped."""
        rules = unwrap_scene.Rules(self._parameters["LOOKS"])
        many = max(self._at_a_time(region) for region in regions) if self._is_wrapped else 0
        with contextlib.ExitStack() as stack:
            solvers = [stack.enter_context(SolverProcess("mcf", progress)) for _ in range(many)]
            yield [Unwrapper(solve, self._predictor, rules) for solve in solvers]

    def _gathered(self, shelf: Shelf, unwrappers: Sequence[Unwrapper], progress: Progress) -> list[Kept]:
        """Fill a shelf: phases are unwrapped where they are wrapped, those of small regions several at a time."""
        many = min(self._at_a_time(kept.region) for kept in shelf.kept)
        tile_size = self._parameters["TILE_SIZE"]
        return gather(shelf, unwrappers[:many], progress, threads=many, tile_size=tile_size)

    def _at_a_time(self, region: Window) -> int:
        """How many interferograms of a region are worked on at a time."""
        return 1 if region.pixels > HELD else self._threads

    def _given(self, region: Region) -> Anchor | None:
        """The reference that the user names; None where the region is to find its own."""
        if self._parameters["REFERENCE"] is None:
            return None
        row, column = pixel_of(self._parameters["REFERENCE"], self._grid, "REFERENCE")
        window = region.window
        within = 0 <= row - window.row < window.height and 0 <= column - window.column < window.width
        if not within and self._is_wrapped:
            return None  # phases of a crop know nothing of what is outside
        if not self._is_wrapped:
            window = Window(0, 0, *self._grid.shape)
            region = Region(self._inputs.network, self._inputs.files, window, self._rules)
        anchor = region.anchor_at(row, column, window)
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


def _pixels(block: Window) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Rows and columns of the pixels of a block, one after the other."""
    down, across = np.mgrid[: block.height, : block.width]
    return (down + block.row).ravel(), (across + block.column).ravel()


def _predictor(parameters: Mapping[str, Any], progress: Progress) -> tuple[Predictor | None, str | None]:
    """The network that helps with unwrapping, and the hash of its weights; None where it is not asked."""
    if parameters["PHASE"] == "unwrapped" or parameters["UNWRAPPING"] != "combined":
        return None, None
    network, card = load_network(NETWORK, parameters["MODEL"], progress)
    device = choose_device(parameters["DEVICE"], progress)
    return unwrap_scene.Predictor(network, Options(device, tile_size=NETWORK_TILE)), card.sha256

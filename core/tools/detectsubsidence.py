"""Finds subsidence in one wrapped interferogram: by the network, or by closing fringes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from scipy.special import expit

from ..detection.fringes import FringeDetector
from ..detection.polygons import geodesic_area, polygons_of
from ..detection.regions import Area, Regions
from ..detection.troughs import NETWORK_MIDDLE, OUTLINE_LEVEL, Depth, depth_of, outlined, score_of
from ..errors import InputError
from ..inference.device import choose_device
from ..inference.predict import Network, Options, predict
from ..inference.recall import Recall
from ..networks import load_detector
from ..phase.unwrap_features import unwrap_features
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.inputs import opened
from ..raster.provenance import provenance
from ..raster.quantities import Coherence, WrappedPhase
from ..raster.sink import Outputs
from ..raster.vector import Field, Rings, VectorSink
from ..raster.window import Window

ID = "detectsubsidence"
RASTERS = ("INPUT", "COHERENCE")
NOTHING: Rings = ()

# Where on the progress bar the inputs are checked, the network is done, and only the files are to be finished.
_STARTED, _PREDICTED, _MEASURED = 0.02, 0.9, 0.97

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


class Detection(NamedTuple):
    """One detection: its polygon, the size of that on the ground, and what is known of it."""

    rings: Rings
    area_m2: float
    area: Area
    score: float
    pixels: int
    depth: Depth


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (polygons) and PROBABILITY (float32, 0..1) where a path is given; returns them and COUNT.

    Raises InputError, GridMismatchError, WeightsError, OutputError, ResourceError; then no output was made or changed.
    """
    paths = [parameters[name] for name in RASTERS]
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as inputs:
        network, weights = _detector(parameters, progress)
        grid, tags = inputs.phase.source.grid, provenance(ID, parameters, weights)
        vector = outputs.vector(parameters["OUTPUT"], grid.crs, tags)
        raster = _probability_sink(outputs, parameters["PROBABILITY"], grid, tags)
        regions = _Predicting(inputs, network, raster).run(parameters, Stage(progress, _STARTED, _PREDICTED))
        if not inputs.seen:
            progress.warn(f"{parameters['INPUT']} has not one valid pixel: there is nothing to find")
        found = _found(regions, grid, parameters, Stage(progress, _PREDICTED, _MEASURED))
        _write(vector, found)
        progress.log(f"{len(found)} detections")
        progress.update(_MEASURED, "finishing the files")
    results: dict[str, Any] = {"OUTPUT": str(vector.path), "COUNT": len(found)}
    return results | ({"PROBABILITY": str(raster.path)} if raster is not None else {})


@dataclass
class _Inputs:
    """The opened rasters, each with its meaning; absent ones are None."""

    phase: WrappedPhase
    coherence: Coherence | None
    seen: bool = False  # whether any pixel was valid


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid that has a place on the map, and plausible."""
    with opened(parameters, RASTERS, progress) as sources:
        source, coherence = sources["INPUT"], sources.get("COHERENCE")
        if source.grid.crs is None:
            message = (
                f"INPUT: {source.path} has no CRS, so that the areas of detections cannot be known. Geocode it, or give"
                " it the CRS that it is in ('Assign projection' in QGIS, gdal_edit.py -a_srs)."
            )
            raise InputError(message)
        inputs = _Inputs(WrappedPhase(source, progress), Coherence(coherence, progress) if coherence else None)
        inputs.phase.check()
        if inputs.coherence is not None:
            inputs.coherence.check()
        yield inputs


def _detector(parameters: Mapping[str, Any], progress: Progress) -> tuple[Network, str | None]:
    """What is shown the tiles, and the hash of its weights."""
    if parameters["METHOD"] == "fringes":
        return FringeDetector(), None
    network, card = load_detector(parameters["MODEL"], progress)
    return network, card.sha256


def _probability_sink(outputs: Outputs, path: str | None, grid: Grid, tags: dict[str, str]) -> RasterSink | None:
    if path is None:
        return None
    names = ("probability of subsidence",)
    average = Resampling.average
    return outputs.raster(path, grid, dtype="float32", nodata=math.nan, bands=names, tags=tags, overview=average)


class _Predicting:
    """Shows the raster to the network tile by tile, and keeps what it finds."""

    def __init__(self, inputs: _Inputs, network: Network, raster: RasterSink | None) -> None:
        self._inputs, self._network, self._raster = inputs, network, raster
        self._valid: Recall[Bool] = Recall()
        self._regions = Regions(OUTLINE_LEVEL)

    def run(self, parameters: Mapping[str, Any], progress: Progress) -> Regions:
        """All areas of the raster, with the phase gradients in them."""
        device = choose_device(parameters["DEVICE"], progress)
        options = Options(device, tile_size=parameters["TILE_SIZE"])
        read = self._read_places if isinstance(self._network, FringeDetector) else self._read
        predict(self._network, read, self._inputs.phase.source.grid.shape, self._write, options, progress)
        return self._regions

    def _phase(self, window: Window) -> tuple[Float, Bool]:
        patch = self._inputs.phase.read(window)
        self._valid.keep(window, patch.valid)
        return patch.values, patch.valid

    def _read(self, window: Window) -> Float | None:
        phase, valid = self._phase(window)
        if not valid.any():
            return None
        coherence = self._inputs.coherence
        return unwrap_features(phase, valid, coherence.read(window).values if coherence else None)

    def _read_places(self, window: Window) -> Float | None:
        """Cosine, sine, validity, and the rows and columns themselves."""
        phase, valid = self._phase(window)
        if not valid.any():
            return None
        planes = unwrap_features(phase, valid, None)
        planes[3] = np.arange(window.row, window.row + window.height)[:, None]
        planes[4] = np.arange(window.column, window.column + window.width)
        return planes

    def _write(self, window: Window, answer: Float) -> None:
        around, part = self._valid.find(window)
        valid = around[part]
        self._inputs.seen |= bool(valid.any())
        probability = expit(answer[3])
        shown = np.where(valid, probability, np.float32(np.nan)).astype(np.float32, copy=False)
        if self._raster is not None:
            self._raster.write(window, shown)
        self._regions.add(window, shown, np.stack((*answer[:2], shown)))


def _found(regions: Regions, grid: Grid, parameters: Mapping[str, Any], progress: Progress) -> list[Detection]:
    """The areas that are sure and large enough, as polygons."""
    candidates, found = outlined(regions), []
    middle = NETWORK_MIDDLE if parameters["METHOD"] == "network" else 0.5
    for index, (area, mask) in enumerate(candidates):
        progress.update(index / len(candidates), "outlining")
        score = score_of(area, middle)
        if score < parameters["CONFIDENCE"]:
            continue
        rings = polygons_of(mask, grid.transform, area.box.row, area.box.column)[0].rings
        size = geodesic_area(rings, grid.crs)
        if size >= parameters["MIN_AREA"]:
            found.append(Detection(rings, size, area, score, int(mask.sum()), depth_of(area, mask)))
    return sorted(found, key=lambda detection: -detection.score)


def _write(vector: VectorSink, found: list[Detection]) -> None:
    """Polygons with their fields, surest first."""

    def column(values: list[float]) -> npt.NDArray[np.float64]:
        return np.array(values, np.float64).round(6)

    vector.write(
        [detection.rings for detection in found],
        [
            Field("score", column([d.score for d in found]), "how sure the detection is, 0..1"),
            Field("area_m2", column([d.area_m2 for d in found]), "m2, on the ellipsoid"),
            Field("mean_probability", column([d.area.mean for d in found]), "of its pixels, 0..1"),
            Field("peak_probability", column([d.area.peak for d in found]), "of its surest pixel, 0..1"),
            Field(
                "fringes", column([d.depth.fringes for d in found]), "cycles of phase from its outline to its deepest"
            ),
            Field("peak_rad", column([d.depth.phase for d in found]), "rad, the same phase, signed as in the input"),
            Field("pixels", np.array([d.pixels for d in found], np.int64), "pixels of the input"),
        ],
    )

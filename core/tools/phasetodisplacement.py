"""Turns unwrapped phase into millimetres against a reference point."""

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
from ..phase.jumps import Jumps
from ..phase.reference import BLOCK, Reference, ReferenceSearch
from ..phase.wavelengths import millimetres_per_radian
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.inputs import opened
from ..raster.point import pixel_of, place_of
from ..raster.provenance import provenance
from ..raster.quantities import Coherence
from ..raster.sink import Outputs
from ..raster.source import Source
from ..raster.window import Window, windows

ID = "phasetodisplacement"
RASTERS = ("INPUT", "INCIDENCE", "COHERENCE")
REACH = 2  # pixels around a given reference point whose median counts
RADIANS = math.pi / 2  # an incidence raster without anything above this is in radians
STEEPEST = 90.0  # degrees

_SEARCHED, _WRITTEN = 0.4, 0.97

Float = npt.NDArray[np.float32]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (float32, mm, positive toward the satellite or upward); returns it and REFERENCE_POINT ("x,y").

    Raises InputError, GridMismatchError, OutputError; then no output was made or changed.
    """
    millimetres = _scale(parameters)
    with Outputs(progress, [parameters[name] for name in RASTERS]) as outputs, _opened(parameters, progress) as inputs:
        grid = inputs.phase.grid
        tiles = list(windows(grid.shape, -(-parameters["TILE_SIZE"] // BLOCK) * BLOCK))
        reference = _reference(inputs, parameters, tiles, Stage(progress, 0.0, _SEARCHED))
        place = ",".join(f"{value:.9g}" for value in place_of(reference.row, reference.column, grid))
        progress.log(f"reference: {place}, whose phase is {reference.level:.4g} rad; 1 rad is {millimetres:.4g} mm")
        sink = _sink(outputs, grid, parameters, place)
        stage = Stage(progress, _SEARCHED, _WRITTEN)
        for index, window in enumerate(tiles):
            stage.update(index / len(tiles), "scaling")
            patch = inputs.phase.read(window)
            values = (patch.values.astype(np.float64) - reference.level) * millimetres
            valid = patch.valid
            if parameters["COMPONENT"] == "vertical":
                cosine, known = inputs.cosine(window)
                values, valid = values / cosine, valid & known
            sink.write(window, np.where(valid, values, np.nan).astype(np.float32))
        progress.update(_WRITTEN, "finishing the files")
    return {"OUTPUT": str(sink.path), "REFERENCE_POINT": place}


def _sink(outputs: Outputs, grid: Grid, parameters: Mapping[str, Any], place: str) -> RasterSink:
    vertical = parameters["COMPONENT"] == "vertical"
    return outputs.raster(
        parameters["OUTPUT"],
        grid,
        dtype="float32",
        nodata=math.nan,
        bands=("vertical displacement" if vertical else "line-of-sight displacement",),
        unit="mm",
        tags={
            **provenance(ID, parameters),
            "FRINGELENS_SIGN": "positive upward" if vertical else "positive toward the satellite",
            "FRINGELENS_REFERENCE": place,
        },
        overview=Resampling.average,
    )


@dataclass
class _Inputs:
    """The opened rasters; absent ones are None."""

    phase: Source
    incidence: Source | None
    coherence: Coherence | None
    angle: float | None

    def cosine(self, window: Window) -> tuple[npt.NDArray[np.float64] | float, Any]:
        """Cosine of the incidence angle, and where it is known."""
        if self.incidence is None:
            return math.cos(math.radians(self.angle or 0.0)), True
        patch = self.incidence.read(window)
        return np.where(patch.valid, np.cos(np.radians(patch.values.astype(np.float64))), 1.0), patch.valid


def _scale(parameters: Mapping[str, Any]) -> float:
    """Millimetres toward the satellite for each radian of the input."""
    scale = millimetres_per_radian(parameters["WAVELENGTH"], parameters["SENSOR"], parameters["SIGN"])
    has_angle = parameters["INCIDENCE"] is not None or parameters["INCIDENCE_ANGLE"] is not None
    if parameters["COMPONENT"] == "vertical" and not has_angle:
        message = "COMPONENT vertical needs the angle. Give INCIDENCE (a raster) or INCIDENCE_ANGLE, in degrees."
        raise InputError(message)
    return scale


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid, and plausible."""
    with opened(parameters, RASTERS, progress) as sources:
        if sources["INPUT"].is_complex:
            message = f"INPUT: {sources['INPUT'].path} is complex, so it is wrapped. Unwrap it first ('Unwrap phase')."
            raise InputError(message)
        coherence = Coherence(sources["COHERENCE"], progress) if "COHERENCE" in sources else None
        yield _Inputs(sources["INPUT"], sources.get("INCIDENCE"), coherence, parameters["INCIDENCE_ANGLE"])


def _reference(inputs: _Inputs, parameters: Mapping[str, Any], tiles: list[Window], progress: Progress) -> Reference:
    """The reference that is given, or the best there is; the inputs are checked on the way."""
    search, jumps, steepest = ReferenceSearch(), Jumps(), 0.0
    for index, window in enumerate(tiles):
        progress.update(index / len(tiles), "looking for a reference")
        patch = inputs.phase.read(window)
        coherence = inputs.coherence.read(window).values if inputs.coherence else None
        search.add(window.row, window.column, patch.values, patch.valid, coherence)
        jumps.look(patch.values, patch.valid)
        if inputs.incidence is not None:
            steepest = max(steepest, _check_incidence(inputs.incidence, window))
    if inputs.incidence is not None and 0 < steepest <= RADIANS:
        message = (
            f"INCIDENCE: {inputs.incidence.path} has no angle above {steepest:.3g}, so it is in radians. Give degrees "
            "(multiply by 180 / pi in the raster calculator)."
        )
        raise InputError(message)
    if not jumps.count:
        progress.warn(f"{inputs.phase.path} has not one valid pixel: the output is all no data")
        return Reference(0, 0, 0.0)
    if jumps.wrapped:
        where = f"INPUT: {inputs.phase.path}"
        progress.warn(f"{where} {jumps.describe()}, as wrapped phase does: unwrap it first ('Unwrap phase')")
    if parameters["REFERENCE"] is not None:
        return _given(inputs.phase, parameters["REFERENCE"], inputs.phase.grid)
    found = search.find()
    if found is None:
        message = (
            f"no reference was found in {inputs.phase.path}: no block of {BLOCK} x {BLOCK} pixels is nearly all valid. "
            "Give REFERENCE."
        )
        raise InputError(message)
    return found


def _check_incidence(incidence: Source, window: Window) -> float:
    """The largest angle of a window; raises InputError for what no incidence angle can be."""
    patch = incidence.read(window)
    if not patch.valid.any():
        return 0.0
    low, high = float(patch.values[patch.valid].min()), float(patch.values[patch.valid].max())
    if low < 0 or high >= STEEPEST:
        message = (
            f"INCIDENCE: the values of {incidence.path} span {low:.4g} to {high:.4g}: not angles between the line of "
            "sight and the vertical, 0 to 90 degrees. An elevation angle is 90 degrees minus the incidence angle."
        )
        raise InputError(message)
    return high


def _given(phase: Source, point: str, grid: Grid) -> Reference:
    """The median around the named point."""
    row, column = pixel_of(point, grid, "REFERENCE")
    patch = phase.read(Window(row, column, 1, 1).widened(REACH, grid.shape))
    if not patch.valid.any():
        message = f"REFERENCE: there is no phase within {REACH} pixels of {point}. Choose a point on valid pixels."
        raise InputError(message)
    return Reference(row, column, float(np.median(patch.values[patch.valid])))

"""Makes an interferogram of which everything is known, and writes it with whichever layers of the truth are wanted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from scipy.ndimage import distance_transform_edt

from ..errors import InputError, ResourceError
from ..progress import Progress
from ..raster.grid import Grid
from ..raster.provenance import provenance
from ..raster.sink import Outputs
from ..raster.source import Source
from ..raster.window import Window, windows
from ..simulate.draw import Draw
from ..simulate.survey import BYTES_PER_PIXEL, Images, Request, Truth, make_terrain, make_truth, observe

ID = "simulateinterferogram"
LARGEST = 8192  # pixels a side; a whole scene is held in memory
CRS_CODE = 32633  # of generated scenes: UTM zone 33 north,
CENTRE = (500_000.0, 4_650_000.0)  # around this place on its central meridian
METRES_PER_DEGREE = 111_320.0
STRIP = 1024  # side of the windows that are read and written
MASK_NODATA = 255

Array = npt.NDArray[Any]


@dataclass
class Scene:
    """All layers of a finished scene, and where it has any."""

    truth: Truth
    images: Images
    valid: npt.NDArray[np.bool_] | None


@dataclass(frozen=True)
class Layer:
    """How one output is made of a scene, and what is said of it in the file."""

    of: Callable[[Scene], torch.Tensor]
    band: str
    unit: str = ""
    dtype: str = "float32"
    sign: str = ""


_PHASE_SIGN = "phase = -4 pi / wavelength * displacement toward the satellite"
LAYERS = {
    "OUTPUT": Layer(lambda s: s.images.wrapped, "wrapped phase", "rad", sign=_PHASE_SIGN),
    "UNWRAPPED": Layer(lambda s: s.truth.unwrapped, "unwrapped phase without noise", "rad", sign=_PHASE_SIGN),
    "COHERENCE_ESTIMATE": Layer(lambda s: s.images.coherence_estimate, "estimated coherence"),
    "TRUE_COHERENCE": Layer(lambda s: s.truth.coherence, "true coherence"),
    "AMPLITUDE": Layer(lambda s: s.images.amplitude, "amplitude"),
    "DEFORMATION": Layer(lambda s: s.truth.deformation, "displacement", "mm", sign="positive toward the satellite"),
    "DECORRELATED": Layer(lambda s: s.truth.decorrelated, "decorrelated", dtype="uint8"),
}
_NEAREST = ("OUTPUT", "DECORRELATED")


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT, and every layer of the truth that a path is given for; returns their paths.

    Raises InputError for an elevation model that cannot be used, OutputError, ResourceError; then nothing was made.
    """
    with Outputs(progress, [parameters["DEM"]]) as outputs:
        grid, heights, valid = _ground(parameters, progress)
        tags = provenance(ID, parameters)
        sinks = {
            name: outputs.raster(
                parameters[name],
                grid,
                dtype=layer.dtype,
                nodata=MASK_NODATA if layer.dtype == "uint8" else math.nan,
                bands=(layer.band,),
                unit=layer.unit,
                tags={**tags, "FRINGELENS_SIGN": layer.sign} if layer.sign else tags,
                overview=Resampling.nearest if name in _NEAREST else Resampling.average,
            )
            for name, layer in LAYERS.items()
            if parameters[name] is not None
        }
        scene = _simulate(parameters, grid, heights, valid, progress)
        for place, (name, sink) in enumerate(sinks.items()):
            progress.update(0.85 + 0.15 * place / len(sinks), f"writing {name}")
            _write(sink.write, LAYERS[name], scene)
    return {name: str(sink.path) for name, sink in sinks.items()}


def _simulate(
    parameters: Mapping[str, Any],
    grid: Grid,
    heights: npt.NDArray[np.float32] | None,
    valid: npt.NDArray[np.bool_] | None,
    progress: Progress,
) -> Scene:
    step_east, step_north = _pixel_size(grid)
    request = Request(
        rows=grid.height,
        cols=grid.width,
        step_east=step_east,
        step_north=step_north,
        source=parameters["SOURCE"],
        atmosphere=parameters["ATMOSPHERE"],
        coherence=parameters["COHERENCE"],
        looks=parameters["LOOKS"],
        wavelength=parameters["WAVELENGTH"],
        generated=heights is None,
    )
    draw = Draw(torch.Generator().manual_seed(parameters["SEED"]))
    try:
        with torch.no_grad():
            progress.update(0.05, "terrain")
            elevation = make_terrain(draw, request) if heights is None else torch.from_numpy(heights)[None]
            progress.update(0.25, "ground, deformation and atmosphere")
            truth = make_truth(draw, request, elevation)
            progress.update(0.65, "radar images")
            images = observe(draw, request, truth)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "alloc" not in str(error):
            raise
        need = grid.height * grid.width * BYTES_PER_PIXEL / 1e9
        message = (
            f"{grid.height} x {grid.width} pixels need about {need:.1f} GB of memory, and there is not that much. "
            "Choose a smaller WIDTH and HEIGHT, or cut the DEM."
        )
        raise ResourceError(message) from error
    return Scene(truth, images, valid)


def _ground(
    parameters: Mapping[str, Any], progress: Progress
) -> tuple[Grid, npt.NDArray[np.float32] | None, npt.NDArray[np.bool_] | None]:
    """The grid, and the heights and valid pixels of the elevation model where there is one."""
    if parameters["DEM"] is None:
        width, height, pixel = parameters["WIDTH"], parameters["HEIGHT"], parameters["PIXEL"]
        left, top = CENTRE[0] - width * pixel / 2, CENTRE[1] + height * pixel / 2
        return Grid(CRS.from_epsg(CRS_CODE), Affine(pixel, 0.0, left, 0.0, -pixel, top), height, width), None, None
    with Source(parameters["DEM"], name="DEM") as source:
        grid = source.grid
        _check_elevation_model(source)
        heights = np.empty(grid.shape, np.float32)
        valid = np.empty(grid.shape, bool)
        for window in windows(grid.shape, STRIP):
            patch = source.read(window)
            heights[window.slices], valid[window.slices] = patch.values, patch.valid
    if not valid.any():
        progress.warn(f"{parameters['DEM']} has not one valid pixel: the outputs are all no data")
        heights[:] = 0.0
    elif not valid.all():
        nearest = distance_transform_edt(~valid, return_distances=False, return_indices=True)
        heights = heights[tuple(nearest)]
    return grid, heights, valid


def _check_elevation_model(source: Source) -> None:
    grid = source.grid
    if source.is_complex:
        message = f"DEM: {source.path} is complex. Give a raster of heights in metres."
        raise InputError(message)
    if max(grid.shape) > LARGEST or min(grid.shape) < 2:
        message = (
            f"DEM: {source.path} has {grid.height} x {grid.width} pixels; a scene has 2 to {LARGEST} a side, "
            "since it is held in memory. Cut it with 'Clip raster by extent' in QGIS, or gdal_translate."
        )
        raise InputError(message)
    if grid.crs is None or grid.transform.b or grid.transform.d:
        reason = "has no CRS" if grid.crs is None else "is rotated"
        message = (
            f"DEM: {source.path} {reason}, so that the size of its pixels on the ground is not known. "
            "Assign its CRS, or warp it to a north-up grid."
        )
        raise InputError(message)


def _pixel_size(grid: Grid) -> tuple[float, float]:
    """Ground size of a pixel (m) along columns and rows, in the middle of the grid."""
    across, down = abs(grid.transform.a), abs(grid.transform.e)
    if grid.crs is not None and grid.crs.is_geographic:
        latitude = grid.transform.f + grid.transform.e * grid.height / 2
        return across * METRES_PER_DEGREE * math.cos(math.radians(latitude)), down * METRES_PER_DEGREE
    metres = grid.crs.linear_units_factor[1] if grid.crs is not None else 1.0
    return across * metres, down * metres


def _write(write: Callable[[Window, Array], None], layer: Layer, scene: Scene) -> None:
    values = layer.of(scene)[0].numpy()
    nodata = MASK_NODATA if layer.dtype == "uint8" else np.nan
    for window in windows(values.shape, STRIP):
        part = values[window.slices].astype(layer.dtype)
        if scene.valid is not None:
            part[~scene.valid[window.slices]] = nodata
        write(window, part)

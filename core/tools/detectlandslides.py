"""Finds landslides in a stack of phase gradients: by the network, or by the divergence of the gradients."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rasterio.enums import Resampling
from scipy.special import expit
from torch import Tensor

from ...models.landslide_detection.features import planes
from ...models.landslide_detection.network import STRIDE
from ...models.landslide_detection.views import Seen
from ..detection.boxes import Boxes, join, merge, propose
from ..detection.divergence import DivergenceDetector, noise_levels, weighted_planes
from ..detection.gradient_input import GradientInput, opened_gradients
from ..detection.landslides import Landslide, fields_of, ground_of, strength_of
from ..detection.outlines import body_of
from ..detection.polygons import geodesic_area, polygons_of
from ..detection.withheld import all_steadied
from ..errors import InputError
from ..inference.device import choose_device
from ..inference.predict import Network, Options, predict
from ..inference.recall import Recall
from ..networks import load_network
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.grid import Grid
from ..raster.provenance import provenance
from ..raster.sink import Outputs
from ..raster.window import Window
from ..simulate.geometry import line_of_sight

ID = "detectlandslides"
NETWORK = "landslide_detection"

# Where on the progress bar the inputs are checked, the network is done, and only the files are to be finished.
_STARTED, _PREDICTED, _MEASURED = 0.04, 0.85, 0.97
_ASKED = 0.8  # share of the time of measuring in which the network is asked again

# Cells with this share of CONFIDENCE still say where the box of a surer neighbour lies.
_PROPOSING = 0.5

# Probability of bodies is kept in bytes until all boxes are known.
_BYTES = 254
_UNKNOWN = 255

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]
Read = Callable[[Window], Float | None]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (polygons) and HEATMAP (float32, 0..1) where a path is given; returns them and COUNT.

    Raises InputError, GridMismatchError, WeightsError, OutputError, ResourceError; then no output was made or changed.
    """
    paths = [parameters["INPUT"], parameters["DEM"]]
    with Outputs(progress, paths) as outputs, opened_gradients(parameters, progress) as stack:
        look = _look(parameters, stack.grid, progress)
        network, read, weights = _detector(stack, look, parameters, progress)
        tags = provenance(ID, parameters, weights)
        vector = outputs.vector(parameters["OUTPUT"], stack.grid.crs, tags)
        raster = _heatmap(outputs, parameters["HEATMAP"], stack.grid, tags)
        with _Found(stack.grid, raster, parameters["CONFIDENCE"] * _PROPOSING) as found:
            found.fill(network, read, parameters, Stage(progress, _STARTED, _PREDICTED))
            if not found.any_valid:
                progress.warn(f"{parameters['INPUT']} has not one valid pixel: there is nothing to find")
            asked = (network, read) if parameters["METHOD"] == "network" else None
            slides = _measured(found, asked, stack, look, parameters, Stage(progress, _PREDICTED, _MEASURED))
        vector.write([slide.rings for slide in slides], fields_of(slides, stack.interferograms))
        progress.log(f"{len(slides)} landslides")
        progress.update(_MEASURED, "finishing the files")
    results: dict[str, Any] = {"OUTPUT": str(vector.path), "COUNT": len(slides)}
    return results | ({"HEATMAP": str(raster.path)} if raster is not None else {})


def _look(parameters: Mapping[str, Any], grid: Grid, progress: Progress) -> Tensor | None:
    """Unit vector (1, 3) to the satellite along columns, against rows, and up; None where it is not given."""
    heading, incidence = parameters["HEADING"], parameters["INCIDENCE"]
    if (heading is None) != (incidence is None):
        missing = "INCIDENCE" if incidence is None else "HEADING"
        message = f"HEADING and INCIDENCE say where the satellite stands only together; {missing} is not given."
        raise InputError(message)
    if heading is None or incidence is None:
        return None
    if parameters["DEM"] is None:
        progress.warn("HEADING and INCIDENCE tell something only with a DEM; without one they are not used")
        return None
    east, north, up = line_of_sight(heading, incidence)
    upright = 1.0 if grid.transform.e <= 0 else -1.0
    return torch.tensor([[east, north * upright, up]], dtype=torch.float32)


def _detector(
    stack: GradientInput, look: Tensor | None, parameters: Mapping[str, Any], progress: Progress
) -> tuple[Network, Read, str | None]:
    """What is shown the tiles, how a tile is read for it (validity comes last), and the hash of its weights."""
    noise = stack.noise()
    progress.log(f"noise of the gradients: {noise:.4g} rad per year and pixel")
    if parameters["METHOD"] == "divergence":

        def read_weighted(window: Window) -> Float | None:
            seen = stack.read(window)
            return weighted_planes(*seen, noise) if seen.valid.any() else None

        levels = noise_levels([torch.from_numpy(weighted_planes(*seen, noise)) for seen in stack.samples()])
        return DivergenceDetector(levels), read_weighted, None
    network, card = load_network(NETWORK, parameters["MODEL"], progress)
    level = torch.tensor([noise])

    def read(window: Window) -> Float | None:
        seen, ground = stack.read(window), stack.ground(window)
        if not seen.valid.any():
            return None
        gradient, coherence, valid = (torch.from_numpy(part)[None] for part in seen)
        terrain = ground.planes() if ground is not None else None
        sensitivity = ground.sensitivity(look) if ground is not None and look is not None else None
        return planes(gradient, coherence, valid.float(), level, terrain, sensitivity)[0].numpy()

    return Seen(network), read, card.sha256


def _heatmap(outputs: Outputs, path: str | None, grid: Grid, tags: dict[str, str]) -> RasterSink | None:
    if path is None:
        return None
    names = ("probability that a pixel lies on a landslide",)
    average = Resampling.average
    return outputs.raster(path, grid, dtype="float32", nodata=math.nan, bands=names, tags=tags, overview=average)


class _Found:
    """What the network says of the raster: proposals in memory, the probability of bodies in a file of bytes."""

    def __init__(self, grid: Grid, raster: RasterSink | None, least: float) -> None:
        self._grid, self._raster, self._least = grid, raster, least
        self._proposals: list[Boxes] = []
        self._valid: Recall[Bool] = Recall()
        self.any_valid = False

    def __enter__(self) -> _Found:
        self._folder = tempfile.TemporaryDirectory(prefix="fringelens")
        name = Path(self._folder.name) / "bodies"
        self._bodies = np.memmap(name, np.uint8, "w+", shape=self._grid.shape)
        return self

    def __exit__(self, *_: object) -> None:
        del self._bodies
        self._folder.cleanup()

    def fill(self, network: Network, read: Read, parameters: Mapping[str, Any], progress: Progress) -> None:
        """Show the raster to the network."""
        device = choose_device(parameters["DEVICE"], progress)
        options = Options(device, tile_size=parameters["TILE_SIZE"])
        valid_plane = 3 if network.channels > 3 else 2  # the weight of a valid pixel is never zero

        def remembering(window: Window) -> Float | None:
            shown = read(window)
            none = np.zeros((window.height, window.width), bool)
            self._valid.keep(window, none if shown is None else shown[valid_plane] > 0)
            return shown

        predict(network, remembering, self._grid.shape, self._write, options, progress)

    def _write(self, window: Window, answer: Float) -> None:
        around, part = self._valid.find(window)
        valid = around[part]
        self.any_valid |= bool(valid.any())
        body, score = (expit(answer[plane]) for plane in (0, 1))
        kept = np.where(valid & np.isfinite(body), np.rint(np.nan_to_num(body) * _BYTES), _UNKNOWN)
        self._bodies[window.slices] = kept.astype(np.uint8)
        if self._raster is not None:
            self._raster.write(window, np.where(valid, body, np.float32(np.nan)).astype(np.float32))
        cells = (slice(None, None, STRIDE), slice(None, None, STRIDE))
        found = propose(score[cells], answer[(slice(2, 6), *cells)], STRIDE, (window.row, window.column), self._least)
        self._proposals.append(found)

    def boxes(self, least: float) -> Boxes:
        """One box for each object of at least this score, surest first."""
        merged = merge(join(self._proposals))
        return merged.take(merged.scores >= least)

    def body(self, window: Window) -> Float:
        """Probability of bodies in a window, NaN where nothing is known."""
        stored = np.asarray(self._bodies[window.slices])
        return np.where(stored == _UNKNOWN, np.nan, stored / np.float32(_BYTES)).astype(np.float32)


def _measured(
    found: _Found,
    asked: tuple[Network, Read] | None,
    stack: GradientInput,
    look: Tensor | None,
    parameters: Mapping[str, Any],
    progress: Progress,
) -> list[Landslide]:
    """The detections that are sure, steep and large enough, as polygons; `asked` says again how sure, where given."""
    boxes, shape = found.boxes(parameters["CONFIDENCE"]), stack.grid.shape
    if asked is not None:
        asking = Stage(progress, 0.0, _ASKED)
        boxes = all_steadied(
            *asked, found.body, boxes, shape, STRIDE, update=lambda share: asking.update(share, "asking again")
        )
        boxes = boxes.take(boxes.scores >= parameters["CONFIDENCE"])
    outlining = Stage(progress, _ASKED if asked is not None else 0.0, 1.0)
    slides = []
    for index in range(len(boxes.scores)):
        outlining.update(index / len(boxes.scores), "outlining")
        body, window = body_of(found.body, boxes, index, shape)
        if not body.any():
            continue
        slide = _slide(body, window, float(boxes.scores[index]), stack, look)
        flat = math.isfinite(slide.ground.slope) and slide.ground.slope < parameters["MIN_SLOPE"]
        if not flat and slide.area_m2 >= parameters["MIN_AREA"]:
            slides.append(slide)
    return sorted(slides, key=lambda slide: -slide.score)


def _slide(body: Bool, window: Window, score: float, stack: GradientInput, look: Tensor | None) -> Landslide:
    regions = polygons_of(body, stack.grid.transform, window.row, window.column)
    rings = max(regions, key=lambda region: len(region.rings[0])).rings
    area = geodesic_area(rings, stack.grid.crs)
    ground = ground_of(body, stack.ground(window), look)
    peak, coherence = strength_of(body, stack.read(window))
    return Landslide(rings, score, area, int(np.count_nonzero(body)), ground, peak, coherence)

"""The outputs of a time series: rasters of velocity, its standard deviation and displacement, and the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling

from ..raster.geotiff import RasterSink
from ..raster.point import place_of
from ..raster.provenance import provenance
from ..raster.sink import Outputs
from ..raster.table import table
from ..raster.window import Window, windows
from .canvas import Canvas
from .inputs import Inputs
from .motion import Motion
from .rows import Place, fields_of

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]

ID = "displacementseries"


class Results:
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

    def paint(self, window: Window, found: Motion, own: Bool) -> None:
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

    def _planes(self, window: Window, found: Motion) -> Float:
        """Velocity, its standard deviation and, where it is asked for, displacement (planes, rows, columns)."""
        scale = self._scale
        planes = [scale * found.velocity, abs(scale) * found.velocity_std, *(scale * date for date in found.series)]
        flat = np.array(planes[: self._count], np.float32)
        return flat.reshape(-1, window.height, window.width)

"""Tables with a place and a date in each row: GeoPackage with points, or CSV, by the name; whole or not at all."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.crs import CRS

from .content import ContentSink
from .sink import Outputs
from .vector import Field, geopackage

ENDINGS = (".gpkg", ".csv")

_LITTLE_ENDIAN, _POINT = 1, 1  # of well-known binary (OGC 06-103r4, 8.2)
_DIGITS = 9  # significant ones in a CSV: more than a float32 has


class TableSink(ContentSink):
    """One table of points; made by `table`, filled once by `write`."""

    def __init__(self, path: Path, part: Path, layer: str, crs: CRS | None, tags: Mapping[str, str]) -> None:
        super().__init__(path, part)
        self._layer, self._crs, self._tags = layer, crs, dict(tags)

    def write(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], fields: Sequence[Field]) -> None:
        """Take the places (rows,) in coordinates of the CRS, and the columns; NaN is written as missing.

        Columns of type datetime64[D] become real dates. Raises ValueError where a column has another length.
        """
        wrong = [field.name for field in fields if not len(field.values) == len(x) == len(y)]
        if wrong:
            message = f"{len(x)} places, but another number of values in {', '.join(wrong)}"
            raise ValueError(message)
        if self.path.suffix.lower() == ".csv":
            self._content = _csv(fields)
            return
        shapes = [struct.pack("<BIdd", _LITTLE_ENDIAN, _POINT, *place) for place in zip(x, y, strict=True)]
        meanings = {f"FIELD_{field.name}": field.meaning for field in fields if field.meaning}
        self._content = geopackage(self._layer, "Point", shapes, fields, self._crs, self._tags | meanings)


def table(outputs: Outputs, path: str, layer: str, crs: CRS | None, tags: Mapping[str, str]) -> TableSink:
    """Start a table among the outputs of a job; `tags` become the metadata of its layer."""
    sink = TableSink(*outputs.place(path, ENDINGS, "tables are written as GeoPackage or CSV"), layer, crs, tags)
    outputs.add(sink)
    return sink


def _csv(fields: Sequence[Field]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([field.name for field in fields])
    writer.writerows(zip(*(_texts(field.values) for field in fields), strict=True))
    return target.getvalue().encode()


def _texts(values: npt.NDArray[Any]) -> list[str]:
    if np.issubdtype(values.dtype, np.floating):
        return ["" if np.isnan(value) else f"{value:.{_DIGITS}g}" for value in values.tolist()]
    return [str(value) for value in values]  # dates of numpy are written as ISO 8601

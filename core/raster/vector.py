"""Polygons as GeoPackage: written whole or not at all, read from whatever layer a user has."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyogrio
from pyogrio import raw as ogr
from pyogrio.errors import CRSError as OgrCrsError
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.warp import transform as warp

from ..errors import InputError
from .content import ContentSink

# A ring is (n, 2) float64, x and y, its last point its first; the first ring of a polygon is its outline, others holes.
Ring = npt.NDArray[np.float64]
Rings = tuple[Ring, ...]

# Formats whose parsers may see a user's file: those that QGIS exports polygons to.
READ_ENDINGS = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".kml", ".gml", ".sqlite")

_POLYGON, _MULTIPOLYGON = 3, 6  # codes of well-known binary (OGC 06-103r4, 8.2)
_LITTLE_ENDIAN = 1

# The time that GeoPackage wants in every layer; one and the same, so that the same job gives the same bytes.
_DATE = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}

_OGR_ERRORS = (DataSourceError, DataLayerError, FieldError, GeometryError, OgrCrsError, OSError, RuntimeError)

# `warnings.catch_warnings` swaps a list that all threads share; GDAL's date is one for the process.
_lock = threading.Lock()


class Field(NamedTuple):
    """A column of a layer: one value per polygon (int, float, bool or str), and what it means with its unit."""

    name: str
    values: npt.NDArray[Any]
    meaning: str = ""


class Feature(NamedTuple):
    """One feature that was read: its number in the file, its attributes, and its polygons (one, or several)."""

    fid: int
    attributes: dict[str, Any]
    polygons: tuple[Rings, ...]


class VectorSink(ContentSink):
    """One GeoPackage with one layer of polygons; made by `Outputs.vector`, filled once by `write`."""

    def __init__(self, path: Path, part: Path, crs: CRS | None, tags: Mapping[str, str]) -> None:
        super().__init__(path, part)
        self._crs, self._tags = crs, dict(tags)

    def write(self, polygons: Sequence[Rings], fields: Sequence[Field]) -> None:
        """Take the polygons, in coordinates of the CRS, and their columns; there may be none of either.

        Raises ValueError where a column has another length than the list of polygons.
        """
        wrong = [field.name for field in fields if len(field.values) != len(polygons)]
        if wrong:
            message = f"{len(polygons)} polygons, but another number of values in {', '.join(wrong)}"
            raise ValueError(message)
        meanings = {f"FIELD_{field.name}": field.meaning for field in fields if field.meaning}
        shapes = [to_wkb(rings) for rings in polygons]
        self._content = geopackage("detections", "Polygon", shapes, fields, self._crs, self._tags | meanings)


def geopackage(
    layer: str, kind: str, shapes: Sequence[bytes], fields: Sequence[Field], crs: CRS | None, tags: Mapping[str, str]
) -> bytes:
    """The bytes of a GeoPackage with one layer of geometries of a kind ("Polygon", "Point") as well-known binary.

    Made in memory, where it needs no name that ends as SQLite and GDAL expect.
    """
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    target = io.BytesIO()
    with _quietly():
        ogr.write(
            target,
            geometry,
            [np.asarray(field.values) for field in fields],
            [field.name for field in fields],
            layer=layer,
            driver="GPKG",
            geometry_type=kind,
            crs=crs.to_wkt() if crs is not None else None,
            layer_metadata=dict(tags),
            dataset_options={"VERSION": "1.3"},  # the GDAL of older QGIS warns of later ones at every opening
        )
    return target.getvalue()


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """With the one date, and without the warning that radar geometry has no CRS, which is no fault here."""
    with _lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.set_gdal_config_options(_DATE)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(dict.fromkeys(_DATE))


def read_polygons(path: str, crs: CRS | None, name: str = "DETECTIONS") -> list[Feature]:
    """The polygons of a vector file, in coordinates of `crs`, in the order of the file.

    `path` may name a layer as QGIS does (`file.gpkg|layername=name`). Features without geometry are left out. Raises
    InputError that names `name`, the file and the remedy: no polygons, several layers, no CRS on one of the two sides.
    """
    file, layer = _file_and_layer(path)
    if file.suffix.lower() not in READ_ENDINGS:
        message = f"{name}: {file} is not read here ({', '.join(READ_ENDINGS)} are). Export it as GeoPackage in QGIS."
        raise InputError(message)
    if not file.is_file():
        message = f"{name}: there is no file {file}. Check the path; it may have been moved or not mounted."
        raise InputError(message)
    try:
        layer = layer or _only_layer(file, name)
        meta, fids, geometry, columns = ogr.read(
            file, layer=layer, force_2d=True, return_fids=True, datetime_as_string=True
        )
    except _OGR_ERRORS as error:
        message = f"{name}: {path} cannot be read ({error}). Check it in QGIS and export it as GeoPackage again."
        raise InputError(message) from error
    features = [
        Feature(int(fid), dict(zip(meta["fields"], values, strict=True)), _from_wkb(shape, name, file))
        for fid, shape, *values in zip(fids, geometry, *(column.tolist() for column in columns), strict=True)
        if shape is not None
    ]
    return _reprojected(features, _crs_of(meta["crs"], name, file), crs, name, file)


def _file_and_layer(path: str) -> tuple[Path, str | None]:
    """The file and the layer of `file.gpkg|layername=name`, which QGIS writes."""
    file, _, rest = path.partition("|")
    options = dict(part.partition("=")[::2] for part in rest.split("|"))
    return Path(file), options.get("layername") or None


def _only_layer(file: Path, name: str) -> str:
    """The layer of polygons of a file; InputError where there is none or more than one."""
    layers = [str(layer) for layer, kind in pyogrio.list_layers(file) if kind is not None and "Polygon" in kind]
    others = [str(layer) for layer, kind in pyogrio.list_layers(file) if kind == "Unknown"]
    found = layers or others
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{name}: {file} has several layers of polygons: {', '.join(found)}. Name one: FILE|layername=LAYER."
        raise InputError(message)
    message = f"{name}: {file} has no layer of polygons. Give a layer of polygons, such as detections."
    raise InputError(message)


def _crs_of(text: str | None, name: str, file: Path) -> CRS | None:
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError as error:
        message = f"{name}: the CRS of {file} cannot be understood ({error}). Export it in a CRS with an EPSG code."
        raise InputError(message) from error


def _reprojected(
    features: list[Feature], source: CRS | None, target: CRS | None, name: str, file: Path
) -> list[Feature]:
    """The features in the target's coordinates; where neither side has a CRS they are taken as they are."""
    if source == target or not features:
        return features
    if source is None or target is None:
        where = str(file) if source is None else "the raster"
        message = f"{name}: {where} has no CRS, so polygons cannot be laid over the raster. Assign it one in QGIS."
        raise InputError(message)
    rings = [ring for feature in features for polygon in feature.polygons for ring in polygon]
    flat = np.concatenate(rings)
    try:
        xs, ys = warp(source, target, flat[:, 0].tolist(), flat[:, 1].tolist())
    except (CRSError, RuntimeError) as error:
        message = f"{name}: {file} cannot be brought into the CRS of the raster ({error}). Reproject it in QGIS."
        raise InputError(message) from error
    moved = np.column_stack((xs, ys)).astype(np.float64)
    if not np.isfinite(moved).all():
        message = f"{name}: parts of {file} lie where the CRS of the raster has no coordinates. Clip it first."
        raise InputError(message)
    pieces = iter(np.split(moved, np.cumsum([len(ring) for ring in rings])[:-1]))
    return [
        feature._replace(polygons=tuple(tuple(next(pieces) for _ in polygon) for polygon in feature.polygons))
        for feature in features
    ]


def to_wkb(rings: Rings) -> bytes:
    """A polygon as little-endian well-known binary."""
    parts = [struct.pack("<BII", _LITTLE_ENDIAN, _POLYGON, len(rings))]
    for ring in rings:
        parts += [struct.pack("<I", len(ring)), np.ascontiguousarray(ring, "<f8").tobytes()]
    return b"".join(parts)


def _from_wkb(wkb: bytes, name: str, file: Path) -> tuple[Rings, ...]:
    """The polygons of a polygon or multipolygon; InputError for other geometries."""
    _, kind, count = struct.unpack_from("<BII", wkb)
    if kind == _POLYGON:
        return (_rings(wkb, 0)[0],)
    if kind != _MULTIPOLYGON:
        message = f"{name}: {file} holds geometries that are no polygons. Give a layer of polygons, or buffer them."
        raise InputError(message)
    polygons, offset = [], struct.calcsize("<BII")
    for _ in range(count):
        rings, offset = _rings(wkb, offset)
        polygons.append(rings)
    return tuple(polygons)


def _rings(wkb: bytes, offset: int) -> tuple[Rings, int]:
    """The rings of the polygon that starts at `offset`, and where it ends."""
    (count,) = struct.unpack_from("<I", wkb, offset + 5)
    offset += struct.calcsize("<BII")
    rings = []
    for _ in range(count):
        (points,) = struct.unpack_from("<I", wkb, offset)
        rings.append(np.frombuffer(wkb, "<f8", 2 * points, offset + 4).reshape(-1, 2).astype(np.float64))
        offset += 4 + 16 * points
    return tuple(rings), offset

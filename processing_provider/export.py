"""Turns what the user picked into something the runtime can open: a file, a subdataset, or a copy of either."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
)

from ..core.catalog.patterns import is_pattern


class RasterSource:
    """One raster input: made in the main thread from a layer, brought to a file in the thread that works.

    A file or subdataset is used as it is. Where the file has no CRS and the user gave the layer one, a small VRT has
    it. A layer that is no file (a virtual raster, a web service, a database) is exported to a GeoTIFF.
    """

    def __init__(self, layer: QgsRasterLayer) -> None:
        """Remember what is needed later; layers must not be touched outside the main thread."""
        provider = layer.dataProvider()
        self.name: str = layer.name()
        self.path: Optional[str] = file_of(layer)
        self.given_crs: Optional[QgsCoordinateReferenceSystem] = None
        if layer.crs().isValid() and not provider.crs().isValid():
            self.given_crs = QgsCoordinateReferenceSystem(layer.crs())
        self._crs = QgsCoordinateReferenceSystem(layer.crs())
        self._provider = provider.clone() if self.path is None else None
        self._extent, self._width, self._height = layer.extent(), layer.width(), layer.height()

    def resolve(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> str:
        """A path or subdataset for the runtime; raises QgsProcessingException where the export fails."""
        if self.path is None:
            return self._export(context, feedback)
        if self.given_crs is None:
            return self.path
        feedback.pushInfo(f"{self.name} has no CRS of its own; {self.given_crs.authid() or 'that'} of the layer counts")
        return self._with_crs(self.given_crs)

    def _with_crs(self, crs: QgsCoordinateReferenceSystem) -> str:
        stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(str(self.path)).stem) or "input"
        target = QgsProcessingUtils.generateTempFilename(f"{stem}.vrt")
        made = gdal.Translate(target, self.path, format="VRT", outputSRS=crs.toWkt(), noData=None)
        if made is None:
            message = f"{self.path} cannot be opened: {gdal.GetLastErrorMsg()}"
            raise QgsProcessingException(message)
        made.FlushCache()
        return str(target)

    def _export(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> str:
        target = QgsProcessingUtils.generateTempFilename("exported.tif")
        if self._width <= 0 or self._height <= 0:
            message = f"The layer {self.name} has no pixels of its own; save it as a GeoTIFF at the size you need."
            raise QgsProcessingException(message)
        feedback.pushInfo(f"{self.name} is not a file; exporting {self._width} x {self._height} pixels first")
        writer, pipe = QgsRasterFileWriter(target), QgsRasterPipe()
        writer.setOutputProviderKey("gdal")
        writer.setOutputFormat("GTiff")
        if not pipe.set(self._provider.clone()):
            message = f"The layer {self.name} cannot be exported; save it as a GeoTIFF first."
            raise QgsProcessingException(message)
        status = writer.writeRaster(
            pipe, self._width, self._height, self._extent, self._crs, context.transformContext()
        )
        if status != QgsRasterFileWriter.WriterError.NoError:
            message = f"The layer {self.name} could not be exported to {target}; save it as a GeoTIFF first."
            raise QgsProcessingException(message)
        return str(target)


def why_unreadable(value: Any) -> str:
    """What is wrong with a file that is to be a raster, and the remedy; empty where nothing is, or it is no path."""
    if not isinstance(value, str) or ":" in value[2:] or "/" not in value.replace("\\", "/"):
        return ""  # a layer's name or id, or a subdataset
    if is_pattern(value):
        return f"There is no file that fits {value}."
    path = Path(value)
    if value.startswith("/vsi") or QgsRasterLayer(value).isValid():
        return ""
    if not path.exists():
        return f"{value} does not exist."
    if path.is_file() and not path.stat().st_size:
        return f"{value} is empty; make it again."
    return f"{value} is damaged or no raster that GDAL opens; one without a header needs a .hdr or .vrt beside it."


def file_of(layer: QgsRasterLayer) -> Optional[str]:
    """What another process can open of a layer: a path or subdataset; None where only QGIS has the pixels."""
    if layer.providerType() != "gdal":
        return None
    source = str(layer.source())
    only_here = ("|option:", "/vsimem/", "authcfg=")  # open options, QGIS's own memory, QGIS's own passwords
    return None if any(mark in source for mark in only_here) else absolute(source)


def absolute(path: str) -> str:
    """A path, or a subdataset in a file, as the runtime can find it too: it does not work in QGIS's folder."""
    for part in (path, *path.replace('"', "").split(":")):  # a subdataset is DRIVER:"file":name
        if part and Path(part).exists():
            return path if Path(part).is_absolute() else path.replace(part, str(Path(part).absolute()), 1)
    return path


def same_file(one: Any, other: Any) -> bool:
    """Whether two paths are one file on disk."""
    try:
        return Path(str(one)).resolve() == Path(str(other)).resolve()
    except OSError:
        return False

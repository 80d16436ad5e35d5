"""Lists of files: hundreds of interferograms must not become layers first, which takes QGIS half a second each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Union

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterMultipleLayers,
    QgsRasterLayer,
)

from ..core.catalog.patterns import expanded
from .export import RasterSource, absolute

OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional


class FileList(QgsProcessingParameterMultipleLayers):
    """A parameter for a list of rasters; to log or remember a list, QGIS's own opens every file of it."""

    def clone(self) -> FileList:
        """QGIS copies parameters."""
        made = FileList(self.name(), self.description(), self.layerType(), None, bool(self.flags() & OPTIONAL))
        made.setHelp(self.help())
        made.setFlags(self.flags())
        return made

    def valueAsPythonString(self, value: Any, context: QgsProcessingContext) -> str:
        """The value as in a Python script."""
        files = files_in(value)
        return repr(files) if files else str(super().valueAsPythonString(value, context))

    def valueAsJsonObject(self, value: Any, context: QgsProcessingContext) -> Any:
        """The value as QGIS 3.24 and later keep it."""
        return files_in(value) or super().valueAsJsonObject(value, context)


class FileSource:
    """A raster input that is simply a file; the runtime looks into it."""

    def __init__(self, path: str) -> None:
        self.path = absolute(path)

    def resolve(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> str:  # noqa: ARG002
        """The path."""
        return self.path


Source = Union[RasterSource, FileSource]


def files_in(value: Any) -> List[str]:
    """The files that a list parameter names, patterns replaced; none where any of it is not simply a file."""
    names = value.split(";") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) and name for name in names):
        return []
    files = expanded(names)
    return files if all(Path(name).is_file() for name in files) else []


def sources_in(value: Any, context: QgsProcessingContext) -> List[Source]:
    """Those files as inputs; a file that is also a layer of the project counts as that, for its CRS."""
    files = files_in(value)
    layers: Dict[str, QgsRasterLayer] = {}
    if files and context.project() is not None:
        candidates = context.project().mapLayers().values()
        layers = {str(layer.source()): layer for layer in candidates if isinstance(layer, QgsRasterLayer)}
    return [RasterSource(layers[name]) if name in layers else FileSource(name) for name in files]


def lightened(parameters: Dict[str, Any], names: Iterable[str]) -> Dict[str, Any]:
    """The parameters for QGIS's own checks: of a list of files the first alone, since it opens what it checks."""
    light = dict(parameters)
    for name in names:
        first: Optional[str] = next(iter(files_in(parameters.get(name))), None)
        if first is not None:
            light[name] = [first]
    return light


def spelled_out(command: str, parameters: Dict[str, Any], names: Iterable[str]) -> str:
    """A Python command that was made of lightened parameters, with the whole lists."""
    for name in names:
        files = files_in(parameters.get(name))
        if files:
            command = command.replace(f"'{name}':{files[:1]!r}", f"'{name}':{files!r}")
    return command

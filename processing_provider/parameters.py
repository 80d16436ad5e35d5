"""Catalog parameters and outputs as QGIS knows them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputDefinition,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..core.catalog import Output, Parameter, Tool
from ..core.catalog.describe import limits
from . import runtime
from .lists import FileList


def label(thing: Any) -> str:
    """What the dialog calls a parameter: its label with the unit."""
    return f"{thing.label} ({thing.unit})" if thing.unit and isinstance(thing, Parameter) else str(thing.label)


def default(parameter: Parameter) -> Any:
    """The catalog's default; for the device, what the settings page says where it says something."""
    if parameter.name == "DEVICE":
        chosen = runtime.setting(runtime.DEVICE)
        return chosen if chosen in parameter.choices else parameter.default
    return parameter.default


def build(tool: Tool, parameter: Parameter) -> QgsProcessingParameterDefinition:
    """The QGIS parameter for one of the catalog."""
    made = _MAKERS[parameter.kind](tool, parameter)
    if parameter.advanced:
        made.setFlags(made.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    bounds = limits(parameter) if parameter.kind in ("number", "integer") else ""
    made.setHelp(f"{parameter.help} ({bounds})" if bounds else parameter.help)
    return made


def build_destination(output: Output) -> QgsProcessingParameterDefinition:
    """The QGIS parameter that asks where a file output goes; an optional one is off until it is asked for."""
    common = {"optional": output.optional, "createByDefault": not output.optional}
    if output.kind == "raster":
        made = QgsProcessingParameterRasterDestination(output.name, label(output), **common)
    elif output.kind == "report":
        filters = "HTML (*.html);;JSON (*.json);;Markdown (*.md);;Text (*.txt)"
        made = QgsProcessingParameterFileDestination(output.name, label(output), filters, **common)
    else:
        made = QgsProcessingParameterVectorDestination(output.name, label(output), **common)
    made.setHelp(output.help)
    return made


def build_value_output(output: Output) -> QgsProcessingOutputDefinition:
    """The declaration of a number or text in the result, so that a model can use it."""
    kind = QgsProcessingOutputNumber if output.kind == "number" else QgsProcessingOutputString
    return kind(output.name, output.label)


def main_input(tool: Tool) -> Optional[str]:
    """The raster parameter that band numbers belong to."""
    return next((p.name for p in tool.parameters if p.kind == "raster"), None)


def _raster(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterRasterLayer(p.name, label(p), optional=p.optional)


def _rasters(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    kind = QgsProcessing.SourceType.TypeRaster
    return FileList(p.name, label(p), kind, optional=p.optional)


def _vector(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterFeatureSource(p.name, label(p), optional=p.optional)


def _file(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    made = QgsProcessingParameterFile(p.name, label(p), defaultValue=p.default, optional=p.optional)
    if p.name == "MODEL":
        made.setFileFilter("Weights (*.safetensors)")
    return made


def _number(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    kinds = QgsProcessingParameterNumber.Type
    made = QgsProcessingParameterNumber(p.name, label(p), kinds.Integer if p.kind == "integer" else kinds.Double)
    if p.minimum is not None:
        made.setMinimum(p.minimum)
    if p.maximum is not None:
        made.setMaximum(p.maximum)
    return _with_default(made, p)


def _choice(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    made = QgsProcessingParameterEnum(p.name, label(p), options=list(p.choices))
    made.setUsesStaticStrings(True)
    return _with_default(made, p)


def _boolean(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return _with_default(QgsProcessingParameterBoolean(p.name, label(p)), p)


def _point(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterPoint(p.name, label(p), defaultValue=p.default, optional=p.optional)


def _text(_: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterString(p.name, label(p), defaultValue=p.default, optional=p.optional)


def _band(tool: Tool, p: Parameter) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterBand(p.name, label(p), p.default, main_input(tool), p.optional)


def _with_default(made: QgsProcessingParameterDefinition, p: Parameter) -> QgsProcessingParameterDefinition:
    made.setDefaultValue(default(p))
    if p.optional:
        made.setFlags(made.flags() | QgsProcessingParameterDefinition.Flag.FlagOptional)
    return made


_MAKERS: Dict[str, Callable[[Tool, Parameter], QgsProcessingParameterDefinition]] = {
    "raster": _raster,
    "rasters": _rasters,
    "vector": _vector,
    "file": _file,
    "number": _number,
    "integer": _number,
    "choice": _choice,
    "boolean": _boolean,
    "point": _point,
    "text": _text,
    "band": _band,
}

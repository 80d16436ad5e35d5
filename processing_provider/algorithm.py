"""One QGIS algorithm for any tool of the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)
from qgis.PyQt.QtGui import QIcon

from ..core.catalog import Output, Parameter, Tool
from ..core.catalog.describe import ending
from ..core.catalog.validate import InvalidParametersError, complete
from . import help as help_pages
from . import links, lists, results, runtime, session
from . import parameters as definitions
from .export import RasterSource, absolute, same_file, why_unreadable
from .worker import Listener, RunError

LAYERS = ("raster", "rasters", "vector")

# Errors whose message says all there is: where in the code it was noticed does not help who gave the wrong file.
PLAIN_ERRORS = ("input", "grid", "output", "weights", "cancelled")


class ToolAlgorithm(QgsProcessingAlgorithm):
    """A tool of the catalog: the dialog, the checks and the layers are QGIS's, the work is the runtime's."""

    def __init__(self, tool: Tool) -> None:
        """Nothing is read yet."""
        super().__init__()
        self._tool = tool
        self._values: Dict[str, Any] = {}
        self._sources: Dict[str, List[lists.Source]] = {}
        self._origins: Dict[str, str] = {}  # of vectors, whose selection may have been exported
        self._destinations: Dict[str, str] = {}
        self._made: Dict[str, Any] = {}

    # What QGIS asks for by these names.

    def createInstance(self) -> "ToolAlgorithm":  # noqa: D102
        return ToolAlgorithm(self._tool)

    def name(self) -> str:  # noqa: D102
        return self._tool.id

    def displayName(self) -> str:  # noqa: D102
        return self._tool.name

    def group(self) -> str:  # noqa: D102
        return self._tool.group

    def groupId(self) -> str:  # noqa: D102
        return self._tool.group_id

    def shortDescription(self) -> str:  # noqa: D102
        return self._tool.summary

    def tags(self) -> List[str]:  # noqa: D102
        return list(self._tool.tags)

    def icon(self) -> QIcon:  # noqa: D102
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:  # noqa: D102
        own = runtime.ROOT / "plugin" / "icons" / f"{self._tool.id}.svg"
        return str(own if own.exists() else runtime.ROOT / "plugin" / "icons" / "fringelens.svg")

    def helpUrl(self) -> str:  # noqa: D102
        page = runtime.ROOT / "docs" / "tools" / f"{self._tool.id}.md"
        return page.as_uri() if page.exists() else ""

    def shortHelpString(self) -> str:  # noqa: D102
        return help_pages.as_html(self._tool) if has_desktop() else help_pages.as_text(self._tool)

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: D102, ARG002
        for parameter in self._tool.parameters:
            self.addParameter(definitions.build(self._tool, parameter))
        for output in self._tool.outputs:
            if output.is_file:
                self.addParameter(definitions.build_destination(output))
            else:
                self.addOutput(definitions.build_value_output(output))

    def canExecute(self) -> Tuple[bool, str]:
        """Whether the runtime is there; the toolbox asks this, `processing.run` and `qgis_process` do not."""
        problem = runtime.problem()
        return not problem, problem

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        """QGIS's own checks, then those of the catalog."""
        several = [p.name for p in self._tool.parameters if p.kind == "rasters"]
        fine, message = super().checkParameterValues(lists.lightened(parameters, several), context)
        if not fine:
            return fine, message + self._about_unreadable(parameters)
        given = {p.name: self._value(p, parameters, context) for p in self._tool.parameters if p.kind not in LAYERS}
        given.update({p.name: p.name for p in self._tool.parameters if p.kind in LAYERS and parameters.get(p.name)})
        given.update({o.name: o.name + _ending(parameters.get(o.name), o) for o in self._tool.file_outputs})
        try:
            complete(self._tool, given)
        except InvalidParametersError as error:
            return False, "\n".join(error.problems)
        return True, ""

    def validateInputCrs(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> bool:
        """The runtime compares the grids, and names all that differ; QGIS would open every file of a list for it."""
        if any(p.kind == "rasters" for p in self._tool.parameters):
            return True
        return bool(super().validateInputCrs(parameters, context))

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read what belongs to the main thread: layers and settings."""
        for parameter in self._tool.parameters:
            if parameter.kind in ("raster", "rasters"):
                self._sources[parameter.name] = self._find_rasters(parameter, parameters, context)
            elif parameter.kind == "vector":
                path = self.parameterAsCompatibleSourceLayerPath(
                    parameters, parameter.name, context, ["gpkg", "shp", "geojson"], "gpkg", feedback
                )
                self._values[parameter.name] = absolute(path) or None
                layer = self.parameterAsVectorLayer(parameters, parameter.name, context)
                self._origins[parameter.name] = layer.source() if layer is not None else path
            else:
                self._values[parameter.name] = self._value(parameter, parameters, context)
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Send the job to the runtime and follow it; no output remains where it fails or is cancelled."""
        problem = runtime.problem()
        if problem:  # here and not in `prepareAlgorithm`, whose errors QGIS keeps from scripts
            raise QgsProcessingException(problem)
        for output in self._tool.file_outputs:  # here, because QGIS 3.22 forgets layers that were announced earlier
            self._find_destination(output, parameters, context)
        job: Dict[str, Any] = {**self._values, **self._destinations}
        for parameter in self._tool.parameters:
            if parameter.name in self._sources:
                paths = [source.resolve(context, feedback) for source in self._sources[parameter.name]]
                job[parameter.name] = (paths if parameter.kind == "rasters" else paths[0]) if paths else None
        self._refuse_overwriting_inputs()
        try:
            self._made = session.run(self._tool.id, job, FeedbackListener(feedback))
        except RunError as error:
            if error.details and error.kind not in PLAIN_ERRORS:
                feedback.pushDebugInfo(error.details)
            raise QgsProcessingException(str(error)) from error
        for output in self._tool.file_outputs:
            if self._made.get(output.name):
                results.write_sidecar(str(self._made[output.name]), output.style)
                if output.kind == "table" and self._origins.get("DETECTIONS"):
                    links.remember(str(self._made[output.name]), self._origins["DETECTIONS"])
        feedback.setProgress(100)
        return {name: value for name, value in self._made.items() if value is not None}

    def postProcessAlgorithm(
        self,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,  # noqa: ARG002
    ) -> Dict[str, Any]:
        """Back in the main thread: see that QGIS loads what was made."""
        results.relabel(context, self._destinations, self._made)
        return {}

    # The pieces of the above.

    def _value(self, parameter: Parameter, parameters: Dict[str, Any], context: QgsProcessingContext) -> Any:
        """The value of a parameter that is no layer; None where it was left out, which gives the catalog's default."""
        name = parameter.name
        if parameters.get(name) is None and definitions.default(parameter) is None:
            return None
        if parameter.kind == "number":
            return self.parameterAsDouble(parameters, name, context)
        if parameter.kind == "integer":
            return self.parameterAsInt(parameters, name, context)
        if parameter.kind == "band":
            return self.parameterAsInt(parameters, name, context) or None
        if parameter.kind == "boolean":
            return self.parameterAsBoolean(parameters, name, context)
        if parameter.kind == "choice":
            return self.parameterAsEnumString(parameters, name, context) or None
        if parameter.kind == "file":
            return absolute(self.parameterAsFile(parameters, name, context)) or None
        if parameter.kind == "point":
            return _point_text(self, parameters, name, context)
        return self.parameterAsString(parameters, name, context) or None

    def _find_rasters(
        self, parameter: Parameter, parameters: Dict[str, Any], context: QgsProcessingContext
    ) -> List[lists.Source]:
        value = parameters.get(parameter.name)
        if value is None or value == "":
            return []
        files = lists.sources_in(value, context) if parameter.kind == "rasters" else []
        if files:
            return files
        if parameter.kind == "rasters":
            layers = self.parameterAsLayerList(parameters, parameter.name, context)
            expected = len(value) if isinstance(value, (list, tuple)) else 1
        else:
            layers, expected = [self.parameterAsRasterLayer(parameters, parameter.name, context)], 1
        if len(layers) != expected or any(layer is None or not layer.isValid() for layer in layers):
            message = self.invalidRasterError(parameters, parameter.name) + self._about_unreadable(parameters)
            raise QgsProcessingException(message)
        return [RasterSource(layer) for layer in layers]

    def _about_unreadable(self, parameters: Dict[str, Any]) -> str:
        values = [parameters.get(p.name) for p in self._tool.parameters if p.kind in ("raster", "rasters")]
        texts = [one for value in values for one in (value if isinstance(value, (list, tuple)) else [value])]
        return "".join(f" {why}" for why in map(why_unreadable, texts) if why)

    def _find_destination(self, output: Output, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        ask = self.parameterAsFileOutput if output.kind == "report" else self.parameterAsOutputLayer
        path = ask(parameters, output.name, context) if parameters.get(output.name) is not None else ""
        if not path:
            return
        self._destinations[output.name] = str(Path(path).absolute())
        if output.style and context.willLoadLayerOnCompletion(path):
            context.layerToLoadOnCompletionDetails(path).setPostProcessor(results.styler(output.style))

    def _refuse_overwriting_inputs(self) -> None:
        inputs = [source.path for sources in self._sources.values() for source in sources]
        for name, path in self._destinations.items():
            if any(same_file(path, one) for one in inputs if one):
                message = f"{name}: {path} is also an input; choose another file for the output."
                raise QgsProcessingException(message)


class FeedbackListener(Listener):
    """Passes what the runtime says on to QGIS's progress bar and log."""

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        """Remember the feedback."""
        self._feedback = feedback
        self._stages: Set[str] = set()

    def progress(self, fraction: float, message: str) -> None:
        """Move the bar; name a stage once, when it first begins: crops that are worked on in turn have the same."""
        self._feedback.setProgress(100.0 * fraction)
        if message and message not in self._stages:
            self._stages.add(message)
            self._feedback.setProgressText(message)

    def log(self, message: str) -> None:
        """Add to the log."""
        self._feedback.pushInfo(message)

    def warn(self, message: str) -> None:
        """Add to the log, so that it is seen."""
        self._feedback.pushWarning(message)

    def is_cancelled(self) -> bool:
        """Say whether the user pressed Cancel."""
        return bool(self._feedback.isCanceled())


def _ending(value: Any, output: Output) -> str:
    """The ending of the file name that was chosen for an output; the usual one where none was."""
    sink = getattr(value, "sink", None)
    text = str(sink.staticValue() if sink is not None else value or "")
    return Path(text).suffix if "." in Path(text).name else ending(output)


def has_desktop() -> bool:
    """Whether there is a window to show HTML in; not in qgis_process."""
    from qgis import utils  # its value changes while QGIS starts

    return utils.iface is not None


def _point_text(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], name: str, context: QgsProcessingContext
) -> str:
    point = algorithm.parameterAsPoint(parameters, name, context)
    crs = algorithm.parameterAsPointCrs(parameters, name, context)
    return f"{point.x()!r},{point.y()!r}" + (f" [{crs.authid()}]" if crs.isValid() and crs.authid() else "")

"""What becomes of the outputs: their style in QGIS now, and beside the file for whoever opens it later."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
)

from ..core.catalog import Tool
from .runtime import ROOT
from .stretch import fitted

STYLES = ROOT / "plugin" / "styles"
MARK = "fringelens"  # in the first lines of our style files; one without it is the user's own and stays


class Styler(QgsProcessingLayerPostProcessorInterface):
    """Gives a result layer its style when QGIS loads it; runs in the main thread."""

    def __init__(self, style: str) -> None:
        """Remember the style's name."""
        super().__init__()
        self.style = style

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback  # noqa: ARG002
    ) -> None:
        """Load the style beside the file, else the plugin's; one that does not load leaves QGIS's own."""
        beside = sidecar_of(layer.source())
        message, loaded = layer.loadNamedStyle(str(beside if beside.exists() else file_of(self.style)))
        if not loaded:
            feedback.pushWarning(f"The style {self.style} could not be loaded: {message}")
        layer.triggerRepaint()


# One for each style, kept for as long as QGIS runs: post-processors made in a thread or not kept are lost.
_STYLERS: Dict[str, Styler] = {}


def file_of(style: str) -> Path:
    """The style file of this name."""
    return STYLES / f"{style}.qml"


def prepare_stylers(tool: Tool) -> None:
    """Make the post-processors of a tool's outputs; to be called in the main thread."""
    for output in tool.file_outputs:
        if output.style and output.style not in _STYLERS:
            _STYLERS[output.style] = Styler(output.style)


def styler(style: str) -> Optional[Styler]:
    """The post-processor of a style, or None."""
    return _STYLERS.get(style)


def sidecar_of(path: str) -> Path:
    """Where QGIS looks for the style of a file."""
    return Path(path).with_suffix(".qml")


def write_sidecar(path: str, style: str) -> None:
    """Put the style beside a raster, so that it is drawn well when it is opened later; a user's own style stays."""
    if not style or not file_of(style).exists():
        return
    beside = sidecar_of(path)
    try:
        if not beside.exists() or MARK in beside.read_text(encoding="utf-8", errors="replace")[:300]:
            text = file_of(style).read_text(encoding="utf-8")
            beside.write_text(fitted(style, text, path), encoding="utf-8")
    except OSError:
        return  # the raster is there; a folder that takes no style file is no failure of the tool


def relabel(context: QgsProcessingContext, asked: Dict[str, str], made: Dict[str, Any]) -> None:
    """Load what was made where it is not what was asked for: a file that could not be replaced stays beside it."""
    moved = {path: str(made[name]) for name, path in asked.items() if made.get(name) and made[name] != path}
    if moved:
        waiting = context.layersToLoadOnCompletion()
        context.setLayersToLoadOnCompletion({moved.get(path, path): details for path, details in waiting.items()})

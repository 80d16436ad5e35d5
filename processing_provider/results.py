"""What becomes of the outputs: their style in QGIS now, and beside the file for whoever opens it later."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtXml import QDomDocument

from . import links, order, times
from .runtime import ROOT
from .stretch import fitted

STYLES = ROOT / "plugin" / "styles"
TYPED = "|option:AUTODETECT_TYPE=YES"
MARK = "fringelens"  # in the first lines of our style files; one without it is the user's own and stays


# Styles for the other bands of a layer; the first is its own, and every one has the name that people choose it by.
FURTHER = {
    "gradient_stack": {
        "gradient_stack": "x gradient",
        "gradient_stack_y": "y gradient",
        "gradient_stack_coherence": "stack coherence",
    }
}


class Styler(QgsProcessingLayerPostProcessorInterface):
    """Gives a result layer its style when QGIS loads it; runs in the main thread."""

    def __init__(self, style: str) -> None:
        """Remember the style's name."""
        super().__init__()
        self.style = style

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Load the style beside the file, else the plugin's; one that does not load leaves QGIS's own."""
        if layer.source().endswith(".csv"):  # numbers and dates instead of text
            layer.setDataSource(layer.source() + TYPED, layer.name(), "ogr")
        beside = sidecar_of(layer.source())
        message, loaded = layer.loadNamedStyle(str(beside if beside.exists() else file_of(self.style)))
        if not loaded:
            feedback.pushWarning(f"The style {self.style} could not be loaded: {message}")
        self._offer_further(layer)
        if isinstance(layer, QgsRasterLayer):
            times.play(layer)
        links.join(context.project())
        order.raise_vectors(context)
        layer.triggerRepaint()

    def _offer_further(self, layer: QgsMapLayer) -> None:
        """Further styles of the same layer, such as its other bands, to choose from in the layer's menu."""
        manager = layer.styleManager()
        named = FURTHER.get(self.style, {})
        if not named or manager is None:
            return
        manager.renameStyle(manager.currentStyle(), next(iter(named.values())))
        first = manager.currentStyle()
        for style, name in list(named.items())[1:]:
            if manager.addStyleFromLayer(name) and manager.setCurrentStyle(name):
                document = QDomDocument()
                document.setContent(fitted(style, file_of(style).read_text(encoding="utf-8"), layer.source()))
                layer.importNamedStyle(document)
        manager.setCurrentStyle(first)


# Those that a context still has. It deletes them when it ends, so each is used once; one that Python lets go of
# earlier is lost.
_KEPT: List[Styler] = []


def file_of(style: str) -> Path:
    """The style file of this name."""
    return STYLES / f"{style}.qml"


def styler(style: str) -> Styler:
    """A post-processor for one layer of one context."""
    _KEPT[:] = [one for one in _KEPT if not sip.isdeleted(one)]
    _KEPT.append(Styler(style))
    return _KEPT[-1]


def sidecar_of(path: str) -> Path:
    """Where QGIS looks for the style of a file."""
    return Path(links.path_of(path)).with_suffix(".qml")


def write_sidecar(path: str, style: str) -> None:
    """Put the style beside a result, so that it is drawn well when it is opened later; a user's own style stays."""
    if not style or not file_of(style).exists():
        return
    beside = sidecar_of(path)
    try:
        if not beside.exists() or MARK in beside.read_text(encoding="utf-8", errors="replace")[:300]:
            text = file_of(style).read_text(encoding="utf-8")
            beside.write_text(fitted(style, text, path), encoding="utf-8")
    except OSError:
        return  # the result is there; a folder that takes no style file is no failure of the tool


def relabel(context: QgsProcessingContext, asked: Dict[str, str], made: Dict[str, Any]) -> None:
    """Load what was made where it is not what was asked for: a file that could not be replaced stays beside it."""
    moved = {path: str(made[name]) for name, path in asked.items() if made.get(name) and made[name] != path}
    if moved:
        waiting = context.layersToLoadOnCompletion()
        context.setLayersToLoadOnCompletion({moved.get(path, path): details for path, details in waiting.items()})

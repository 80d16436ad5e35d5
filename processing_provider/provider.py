"""The provider `fringelens` in the Processing Toolbox."""

from __future__ import annotations

from typing import List

from qgis.core import QgsApplication, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .. import __version__
from ..core.catalog import TOOLS
from . import runtime
from .algorithm import ToolAlgorithm
from .workflow import workflows


class FringeLensProvider(QgsProcessingProvider):
    """Lists every tool of the catalog, whether or not the runtime is there to run it."""

    def __init__(self) -> None:
        super().__init__()
        QgsApplication.processingRegistry().providerAdded.connect(self.know_workflows)

    def id(self) -> str:  # noqa: D102
        return "fringelens"

    def name(self) -> str:  # noqa: D102
        return "FringeLens"

    def longName(self) -> str:  # noqa: D102
        return f"FringeLens {__version__}: deep learning for radar interferograms"

    def versionInfo(self) -> str:  # noqa: D102
        return __version__

    def icon(self) -> QIcon:  # noqa: D102
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:  # noqa: D102
        return str(runtime.ROOT / "plugin" / "icons" / "fringelens.svg")

    def warningMessage(self) -> str:
        """Tell at the top of each dialog what keeps the tools from running."""
        return runtime.problem()

    def loadAlgorithms(self) -> None:  # noqa: D102
        for tool in TOOLS:
            self.addAlgorithm(ToolAlgorithm(tool))
        for workflow in workflows():
            self.addAlgorithm(workflow)

    def know_workflows(self, provider_id: str) -> None:
        """Once QGIS knows the provider, and so its tools, read the models that are made of them again."""
        if provider_id == self.id():
            self.refreshAlgorithms()

    def supportedOutputRasterLayerExtensions(self) -> List[str]:
        """GeoTIFF alone: the outputs are written by the runtime."""
        return ["tif", "tiff"]

    def supportedOutputVectorLayerExtensions(self) -> List[str]:
        """GeoPackage, and a table as text."""
        return ["gpkg", "csv"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:  # noqa: ARG002, FBT001, FBT002
        """GeoPackage, whatever the user's setting is."""
        return "gpkg"

    def supportsNonFileBasedOutput(self) -> bool:
        """Outputs are files: the runtime is another process."""
        return False

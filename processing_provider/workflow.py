"""Ready models: several tools in one step, listed with them and run by QGIS like any model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingParameterMultipleLayers,
)
from qgis.PyQt.QtGui import QIcon

from . import lists, runtime

FOLDER = Path(__file__).with_name("workflows")


class Workflow(QgsProcessingModelAlgorithm):
    """The model of a file; its id is the file's name, so that scripts need not spell its title."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.is_read = self.fromFile(str(path))

    def createInstance(self) -> Workflow:
        """Read it anew: only once the provider is known to QGIS does a model find the tools in it."""
        return Workflow(self._path)

    def name(self) -> str:  # noqa: D102
        return self._path.stem

    def icon(self) -> QIcon:  # noqa: D102
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:  # noqa: D102
        own = runtime.ROOT / "plugin" / "icons" / f"{self._path.stem}.svg"
        return str(own if own.exists() else runtime.ROOT / "plugin" / "icons" / "fringelens.svg")

    def canExecute(self) -> Tuple[bool, str]:
        """As of the tools it is made of: not without a runtime."""
        problem = runtime.problem()
        return (False, problem) if problem else super().canExecute()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        """QGIS's own checks, without opening every file of a list."""
        fine, message = super().checkParameterValues(lists.lightened(parameters, self._lists()), context)
        return bool(fine), str(message)

    def asPythonCommand(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
        """What QGIS's history keeps: as of a tool, since a model without a file of the user's has none."""
        light = lists.lightened(parameters, self._lists())
        command = QgsProcessingAlgorithm.asPythonCommand(self, light, context)
        return lists.spelled_out(str(command), parameters, self._lists())

    def _lists(self) -> List[str]:
        kind = QgsProcessingParameterMultipleLayers
        return [p.name() for p in self.parameterDefinitions() if isinstance(p, kind)]

    def validateInputCrs(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> bool:  # noqa: ARG002
        """The tools compare what they are given."""
        return True

    def displayName(self) -> str:  # noqa: D102
        return str(super().name())


def workflows() -> Iterator[Workflow]:
    """Those that this QGIS can read."""
    for path in sorted(FOLDER.glob("*.model3")):
        workflow = Workflow(path)
        if workflow.is_read:
            yield workflow

"""What QGIS loads: the provider everywhere, and on the desktop a menu, the settings page and the runtime window."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QApplication, QDockWidget

from ..processing_provider import runtime, session
from ..processing_provider.provider import FringeLensProvider

MENU = "FringeLens"
ICONS = runtime.ROOT / "plugin" / "icons"


class FringeLensPlugin:
    """The plugin; `initProcessing` alone is called in `qgis_process`, `initGui` on the desktop."""

    def __init__(self, iface: Any) -> None:
        """Remember the desktop; None where there is none."""
        self._iface = iface
        self._provider: Optional[FringeLensProvider] = None
        self._actions: List[QAction] = []
        self._settings_page: Any = None
        self._window: Any = None
        self._dock: Any = None

    def initProcessing(self) -> None:
        """Put the tools into Processing, and see that the runtime ends with QGIS."""
        self._provider = FringeLensProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)
        QCoreApplication.instance().aboutToQuit.connect(session.stop)

    def initGui(self) -> None:
        """Add the tools, the menu, the toolbar button and the settings page."""
        from .settings_page import SettingsPageFactory  # needs a desktop

        self.initProcessing()
        toolbox = self._action("Open the toolbox", "fringelens.svg", self.open_toolbox)
        series = self._action("Displacement series", "series.svg", self.open_series)
        self._action("Runtime…", "runtime.svg", self.open_runtime_window)
        self._action("Settings…", "runtime.svg", self.open_settings)
        for action in self._actions:
            self._iface.addPluginToMenu(MENU, action)
        self._iface.addToolBarIcon(toolbox)
        self._iface.addToolBarIcon(series)
        self._settings_page = SettingsPageFactory(self.open_runtime_window)
        self._iface.registerOptionsWidgetFactory(self._settings_page)

    def unload(self) -> None:
        """Take everything away again and end the runtime."""
        session.stop()
        QCoreApplication.instance().aboutToQuit.disconnect(session.stop)
        if self._window is not None:
            self._window.close()
            self._window.deleteLater()
            self._window = None
        if self._dock is not None:
            self._dock.close_down()
            self._iface.removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None
        if self._settings_page is not None:
            self._iface.unregisterOptionsWidgetFactory(self._settings_page)
            self._settings_page = None
        for action in self._actions:
            self._iface.removePluginMenu(MENU, action)
            self._iface.removeToolBarIcon(action)
        self._actions.clear()
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None

    def open_toolbox(self) -> None:
        """Show the Processing Toolbox."""
        dock = self._iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
        if dock is None:
            self._iface.messageBar().pushWarning(MENU, "The toolbox belongs to the plugin Processing; enable it first.")
            return
        dock.setVisible(True)
        dock.raise_()

    def open_series(self) -> None:
        """Show the dock of the time series, or hide it; the map answers its clicks at once."""
        from .series.dock import SeriesDock

        if self._dock is None:
            self._dock = SeriesDock(self._iface)
            self._iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._dock)
        else:
            self._dock.setUserVisible(not self._dock.isUserVisible())
        if not self._dock.isHidden():
            self._dock.pick_button.trigger()

    def open_runtime_window(self) -> None:
        """Show the window that installs the runtime; there is only one."""
        from .runtime_window import RuntimeWindow

        if self._window is None:
            self._window = RuntimeWindow(self._iface.mainWindow())
            self._window.changed.connect(self._refresh)
        modalities = Qt.WindowModality  # beside an open options dialog only a modal window hears the mouse
        is_beside = QApplication.activeModalWidget() not in (None, self._window)
        self._window.setWindowModality(modalities.ApplicationModal if is_beside else modalities.NonModal)
        self._window.show()
        self._window.raise_()

    def open_settings(self) -> None:
        """Show the page in QGIS's own options."""
        self._iface.showOptionsDialog(self._iface.mainWindow(), "fringelensOptions")

    def _refresh(self) -> None:
        """Let the tools see the new runtime; the next job starts it."""
        session.stop()
        if self._provider is not None:
            self._provider.refreshAlgorithms()

    def _action(self, text: str, icon: str, slot: Any) -> QAction:
        action = QAction(QIcon(str(ICONS / icon)), text, self._iface.mainWindow())
        action.triggered.connect(lambda *_: slot())
        self._actions.append(action)
        return action

"""The page FringeLens in Settings > Options."""

from __future__ import annotations

import os
from typing import Any, Callable, Optional

from qgis.core import QgsSettings
from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ..core.catalog import common
from ..processing_provider import runtime

TITLE = "FringeLens"


class SettingsPageFactory(QgsOptionsWidgetFactory):
    """Makes the page when QGIS opens its options."""

    def __init__(self, open_runtime_window: Callable[[], None]) -> None:
        """Remember what the button on the page opens."""
        super().__init__()
        self.setTitle(TITLE)
        self._open_runtime_window = open_runtime_window

    def icon(self) -> QIcon:
        """The icon in the list of pages."""
        return QIcon(str(runtime.ROOT / "plugin" / "icons" / "fringelens.svg"))

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:
        """Make the page."""
        return SettingsPage(self._open_runtime_window, parent)


class SettingsPage(QgsOptionsPageWidget):
    """The interpreter of the runtime, the number of threads and the device."""

    def __init__(self, open_runtime_window: Callable[[], None], parent: Optional[QWidget] = None) -> None:
        """Show what is set now."""
        super().__init__(parent)
        self.setObjectName("fringelensOptions")
        self.python = QgsFileWidget()
        self.python.setStorageMode(QgsFileWidget.StorageMode.GetFile)
        self.python.setDialogTitle("A Python that has what FringeLens needs")
        self.python.setFilePath(runtime.setting(runtime.PYTHON))
        self.python.lineEdit().setPlaceholderText(f"automatic: {runtime.find_python() or 'not installed yet'}")
        self.threads = QSpinBox()
        self.threads.setRange(0, os.cpu_count() or 1)
        self.threads.setSpecialValueText("automatic")
        threads = runtime.setting(runtime.THREADS)
        self.threads.setValue(int(threads) if threads.isdigit() else 0)
        self.device = QComboBox()
        self.device.addItems(common.DEVICE.choices)
        self.device.setCurrentText(runtime.setting(runtime.DEVICE) or str(common.DEVICE.default))
        self._lay_out(open_runtime_window)

    def _lay_out(self, open_runtime_window: Callable[[], None]) -> None:
        about = QLabel(
            "The tools run in a Python of their own, the runtime, so that nothing of it can disturb QGIS."
            " Leave the interpreter empty to use the one that the runtime window installs."
        )
        about.setWordWrap(True)
        self.state = QLabel(runtime.problem() or f"The runtime is {runtime.find_python()}.")
        self.state.setWordWrap(True)
        button = QPushButton("Install or check the runtime…")
        button.clicked.connect(lambda *_: open_runtime_window())
        form = QFormLayout()
        form.addRow("Interpreter of the runtime", self.python)
        form.addRow("Threads", self.threads)
        form.addRow("Default device", self.device)
        form.addRow("", button)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(self.state)
        layout.addStretch()

    def apply(self) -> None:
        """Keep what was set; a running worker is replaced at the next job."""
        values: Any = QgsSettings()
        values.setValue(runtime.PYTHON, self.python.filePath().strip())
        values.setValue(runtime.THREADS, str(self.threads.value() or ""))
        device = self.device.currentText()
        values.setValue(runtime.DEVICE, "" if device == common.DEVICE.default else device)

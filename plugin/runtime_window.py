"""The window that installs the runtime in the background, or takes a Python of the user's, and adds weights."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from qgis.core import QgsSettings
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QCloseEvent, QFontDatabase
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..processing_provider import runtime
from . import findings
from .installer import Installer

BUILDS = (
    ("by what the machine has", "auto"),
    ("processor only (about 1.5 GB)", "cpu"),
    ("NVIDIA GPU, CUDA (about 7 GB)", "cuda"),
)
LOG_LINES = 5000
INSTALL, CHECK, WEIGHTS = "install", "check", "weights"  # what can be running


class RuntimeWindow(QDialog):
    """State, installation, a Python of one's own, and the log of what is being done; `changed` when it can be used."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        """Build the window; nothing is started yet."""
        super().__init__(parent)
        self.setWindowTitle("FringeLens runtime")
        self.resize(720, 560)
        self.installer = Installer(self)
        self.installer.line.connect(self._hear)
        self.installer.done.connect(self._done)
        self._candidate: Optional[Path] = None
        self._was_cancelled = False
        self._task = ""
        self._answer: List[str] = []  # what a check has said so far
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LOG_LINES)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setPlaceholderText("What is being done appears here.")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1)
        self.bar.setTextVisible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.state)
        layout.addWidget(self._install_box())
        layout.addWidget(self._own_box())
        layout.addWidget(self.log, 1)
        layout.addLayout(self._foot())
        self._show_state()

    def install(self) -> None:
        """Start the installation."""
        target = runtime.managed_folder()
        self._begin(INSTALL, f"Installing into {target}")
        self.installer.install(target, str(self.build.currentData()), self.wheels.filePath().strip())

    def check(self) -> None:
        """Ask the Python that is named, else the one that would be used, whether it has everything."""
        named = self.python.filePath().strip()
        python = Path(named).expanduser() if named else runtime.find_python()
        if python is None:
            self._log_line("There is no runtime to check yet; install it, or name a Python.")
            return
        self._begin(CHECK, f"Checking {python}", python if named else None)
        self.installer.check(python)

    def choose_weights(self) -> None:
        """Ask for a weights file, and install what it holds."""
        file, _ = QFileDialog.getOpenFileName(self, "Weights file of this version", "", "Weights file (*.zip)")
        python = runtime.find_python()
        if file and python is not None:
            self._begin(WEIGHTS, f"Installing the weights in {file}")
            self.installer.add_weights(python, file)

    def cancel(self) -> None:
        """Stop what runs."""
        self._was_cancelled = True
        self.installer.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide while something runs, so that it goes on; the menu brings the window back."""
        if self.installer.is_running:
            event.ignore()
            self.hide()
        else:
            super().closeEvent(event)

    def reject(self) -> None:
        """Escape is the same as closing."""
        self.close()

    def _install_box(self) -> QGroupBox:
        box = QGroupBox("Install")
        form = QFormLayout(box)
        self.build = QComboBox()
        for text, value in BUILDS:
            self.build.addItem(text, value)
        self.wheels = QgsFileWidget()
        self.wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.wheels.lineEdit().setPlaceholderText("without internet: a folder of wheels made elsewhere")
        self.install_button = QPushButton("Install")
        self.install_button.clicked.connect(lambda *_: self.install())
        form.addRow("PyTorch", self.build)
        form.addRow("Offline", self.wheels)
        form.addRow("", self.install_button)
        return box

    def _own_box(self) -> QGroupBox:
        box = QGroupBox("Or use a Python of your own")
        form = QFormLayout(box)
        self.python = QgsFileWidget()
        self.python.setStorageMode(QgsFileWidget.StorageMode.GetFile)
        self.python.setFilePath(runtime.setting(runtime.PYTHON))
        self.python.lineEdit().setPlaceholderText("bin/python or python.exe of an environment, 3.11 or newer")
        self.check_button = QPushButton("Check and use")
        self.check_button.clicked.connect(lambda *_: self.check())
        form.addRow("Interpreter", self.python)
        form.addRow("", self.check_button)
        return box

    def _foot(self) -> QHBoxLayout:
        self.weights_button = QPushButton("Weights from file…")
        self.weights_button.setToolTip("For a plugin that came without weights; the file is fringelens-…-weights.zip")
        self.weights_button.clicked.connect(lambda *_: self.choose_weights())
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(lambda *_: self.cancel())
        close = QPushButton("Close")
        close.clicked.connect(lambda *_: self.close())
        row = QHBoxLayout()
        row.addWidget(self.weights_button)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(close)
        return row

    def _begin(self, task: str, what: str, candidate: Optional[Path] = None) -> None:
        self._candidate, self._was_cancelled, self._task = candidate, False, task
        self._answer = []
        self.log.clear()
        self._log_line(what)
        self._set_busy(True)

    def _done(self, succeeded: bool) -> None:  # noqa: FBT001 - the signal's signature
        self._set_busy(False)
        if self._task == CHECK and not self._was_cancelled:
            lines, succeeded = findings.read("\n".join(self._answer))
            self.log.appendPlainText("\n".join(lines))
        if self._was_cancelled:
            self._log_line("Cancelled.")
        elif not succeeded:
            self._log_line("That did not succeed; the lines above say why.")
        elif self._candidate is not None:
            QgsSettings().setValue(runtime.PYTHON, str(self._candidate))
            self._log_line("This Python is used from now on.")
        elif self._task == WEIGHTS:
            self._log_line("The weights can be used.")
        else:
            self._log_line("It can be used.")
            self._use_managed()
        self._show_state()
        if succeeded:
            self.changed.emit()

    def _use_managed(self) -> None:
        if self._task == INSTALL and runtime.setting(runtime.PYTHON):
            QgsSettings().remove(runtime.PYTHON)
            self.python.setFilePath("")
            self._log_line("It is used from now on, and no longer the Python that was named.")

    def _set_busy(self, busy: bool) -> None:  # noqa: FBT001
        self.bar.setRange(0, 0 if busy else 1)
        self.install_button.setEnabled(not busy)
        self.check_button.setEnabled(not busy)
        self.weights_button.setEnabled(not busy and not runtime.problem())
        self.cancel_button.setEnabled(busy)

    def _show_state(self) -> None:
        problem = runtime.problem()
        self.state.setText(problem.split(" Choose Plugins")[0] if problem else f"In use: {runtime.find_python()}")
        self.weights_button.setEnabled(not problem and not self.installer.is_running)

    def _hear(self, line: str) -> None:
        if self._task == CHECK:
            self._answer.append(line)
        else:
            self._log_line(line)

    def _log_line(self, line: str) -> None:
        self.log.appendPlainText(line)

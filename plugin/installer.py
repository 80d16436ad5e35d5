"""Runs plugin/install_runtime.py or commands of the runtime in the background: output by line, and a way to stop."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List, Optional

from qgis.PyQt.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

from ..processing_provider import runtime

SCRIPT = Path(__file__).resolve().parent / "install_runtime.py"
KILL_MILLISECONDS = 5000  # how long the script may take to stop


class Installer(QObject):
    """One program at a time; `line` for its output and `done` with whether it succeeded."""

    line = pyqtSignal(str)
    done = pyqtSignal(bool)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        """Make the process, which is not started yet."""
        super().__init__(parent)
        self._rest = ""
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)

    @property
    def is_running(self) -> bool:
        """Whether a program runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def install(self, target: Path, torch: str, wheels: str) -> None:
        """Build the environment in `target`, from the folder `wheels` alone where one is given."""
        words = [str(SCRIPT), "--target", str(target), "--torch", torch, "--cancel-on-eof"]
        self._start(base_python(), words + (["--wheels", wheels] if wheels else []))

    def check(self, python: Path) -> None:
        """Let an interpreter say whether the tools can run with it."""
        self._start(str(python), [str(runtime.ROOT / "__main__.py"), "doctor", "--json"])

    def add_weights(self, python: Path, file: str) -> None:
        """Let the runtime install the networks' weights from a weights file."""
        self._start(str(python), [str(runtime.ROOT / "__main__.py"), "weights", file])

    def stop(self) -> None:
        """Ask the script to stop (its input ends), and kill it where it does not."""
        if self.is_running:
            self._process.closeWriteChannel()
            if not self._process.waitForFinished(KILL_MILLISECONDS):
                self._process.kill()
                self._process.waitForFinished(KILL_MILLISECONDS)

    def _start(self, program: str, words: List[str]) -> None:
        environment = QProcessEnvironment()
        for key, value in runtime.environment().items():
            environment.insert(key, value)
        self._rest = ""
        self._process.setProcessEnvironment(environment)
        self._process.start(program, words)

    def _read(self) -> None:
        text = self._rest + bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace")
        *lines, self._rest = text.replace("\r\n", "\n").split("\n")
        for line in lines:
            self.line.emit(line)

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._rest:
            self.line.emit(self._rest)
        self.done.emit(status == QProcess.ExitStatus.NormalExit and code == 0)

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.line.emit(f"error: {self._process.program()} could not be started: {self._process.errorString()}")
            self.done.emit(False)


def base_python() -> str:
    """An interpreter to build with: QGIS's own, which in QGIS is not `sys.executable` on every system."""
    if os.name == "nt":
        return str(Path(sys.exec_prefix) / "python.exe")
    inside = Path(sys.exec_prefix) / "bin" / f"python{sys.version_info[0]}"
    return str(inside) if inside.exists() else sys.executable

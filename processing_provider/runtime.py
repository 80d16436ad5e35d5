"""Where the runtime is, what keeps it from running, and how a program of it is started."""

from __future__ import annotations

import os
import subprocess  # nosec B404 - the runtime is a program of its own
import sys
from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsSettings

from ..core import protocol

# The settings, in the settings of the QGIS profile.
PYTHON = "fringelens/python"
THREADS = "fringelens/threads"
DEVICE = "fringelens/device"

ROOT = Path(__file__).resolve().parent.parent

HOW_TO_MEND = (
    "Choose Plugins > FringeLens > Runtime… and press Install, or name a Python that has it in Settings > Options >"
    " FringeLens. Without a desktop: run ./run setup in a checkout, or set FRINGELENS_PYTHON."
)


def setting(key: str) -> str:
    """A setting as text; empty where it is not set."""
    return str(QgsSettings().value(key, "") or "").strip()


def interpreter_in(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def managed_folder() -> Path:
    """The environment that the runtime window makes: for each user, outside the plugin, which updates replace."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "fringelens" / "runtime"


def is_complete(environment: Path) -> bool:
    """Whether an environment was installed to its end: plugin/install_runtime.py writes its stamp last."""
    return interpreter_in(environment).exists() and (environment / "fringelens-runtime.json").exists()


def find_python() -> Optional[Path]:
    """The interpreter to use: the setting, FRINGELENS_PYTHON, the checkout's .venv, the managed environment, or None.

    One that is named counts even if it does not exist, so that the user hears of it.
    """
    named = setting(PYTHON) or os.environ.get("FRINGELENS_PYTHON", "").strip()
    if named:
        return Path(named).expanduser()
    beside = interpreter_in(ROOT / ".venv")
    if beside.exists():
        return beside
    managed = managed_folder()
    return interpreter_in(managed) if is_complete(managed) else None


def problem() -> str:
    """What keeps the tools from running, with the remedy; empty where nothing does."""
    python = find_python()
    if python is None:
        return f"The runtime of FringeLens (PyTorch and what it needs) is not installed. {HOW_TO_MEND}"
    if not python.is_file():
        source = "the setting" if setting(PYTHON) else "FRINGELENS_PYTHON"
        return f"The Python that {source} names for FringeLens does not exist: {python}. {HOW_TO_MEND}"
    return ""


def environment() -> Dict[str, str]:
    """The environment for programs of the runtime: that of QGIS without what is meant for QGIS alone."""
    clean = dict(os.environ)
    protocol.clean(clean)
    clean["PYTHONUTF8"] = "1"  # file names of any alphabet, on Windows too
    clean["PYTHONUNBUFFERED"] = "1"
    if setting(THREADS).isdigit() and int(setting(THREADS)) > 0:
        clean["FRINGELENS_THREADS"] = setting(THREADS)
    return clean


def start(python: Path, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
    """Start `fringelens` with these words; it is the head of its own process group, so that it ends as a whole."""
    group: Dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        group = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
    command = [str(python), str(ROOT / "__main__.py"), *words]
    return subprocess.Popen(command, env=environment(), cwd=str(Path.home()), **group, **options)  # nosec B603

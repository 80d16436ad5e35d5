"""The plugin as `qgis_process` loads it, in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
FAKE = Path(__file__).with_name("fake_runtime.py")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no qgis_process")


@pytest.fixture(scope="module")
def profile(tmp_path_factory, root):
    """A configuration folder in which the plugin is installed and enabled."""
    folder = tmp_path_factory.mktemp("qgis")
    plugins = folder / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "fringelens").symlink_to(root)
    settings = folder / "profiles" / "default" / "QGIS"
    settings.mkdir()
    (settings / "QGIS3.ini").write_text("[PythonPlugins]\nfringelens=true\n")
    return folder


@pytest.fixture
def qgis_process(profile, tmp_path):
    def run(
        *words: str, python: str = str(FAKE), folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(profile), "QT_QPA_PLATFORM": "offscreen"}
        environment |= {"FRINGELENS_PYTHON": python, "FAKE_LOG": str(tmp_path / "jobs.log"), **variables}
        for name in ("PYTHONPATH", "VIRTUAL_ENV"):
            environment.pop(name, None)
        command = [PROGRAM, *words]
        options = {"capture_output": True, "text": True, "timeout": 120, "check": False}
        return subprocess.run(command, env=environment, cwd=folder, **options)

    return run


def workers() -> set[int]:
    """Process ids of the fake runtimes that still live, zombies included."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"fake_runtime" in entry.read_bytes():
                found.add(int(entry.parent.name))
        except OSError:
            continue
    return found


def wait_until_gone(before: set[int], seconds: float = 20.0) -> set[int]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and workers() - before:
        time.sleep(0.05)
    return workers() - before


def test_tools_are_listed(qgis_process):
    listed = qgis_process("list").stdout
    assert "fringelens:decorrelationmask" in listed
    assert "fringelens:simulateinterferogram" in listed


def test_help_is_plain_text(qgis_process):
    text = qgis_process("help", "fringelens:decorrelationmask").stdout
    assert "Wrapped interferogram" in text
    assert "Paper: Wang" in text
    assert "<p>" not in text


def test_a_run_ends_with_its_worker(qgis_process, write_phase, tmp_path):
    before = workers()
    target = tmp_path / "mask.tif"
    words = ("run", "fringelens:decorrelationmask", "--", f"INPUT={write_phase()}", f"OUTPUT={target}")
    done = qgis_process(*words)
    assert done.returncode == 0, done.stderr
    assert target.exists()
    assert str(target) in done.stdout
    assert not wait_until_gone(before)


def test_paths_are_taken_from_where_qgis_process_is_called(qgis_process, write_phase, tmp_path):
    place = write_phase()
    words = ("run", "fringelens:decorrelationmask", "--", f"INPUT={place.name}", "OUTPUT=mask.tif")
    done = qgis_process(*words, folder=place.parent)
    assert done.returncode == 0, done.stderr
    assert f'"INPUT": "{place}"' in (tmp_path / "jobs.log").read_text()
    assert (place.parent / "mask.tif").exists()


def test_without_a_runtime_the_remedy_is_told_and_the_status_is_not_zero(qgis_process, write_phase, tmp_path):
    words = ("run", "fringelens:decorrelationmask", "--", f"INPUT={write_phase()}", f"OUTPUT={tmp_path / 'm.tif'}")
    done = qgis_process(*words, python="/does/not/exist")
    assert done.returncode != 0
    assert "./run setup" in done.stdout + done.stderr


def test_a_crash_is_one_error_and_leaves_nothing(qgis_process, write_phase, tmp_path):
    words = ("run", "fringelens:decorrelationmask", "--", f"INPUT={write_phase()}", f"OUTPUT={tmp_path / 'm.tif'}")
    done = qgis_process(*words, FAKE_BEHAVIOUR="crash")
    assert done.returncode != 0
    assert "ended unexpectedly" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not [p for p in tmp_path.iterdir() if p.name.startswith("m.tif")]

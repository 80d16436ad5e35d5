"""The shell script of the checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_script_is_bash_and_may_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


def test_every_command_is_in_the_help() -> None:
    text = (ROOT / "run").read_text()
    choices = re.search(r'^case "\$\{1:-help\}" in\n(.*)^esac', text, re.MULTILINE | re.DOTALL)
    assert choices is not None
    labels = re.findall(r"^    ([a-z_ |-]+)\)", choices[1], re.MULTILINE)
    commands = {word for label in labels for word in label.split(" | ")}
    assert {"setup", "demo", "test", "qgis", "qgis_process", "archive"} <= commands
    shown = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, check=True).stdout
    missing = [c for c in commands if not c.startswith("-") and f"./run {c}" not in shown]
    assert not missing


def test_a_command_that_does_not_exist_fails_and_says_so() -> None:
    done = subprocess.run([ROOT / "run", "dance"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there is no command dance" in done.stderr
    assert "./run demo" in done.stderr

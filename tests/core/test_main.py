"""The package binds by its own path: whatever its folder is called, whatever lies beside it."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
import importlib.util, json, multiprocessing, os, sys

def child(queue):
    import fringelens
    queue.put(fringelens.__file__)

def add(subparsers):
    subparsers.add_parser("tools")

def run(options):
    import fringelens
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    spawned = queue.get(timeout=30)
    process.join()
    found = {name: importlib.util.find_spec(name) is not None for name in ("core", "models", "neighbour")}
    seen = {"file": fringelens.__file__, "spawned": spawned, "found": found, "environment": dict(os.environ)}
    print(json.dumps(seen))
    return 0
"""


@pytest.fixture
def copy(tmp_path):
    """The package in a folder whose name is no identifier, beside another plugin and an older FringeLens."""
    folder = tmp_path / "fringe-lens 1.0"
    folder.mkdir()
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("core", "models"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"))
    (folder / "core" / "commands" / "tools.py").write_text(PROBE)
    for name in ("neighbour", "fringelens"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not to be imported')")
    return folder


def probe(copy, *start: str, **variables: str):
    environment = {"PATH": os.environ["PATH"], **variables}
    line = [sys.executable, *start, "tools"]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, cwd="/", env=environment)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("script", ["__main__.py", ""])
def test_a_script_and_its_child_processes_bind_their_own_folder_and_nothing_around_it(copy, script):
    seen = probe(copy, str(copy / script))
    assert Path(seen["file"]) == copy / "__init__.py"
    assert Path(seen["spawned"]) == copy / "__init__.py"
    assert seen["found"] == {"core": False, "models": False, "neighbour": False}


def test_settings_of_another_gdal_and_python_do_not_get_through(copy):
    foreign = {"PROJ_LIB": "/qgis", "PROJ_DATA": "/qgis", "GDAL_DATA": "/qgis", "GDAL_DRIVER_PATH": "/qgis"}
    seen = probe(copy, str(copy / "__main__.py"), PYTHONPATH=str(copy.parent / "neighbour"), **foreign)
    assert not set(seen["environment"]) & {*foreign, "PYTHONPATH"}


def test_rasterio_finds_its_own_proj_whatever_another_program_has_set():
    pytest.importorskip("rasterio")
    environment = {**os.environ, "PROJ_LIB": "/nowhere", "PROJ_DATA": "/nowhere", "GDAL_DATA": "/nowhere"}
    line = [sys.executable, str(ROOT / "__main__.py"), "doctor"]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, env=environment)
    assert "PROJ cannot use its database" not in run.stdout
    assert "GDAL and PROJ" in run.stdout


def test_main_returns_the_exit_code_and_an_old_python_is_told_so(monkeypatch, capsys):
    main = importlib.import_module("fringelens.__main__")
    assert main.main(["--version"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(main.sys, "version_info", (3, 9, 18))
    assert main.main(["tools"]) == 6
    assert "needs Python 3.11 or newer" in capsys.readouterr().err

"""The installer of the runtime: idempotent, never half done, and clear about what went wrong."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "plugin" / "install_runtime.py"


@pytest.fixture
def installer(monkeypatch, tmp_path):
    """The script with lock files that ask for nothing, so that no test downloads anything."""
    spec = importlib.util.spec_from_file_location("install_runtime", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("LOCK", "TORCH"):
        path = tmp_path / f"{name.lower()}.txt"
        path.write_text("")
        monkeypatch.setattr(module, name, path)
    monkeypatch.setattr(module, "MODULES", ("json",))
    monkeypatch.setattr(module, "install_torch", lambda *_: None)
    monkeypatch.setattr(module, "verify", lambda *_: None)
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    monkeypatch.setattr(module, "GIGABYTES", {"cpu": 0.0, "cuda": 0.0})
    return module


@pytest.fixture
def quick(installer, monkeypatch):
    """As `installer`, with an environment made in no time: a link to this interpreter."""

    def make(runner, target, options) -> None:
        (target / "bin").mkdir(parents=True)
        (target / "bin" / "python").symlink_to(sys.executable)
        (target / "pyvenv.cfg").write_text("home = elsewhere\n")

    monkeypatch.setattr(installer, "make_environment", make)
    monkeypatch.setattr(installer, "pip", lambda *_: None)
    return installer


def test_a_finished_environment_is_left_alone_at_once(quick, tmp_path, capsys):
    target = tmp_path / "env"
    assert quick.main(["--target", str(target)]) == 0
    (target / "mark").touch()
    began = time.monotonic()
    assert quick.main(["--target", str(target)]) == 0
    assert time.monotonic() - began < 1.0
    assert (target / "mark").exists()
    assert "is complete" in capsys.readouterr().out


def test_an_environment_without_a_stamp_is_built_anew(quick, tmp_path):
    target = tmp_path / "env"
    quick.main(["--target", str(target)])
    (target / quick.STAMP).unlink()
    (target / "half").touch()
    assert quick.main(["--target", str(target)]) == 0
    assert not (target / "half").exists()
    assert (target / quick.STAMP).exists()


def test_a_changed_lock_file_installs_again_and_keeps_the_environment(quick, tmp_path, monkeypatch):
    target, installed = tmp_path / "env", []
    quick.main(["--target", str(target)])
    (target / "mark").touch()
    quick.LOCK.write_text("# newer\n")
    monkeypatch.setattr(quick, "pip", lambda *words: installed.append(words[3:]))
    assert quick.main(["--target", str(target)]) == 0
    assert any("--require-hashes" in words for words in installed)
    assert (target / "mark").exists()


def test_a_moved_environment_is_built_anew(quick, tmp_path):
    quick.main(["--target", str(tmp_path / "env")])
    (tmp_path / "env").rename(tmp_path / "moved")
    (tmp_path / "moved" / "mark").touch()
    assert quick.main(["--target", str(tmp_path / "moved")]) == 0
    assert not (tmp_path / "moved" / "mark").exists()


def test_a_failure_leaves_no_stamp(quick, tmp_path, monkeypatch, capsys):
    def fail(*_):
        raise quick.InstallError("the network is down")

    monkeypatch.setattr(quick, "pip", fail)
    assert quick.main(["--target", str(tmp_path / "env")]) == 1
    assert not (tmp_path / "env" / quick.STAMP).exists()
    assert "error: the network is down" in capsys.readouterr().out


def test_a_folder_that_is_something_else_is_not_touched(quick, tmp_path, capsys):
    target = tmp_path / "letters"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    assert quick.main(["--target", str(target)]) == 1
    assert (target / "letter.txt").read_text() == "dear"
    assert "name another folder" in capsys.readouterr().out


def test_a_full_disk_is_refused_before_anything_is_written(quick, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(quick, "GIGABYTES", {"cpu": 1e9, "cuda": 1e9})
    assert quick.main(["--target", str(tmp_path / "env")]) == 1
    assert not (tmp_path / "env").exists()
    assert "GB free" in capsys.readouterr().out


@pytest.mark.parametrize(("gpu", "kind"), [(True, "cuda"), (False, "cpu")])
def test_the_build_of_torch_follows_the_machine(quick, tmp_path, monkeypatch, gpu, kind):
    monkeypatch.setattr(quick, "has_nvidia_gpu", lambda: gpu)
    quick.main(["--target", str(tmp_path / "env")])
    assert json.loads((tmp_path / "env" / quick.STAMP).read_text())["kind"] == kind


def test_offline_nothing_but_the_folder_of_wheels_is_asked(installer, tmp_path):
    commands = []

    class Runner:
        def run(self, *words, quiet=False):
            commands.append([str(word) for word in words])
            return ""

    options = installer.parse(["--target", str(tmp_path), "--wheels", "wheels"])
    installer.pip(Runner(), tmp_path, options, "-r", "some.lock")
    assert commands[0][-5:] == ["--no-index", "--find-links", "wheels", "-r", "some.lock"]


def test_where_pip_would_bring_cuda_to_a_machine_without_it_uv_brings_the_other(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("install_runtime", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    commands = []

    class Runner:
        def run(self, *words, quiet=False):
            commands.append([str(word) for word in words])
            needs = ["nvidia-cublas>=13; platform_system == 'Linux'", "numpy; extra == 'all'"]
            return json.dumps({"install": [{"metadata": {"requires_dist": needs}}]})

    monkeypatch.setattr(module, "find_uv", lambda *_: "uv")
    module.install_torch(Runner(), tmp_path, module.parse(["--target", str(tmp_path)]), "cpu")
    assert "--dry-run" in commands[0]
    assert commands[1][0] == "uv"
    assert {"--torch-backend=cpu", "--no-deps"} <= set(commands[1])


def test_a_stop_on_end_of_input_leaves_no_stamp(tmp_path):
    command = [sys.executable, str(SCRIPT), "--target", str(tmp_path / "env"), "--cancel-on-eof"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130
    assert not (tmp_path / "env" / "fringelens-runtime.json").exists()


def test_the_stray_variables_of_qgis_do_not_reach_pip(installer, monkeypatch):
    for name in ("PYTHONHOME", "PIP_TARGET", "PROJ_LIB"):
        monkeypatch.setenv(name, "stray")
    assert "stray" not in installer.environment().values()

"""The doctor: finds what is broken, and works when nearly everything is."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fringelens.core import catalog, machine
from fringelens.core.commands import cli, doctor

MAIN = Path(__file__).resolve().parents[3] / "__main__.py"
NETWORKS = sorted({tool.network for tool in catalog.TOOLS if tool.network})


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a Python that sees nothing but its standard library."""
    line = [sys.executable, "-S", str(MAIN), *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60)


@pytest.fixture
def models(tmp_path):
    """Weights and cards that fit each other."""
    for network in NETWORKS:
        folder = tmp_path / network
        folder.mkdir()
        (folder / "weights.safetensors").write_bytes(network.encode())
        (folder / "card.json").write_text(json.dumps({"sha256": hashlib.sha256(network.encode()).hexdigest()}))
    return tmp_path


def test_whole_weights_have_their_hash_and_no_problem(models):
    findings = list(doctor.weights(models))
    assert [finding.name for finding in findings] == NETWORKS
    assert all(len(finding.value) == 64 and not finding.problem for finding in findings)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("weights.safetensors", b"changed", "its card promises"),
        ("weights.safetensors", None, "lacks weights.safetensors"),
        ("card.json", None, "lacks card.json"),
        ("card.json", b"{", "cannot be read"),
        ("card.json", b"[]", "cannot be read"),
        ("card.json", b"{}", "cannot be read"),
    ],
)
def test_damaged_weights_are_told_with_the_remedy(models, file, content, said):
    path = models / NETWORKS[0] / file
    path.unlink() if content is None else path.write_bytes(content)
    problem = next(iter(doctor.weights(models))).problem
    assert said in problem
    assert "restore" in problem


def test_the_report_is_the_same_for_people_and_machines(capsys, models, monkeypatch):
    monkeypatch.setattr(doctor, "MODELS", models)
    assert cli.main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["healthy"] is True
    named = {finding["name"]: finding for finding in report["findings"]}
    assert set(machine.PACKAGES) <= set(named)
    assert "threads" in named["cpu"]["value"]
    assert cli.main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in named)
    assert text.endswith("all is well\n")


def test_a_broken_part_gives_exit_code_one(capsys, models, monkeypatch):
    monkeypatch.setattr(doctor, "MODELS", models)
    monkeypatch.setenv("FRINGELENS_THREADS", "many")
    assert cli.main(["doctor"]) == 1
    assert "broken: FRINGELENS_THREADS" in capsys.readouterr().out


def test_without_any_package_it_still_works_and_names_them_all():
    run = subprocess.run(
        [sys.executable, "-S", str(MAIN), "doctor", "--json"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1, run.stderr
    problems = " ".join(finding["problem"] for finding in json.loads(run.stdout)["findings"])
    assert all(f"{name} is not installed; run `./run setup`" in problems for name in machine.PACKAGES)


@pytest.mark.parametrize("command", ["--help", "tools", "decorrelationmask --help"])
def test_help_needs_no_package_at_all(command):
    run = subprocess.run(
        [sys.executable, "-S", str(MAIN), *command.split()], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert "decorrelationmask" in run.stdout


def test_a_package_that_cannot_be_loaded_is_told_apart_from_one_that_is_missing(monkeypatch):
    def fail(name):
        raise OSError("c10.dll: not a valid library")

    monkeypatch.setattr(machine.importlib, "import_module", fail)
    assert "torch is installed but cannot be loaded (OSError: c10.dll" in machine.problem_of("torch")


def test_the_packages_that_are_looked_for_are_those_that_are_required(root):
    tomllib = pytest.importorskip("tomllib")
    required = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {line.split(">")[0].split("=")[0].strip() for line in required} == set(machine.PACKAGES)

"""What is packed: every folder, one version everywhere, the licence, and the weights within their limits."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = ("core", "models", "plugin", "processing_provider")
NETWORK_LIMIT = 16 * 2**20  # bytes of one network's weights
ALL_NETWORKS_LIMIT = 60 * 2**20


def pyproject() -> dict[str, object]:
    """The project file."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_list_of_packages_is_the_tree() -> None:
    folders = [p.parent for top in TOP for p in (ROOT / top).rglob("__init__.py")]
    tree = {"fringelens", *("fringelens." + ".".join(f.relative_to(ROOT).parts) for f in folders)}
    listed = pyproject()["tool"]["setuptools"]["packages"]  # type: ignore[index]
    assert sorted(listed) == sorted(tree)


def test_every_folder_with_modules_is_a_package() -> None:
    bare = {p.parent for top in TOP for p in (ROOT / top).rglob("*.py") if not (p.parent / "__init__.py").exists()}
    assert not bare


def test_tests_are_no_package_and_nothing_of_pytest_lies_at_the_root() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not (ROOT / "conftest.py").exists()
    assert not (ROOT / "tests" / "qgis").exists(), "a folder of this name would pass for the package qgis"


def test_one_version_everywhere() -> None:
    version = re.search(r'^__version__ = "(.+)"$', (ROOT / "__init__.py").read_text(), re.MULTILINE)
    metadata = re.search(r"^version=(.+)$", (ROOT / "metadata.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert metadata
    assert version[1] == metadata[1] == pyproject()["project"]["version"]  # type: ignore[index]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version[1])
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licence_is_the_gpl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text


def test_dependencies_are_locked() -> None:
    names = {re.sub(r"[-_.]+", "-", n).lower() for n in pyproject()["project"]["dependencies"]}  # type: ignore[index]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert names - locked == {"torch"}
    assert (ROOT / "requirements-torch.txt").read_text().startswith("torch==")


def test_the_root_package_imports_nothing_when_it_is_loaded() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text())
    assert not [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]


def cards() -> list[Path]:
    """The card of every network."""
    return sorted((ROOT / "models").glob("*/card.json"))


@pytest.mark.parametrize("card", cards(), ids=lambda p: p.parent.name)
def test_weights_are_those_of_their_card_and_small(card: Path) -> None:
    weights = card.parent / "weights.safetensors"
    said = json.loads(card.read_text(encoding="utf-8"))
    assert weights.exists()
    assert (card.parent / "README.md").exists()
    assert weights.stat().st_size <= NETWORK_LIMIT
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == said["sha256"]


def test_all_weights_together_are_small() -> None:
    assert sum(p.stat().st_size for p in (ROOT / "models").rglob("*.safetensors")) <= ALL_NETWORKS_LIMIT

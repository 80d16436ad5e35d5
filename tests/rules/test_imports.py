"""Who may import whom: section "Rooms" of docs/design.md, read off the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = ("core", "models", "plugin", "processing_provider")

# Every room is known by the longest prefix that is listed here.
FOUNDATION = frozenset({"core.errors", "core.progress"})
SCIENCE = frozenset(
    f"core.{room}" for room in ("raster", "inference", "phase", "atmosphere", "detection", "timeseries", "simulate")
)
STANDS_ON_SCIENCE = FOUNDATION | SCIENCE | {"models", "core.networks"}
CORE_TOOLS = frozenset({"core.tools", "core.training", "core.evaluate", "core.evaluate.benchmarks", "core.batch"})
ENTRY = frozenset({"core.job", "core.worker", "core.commands", "core.machine", "core.paths", "core.reporting"})
EVERYTHING_IN_CORE = STANDS_ON_SCIENCE | CORE_TOOLS | ENTRY | {"core.catalog", "core.protocol"}

MAY_IMPORT: dict[str, frozenset[str]] = {
    "": frozenset({"plugin"}),
    "__main__": EVERYTHING_IN_CORE - {"models"},
    "plugin": frozenset({"", "plugin", "processing_provider", "core.catalog", "core.protocol"}),
    "processing_provider": frozenset({"", "processing_provider", "core.catalog", "core.protocol"}),
    "core.catalog": frozenset({"core.catalog"}),
    "core.protocol": frozenset({"core.protocol"}),
    "core.errors": frozenset({"core.errors"}),
    "core.progress": FOUNDATION,
    "models": frozenset({"models"}),
    **{room: FOUNDATION | SCIENCE | {""} for room in SCIENCE},
    "core.networks": FOUNDATION | SCIENCE | {"models"},  # networks of the registry, loaded for the tools
    "core.tools": STANDS_ON_SCIENCE | {"core.training", "core.evaluate"},
    "core.training": STANDS_ON_SCIENCE | {"core.training", "core.evaluate"},
    "core.evaluate": STANDS_ON_SCIENCE | {"core.evaluate"},  # metrics and baselines: training stands on them
    "core.evaluate.benchmarks": STANDS_ON_SCIENCE | {"core.evaluate", "core.training"},
    "core.batch": EVERYTHING_IN_CORE | {""},
    **{room: EVERYTHING_IN_CORE | {""} for room in ENTRY},
}

# The tools may use each other's science, never each other.
LONE = ("core.tools",)

QGIS_SIDE = ("plugin", "processing_provider", "core.catalog", "core.protocol")
RUNTIME_ONLY = {"numpy", "torch", "rasterio", "scipy", "skimage", "safetensors", "pyogrio", "whirlwind"}
DESKTOP_ONLY = {"qgis", "PyQt5", "PyQt6", "processing", "osgeo"}


def module_name(path: Path) -> str:
    """`core.raster.grid` of core/raster/grid.py; a package has the name of its folder, the root none."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> list[Path]:
    """Every Python file that is shipped."""
    return sorted(ROOT.glob("*.py")) + [p for top in TOP for p in sorted((ROOT / top).rglob("*.py"))]


def room_of(module: str) -> str | None:
    """The longest listed prefix of a module's name; the root's own names belong to the root."""
    if module in ("", "core"):
        return ""
    parts = module.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((p for p in prefixes if p in MAY_IMPORT), "" if parts[0] not in TOP else None)


def imports(path: Path) -> Iterator[tuple[bool, str, int]]:
    """(whether relative, module, line) of each import, wherever it stands; relative ones as names from the root."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((False, alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield False, node.module or "", node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] + (node.module or "").split(".") * bool(node.module)
            for alias in node.names:
                full = [*base, alias.name]
                target = ROOT.joinpath(*full)
                is_module = target.is_dir() or target.with_suffix(".py").exists()
                yield True, ".".join(full if is_module else base), node.lineno


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_imports_go_in_the_direction_of_the_design(path: Path) -> None:
    module = module_name(path)
    room = room_of(module)
    assert room is not None, f"{module} is in no room that {Path(__file__).name} lists"
    for relative, target, line in imports(path):
        if not relative:
            continue
        place = f"{path.relative_to(ROOT)}:{line}"
        target_room = room_of(target) if target else ""
        inside = target == room or target.startswith(module + ".") or (room in LONE and target == module)
        same = target_room == room and (room not in LONE or inside)
        assert same or target_room in MAY_IMPORT[room], f"{place}: {module} must not import {target or 'the root'}"


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_our_own_packages_are_imported_relatively(path: Path) -> None:
    own = {*TOP, "fringelens"}
    wrong = [(name, line) for relative, name, line in imports(path) if not relative and name.split(".")[0] in own]
    assert not wrong, f"{path.relative_to(ROOT)} imports absolutely: {wrong}"


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_the_two_processes_share_no_library(path: Path) -> None:
    on_qgis_side = room_of(module_name(path)) in QGIS_SIDE or path == ROOT / "__init__.py"
    forbidden = RUNTIME_ONLY if on_qgis_side else DESKTOP_ONLY
    wrong = [(name, line) for _, name, line in imports(path) if name.split(".")[0] in forbidden]
    assert not wrong, f"{path.relative_to(ROOT)} must not import {wrong}"


@pytest.mark.parametrize("room", ["core.catalog", "core.protocol", "core.errors", "core.progress"])
def test_what_both_processes_read_needs_the_standard_library_alone(room: str) -> None:
    for path in sources():
        if room_of(module_name(path)) == room:
            absolute = {name.split(".")[0] for relative, name, _ in imports(path) if not relative}
            assert absolute <= set(sys.stdlib_module_names), f"{path} imports {absolute - set(sys.stdlib_module_names)}"


def run_without(names: set[str], code: str) -> None:
    """Run code in a fresh interpreter in which importing any of these names fails."""
    head = (
        f"import sys, importlib.util as u\nfor n in {sorted(names)!r}: sys.modules[n] = None\n"
        f"s = u.spec_from_file_location('fringelens', {str(ROOT / '__init__.py')!r},"
        f" submodule_search_locations=[{str(ROOT)!r}])\n"
        "m = u.module_from_spec(s); sys.modules['fringelens'] = m; s.loader.exec_module(m)\n"
    )
    done = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_catalog_and_the_protocol_import_without_the_runtime() -> None:
    run_without(RUNTIME_ONLY, "import fringelens.core.catalog, fringelens.core.protocol")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the runtime needs Python 3.11")
def test_core_and_models_import_without_qgis() -> None:
    pytest.importorskip("torch")
    names = [f"fringelens.{module_name(p)}" for p in sources() if module_name(p).split(".")[0] in ("core", "models")]
    run_without(DESKTOP_ONLY, f"import importlib\nfor n in {names!r}: importlib.import_module(n)")

"""The QGIS side must load in the Python 3.9 of older QGIS: syntax, and what only newer interpreters can evaluate."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("plugin", "processing_provider", "core/catalog")
FILES = [ROOT / "__init__.py", ROOT / "core" / "__init__.py", ROOT / "core" / "protocol.py"] + [
    p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))
]
NEWER_KEYWORDS = {"slots", "kw_only"}  # of dataclass, Python 3.10


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_is_python_39(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    for node in ast.walk(tree):
        place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        assert node.__class__.__name__ not in {"Match", "TryStar"}, f"{place}: newer syntax"
        if isinstance(node, ast.Call):
            newer = NEWER_KEYWORDS & {k.arg for k in node.keywords}
            is_dataclass = isinstance(node.func, ast.Name) and node.func.id == "dataclass"
            assert not (is_dataclass and newer), f"{place}: dataclass({newer})"
            assert not (isinstance(node.func, ast.Name) and node.func.id == "zip" and node.keywords), (
                f"{place}: zip(strict=)"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_annotations_are_not_evaluated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    annotated = any(
        isinstance(n, ast.AnnAssign)
        or (isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.returns is not None)
        for n in ast.walk(tree)
    )
    postponed = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)
    assert postponed or not annotated, f"{path.relative_to(ROOT)} needs `from __future__ import annotations`"


def test_the_catalog_loads_in_python_39() -> None:
    python = shutil.which("python3.9")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("no Python 3.9 at hand")
    code = (
        "import importlib.util as u, sys\n"
        f"s = u.spec_from_file_location('fringelens', {str(ROOT / '__init__.py')!r},"
        f" submodule_search_locations=[{str(ROOT)!r}])\n"
        "m = u.module_from_spec(s); sys.modules['fringelens'] = m; s.loader.exec_module(m)\n"
        "import fringelens.core.catalog, fringelens.core.protocol\n"
    )
    done = subprocess.run([python, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

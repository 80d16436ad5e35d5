"""Small files and small functions: what grows past them has a second responsibility."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core", "models", "plugin", "processing_provider", "tests")
FILE_LINES = 300
FUNCTION_LINES = 40  # without the docstring


def files() -> list[Path]:
    """Every Python file of ours."""
    return sorted(ROOT.glob("*.py")) + [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines from the signature on, without decorators and docstring) of each function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, lines


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{path.relative_to(ROOT)} has {lines} lines; split it"
    long = {name: count for name, count in functions(path) if count > FUNCTION_LINES}
    assert not long, f"{path.relative_to(ROOT)} has functions of more than {FUNCTION_LINES} lines: {long}"

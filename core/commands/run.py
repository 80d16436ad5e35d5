"""`fringelens run JOB.json`: the same job that QGIS and the batch engine send, from a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..errors import InputError
from . import execute
from .arguments import Subparsers, add_common

_KNOWN = {"type", "id", "tool", "parameters", "overwrite"}


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "run",
        description='Runs a job such as {"tool": "decorrelationmask", "parameters": {"INPUT": "a.tif", "OUTPUT":'
        ' "b.tif"}, "overwrite": false}. Relative paths count from the folder you are in.',
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("job", metavar="JOB.json", help="the job's file; - reads it from stdin")
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Run the job of a file."""
    described = read(options.job)
    return execute.execute(
        described["tool"],
        described["parameters"],
        overwrite=options.overwrite or described["overwrite"],
        as_json=options.json,
        quiet=options.quiet,
    )


def read(path: str) -> dict[str, Any]:
    """The job in a file, or on stdin for "-": tool, parameters, overwrite. Raises InputError for anything else."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        message = f"{path}: cannot be read as a JSON file ({error}); check the path"
        raise InputError(message) from error
    try:
        described = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{path}: is not JSON ({error})"
        raise InputError(message) from error
    if not isinstance(described, dict):
        message = f"{path}: expected an object with tool and parameters, got {text[:80]!r}"
        raise InputError(message)
    found = {"tool": described.get("tool"), "parameters": described.get("parameters")}
    found["overwrite"] = described.get("overwrite", False)
    kinds = {"tool": (str, "text"), "parameters": (dict, "an object"), "overwrite": (bool, "true or false")}
    problems = [f"{name} has to be {word}" for name, (kind, word) in kinds.items() if not isinstance(found[name], kind)]
    problems += [f"{name!r} is not part of a job" for name in described if name not in _KNOWN]
    if problems:
        message = f"{path}: {'; '.join(problems)}"
        raise InputError(message)
    return found

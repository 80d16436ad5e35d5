"""`fringelens doctor`: is this installation whole, and if not, what mends it. Works without any package installed."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ... import __version__
from .. import catalog, machine
from .arguments import Subparsers

MODELS = Path(__file__).resolve().parents[2] / "models"
_RESTORE = "restore the folder models from the release, or with git"
_ADD = "add the weights with `fringelens weights FILE` or the button in the runtime window, or " + _RESTORE
_SHORT = 12  # characters of a hash that are shown; --json has all


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `problem` says what is broken and how to mend it, empty where all is well."""

    topic: str
    name: str
    value: str
    problem: str = ""


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "doctor",
        description="Checks packages, devices and weights, and says how to mend what is broken (exit code 1).",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 where something is broken."""
    findings = list(examine())
    broken = [finding for finding in findings if finding.problem]
    if options.json:
        whole = {"healthy": not broken, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    else:
        _print(findings)
    return 1 if broken else 0


def examine() -> Iterator[Finding]:
    """Look at everything."""
    yield Finding("runtime", "fringelens", __version__)
    yield Finding("runtime", "python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("runtime", "system", platform.platform())
    yield from _packages()
    yield from _devices()
    yield from _projections()
    yield from weights(MODELS)


def _packages() -> Iterator[Finding]:
    versions = machine.versions()
    for name in machine.PACKAGES:
        yield Finding("packages", name, versions.get(name, "-"), machine.problem_of(name))


def _devices() -> Iterator[Finding]:
    for device in machine.devices():
        yield Finding("devices", device["id"], device["name"] + _precision(device["id"]))
    wanted = os.environ.get("FRINGELENS_THREADS")
    if wanted is not None and str(machine.threads()) != wanted:
        problem = "FRINGELENS_THREADS has to be a whole number of 1 and more; set it so, or unset it"
        yield Finding("devices", "threads", wanted, problem)


def _precision(device: str) -> str:
    if machine.problem_of("torch"):
        return ""
    from ..inference.device import supports_bf16

    return ", bfloat16" if supports_bf16(device) else ", float32"


def _projections() -> Iterator[Finding]:
    """Whether PROJ finds its own database: another program's is the usual trouble on Windows."""
    if machine.problem_of("rasterio"):
        return
    import rasterio
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        known = CRS.from_epsg(32634).is_projected
    except CRSError as error:
        problem = f"PROJ cannot use its database ({error}); unset PROJ_LIB and PROJ_DATA, or {machine.REMEDY}"
        yield Finding("packages", "PROJ", "-", problem)
        return
    problem = "" if known else f"PROJ does not know UTM; {machine.REMEDY}"
    yield Finding("packages", "GDAL and PROJ", f"GDAL {rasterio.__gdal_version__}", problem)


def weights(folder: Path) -> Iterator[Finding]:
    """The weights that the tools need, each compared with its card."""
    for network in sorted({tool.network for tool in catalog.TOOLS if tool.network}):
        file, card = folder / network / "weights.safetensors", folder / network / "card.json"
        missing = [path.name for path in (file, card) if not path.is_file()]
        if missing:
            remedy = _ADD if card.is_file() else _RESTORE
            yield Finding("weights", network, "-", f"{file.parent} lacks {' and '.join(missing)}; {remedy}")
            continue
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Finding("weights", network, sha256, _difference(file, sha256, card))


def _difference(file: Path, sha256: str, card: Path) -> str:
    try:
        promised = json.loads(card.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{card} cannot be read ({type(error).__name__}: {error}); {_RESTORE}"
    if promised == sha256:
        return ""
    return f"{file} has SHA-256 {sha256[:_SHORT]}, its card promises {str(promised)[:_SHORT]}; {_RESTORE}"


def _print(findings: list[Finding]) -> None:
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            sys.stdout.write(f"{topic}\n")
        value = finding.value[:_SHORT] if finding.topic == "weights" else finding.value
        sys.stdout.write(f"  {finding.name:<18}{value}\n")
    broken = [finding for finding in findings if finding.problem]
    for finding in broken:
        sys.stdout.write(f"broken: {finding.problem}\n")
    if not broken:
        sys.stdout.write("all is well\n")

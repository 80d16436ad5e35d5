"""What this runtime is made of: versions, devices, and what is wrong with it; torch is imported only when needed."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib import metadata
from typing import Any

from .. import __version__
from .protocol import PROTOCOL

# Distribution name, and the module it is imported as; those of pyproject.toml.
PACKAGES: dict[str, str] = {
    "torch": "torch",
    "numpy": "numpy",
    "scipy": "scipy",
    "scikit-image": "skimage",
    "rasterio": "rasterio",
    "safetensors": "safetensors",
    "whirlwind-insar": "whirlwind",
    "pyogrio": "pyogrio",
}
REMEDY = "run `./run setup` in the checkout, or Plugins > FringeLens > Runtime in QGIS"

_GIB = 2**30


def versions() -> dict[str, str]:
    """The version of each package the tools need; absent where it is not installed. Imports none of them."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def problem_of(package: str) -> str:
    """Why a package cannot be used, with the remedy; empty where it can. Imports it."""
    try:
        importlib.import_module(PACKAGES[package])
    except ModuleNotFoundError as error:
        if error.name == PACKAGES[package]:
            return f"{package} is not installed; {REMEDY}"
        return f"{package} is installed but lacks {error.name}; {REMEDY}"
    except Exception as error:  # a broken binary package may raise anything
        return f"{package} is installed but cannot be loaded ({type(error).__name__}: {error}); {REMEDY}"
    return ""


def devices() -> list[dict[str, str]]:
    """The devices that networks can run on, the processor first; only that where torch cannot be loaded."""
    found = [{"id": "cpu", "name": f"{processor()}, {threads()} threads"}]
    if problem_of("torch"):
        return found
    import torch

    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        found.append({"id": "cuda", "name": f"{properties.name}, {properties.total_memory / _GIB:.0f} GiB"})
    if torch.backends.mps.is_available():
        found.append({"id": "mps", "name": "Apple GPU"})
    return found


def threads() -> int:
    """How many threads computations use: FRINGELENS_THREADS where it is set, else the cores this process may use."""
    wanted = os.environ.get("FRINGELENS_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def release_memory() -> None:
    """Give back what torch keeps of a GPU for later: between jobs, other programs may need it more."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def processor() -> str:
    """The name of the processor, as well as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - not a file one has
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def hello() -> dict[str, Any]:
    """The first message of a worker. Imports torch, which the first job would do anyway."""
    missing = [f"{name} is not installed; {REMEDY}" for name in PACKAGES if name not in versions()]
    broken = problem_of("torch")
    return {
        "type": "hello",
        "protocol": PROTOCOL,
        "fringelens": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "versions": versions(),
        "devices": devices(),
        "problems": missing + ([broken] if broken and "torch" in versions() else []),
    }

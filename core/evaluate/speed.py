"""How fast a network predicts: alone, through the engine, and as a tool beside its classical method."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..inference.device import Device
from ..inference.predict import Network, Options, predict
from ..inference.tiles import Plan
from ..progress import Silent
from ..raster.window import Window
from .report import Table

FILE = "speed.json"  # in docs; evaluate writes it into the page
REPEATS = 3  # the fastest counts: everything else on the machine only slows down
MEGA = 1e6

# Runs the words that follow and prints the peak of it.
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def fastest(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds of the fastest of some runs."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def measure_engine(network: Network, device: Device, tile_size: int, side: int) -> dict[str, float]:
    """Pixels a second of the bare network on the tiles of a raster of `side` pixels, and through the engine.

    `bare` counts what the network is shown, `bare_useful` only what remains once the halo is cut off.
    """
    shape = (side, side)
    planes = np.random.default_rng(0).standard_normal((network.channels, side, side), dtype=np.float32)
    plan = Plan(shape, network.halo, network.multiple_of)
    tiles = list(plan.tiles(tile_size))
    shown = [(tile.reach.height, tile.reach.width) for tile in tiles]
    layout = torch.channels_last
    by_size = {
        size: torch.randn(1, network.channels, *size).to(device.torch, memory_format=layout) for size in set(shown)
    }

    def bare() -> None:
        with torch.inference_mode(), torch.autocast(device.torch.type, torch.bfloat16, enabled=device.bf16):
            for size in shown:
                network(by_size[size]).float().cpu()

    def read(window: Window) -> NDArray[np.float32]:
        return planes[:, *window.slices]

    def engine() -> None:
        predict(network, read, shape, lambda *_: None, Options(device, tile_size), Silent())

    if isinstance(network, nn.Module):
        network.to(device=device.torch, memory_format=torch.channels_last)  # type: ignore[call-overload]
    bare()
    bare_seconds, engine_seconds = fastest(bare), fastest(engine)
    pixels = sum(height * width for height, width in shown)
    return {
        "bare": pixels / bare_seconds / MEGA,
        "bare_useful": side * side / bare_seconds / MEGA,
        "engine": side * side / engine_seconds / MEGA,
        "engine_over_bare": engine_seconds / bare_seconds,
        "halo": pixels / (side * side),
    }


def peak_memory(command: list[str]) -> float:
    """Most memory that a command, or a process that it waits for, ever had, in MiB; raises where it fails.

    Through a small process in between: what a process is started from counts as memory of its own.
    """
    found = subprocess.run([sys.executable, "-c", _MEASURE, *command], check=True, capture_output=True, text=True)  # nosec B603 - our own command line
    peak = int(found.stdout)
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


def store(docs: Path, name: str, measured: dict[str, Any]) -> None:
    """Keep what was measured of a network for the page of benchmarks."""
    path = docs / FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known[name] = measured
    docs.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def speed_table(docs: Path, name: str) -> Table | None:
    """What `fringelens bench` last measured of a network, None where it never did."""
    path = docs / FILE
    measured = json.loads(path.read_text(encoding="utf-8")).get(name) if path.is_file() else None
    if measured is None:
        return None
    table = Table("Speed", ["what", "measured"])
    table.rows = [(what, value) for what, value in lines(measured)]
    said = f"On {measured['machine']}, {measured['side']} x {measured['side']} pixels, tiles of {measured['tile']}."
    table.note = f"{said} {measured.get('note', '')}".rstrip()
    return table


def lines(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """Measurements in words."""
    return [
        ("bare network, megapixels shown a second", f"{measured['bare']:.2f}"),
        ("bare network, less its halo, megapixels a second", f"{measured['bare_useful']:.2f}"),
        ("engine, megapixels a second", f"{measured['engine']:.2f}"),
        ("engine over bare network on the same tiles, time", f"{measured['engine_over_bare']:.3f}"),
        ("pixels shown over pixels wanted (halo)", f"{measured['halo']:.3f}"),
        ("whole tool, megapixels a second", f"{measured['tool']:.2f}"),
        ("classical method, whole tool, megapixels a second", f"{measured['classical']:.2f}"),
        ("network over classical method, time", f"{measured['classical'] / measured['tool']:.2f}"),
        ("seconds for 1024 x 1024 pixels, whole tool", f"{1.048576 / measured['tool']:.2f}"),
        ("peak memory of the tool, MiB", f"{measured['memory']:.0f}"),
    ]

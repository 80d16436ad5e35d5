"""`fringelens bench NAME`: how fast the network, the engine and the tool are, and what memory they take."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..progress import Silent

ROOT = Path(__file__).resolve().parents[2]
SIDE = 4096  # pixels
SEED, SCENE = 5, 512  # the raster is one simulated scene of so many pixels, repeated
PIXEL = 20.0  # m, of the raster
AIR = 6.0  # rad, deviation of the delay in it, and of what moves
# METHOD that each tool is compared with.
CLASSICAL = {
    "decorrelationmask": "otsu2",
    "reconstructphase": "laplace",
    "unwrapphase": "mcf",
    "coherencefromgrd": "window",
    "denoiseatmosphere": "ramp_elevation",
}
# What must be said of the numbers of a tool.
NOTES = {
    "denoiseatmosphere": "The network works on cells of 400 m, which are its pixels here; those of the tool are of"
    f" {PIXEL:.0f} m, each cell seen four times."
}


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "bench",
        help="measure speed and memory of a network (for developers)",
        description="Measure the network alone, through the engine, and as a tool beside its classical method, and keep"
        " the numbers for the page of benchmarks. Nothing else should run meanwhile.",
    )
    parser.add_argument(
        "network", help="name of the network, as `fringelens doctor` lists them; or detection_first, the whole workflow"
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--side", type=int, help=f"side of the raster in pixels (default: {SIDE}; workflow: 512)")
    parser.add_argument("--tile", type=int, default=1024, help="tile size in pixels (default: 1024)")
    parser.add_argument("--count", type=int, help="interferograms of the workflow (default: 30)")
    parser.add_argument("--share", type=int, help="the whole-scene series is run on 1 / SHARE^2 of it (default: 4)")
    parser.add_argument(
        "--folder", type=Path, help="where the stack of the workflow is made (default: temporary files)"
    )
    parser.add_argument("--dry", action="store_true", help="print only, keep nothing")


def run(args: argparse.Namespace) -> int:
    """Measure, print, keep."""
    if args.network == "detection_first":
        from .bench_detection import measure

        return measure(args)
    args.side = args.side or SIDE
    return _bench_network(args)


def _bench_network(args: argparse.Namespace) -> int:
    from .. import catalog
    from ..evaluate.speed import fastest, lines, measure_engine, peak_memory, store
    from ..inference.device import choose_device
    from ..networks import load_network
    from .display import reporter_for

    tool = next((tool.id for tool in catalog.TOOLS if tool.network == args.network), None)
    if tool not in CLASSICAL:
        msg = f"no tool that can be measured uses a network {args.network!r}"
        raise InputError(msg)
    progress = reporter_for(sys.stderr, lambda: False, quiet=False)
    device = choose_device(args.device, progress)
    network, _ = load_network(args.network, None, progress)
    progress.update(0.1, "network and engine")
    measured: dict[str, Any] = dict(measure_engine(network, device, args.tile, args.side))
    with tempfile.TemporaryDirectory(prefix="fringelens-bench-") as name:
        folder = Path(name)
        given = _rasters(folder, args.side, tool) | {"TILE_SIZE": args.tile, "DEVICE": args.device}
        progress.update(0.5, "whole tool")
        pixels = args.side**2 / 1e6
        measured["tool"] = pixels / fastest(lambda: _job(tool, given, folder), 2)
        measured["classical"] = pixels / fastest(lambda: _job(tool, given | {"METHOD": CLASSICAL[tool]}, folder), 2)
        progress.update(0.9, "memory")
        measured["memory"] = peak_memory(_command(tool, given, folder))
    measured |= {"side": args.side, "tile": args.tile, "machine": _machine(device.label)}
    measured |= {"note": NOTES[tool]} if tool in NOTES else {}
    progress.close()
    sys.stdout.write("".join(f"{what:<56}{value}\n" for what, value in lines(measured)))
    if not args.dry:
        store(ROOT / "docs", args.network, measured)
    return 0


def _planes(tool: str) -> dict[str, Any]:
    """One simulated scene of SCENE pixels, (1, rows, cols) by the names of the tool's inputs."""
    import torch

    from ..simulate.delays import DelayOptions, simulate_delays
    from ..simulate.detected_scene import PairOptions, simulate_pairs
    from ..simulate.scene import SceneOptions, simulate

    whole: dict[str, Any] = {"batch": 1, "rows": SCENE, "cols": SCENE, "border_share": 0.0, "hole_share": 0.0}
    generator = torch.Generator().manual_seed(SEED)
    if tool == "denoiseatmosphere":
        parts = simulate_delays(DelayOptions(1, SCENE, SCENE, spacing=(PIXEL, PIXEL)), generator)
        total = AIR * (parts.turbulence + parts.deformation)
        return {"INPUT": total, "DEM": parts.elevation, "COHERENCE": parts.coherence}
    if tool == "coherencefromgrd":
        pair = simulate_pairs(PairOptions(**whole), generator)
        return {"INPUT": pair.first, "SECONDARY": pair.second}
    scene = simulate(SceneOptions(filtered_share=0.0, **whole), generator)
    planes = {"INPUT": scene.wrapped, "COHERENCE": scene.coherence_estimate}
    if tool == "decorrelationmask":
        return planes | {"AMPLITUDE": scene.amplitude}
    return planes | {"MASK": scene.decorrelated.float()}


def _rasters(folder: Path, side: int, tool: str) -> dict[str, Any]:
    """A simulated scene, repeated to `side` pixels, as the tool's inputs."""
    import numpy as np
    import rasterio

    paths = {}
    for key, plane in _planes(tool).items():
        repeated = np.tile(plane[0].numpy(), (-(-side // SCENE),) * 2)[:side, :side]
        paths[key] = str(folder / f"{key.lower()}.tif")
        how = {"height": side, "width": side, "count": 1, "dtype": "float32", "tiled": True, "nodata": float("nan")}
        transform = rasterio.Affine(PIXEL, 0.0, 500_000.0, 0.0, -PIXEL, 4_500_000.0)
        with rasterio.open(paths[key], "w", driver="GTiff", crs="EPSG:32633", transform=transform, **how) as file:
            file.write(repeated, 1)
    return paths


def _job(tool: str, given: dict[str, Any], folder: Path) -> None:
    from .. import job

    job.run(tool, given | {"OUTPUT": str(folder / "result.tif")}, Silent(), overwrite=True)


def _command(tool: str, given: dict[str, Any], folder: Path) -> list[str]:
    """The command line with which a user runs the tool, in a process of its own, so that its memory can be told."""
    words = [word for key, value in given.items() for word in ("--" + key.lower().replace("_", "-"), str(value))]
    output = str(folder / "other.tif")
    return [sys.executable, str(ROOT / "__main__.py"), tool, *words, "--output", output, "--quiet"]


def _machine(label: str) -> str:
    from ..inference.allocator import keep_memory

    allocator = "kept memory" if keep_memory() else "plain allocator"
    return f"{label}, {os.cpu_count()} cores, {allocator}"

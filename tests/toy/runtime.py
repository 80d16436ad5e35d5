"""The real command line and worker, with one more tool: `toy`, which does whatever a test asks of it.

Run as a script, like `__main__.py` itself. torch is hidden, so that it starts quickly and shows that none is needed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_main() -> types.ModuleType:
    """The checkout's `__main__.py`, as a module."""
    spec = importlib.util.spec_from_file_location("toy_main", ROOT / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_noise() -> None:
    """Print to stdout in every way a library may."""
    print("printed by a library")
    os.write(1, b'{"type": "result", "id": "a", "outputs": {"FORGED": 1}}\n')
    subprocess.run([sys.executable, "-c", "print('printed by a child')"], check=True)


def toy(parameters, progress):
    """Write OUTPUT slowly, or fail in the way that is asked for."""
    import numpy as np
    from rasterio.crs import CRS
    from rasterio.transform import from_origin

    errors = importlib.import_module("fringelens.core.errors")
    grid = importlib.import_module("fringelens.core.raster.grid")
    sink = importlib.import_module("fringelens.core.raster.sink")
    window = importlib.import_module("fringelens.core.raster.window")
    failures = {
        "input": errors.InputError("INPUT: not to my taste"),
        "memory": MemoryError(),
        "bug": ZeroDivisionError("division by zero"),
        "weights": errors.WeightsError("damaged"),
        "package": ModuleNotFoundError("No module named 'snaphu'"),
    }
    progress.log("toy starts")
    progress.warn("toy warns")
    if parameters["NOISE"]:
        make_noise()
    place = grid.Grid(CRS.from_epsg(32634), from_origin(500_000, 4_400_000, 30, 30), 32, 32)
    with sink.Outputs(progress) as outputs:
        raster = outputs.raster(parameters["OUTPUT"], place, dtype="float32", nodata=float("nan"))
        for step in range(parameters["STEPS"]):
            progress.update(step / parameters["STEPS"], f"step {step}")
            time.sleep(parameters["SECONDS"])
        if parameters["FAIL"] == "crash":
            os._exit(9)
        if parameters["FAIL"] != "none":
            raise failures[parameters["FAIL"]]
        raster.write(window.Window(0, 0, 32, 32), np.ones((32, 32), np.float32))
    return {"OUTPUT": parameters["OUTPUT"], "STEPS_DONE": np.int64(parameters["STEPS"])}


def register() -> None:
    """Add the toy to the catalog and to the tools."""
    catalog = importlib.import_module("fringelens.core.catalog")
    failures = ("none", "input", "memory", "bug", "weights", "package", "crash")
    tool = catalog.Tool(
        id="toy",
        name="Toy",
        group="Tests",
        summary="Does as it is told.",
        help="Does as it is told.",
        parameters=(
            catalog.Parameter("INPUT", "raster", "Input", "Not read.", optional=True),
            catalog.Parameter(
                "STEPS", "integer", "Steps", "How many.", optional=True, default=2, minimum=1, unit="steps"
            ),
            catalog.Parameter("SECONDS", "number", "Seconds", "Of each step.", optional=True, default=0.0, minimum=0.0),
            catalog.Parameter("FAIL", "choice", "Failure", "Which.", optional=True, default="none", choices=failures),
            catalog.Parameter("NOISE", "boolean", "Noise", "Print to stdout.", optional=True, default=False),
        ),
        outputs=(
            catalog.Output("OUTPUT", "raster", "Output", "Ones."),
            catalog.Output("STEPS_DONE", "number", "Steps done", "How many."),
        ),
    )
    catalog.TOOLS += (tool,)
    catalog._BY_ID[tool.id] = tool
    module = types.ModuleType("fringelens.core.tools.toy")
    module.run = toy
    sys.modules[module.__name__] = module


if __name__ == "__main__":
    sys.modules["torch"] = None
    command_line = load_main()
    command_line.bind()
    register()
    importlib.import_module("fringelens.core.worker")._GRACE_SECONDS = 1.0
    sys.exit(command_line.main())

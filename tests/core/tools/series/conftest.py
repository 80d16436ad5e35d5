"""A simulated trough in a stack of interferograms, each with a constant of its own, and the tool as it is called."""

import csv
from pathlib import Path

import numpy as np
import pytest
import rasterio
from fringelens.core.catalog.displacementseries import TOOL
from fringelens.core.catalog.validate import complete
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from fringelens.core.tools import displacementseries
from recording import Log
from trough import DAYS, PAIRS, RADIAN, RATE, SHAPE, YEARS


@pytest.fixture
def stack(write_raster, rng):
    """Paths of the interferograms: phase positive away from the satellite."""

    def make(*, wrapped=False, pairs=PAIRS, noise=0.05):
        paths = []
        for one, two in pairs:
            phase = -RATE * (YEARS[two] - YEARS[one]) / RADIAN + rng.normal(0, 3) + noise * rng.normal(size=SHAPE)
            phase[48:, 64:] = np.nan
            values = np.angle(np.exp(1j * phase)) if wrapped else phase
            paths.append(str(write_raster(f"{DAYS[one]:%Y%m%d}_{DAYS[two]:%Y%m%d}.tif", values.astype(np.float32))))
        return paths

    return make


@pytest.fixture
def run(tmp_path, stack):
    def go(paths=None, **changes):
        log = Log()
        given = {
            "INPUTS": paths or stack(),
            "PHASE": "unwrapped",
            "WAVELENGTH": 0.06,
            "VELOCITY": str(tmp_path / "velocity.tif"),
            "STDDEV": str(tmp_path / "std.tif"),
            "DISPLACEMENT": str(tmp_path / "displacement.tif"),
            "SERIES": str(tmp_path / "series.csv"),
            "DEVICE": "cpu",
        } | changes
        result = displacementseries.run(complete(TOOL, given), log)
        planes = {}
        for name in ("VELOCITY", "STDDEV", "DISPLACEMENT"):
            with rasterio.open(result[name]) as source:
                planes[name] = source.read() if name == "DISPLACEMENT" else source.read(1)
        rows = list(csv.DictReader(Path(result["SERIES"]).read_text().splitlines()))
        return result, planes, rows, log

    return go


@pytest.fixture
def detections(tmp_path):
    """A polygon around the trough, one away from it, and one outside."""
    from rasterio.crs import CRS

    def square(row, column, side):
        x, y = 500_000 + 30 * column, 4_400_000 - 30 * row
        far, below = x + 30 * side, y - 30 * side
        return (np.array([(x, y), (far, y), (far, below), (x, below), (x, y)], float),)

    path = tmp_path / "detections.gpkg"
    with Outputs(Silent()) as outputs:
        outputs.vector(path, CRS.from_epsg(32634)).write([square(20, 20, 20), square(40, 60, 6), square(500, 0, 9)], [])
    return str(path)

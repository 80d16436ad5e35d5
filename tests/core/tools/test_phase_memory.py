"""What the phase tools take of memory is that of a tile, however large the raster is."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

SMALL, LARGE, TILE, BLOCK = 2304, 4096, 256, 128  # both get overviews and have tiles with neighbours on all sides
MOST_MORE = 36 << 20  # bytes: less than one plane of float32 is larger by, more than threads differ by
HUGE, HUGE_BLOCK, HUGE_LIMIT = 8192, 512, 3 << 30
FULL = range(3, 9)  # blocks of the huge one that fill the whole reach of a tile away from its edges
RASTER = {"driver": "GTiff", "count": 1, "dtype": "float32", "tiled": True, "sparse_ok": True, "nodata": float("nan")}
METHODS = [
    ("unwrapphase", "mcf"),
    ("unwrapphase", "network"),
    ("unwrapphase", "combined"),
    ("reconstructphase", "network"),
    ("reconstructphase", "laplace"),
    ("reconstructphase", "unwrap"),
    ("denoiseatmosphere", "network"),
    ("phasetodisplacement", None),
    ("comparerasters", None),
]

# Runs each job in this process, one after the other; tells the peak of it and of what it started (no less than its own
# when it started that), after each.
MEASURE = """
import importlib.util, json, resource, sys
spec = importlib.util.spec_from_file_location("main", sys.argv[1])
main = importlib.util.module_from_spec(spec); spec.loader.exec_module(main)
peaks = []
for job in json.loads(sys.argv[2]):
    assert main.main(job) == 0
    peaks.append([1024 * resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)])
print(json.dumps(peaks))
"""


def measured(root, jobs):
    """Peaks (jobs, 2) in bytes: of the process, and of the largest that it started. GDAL keeps few blocks meanwhile."""
    few = {**os.environ, "GDAL_CACHEMAX": "8"}
    command = [sys.executable, "-c", MEASURE, str(root / "__main__.py"), json.dumps(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=few)
    assert done.returncode == 0, done.stderr[-2000:]
    return np.array(json.loads(done.stdout.splitlines()[-1]))


def sparse(path, side, block, draw, places):
    """A raster without data but in the blocks of these rows and columns, which `draw(rows, columns)` fills."""
    options = {"width": side, "height": side, "blockxsize": block, "blockysize": block, **RASTER}
    with rasterio.open(path, "w", crs="EPSG:32633", transform=Affine(20, 0, 5e5, 0, -20, 5e6), **options) as file:
        for row in (block * place for place in places):
            for column in (block * place for place in places):
                window = Window(column, row, block, block)
                file.write(draw(*np.mgrid[row : row + block, column : column + block]), 1, window=window)
    return str(path)


def smooth(rows, columns):
    return (np.sin(rows / 90) * 8 + columns / 40).astype(np.float32)


def with_gaps(rows, columns):
    phase = np.angle(np.exp(1j * smooth(rows, columns))).astype(np.float32)
    phase[(rows % 24 < 6) & (columns % 30 < 7)] = np.nan
    return phase


def words(tool, method, folder, side, block, places, tile):
    """The command line of a job."""
    unwrapped = tool in ("denoiseatmosphere", "phasetodisplacement", "comparerasters")
    kind = smooth if unwrapped else with_gaps
    given = sparse(folder / f"{kind.__name__}{side}.tif", side, block, kind, places)
    words = [tool, "--input", given, "--overwrite", "--quiet", "--tile-size", str(tile)]
    if tool == "comparerasters":
        return [*words, "--reference", given, "--kind", "unwrapped", "--report", str(folder / f"{side}.html")]
    words += ["--output", str(folder / f"{tool}{side}.tif")]
    if tool == "denoiseatmosphere":  # the phase serves as heights too
        words += ["--dem", given, "--atmosphere", str(folder / f"air{side}.tif")]
        words += ["--uncertainty", str(folder / f"error{side}.tif")]
    return words + (["--method", method] if method else ["--sensor", "sentinel1"])


def test_memory_does_not_grow_with_the_raster(tmp_path, root):
    """All tools in one process, on small rasters and then on large ones; both have phase in their corners alone."""
    tools = [METHODS[0], METHODS[4], *METHODS[6:]]
    sides = [(side, (0, side // BLOCK - 1)) for side in (SMALL, LARGE)]
    jobs = [words(*tool, tmp_path, side, BLOCK, places, TILE) for side, places in sides for tool in tools]
    peaks = measured(root, jobs)
    assert peaks[-1, 0] - peaks[len(tools) - 1, 0] < MOST_MORE, peaks // 2**20


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("tool", "method"), METHODS)
def test_a_raster_of_67_megapixels_stays_within_three_gibibytes(tmp_path, root, tool, method):
    tile = 2048 if tool == "unwrapphase" else 1024
    job = words(tool, method, tmp_path, HUGE, HUGE_BLOCK, FULL, tile)
    if tool == "denoiseatmosphere":
        job += ["--pixel", "400"]  # so that there are as many cells as there can be
    peaks = measured(root, [job])
    print(tool, method, peaks / 2**20)  # shown by `pytest -s`
    assert peaks.sum() < HUGE_LIMIT

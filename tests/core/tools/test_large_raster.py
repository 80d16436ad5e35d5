"""A raster of 25,000 x 17,000 complex numbers stays within 2 GiB of memory. Slow: `pytest -m slow`."""

import json
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from fringelens.models import registry
from fringelens.models.weights import write_weights
from rasterio.windows import Window

ROWS, COLUMNS, BLOCK = 17_000, 25_000, 512
LIMIT_BYTES = 2 << 30

# Runs the command line of the checkout in a process of its own and tells its peak memory.
MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(json.dumps([code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024]))
"""


@pytest.fixture
def large(tmp_path):
    """A sparse file: noise in blocks of the first and last rows and columns and in the middle, nothing elsewhere."""
    path = tmp_path / "large.tif"
    rng = np.random.default_rng(0)
    noise = np.exp(1j * rng.uniform(-3, 3, (BLOCK, BLOCK))).astype(np.complex64)
    options = {"width": COLUMNS, "height": ROWS, "count": 1, "dtype": "complex64", "sparse_ok": True, "bigtiff": "yes"}
    options |= {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "transform": Affine(20, 0, 5e5, 0, -20, 5e6)}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32633", **options) as dataset:
        for row in (0, 1, 16, 17, 31, 32):
            for column in (0, 1, 2, 3, 24, 25, 26, 46, 47):
                dataset.write(noise, 1, window=Window(column * BLOCK, row * BLOCK, BLOCK, BLOCK))
    return path


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_whole_frame_in_full_resolution_stays_within_two_gibibytes(large, tmp_path, root):
    torch.manual_seed(5)
    weights = tmp_path / "random.safetensors"
    write_weights(weights, registry.build("decorrelation"), {"network": "decorrelation", "config": "default"})
    command = [sys.executable, str(root / "__main__.py"), "decorrelationmask", "--input", str(large)]
    for name in ("output", "probability", "masked"):
        command += [f"--{name}", str(tmp_path / f"{name}.tif")]
    command += ["--model", str(weights), "--device", "cpu"]
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True)
    code, peak = json.loads(done.stdout)
    assert code == 0, done.stderr[-2000:]
    assert peak <= LIMIT_BYTES
    with rasterio.open(tmp_path / "output.tif") as dataset:
        assert dataset.shape == (ROWS, COLUMNS)
        assert dataset.overviews(1)
        written = dataset.read(1, window=Window(0, 0, 5 * BLOCK, 2 * BLOCK))
    assert (written[:, : 4 * BLOCK] != 255).all()
    assert (written[:, 4 * BLOCK :] == 255).all()

"""The peak of memory of the tool for detected images is that of a tile, however large the raster is."""

import json
import subprocess
import sys

import numpy as np
import torch
from fringelens.models import registry
from fringelens.models.weights import write_weights

SMALL, LARGE, CORNER, TILE = 1000, 3000, 150, 256  # the small one holds a tile with all its surroundings
# What the large raster may take beside the small one: less than its own two images and its result at once.
MOST_MORE = 96 << 20

# Runs the tool on one raster after the other in a process of its own and tells the peak after each.
MEASURE = """
import importlib.util, json, os, resource, sys
os.environ["GDAL_CACHEMAX"] = "16"
spec = importlib.util.spec_from_file_location("main", sys.argv[1])
main = importlib.util.module_from_spec(spec); spec.loader.exec_module(main)
peaks = []
for job in json.loads(sys.argv[2]):
    assert main.main(job) == 0
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
print(json.dumps(peaks))
"""


def test_memory_does_not_grow_with_the_raster(tmp_path, root, rng, write_raster):
    torch.manual_seed(5)
    weights = tmp_path / "random.safetensors"
    name = "coherence_from_intensity"
    write_weights(weights, registry.build(name), {"network": name, "config": "default"})
    jobs = []
    for side in (SMALL, LARGE):
        image = np.full((side, side), np.nan, np.float32)
        image[:CORNER, :CORNER] = image[-CORNER:, -CORNER:] = rng.gamma(4, size=(CORNER, CORNER))
        path = str(write_raster(f"{side}.tif", image))
        given = ["--input", path, "--secondary", path, "--output", str(tmp_path / f"coherence{side}.tif")]
        jobs.append(["coherencefromgrd", *given, "--model", str(weights), "--device", "cpu", "--tile-size", str(TILE)])
    command = [sys.executable, "-c", MEASURE, str(root / "__main__.py"), json.dumps(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    small, large = json.loads(done.stdout.splitlines()[-1])
    assert large - small < MOST_MORE, (small, large)

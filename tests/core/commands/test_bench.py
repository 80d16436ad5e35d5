"""What `fringelens bench` measures with is what the tool takes."""

import numpy as np
import rasterio
from fringelens.core.commands.bench import CLASSICAL, _job, _rasters
from fringelens.core.evaluate.speed import speed_table, store


def test_denoiseatmosphere_takes_the_rasters_it_is_measured_with(tmp_path):
    given = _rasters(tmp_path, 96, "denoiseatmosphere")
    assert {"INPUT", "DEM", "COHERENCE"} <= set(given)
    _job("denoiseatmosphere", given | {"METHOD": CLASSICAL["denoiseatmosphere"]}, tmp_path)
    with rasterio.open(tmp_path / "result.tif") as result:
        assert np.isfinite(result.read(1)).all()


def test_what_must_be_said_of_the_numbers_is_on_the_page(tmp_path):
    numbers = ("bare", "bare_useful", "engine", "engine_over_bare", "halo", "tool", "classical", "memory")
    measured = {**dict.fromkeys(numbers, 1.0), "machine": "cpu", "side": 8, "tile": 4}
    store(tmp_path, "plain", measured)
    store(tmp_path, "told", {**measured, "note": "Cells, not pixels."})
    assert speed_table(tmp_path, "told").note == speed_table(tmp_path, "plain").note + " Cells, not pixels."

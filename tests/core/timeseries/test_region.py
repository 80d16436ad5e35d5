"""Reference points near the edge of a region, whose phases stand on a shelf beside those of other regions."""

import numpy as np
import pytest
from fringelens.core.progress import Silent
from fringelens.core.raster.stack import Stack
from fringelens.core.raster.window import Window
from fringelens.core.timeseries.gather import gather
from fringelens.core.timeseries.phases import Files, Shelf
from fringelens.core.timeseries.region import REACH, Region, Rules

REGIONS = [Window(4, 3, 12, 16), Window(10, 2, 12, 20), Window(8, 8, 9, 9)]


@pytest.fixture
def files(write_raster, rng, make_network):
    """Unwrapped interferograms with gaps."""
    paths = []
    for index in range(len(make_network().first)):
        phase = rng.normal(0, 9, (24, 30)).astype(np.float32)
        phase[rng.random(phase.shape) < 0.2] = np.nan
        paths.append(str(write_raster(f"phase{index}.tif", phase)))
    return Files(Stack(paths, Silent()), None)


@pytest.mark.parametrize("number", range(len(REGIONS)))
@pytest.mark.parametrize(("down", "across"), [(0, 5), (1, 0), (-1, 5), (4, -1), (-1, -1), (4, 4)])
def test_a_reference_at_the_edge_of_a_region_is_the_median_of_what_is_valid_inside(
    files, make_network, number, down, across
):
    window = REGIONS[number]
    row, column = window.row + down % window.height, window.column + across % window.width
    with Shelf(files, REGIONS, with_coherence=False) as shelf:
        phases = gather(shelf, [], Silent(), threads=1, tile_size=128)[number]
        rules = Rules(looks=10.0, robust=True, baselines=None, tile_size=128)
        found = Region(make_network(), phases, window, rules).anchor_at(row, column, window)
    inside = files.read(window)
    rows, columns = np.mgrid[: window.height, : window.width]
    near = (np.abs(rows + window.row - row) <= REACH) & (np.abs(columns + window.column - column) <= REACH)
    expected = [np.median(phase[near & valid]) for phase, valid in zip(inside.phase, inside.valid, strict=True)]
    assert found.level == pytest.approx(np.array(expected))

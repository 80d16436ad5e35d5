"""What stands on a shelf comes back as it was put there, whichever window is asked for."""

import numpy as np
import pytest
from fringelens.core.progress import Silent
from fringelens.core.raster.stack import Stack, coherence_stack
from fringelens.core.raster.window import Window
from fringelens.core.timeseries import gather as module
from fringelens.core.timeseries.gather import gather, in_groups
from fringelens.core.timeseries.phases import Files, Shelf

REGIONS = [Window(2, 3, 20, 16), Window(10, 0, 12, 30), Window(0, 0, 4, 4)]


@pytest.fixture
def files(write_raster, rng):
    """Five unwrapped interferograms with gaps, and their coherences."""
    paths, coherences = [], []
    for index in range(5):
        phase = rng.normal(0, 9, (24, 30)).astype(np.float32)
        phase[rng.random(phase.shape) < 0.1] = np.nan
        paths.append(str(write_raster(f"phase{index}.tif", phase)))
        coherence = rng.uniform(0, 1, phase.shape).astype(np.float32)
        coherences.append(str(write_raster(f"coherence{index}.tif", coherence)))
    phases = Stack(paths, Silent())
    return Files(phases, coherence_stack(coherences, phases, Silent(), zero_is_nodata=False))


@pytest.mark.parametrize("with_coherence", [True, False])
@pytest.mark.parametrize("threads", [1, 3])
def test_windows_from_the_shelf_are_those_of_the_files(files, with_coherence, threads):
    kept = gather(Shelf(files, REGIONS, with_coherence=with_coherence), [], Silent(), threads=threads, tile_size=8)
    for place, region in zip(kept, REGIONS, strict=True):
        part = Window(region.row + 1, region.column + 1, region.height - 2, region.width - 2)
        for window in (region, part, Window(region.row, region.column, 1, region.width)):
            for found, expected in zip(place.read(window), files.read(window), strict=True):
                assert np.array_equal(found, expected)


def test_files_without_coherences_have_none_on_the_shelf(files):
    bare = Files(files.stack, None)
    kept = gather(Shelf(bare, REGIONS, with_coherence=True), [], Silent(), threads=1, tile_size=128)
    assert kept[0].read(REGIONS[0]).coherence is None


def test_each_file_is_opened_once_for_all_windows(files, monkeypatch):
    opened, before = [], Stack.open

    def count(self, index):
        opened.append(self.paths[index])
        return before(self, index)

    monkeypatch.setattr(Stack, "open", count)
    kept = gather(Shelf(files, REGIONS, with_coherence=True), [], Silent(), threads=2, tile_size=128)
    for place, region in zip(kept, REGIONS, strict=True):
        place.read(region)
    assert sorted(opened) == sorted(files.stack.paths + files.coherences.paths)


@pytest.mark.parametrize("window", [Window(1, 3, 4, 4), Window(2, 2, 4, 4), Window(20, 3, 3, 4), Window(2, 16, 2, 4)])
def test_what_lies_outside_a_region_is_refused(files, window):
    kept = gather(Shelf(files, REGIONS, with_coherence=True), [], Silent(), threads=1, tile_size=128)
    with pytest.raises(ValueError, match="outside"):
        kept[0].read(window)


@pytest.mark.parametrize("with_coherence", [True, False])
def test_groups_stay_below_the_bound_and_keep_the_order(files, monkeypatch, with_coherence):
    sizes = [100, 100, 300, 900, 200, 100]
    regions = [Window(0, 0, 1, size) for size in sizes]
    monkeypatch.setattr(module, "SCRATCH", 400 * 5 * 4 * (2 if with_coherence else 1))
    groups = list(in_groups(files, regions, with_coherence=with_coherence))
    assert [[sizes[index] for index in group] for group in groups] == [[100, 100], [300], [900], [200, 100]]


def test_large_regions_are_not_gathered_with_small_ones(files, monkeypatch):
    monkeypatch.setattr(module, "HELD", 200)
    regions = [Window(0, 0, 1, size) for size in (100, 200, 300, 900, 200, 100)]
    groups = list(in_groups(files, regions, with_coherence=True))
    assert [list(group) for group in groups] == [[0, 1], [2, 3], [4, 5]]


def test_reading_can_be_cancelled_between_tiles(files):
    told = []

    class Listening(Silent):
        def update(self, fraction, message=""):
            told.append(fraction)

    source = files.stack.open(0)
    with source, Shelf(files, REGIONS[:1], with_coherence=False) as shelf:
        module._copy(0, module.Opened(source, None), shelf.kept[0], 8, Listening())
    assert told == pytest.approx(np.arange(6) / 6)

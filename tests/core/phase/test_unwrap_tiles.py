"""Tiles on one level: whole cycles between them are found where they overlap."""

import numpy as np
import pytest
from fringelens.core.errors import OutputError
from fringelens.core.phase.unwrap_levels import Link, levels
from fringelens.core.phase.unwrap_line import Unwrapped
from fringelens.core.phase.unwrap_scratch import Scratch
from fringelens.core.phase.unwrap_tiles import Mosaic, layout
from fringelens.core.phase.wrap import wrap
from scipy import ndimage


@pytest.mark.parametrize("shape", [(1, 900), (300, 300), (700, 513), (64, 2000)])
def test_cores_cover_every_pixel_once_and_reaches_overlap(shape):
    tiles = layout(shape, 256)
    count = np.zeros(shape, int)
    for tile in tiles:
        count[tile.core.slices] += 1
        assert max(tile.core[2:]) <= 256
    assert (count == 1).all()
    assert len(layout(shape, 2000)) == 1


def assembled(truth, valid, tiles, level, labels):
    """The mosaic of tiles, each off by `level(index)` cycles, and its components."""
    wrapped = wrap(truth).astype(np.float32)
    phase, components = np.zeros(truth.shape, np.float32), np.zeros(truth.shape, int)
    mosaic = Mosaic(tiles)
    for index, tile in enumerate(tiles):
        at = tile.reach.slices
        off = (truth[at] + 2 * np.pi * level(index)).astype(np.float32)
        mosaic.add(wrapped[at], valid[at], Unwrapped(np.where(valid[at], off, 0), labels[at]))
    mosaic.solve()
    for index, tile in enumerate(tiles):
        part = mosaic.read(index, wrapped[tile.core.slices])
        phase[tile.core.slices], components[tile.core.slices] = part
    return phase, components, mosaic.component_count


def test_tiles_at_any_level_come_out_without_a_seam(rng, phase_ramp):
    truth = phase_ramp(500, 620, 30)
    offsets = rng.integers(-50, 50, 99)
    everywhere = np.ones(truth.shape, bool)
    phase, components, count = assembled(
        truth, everywhere, layout(truth.shape, 200), lambda i: offsets[i], np.ones(truth.shape, np.uint32)
    )
    difference = phase - truth
    assert difference.max() - difference.min() < 1e-3
    assert count == 1
    assert (components == 1).all()


def test_the_level_is_that_of_the_largest_component_however_it_is_tiled(phase_ramp):
    truth = phase_ramp(300, 400, 30)
    everywhere, one = np.ones(truth.shape, bool), np.ones(truth.shape, np.uint32)
    results = [assembled(truth, everywhere, layout(truth.shape, side), lambda i: 7 * i, one)[0] for side in (130, 400)]
    assert np.array_equal(*results)
    assert abs(np.median(results[0])) < 2 * np.pi


def test_components_are_numbered_by_size_over_all_tiles(phase_ramp):
    truth = phase_ramp(300, 400, 5)
    valid = np.ones(truth.shape, bool)
    valid[:, 150:155] = False
    labels = np.where(np.arange(400) < 150, 2, 1)[None, :] * valid
    _, components, count = assembled(truth, valid, layout(truth.shape, 128), lambda i: i, labels.astype(np.uint32))
    assert count == 2
    assert set(np.unique(components[:, 155:])) == {1}
    assert set(np.unique(components[:, :150])) == {2}
    assert set(np.unique(components[:, 150:155])) == {0}


def test_a_tile_without_data_or_without_component_does_no_harm(phase_ramp):
    truth = phase_ramp(256, 512, 8)
    valid = np.ones(truth.shape, bool)
    valid[:, :300] = False
    unsure = np.zeros(truth.shape, np.uint32)
    phase, components, count = assembled(truth, valid, layout(truth.shape, 128), lambda i: i, unsure)
    difference = (phase - truth)[valid]
    assert difference.max() - difference.min() < 1e-3
    assert count == 0
    assert not components.any()
    assert not phase[~valid].any()


def test_islands_go_on_from_their_nearest_neighbour_however_they_are_tiled(rng):
    rows, columns = np.mgrid[:360, :500]
    truth = (columns / 16 + rows / 40).astype(np.float32)
    valid = (columns < 250) | (columns > 275)  # the strait is 1.6 rad wide
    valid[80:150, 60:130] = False
    valid[105:125, 85:105] = True  # an island of its own, off the middle of a lake
    valid[200:203, 300:320], valid[200:203, 309:311] = False, True  # a small one in a crack
    labels = (ndimage.label(valid)[0] * (columns > 0)).astype(np.uint32)
    for side in (130, 256, 512):
        off = rng.integers(-9, 9, 99)
        phase, _, count = assembled(truth, valid, layout(truth.shape, side), lambda i, off=off: off[i], labels)
        difference = (phase - truth)[valid]
        assert difference.max() - difference.min() < 1e-3
        assert count == labels.max()


def test_pixels_of_no_component_keep_the_level_that_the_solver_gave_them(phase_ramp):
    truth = phase_ramp(300, 400, 9)
    valid = np.ones(truth.shape, bool)
    labels = np.ones(truth.shape, np.uint32)
    labels[100:180, 150:260] = 0
    phase, components, _ = assembled(truth, valid, layout(truth.shape, 128), lambda i: 3 * i, labels)
    difference = phase - truth
    assert difference.max() - difference.min() < 1e-3
    assert (components == 1).all()


def test_the_link_that_most_pixels_support_wins():
    links = [Link(0, 1, 2, 100, 120), Link(1, 2, 1, 90, 100), Link(0, 2, 5, 10, 100)]
    found = levels(4, links)
    assert (found.shifts[1] - found.shifts[0], found.shifts[2] - found.shifts[0]) == (2, 3)
    assert found.components[0] == found.components[1] == found.components[2] != found.components[3]
    assert found.islands[0] == found.islands[2] != found.islands[3]


def test_pieces_that_only_touch_are_levelled_but_not_joined():
    found = levels(2, [Link(0, 1, 0, 1, 0)])
    assert found.shifts[0] == found.shifts[1]
    assert found.components[0] != found.components[1]
    assert found.islands[0] == found.islands[1]


def test_a_long_chain_of_pieces_is_levelled():
    count = 5000
    found = levels(count, [Link(i, i + 1, 1, count - i, 0) for i in range(count - 1)])
    assert np.array_equal(found.shifts - found.shifts[0], np.arange(count))


def test_scratch_gives_back_parts_of_what_was_kept(rng):
    first, second = (rng.integers(-9, 9, shape).astype(np.int32) for shape in ((7, 11), (5, 3)))
    scratch = Scratch()
    kept = [scratch.keep(plane) for plane in (first, second)]
    assert np.array_equal(scratch.read(kept[0], np.s_[2:5, 3:9]), first[2:5, 3:9])
    assert np.array_equal(scratch.read(kept[1], np.s_[0:5, 0:3]), second)


def test_a_full_disk_is_said_with_its_remedy(monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    scratch = Scratch()
    monkeypatch.setattr(scratch._file, "write", full)
    with pytest.raises(OutputError, match="TMPDIR"):
        scratch.keep(np.zeros((3, 3), np.int32))

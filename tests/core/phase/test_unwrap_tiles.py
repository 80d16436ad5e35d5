"""Tiles on one level: whole cycles between them are found where they overlap."""

import numpy as np
import pytest
from fringelens.core.phase.unwrap_levels import Link, levels
from fringelens.core.phase.unwrap_line import Unwrapped
from fringelens.core.phase.unwrap_tiles import Mosaic, layout
from fringelens.core.phase.wrap import wrap


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
    mosaic = Mosaic(tiles)
    wrapped = wrap(truth).astype(np.float32)
    for index, tile in enumerate(tiles):
        at = tile.reach.slices
        phase = (truth[at] + 2 * np.pi * level(index)).astype(np.float32)
        mosaic.add(wrapped[at], valid[at], Unwrapped(np.where(valid[at], phase, 0), labels[at]))
    mosaic.solve()
    phase, components = np.zeros(truth.shape, np.float32), np.zeros(truth.shape, int)
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


def test_the_link_that_most_pixels_support_wins():
    links = [Link(0, 1, 2, 100, 120), Link(1, 2, 1, 90, 100), Link(0, 2, 5, 10, 100)]
    shifts, groups = levels(4, links)
    assert (shifts[1] - shifts[0], shifts[2] - shifts[0]) == (2, 3)
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_pieces_that_only_a_guess_links_are_levelled_but_not_joined():
    shifts, groups = levels(2, [Link(0, 1, 0, 1, 0)])
    assert shifts[0] == shifts[1]
    assert groups[0] != groups[1]

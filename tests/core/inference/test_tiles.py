"""Tiles cover the raster, lie on the sampling grid, and end beyond its edge at the same place in every tiling."""

import numpy as np
import pytest
from fringelens.core.inference.tiles import Plan, read_reflected
from fringelens.core.raster.window import Window

SHAPES = [(1, 1), (1, 300), (17, 16), (255, 257), (512, 512), (513, 511), (1000, 1537), (2600, 300)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("halo", "multiple_of"), [(0, 1), (3, 1), (20, 4), (80, 16), (96, 24)])
@pytest.mark.parametrize("size", [128, 200, 512, 1024])
def test_tiles_are_what_a_network_needs(shape, halo, multiple_of, size):
    plan = Plan(shape, halo, multiple_of)
    covered = np.zeros(shape, np.int8)
    ends = set()
    for interior, reach in plan.tiles(size):
        covered[interior.slices] += 1
        assert max(interior.height, interior.width) <= 1.5 * max(size, 256) + multiple_of
        assert interior.row % multiple_of == interior.column % multiple_of == 0
        assert reach.row % multiple_of == reach.column % multiple_of == 0
        assert reach.height % multiple_of == reach.width % multiple_of == 0
        for start, length, seen, extent, whole in (
            (interior.row, interior.height, reach.row, reach.height, shape[0]),
            (interior.column, interior.width, reach.column, reach.width, shape[1]),
        ):
            assert seen <= start
            assert seen + extent >= start + length
            assert start - seen >= halo or seen <= 0
            assert seen + extent - start - length >= halo or seen + extent >= whole
            if seen + extent - start - length < halo:  # the end can be felt
                ends.add((whole, seen + extent))
    assert (covered == 1).all()
    assert len(ends) <= len(set(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_splitting_a_tile_covers_it_within_its_reach(shape):
    plan = Plan(shape, 80, 16)
    for tile in plan.tiles(512):
        parts = plan.split(tile)
        assert sum(part.interior.pixels for part in parts) == tile.interior.pixels
        for part in parts:
            assert part.reach.row >= tile.reach.row
            assert part.reach.column >= tile.reach.column
            assert part.reach.row + part.reach.height <= tile.reach.row + tile.reach.height
            assert part.reach.column + part.reach.width <= tile.reach.column + tile.reach.width


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (5, 8), (40, 60)])
@pytest.mark.parametrize("reach", [Window(-16, -16, 96, 128), Window(-4, 0, 12, 8), Window(0, -8, 4, 24)])
def test_what_lies_outside_is_the_reflection_that_numpy_makes(shape, reach, rng):
    planes = rng.normal(size=(2, *shape)).astype(np.float32)
    pad = 200
    padded = np.pad(planes, ((0, 0), (pad, pad), (pad, pad)), mode="reflect")
    expected = padded[:, *Window(reach.row + pad, reach.column + pad, reach.height, reach.width).slices]

    def read(window):
        assert window.row >= 0
        assert window.row + window.height <= shape[0]
        return planes[:, *window.slices]

    if reach.row + reach.height > shape[0] + pad:
        pytest.skip("farther than the reference reaches")
    np.testing.assert_array_equal(read_reflected(read, reach, shape), expected)


def test_nothing_to_read_stays_nothing():
    assert read_reflected(lambda window: None, Window(-4, -4, 16, 16), (8, 8)) is None

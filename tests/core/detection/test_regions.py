"""Areas of probability gathered tile by tile, and what is read off them."""

import numpy as np
import pytest
from fringelens.core.detection.regions import Regions
from fringelens.core.detection.troughs import depth_of, outlined, score_of, whole_mask
from fringelens.core.raster.window import Window, windows
from scipy import ndimage

LEVEL = 0.55


@pytest.fixture
def probability(rng):
    field = ndimage.gaussian_filter(rng.random((120, 170)), 3)
    field = ((field - field.min()) / np.ptp(field)).astype(np.float32)
    field[20:26] = np.nan
    return field


def gathered(probability, side, planes=None):
    regions = Regions(LEVEL)
    for window in windows(probability.shape, side):
        here = None if planes is None else planes[(slice(None), *window.slices)]
        regions.add(window, probability[window.slices], here)
    return regions.areas()


@pytest.mark.parametrize("side", [300, 64, 17])
def test_areas_are_those_of_the_whole_raster_whatever_the_tiles(probability, side):
    labels, count = ndimage.label(np.nan_to_num(probability) >= LEVEL)
    areas = gathered(probability, side)
    assert len(areas) == count
    for label, area in enumerate(areas, start=1):  # both are in the order of their first pixels
        truth = labels == label
        np.testing.assert_array_equal(whole_mask(area, area.mask(), probability.shape), truth)
        assert area.pixels == truth.sum()
        assert area.peak == probability[truth].max()
        assert area.mean == pytest.approx(probability[truth].mean(), rel=1e-5)
        assert area.quantile(0.5) == pytest.approx(np.median(probability[truth]), abs=0.03)


def test_planes_of_an_area_come_back_where_it_lies(probability):
    planes = np.stack([np.indices(probability.shape)[0], probability]).astype(np.float32)
    for area in gathered(probability, 40, planes):
        there = (slice(None), *area.box.slices)
        expected = np.where(area.mask(), planes[there], 0)
        np.testing.assert_allclose(area.planes(), expected, rtol=1e-3)


def test_nothing_above_the_level_is_nothing():
    assert gathered(np.full((30, 40), 0.2, np.float32), 16) == []


def test_the_score_rises_with_the_mean_and_is_a_half_at_the_middle(probability):
    areas = sorted(gathered(probability, 64), key=lambda area: area.mean)
    scores = [score_of(area, 0.7) for area in areas]
    assert scores == sorted(scores)
    for area in areas:
        assert score_of(area) == pytest.approx(area.mean)
        assert score_of(area, area.mean) == pytest.approx(0.5)


@pytest.mark.parametrize("depth", [5.0, -40.0])
def test_depth_is_that_of_the_bowl_from_its_outline(depth):
    y, x = np.mgrid[:90, :110] - np.array([45, 50])[:, None, None]
    bowl = depth * np.exp(-(x**2 + y**2) / (2 * 15.0**2))
    inside = np.abs(bowl) > 0.1 * abs(depth)
    planes = np.zeros((2, *bowl.shape), np.float32)
    planes[0, :-1], planes[1, :, :-1] = np.diff(bowl, axis=0), np.diff(bowl, axis=1)
    regions = Regions(0.5)
    regions.add(Window(0, 0, *bowl.shape), inside.astype(np.float32), planes)
    area = regions.areas()[0]
    found = depth_of(area, area.mask())
    assert found.phase == pytest.approx(0.9 * depth, rel=0.03)
    assert found.fringes == pytest.approx(abs(found.phase) / (2 * np.pi))


def test_what_a_ring_encloses_belongs_to_it():
    y, x = np.mgrid[:60, :60] - 30
    distance = np.hypot(x, y)
    ring = (np.abs(distance - 18) < 4) | (distance < 6)
    apart = (y < -24) & (x < -24)
    regions = Regions(0.5)
    probability = np.where(ring | apart, 0.9, 0.1).astype(np.float32)
    regions.add(Window(0, 0, 60, 60), probability, probability[None])
    found = outlined(regions)
    assert len(found) == 2
    area, mask = found[0]
    assert mask.sum() == (distance < 22).sum()
    assert area.pixels == (np.abs(distance - 18) < 4).sum()


def test_a_thin_line_encloses_nothing():
    y, x = np.mgrid[:80, :80] - 40
    distance = np.hypot(x, y)
    regions = Regions(0.5)
    probability = np.where((np.abs(distance - 34) < 2) | (distance < 8), 0.9, 0.1).astype(np.float32)
    regions.add(Window(0, 0, 80, 80), probability, probability[None])
    assert [mask.sum() for _, mask in outlined(regions)] == [(np.abs(distance - 34) < 2).sum(), (distance < 8).sum()]


def test_a_sure_trough_is_outlined_without_its_doubtful_surroundings_and_a_faint_one_as_a_whole():
    y, x = np.mgrid[:60, :120]
    sure, around, faint = (np.hypot(y - 30, x - middle) < r for middle, r in ((30, 10), (30, 20), (90, 15)))
    probability = np.select([sure, around | faint], [0.9, 0.3], 0.0).astype(np.float32)
    regions = Regions(0.2)
    regions.add(Window(0, 0, 60, 120), probability, probability[None])
    found = outlined(regions)
    assert sorted(area.pixels for area, _ in found) == sorted([sure.sum(), faint.sum()])
    narrowed, mask = max(found, key=lambda pair: pair[0].mean)
    assert mask.sum() == sure.sum()
    assert narrowed.mean == pytest.approx(0.9, abs=1e-3)  # planes are kept in half precision

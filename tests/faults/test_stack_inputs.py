"""Stacks that cannot be used: one error that names every file and the remedy, and nothing is written."""

import numpy as np
import pytest
from affine import Affine

SHAPE = (20, 24)
NAMES = ("20180331_20180412", "20180331_20180424", "20180412_20180424", "20180412_20180506")


@pytest.fixture
def job(outputs, heard):
    """Run the stack tool through the job runner, into the folder `outputs`."""
    from fringelens.core import job as runner

    def call(**given):
        parameters = {"OUTPUT": str(outputs / "mask.tif")} | given
        return runner.run("stackphasegradients", parameters, heard, overwrite=True)

    return call


@pytest.fixture
def stack(write_raster):
    """Interferograms by their names; others may be added."""

    def write(*further, values=None, **options):
        phase = np.zeros(SHAPE, np.float32) if values is None else values
        good = [str(write_raster(f"{name}.tif", np.zeros(SHAPE, np.float32))) for name in NAMES]
        return good + [str(write_raster(f"{name}.tif", phase, **options)) for name in further]

    return write


def test_two_interferograms_with_the_same_dates(refused, stack):
    paths = stack("20180424_20180331", "x_20180412_20180506")
    refused("input", "INPUTS", "same dates", *(p.split("/")[-1] for p in (*paths[1:2], *paths[3:])), INPUTS=paths)


def test_dates_that_cannot_be_read(refused, stack):
    refused("input", "2 of 6 files", "first.tif", "second.tif", "DATES", INPUTS=stack("first", "second"))


def test_dates_for_fewer_files(refused, stack):
    refused("input", "DATES has 1 pairs of dates for 4", INPUTS=stack(), DATES="20180331_20180412")


def test_dates_that_are_none(refused, stack):
    dates = "20180331_20180412 20181331_20180424 20180412_20180424 tomorrow"
    refused("input", "DATES", "'20181331_20180424'", "'tomorrow'", INPUTS=stack(), DATES=dates)


def test_one_grid_that_differs(refused, stack):
    moved = Affine(30, 0, 500_010, 0, -30, 4_400_000)
    paths = stack("20180424_20180506", transform=moved)
    refused("grid", "1 of 5 rasters", paths[0], paths[-1], "0.333 pixels apart", "gdalwarp", INPUTS=paths)


def test_another_size_and_no_crs_are_named_together(refused, stack, write_raster):
    small = str(write_raster("20180424_20180506.tif", np.zeros((5, 6), np.float32)))
    bare = str(write_raster("20180424_20180518.tif", np.zeros(SHAPE, np.float32), crs=None))
    refused("grid", "2 of 6 rasters", small, bare, "sizes differ", "other has none", INPUTS=[*stack(), small, bare])


def test_fewer_than_three(refused, stack):
    refused("input", "2 of 2 interferograms are left", "needs 3", INPUTS=stack()[:2])


def test_fewer_than_three_after_the_choice(refused, stack):
    refused("input", "2 of 4", "MAX_DAYS (12 days)", "shortest spans 12", INPUTS=stack(), MAX_DAYS=12)
    refused("input", "0 of 4", "4 have a date in SKIP_MONTHS", INPUTS=stack(), SKIP_MONTHS="4")


def test_a_month_that_is_none(refused, stack):
    refused("input", "SKIP_MONTHS", "'13'", "'12-3'", INPUTS=stack(), SKIP_MONTHS="1 13")


def test_a_pattern_that_nothing_fits(refused, tmp_path):
    refused("input", "INPUTS", "no file that fits", "*.nothing", INPUTS=str(tmp_path / "*.nothing"))


def test_files_that_are_no_phase(refused, stack):
    paths = stack("20180424_20180506", "20180424_20180518", values=np.zeros(SHAPE, np.uint8))
    refused("input", "2 of 6 files", "whole numbers", *paths[4:], INPUTS=paths)


def test_coherences_that_are_missing(refused, stack, write_raster):
    coherences = [str(write_raster(f"{name}_cc.tif", np.zeros(SHAPE, np.float32))) for name in NAMES[:2]]
    refused("input", "COHERENCES", *NAMES[2:], INPUTS=stack(), COHERENCES=coherences)


def test_coherences_out_of_range_or_off_the_grid(refused, stack, write_raster):
    wide = [str(write_raster(f"{name}_cc.tif", np.full(SHAPE, 60, np.float32))) for name in NAMES]
    refused("input", "COHERENCES", "not a coherence", "percent?", INPUTS=stack(), COHERENCES=wide)
    off = [str(write_raster(f"{name}_cc.tif", np.zeros((4, 4), np.float32))) for name in NAMES]
    refused("grid", "COHERENCES", "sizes differ", INPUTS=stack(), COHERENCES=off)


def test_an_output_that_is_an_input(refused, stack):
    paths = stack()
    refused("input", "never overwritten", INPUTS=paths, OUTPUT=paths[1])

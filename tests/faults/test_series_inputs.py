"""Stacks that displacementseries cannot use: one message that says which file and what to do, and nothing written."""

import numpy as np
import pytest
from affine import Affine

SHAPE = (48, 64)
NAMES = ("20200101_20200113", "20200113_20200125", "20200101_20200125", "20200125_20200206")


@pytest.fixture
def job(outputs, heard):
    """Run the series tool through the job runner, over an old velocity in the folder `outputs`."""
    pytest.importorskip("torch")
    from fringelens.core import job as runner

    def call(**given):
        own = {"VELOCITY": str(outputs / "mask.tif"), "SERIES": str(outputs / "series.gpkg")}
        return runner.run("displacementseries", {"PHASE": "unwrapped", **own, **given}, heard, overwrite=True)

    return call


@pytest.fixture
def stack(write_raster, rng):
    """Unwrapped interferograms of these names."""

    def make(names=NAMES, **options):
        values = rng.normal(0, 4, SHAPE).astype(np.float32)
        return [str(write_raster(f"{name}_unw.tif", values, **options)) for name in names]

    return make


def test_two_interferograms_with_the_same_dates(refused, stack, write_raster):
    twin = str(write_raster("twin_20200113_20200101.tif", np.ones(SHAPE, np.float32)))
    refused("input", "same dates", "twin_", NAMES[0], INPUTS=[*stack(), twin])


def test_a_date_that_cannot_be_read(refused, stack, write_raster):
    nameless = str(write_raster("phase.tif", np.ones(SHAPE, np.float32)))
    refused("input", "phase.tif", "give DATES", INPUTS=[*stack(), nameless])


def test_fewer_than_three_interferograms(refused, stack):
    refused("input", "2 interferogram(s) are too few", "at least 3", INPUTS=stack(NAMES[:2]))


def test_a_grid_that_differs(refused, stack, write_raster):
    shifted = Affine(30, 0, 500_015, 0, -30, 4_400_000)
    path = str(write_raster("20200206_20200218.tif", np.ones(SHAPE, np.float32), transform=shifted))
    refused("grid", "20200206_20200218.tif", "gdalwarp", INPUTS=[*stack(), path])


def test_an_elevation_on_another_grid(refused, stack, write_raster):
    refused("grid", "DEM", INPUTS=stack(), DEM=str(write_raster("dem.tif", np.ones((20, 20), np.float32))))


def test_an_elevation_in_degrees_without_a_crs(refused, stack, write_raster):
    degrees = Affine(0.0003, 0, 23.5, 0, -0.0003, 39.5)
    dem = str(write_raster("dem.tif", np.ones(SHAPE, np.float32), crs=None, transform=degrees))
    refused("grid", "DEM", "dem.tif", "degrees: EPSG:4326?", "gdalwarp", INPUTS=stack(), DEM=dem)


def test_coherences_that_do_not_match(refused, stack, write_raster):
    one = str(write_raster(f"{NAMES[0]}_coh.tif", np.ones(SHAPE, np.float32)))
    refused("input", "COHERENCES", "20200113_20200125", INPUTS=stack(), COHERENCES=[one])


def test_wrapped_phase_given_as_unwrapped(refused, write_raster, rng):
    values = rng.uniform(-np.pi, np.pi, SHAPE).astype(np.float32)
    paths = [str(write_raster(f"{name}.tif", values)) for name in NAMES]
    refused("input", "so it is wrapped", "Set PHASE to wrapped", INPUTS=paths)
    complex_paths = [str(write_raster(f"c_{name}.tif", np.exp(1j * values).astype(np.complex64))) for name in NAMES]
    refused("input", "is complex", "Set PHASE to wrapped", INPUTS=complex_paths)


def test_unwrapped_phase_given_as_wrapped(refused, stack):
    refused("input", "not wrapped radians", "unwrapped", INPUTS=stack(), PHASE="wrapped")


def test_no_wavelength(refused, stack):
    refused("input", "Give WAVELENGTH", INPUTS=stack(), SENSOR="other")


def test_an_error_of_the_elevation_without_baselines(refused, stack):
    refused("input", "BASELINES", "Give a text file", INPUTS=stack(), DEM_ERROR=True)


def test_no_reference_to_be_had(refused, stack, write_raster):
    speckled = np.where(np.indices(SHAPE).sum(0) % 2, np.float32(1), np.float32(np.nan))
    paths = [str(write_raster(f"{name}.tif", speckled)) for name in NAMES]
    refused("input", "no reference was found", "Give REFERENCE", INPUTS=paths)
    refused("input", "outside the raster", INPUTS=stack(), REFERENCE="0,0")


def test_detections_elsewhere(refused, stack, tmp_path):
    from fringelens.core.progress import Silent
    from fringelens.core.raster.sink import Outputs
    from rasterio.crs import CRS

    ring = np.array([(0, 0), (900, 0), (900, 900), (0, 900), (0, 0)], float)
    with Outputs(Silent()) as outputs:
        outputs.vector(str(tmp_path / "far.gpkg"), CRS.from_epsg(32634)).write([(ring,)], [])
    refused("input", "far.gpkg", "same place", INPUTS=stack(), DETECTIONS=str(tmp_path / "far.gpkg"))

"""Stacks and elevation models that cannot be used for landslides: one error with the remedy, and nothing is written."""

import numpy as np
import pytest
from affine import Affine

SHAPE = (40, 50)
DEGREES = Affine(0.0003, 0, 23.5, 0, -0.0003, 39.5)


@pytest.fixture
def job(outputs, heard):
    """Run the landslide tool through the job runner, into the folder `outputs`."""
    from fringelens.core import job as runner

    def call(**given):
        parameters = {"OUTPUT": str(outputs / "found.gpkg"), "METHOD": "divergence", "DEVICE": "cpu"} | given
        texts = {name: str(value) if hasattr(value, "__fspath__") else value for name, value in parameters.items()}
        return runner.run("detectlandslides", texts, heard, overwrite=True)

    return call


@pytest.fixture
def bands():
    """A stack of nothing that moves."""
    made = np.zeros((3, *SHAPE), np.float32)
    made[2] = 0.7
    return made


def test_a_stack_without_its_bands(refused, write_raster, bands):
    alone = write_raster("x.tif", bands[:2])
    refused("input", "INPUT", "2 band", "three", "Stack phase gradients", INPUT=alone)


def test_complex_bands(refused, write_raster, bands):
    path = write_raster("z.tif", bands.astype(np.complex64))
    refused("input", "INPUT", "complex64", "stackphasegradients", INPUT=path)


def test_a_coherence_that_is_none(refused, write_raster, bands):
    bands[2] = 35.0
    refused("input", "not a coherence", INPUT=write_raster("stack.tif", bands))


def test_no_crs(refused, write_raster, bands):
    refused("input", "no CRS", "Assign projection", INPUT=write_raster("stack.tif", bands, crs=None))


def test_a_dem_in_degrees_without_a_crs(refused, write_raster, bands):
    stack = write_raster("stack.tif", bands, crs=None, transform=DEGREES)
    dem = write_raster("dem.tif", np.full(SHAPE, 500.0, np.float32), crs=None, transform=DEGREES)
    refused("input", "no CRS", "degrees", "EPSG:4326", INPUT=stack, DEM=dem)


def test_a_dem_on_another_grid(refused, write_raster, bands):
    dem = write_raster("dem.tif", np.zeros((20, 25), np.float32))
    refused("grid", "DEM", "gdalwarp", INPUT=write_raster("stack.tif", bands), DEM=dem)


def test_a_dem_without_a_crs_beside_a_stack_with_one(refused, write_raster, bands):
    dem = write_raster("dem.tif", np.zeros(SHAPE, np.float32), crs=None)
    refused("grid", "DEM", "Assign projection", INPUT=write_raster("stack.tif", bands), DEM=dem)


def test_a_dem_in_degrees_without_a_crs_beside_a_stack_with_one(refused, write_raster, bands):
    dem = write_raster("dem.tif", np.full(SHAPE, 500.0, np.float32), crs=None, transform=DEGREES)
    refused("grid", "DEM", "degrees: EPSG:4326?", "gdalwarp", INPUT=write_raster("stack.tif", bands), DEM=dem)


def test_heights_that_are_no_metres(refused, write_raster, bands):
    dem = write_raster("dem.tif", np.full(SHAPE, 29_000.0, np.float32))
    refused("input", "DEM", "feet", INPUT=write_raster("stack.tif", bands), DEM=dem)


def test_an_output_that_is_no_geopackage(refused, write_raster, bands, outputs):
    path = write_raster("stack.tif", bands)
    refused("input", "found.shp", INPUT=path, OUTPUT=str(outputs / "found.shp"))

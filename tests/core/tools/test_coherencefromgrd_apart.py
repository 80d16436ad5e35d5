"""The tool for detected images that do not lie on each other: whole pixels are put right, and the user is told."""

import numpy as np
import pytest
import rasterio
from fringelens.core.catalog.coherencefromgrd import TOOL
from fringelens.core.phase.intensity_coherence import window_coherence
from fringelens.core.phase.registration import MOST
from fringelens.core.tools import coherencefromgrd
from recording import Log
from speckle import speckle

SHAPE = (150, 213)


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture
def run(tmp_path):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(**given):
        parameters = {p.name: p.default for p in TOOL.parameters} | {o.name: None for o in TOOL.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "coherence.tif"), "DEVICE": "cpu"} | given
        progress = Log()
        return coherencefromgrd.run(parameters, progress), progress

    return call


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


@pytest.fixture
def apart(write_raster, rng):
    """Writes two images that lie (rows, columns) off each other, and the same lying on each other."""
    coherence = np.where(np.arange(SHAPE[0])[:, None] < 75, 0.95, 0.3) * np.ones(SHAPE)
    one, two = speckle(rng, SHAPE, coherence)

    def write(rows, columns):
        first = np.roll(one, (-(rows // 2), -(columns // 2)), (0, 1))
        second = np.roll(two, (rows - rows // 2, columns - columns // 2), (0, 1))
        kinds = {"apart": (first, second), "level": (one, two)}
        return {
            kind: {
                name: str(write_raster(f"{kind}_{name}.tif", image))
                for name, image in zip(("INPUT", "SECONDARY"), images, strict=True)
            }
            for kind, images in kinds.items()
        }

    return write


@pytest.mark.parametrize("shift", [(2, 0), (-2, 4), (0, -2)])
def test_images_an_even_number_of_pixels_apart_give_what_those_give_that_lie_on_each_other(apart, run, tmp_path, shift):
    paths = apart(*shift)
    made = {}
    for kind, images in paths.items():
        _, progress = run(**images, METHOD="window", LOOKS=4.0, OUTPUT=str(tmp_path / f"{kind}.tif"))
        made[kind] = values(tmp_path / f"{kind}.tif")
        said = [line for line in progress.lines if "off each other; put right" in line]
        assert len(said) == (kind == "apart")
    assert said == [] or f"{abs(shift[0])} rows and {abs(shift[1])} columns" in said[0]
    rows, columns = (abs(step) // 2 for step in shift)
    seen = np.zeros(SHAPE, bool)
    seen[rows : SHAPE[0] - rows, columns : SHAPE[1] - columns] = True
    np.testing.assert_array_equal(np.isfinite(made["apart"]), seen)
    inner = slice(12, -12), slice(12, -12)
    np.testing.assert_allclose(made["apart"][inner], made["level"][inner], atol=1e-5)


def test_images_an_odd_number_of_pixels_apart_give_the_mean_of_two_and_lose_no_pixel(apart, run, tmp_path):
    images = apart(1, 0)["apart"]
    one, two = (values(path) for path in images.values())
    run(**images, METHOD="window", LOOKS=4.0, OUTPUT=str(tmp_path / "a.tif"))
    made = values(tmp_path / "a.tif")
    assert np.isfinite(made).all()
    looked = window_coherence(one[:-1], two[1:], np.ones((SHAPE[0] - 1, SHAPE[1]), bool), 4.0, 15)
    np.testing.assert_allclose(made[9:-9], 0.5 * (looked[9:-8] + looked[8:-9]), atol=1e-5)


@pytest.mark.parametrize("method", ["network", "window"])
def test_neither_order_nor_tiles_matter_where_the_images_are_apart(apart, run, tmp_path, method):
    images = apart(-1, 3)["apart"]
    turned = {"INPUT": images["SECONDARY"], "SECONDARY": images["INPUT"]}
    for name, given, tile_size in (("a", images, 1024), ("b", turned, 1024), ("c", images, 48)):
        run(**given, METHOD=method, OUTPUT=str(tmp_path / f"{name}.tif"), TILE_SIZE=tile_size)
    first, exchanged, tiled = (values(tmp_path / f"{name}.tif") for name in "abc")
    np.testing.assert_array_equal(first, exchanged)
    np.testing.assert_allclose(tiled, first, atol=1e-3)


def test_images_as_far_apart_as_is_looked_are_warned_of(apart, run):
    _, progress = run(**apart(0, MOST)["apart"], METHOD="window")
    assert any("pixels off each other, or more" in line for line in progress.warnings)


def test_images_too_small_to_be_registered_are_said_to_be(run, write_raster, rng):
    one, two = (image[:90, :90] for image in speckle(rng, SHAPE, 0.9 * np.ones(SHAPE)))
    paths = [str(write_raster(f"{name}.tif", image)) for name, image in (("a", one), ("b", np.roll(two, 3, 0)))]
    _, progress = run(INPUT=paths[0], SECONDARY=paths[1], METHOD="window")
    assert any("too few to tell how they lie" in line for line in progress.lines)
    assert not any("put right" in line for line in progress.lines)

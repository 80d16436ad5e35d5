"""The landslide tool: what it writes where, by both methods, and that tiles do not show."""

import numpy as np
import pyogrio
import pytest
import rasterio
import torch
from affine import Affine
from fringelens.core.catalog.detectlandslides import TOOL
from fringelens.core.errors import Cancelled, GridMismatchError, InputError
from fringelens.core.raster.vector import read_polygons
from fringelens.core.tools import detectlandslides
from fringelens.models import registry
from fringelens.models.weights import write_weights
from rasterio.crs import CRS
from recording import Log

SHAPE, STEP, PIXEL = (200, 260), 3, 20.0
MIDDLE, RADIUS = (90, 130), 9.0
NORTH_UP = Affine(PIXEL, 0, 500_000, 0, -PIXEL, 4_400_000)


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture(scope="module")
def random_weights(tmp_path_factory):
    """A network of random weights, whose scores cross a half in some places."""
    torch.manual_seed(5)
    network = registry.build("landslide_detection")
    network.middle.bias.data.fill_(-0.3)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(path, network, {"network": "landslide_detection", "config": "default"})
    return path


def body_and_gradients(rng):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    rate = 30.0 * np.exp(-((y - MIDDLE[0]) ** 2 + (x - MIDDLE[1]) ** 2) / (2 * RADIUS**2))
    padded = np.pad(rate, STEP, mode="edge")
    middle = slice(STEP, -STEP)
    right = padded[middle, 2 * STEP :] - padded[middle, : -2 * STEP]
    down = padded[2 * STEP :, middle] - padded[: -2 * STEP, middle]
    return np.stack((right, down)) / (2 * STEP) + rng.normal(0, 0.15, (2, *SHAPE))


@pytest.fixture
def stack(write_raster, rng):
    """Gradients of one body with noise, a hole, and the number of interferograms in the tags."""
    bands = np.concatenate((body_and_gradients(rng), np.full((1, *SHAPE), 0.8))).astype(np.float32)
    bands[:, 10:30, 20:60] = np.nan
    path = write_raster("stack.tif", bands, nodata=np.nan, transform=NORTH_UP)
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(FRINGELENS_INTERFEROGRAMS="120", FRINGELENS_STEP="3")
    return path


@pytest.fixture
def slope(write_raster):
    """Ground that falls eastward by 20 degrees."""
    x = np.arange(SHAPE[1]) * PIXEL
    heights = np.broadcast_to(2000.0 - np.tan(np.radians(20.0)) * x, SHAPE).astype(np.float32)
    return write_raster("dem.tif", heights, transform=NORTH_UP)


@pytest.fixture
def detect(tmp_path):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(**given):
        parameters = {p.name: p.default for p in TOOL.parameters} | {o.name: None for o in TOOL.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "found.gpkg"), "DEVICE": "cpu", "METHOD": "divergence"}
        parameters |= {name: str(v) if hasattr(v, "__fspath__") else v for name, v in given.items()}
        progress = Log()
        return detectlandslides.run(parameters, progress), progress

    return call


def found_in(path):
    return read_polygons(str(path), CRS.from_epsg(32634))


def test_a_body_is_found_where_it_is_with_its_slope(stack, slope, detect):
    result, progress = detect(INPUT=stack, DEM=slope, HEADING=-13.0, INCIDENCE=38.0)
    first = found_in(result["OUTPUT"])[0]
    assert result["COUNT"] == len(found_in(result["OUTPUT"])) >= 1
    west, south = first.polygons[0][0].min(0)
    east, north = first.polygons[0][0].max(0)
    x, y = 500_000 + PIXEL * MIDDLE[1], 4_400_000 - PIXEL * MIDDLE[0]
    assert west < x < east
    assert south < y < north
    fields = first.attributes
    assert fields["score"] > 0.9
    assert fields["class"] == "landslide"
    assert fields["slope_deg"] == pytest.approx(20.0, abs=0.2)
    assert fields["aspect_deg"] == pytest.approx(90.0, abs=0.5)
    assert fields["interferograms"] == 120
    assert fields["area_m2"] == pytest.approx(fields["pixels"] * PIXEL**2 / 0.9996**2, rel=1e-3)
    assert fields["peak_gradient"] == pytest.approx(30.0 / RADIUS * np.exp(-0.5), rel=0.25)
    assert fields["mean_coherence"] == pytest.approx(0.8, abs=1e-3)
    assert progress.fractions == sorted(progress.fractions)


def test_gentle_ground_is_left_out_where_it_is_known(stack, slope, detect):
    assert detect(INPUT=stack, DEM=slope, MIN_SLOPE=25.0)[0]["COUNT"] == 0
    result, _ = detect(INPUT=stack, MIN_SLOPE=25.0)
    first = found_in(result["OUTPUT"])[0].attributes
    assert first["class"] == "moving ground"
    assert first["slope_deg"] is None or np.isnan(first["slope_deg"])


def test_a_slope_along_the_flight_carries_a_note(stack, write_raster, detect):
    y = np.arange(SHAPE[0])[:, None] * PIXEL
    heights = np.broadcast_to(3000.0 + np.tan(np.radians(35.0)) * y, SHAPE).astype(np.float32)
    facing_north = write_raster("north.tif", heights, transform=NORTH_UP)
    result, _ = detect(INPUT=stack, DEM=facing_north, HEADING=-90.0 + 55.0, INCIDENCE=60.0)
    fields = found_in(result["OUTPUT"])[0].attributes
    assert ("blind" in (fields["note"] or "")) == (abs(fields["sensitivity"]) < 0.2)


def test_least_area_and_confidence_leave_detections_out(stack, detect):
    assert detect(INPUT=stack, MIN_AREA=1e9)[0]["COUNT"] == 0
    assert detect(INPUT=stack, CONFIDENCE=1.0)[0]["COUNT"] == 0


@pytest.mark.parametrize("method", ["network", "divergence"])
def test_tile_size_changes_neither_probability_nor_polygons(stack, slope, detect, tmp_path, random_weights, method):
    made = {}
    for size in (128, 1024):
        raster, vector = tmp_path / f"h{size}.tif", tmp_path / f"v{size}.gpkg"
        model = random_weights if method == "network" else None
        detect(
            INPUT=stack, DEM=slope, METHOD=method, HEATMAP=raster, OUTPUT=vector, TILE_SIZE=size, MODEL=model,
            CONFIDENCE=0.4, MIN_SLOPE=0.0, MIN_AREA=0.0,
        )  # fmt: skip
        with rasterio.open(raster) as dataset:
            made[size] = dataset.read(1), found_in(vector)
    np.testing.assert_allclose(made[128][0], made[1024][0], atol=2e-5)
    assert len(made[128][1]) == len(made[1024][1]) > 0
    for one, other in zip(made[128][1], made[1024][1], strict=True):
        assert one.attributes["score"] == pytest.approx(other.attributes["score"], abs=1e-4)
        assert one.attributes["pixels"] == pytest.approx(other.attributes["pixels"], abs=3)


def test_heatmap_carries_grid_nodata_and_provenance(stack, detect, tmp_path):
    result, _ = detect(INPUT=stack, HEATMAP=tmp_path / "heat.tif")
    with rasterio.open(stack) as given, rasterio.open(result["HEATMAP"]) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        np.testing.assert_array_equal(np.isnan(made.read(1)), np.isnan(given.read(1)))
        assert made.tags()["FRINGELENS_TOOL"] == "detectlandslides"
    assert pyogrio.read_info(result["OUTPUT"])["layer_metadata"]["FRINGELENS_TOOL"] == "detectlandslides"


def test_nothing_valid_gives_an_empty_layer_and_a_warning(write_raster, detect):
    empty = write_raster("empty.tif", np.full((3, 70, 90), np.nan, np.float32))
    result, progress = detect(INPUT=empty)
    assert result["COUNT"] == 0
    assert "not one valid pixel" in progress.warnings[0]
    assert pyogrio.read_info(result["OUTPUT"])["features"] == 0


def test_half_a_line_of_sight_is_refused_and_one_without_dem_is_said_to_be_useless(stack, detect):
    with pytest.raises(InputError, match="INCIDENCE is not given"):
        detect(INPUT=stack, HEADING=-13.0)
    _, progress = detect(INPUT=stack, HEADING=-13.0, INCIDENCE=38.0)
    assert "only with a DEM" in progress.warnings[0]


def test_what_is_no_stack_and_a_dem_beside_it_are_refused(stack, slope, write_raster, detect):
    with pytest.raises(InputError, match=r"1 band.*three.*stackphasegradients"):
        detect(INPUT=slope)
    other = write_raster("other.tif", np.zeros((50, 60), np.float32))
    with pytest.raises(GridMismatchError, match=r"DEM.*gdalwarp"):
        detect(INPUT=stack, DEM=other)


def test_a_cancel_leaves_nothing(stack, detect, tmp_path, monkeypatch):
    def stop(self, fraction, message=""):
        if fraction > 0.3:
            raise Cancelled

    monkeypatch.setattr(Log, "update", stop)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        detect(INPUT=stack, TILE_SIZE=128)
    assert sorted(path.name for path in tmp_path.iterdir()) == before

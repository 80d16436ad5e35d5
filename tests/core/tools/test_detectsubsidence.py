"""The subsidence tool: what it writes where, by both methods, and that tiles do not show."""

import numpy as np
import pyogrio
import pytest
import rasterio
import torch
from fringelens.core.catalog import find
from fringelens.core.errors import Cancelled, GridMismatchError, InputError, WeightsError
from fringelens.core.raster.vector import read_polygons
from fringelens.core.tools import detectsubsidence
from fringelens.models import registry
from fringelens.models.weights import write_weights
from rasterio.crs import CRS
from recording import Log

SHAPE = (260, 330)
MIDDLE, RADIUS, PEAK = (140, 180), 20.0, 25.0
CORE = 12  # pixels around the middle that any outline of the bowl holds


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture(scope="session")
def random_head(tmp_path_factory):
    """A head of random weights, whose probability crosses a half in many places."""
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    names = {"network": "subsidence_detection", "config": "default"}
    write_weights(path, registry.build("subsidence_detection"), names)
    return path


def bowl():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    distance = (y - MIDDLE[0]) ** 2 + (x - MIDDLE[1]) ** 2
    return PEAK * np.exp(-distance / (2 * RADIUS**2))


@pytest.fixture
def phase(write_raster, rng):
    """A bowl of four fringes on a slight ramp with noise; 30 m pixels, a hole."""
    field = bowl() + 0.01 * np.arange(SHAPE[1]) + rng.normal(0, 0.3, SHAPE)
    wrapped = np.angle(np.exp(1j * field)).astype(np.float32)
    wrapped[10:30, 20:60] = np.nan
    return write_raster("phase.tif", wrapped)


@pytest.fixture
def detect(tmp_path):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(**given):
        tool = find("detectsubsidence")
        parameters = {p.name: p.default for p in tool.parameters} | {o.name: None for o in tool.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "found.gpkg"), "DEVICE": "cpu"}
        parameters |= {name: str(v) if hasattr(v, "__fspath__") else v for name, v in given.items()}
        progress = Log()
        return detectsubsidence.run(parameters, progress), progress

    return call


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def found_in(path):
    return read_polygons(str(path), CRS.from_epsg(32634))


@pytest.mark.parametrize("method", ["network", "fringes"])
def test_a_bowl_of_four_fringes_is_found_where_it_is(phase, detect, tmp_path, method):
    result, progress = detect(INPUT=phase, METHOD=method, PROBABILITY=tmp_path / "p.tif")
    assert result["COUNT"] >= 1
    first = found_in(result["OUTPUT"])[0]
    west, south = first.polygons[0][0].min(0)
    east, north = first.polygons[0][0].max(0)
    x, y = 500_000 + 30 * (MIDDLE[1] + 0.5), 4_400_000 - 30 * (MIDDLE[0] + 0.5)
    assert west < x - 30 * CORE < x + 30 * CORE < east
    assert south < y - 30 * CORE < y + 30 * CORE < north
    assert first.attributes["score"] > 0.6
    assert first.attributes["fringes"] == pytest.approx(PEAK / (2 * np.pi), rel=0.3)
    assert first.attributes["peak_rad"] > 0
    assert first.attributes["area_m2"] == pytest.approx(first.attributes["pixels"] * 900 / 0.9996**2, rel=1e-4)
    assert progress.fractions == sorted(progress.fractions)


def test_probability_carries_grid_nodata_and_provenance(phase, detect, tmp_path):
    result, _ = detect(INPUT=phase, PROBABILITY=tmp_path / "p.tif")
    with rasterio.open(phase) as given, rasterio.open(result["PROBABILITY"]) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert len(made.tags()["FRINGELENS_WEIGHTS_SHA256"]) == 64
        probability = made.read(1)
    np.testing.assert_array_equal(np.isnan(probability), np.isnan(values(phase)))
    assert 0 <= np.nanmin(probability) <= np.nanmax(probability) <= 1
    info = pyogrio.read_info(result["OUTPUT"])
    assert info["layer_metadata"]["FRINGELENS_TOOL"] == "detectsubsidence"
    assert list(info["fields"])[:2] == ["score", "area_m2"]


@pytest.mark.parametrize("method", ["network", "fringes"])
def test_tile_size_changes_neither_probability_nor_polygons(phase, write_raster, detect, tmp_path, random_head, method):
    made = {}
    phase = write_raster("part.tif", values(phase)[70:210])
    for tile_size in (256, 1024):
        raster, vector = tmp_path / f"p{tile_size}.tif", tmp_path / f"v{tile_size}.gpkg"
        given = {"MODEL": random_head} if method == "network" else {}
        detect(
            INPUT=phase, METHOD=method, PROBABILITY=raster, OUTPUT=vector, TILE_SIZE=tile_size, CONFIDENCE=0, **given
        )
        made[tile_size] = values(raster), found_in(vector)
    np.testing.assert_allclose(made[256][0], made[1024][0], atol=2e-5)
    assert len(made[256][1]) == len(made[1024][1]) > 0
    for one, other in zip(made[256][1], made[1024][1], strict=True):
        assert one.attributes["pixels"] == pytest.approx(other.attributes["pixels"], abs=2)


def test_confidence_and_least_area_leave_detections_out(phase, detect):
    every, _ = detect(INPUT=phase, METHOD="fringes", CONFIDENCE=0.0, MIN_AREA=0.0)
    none, _ = detect(INPUT=phase, METHOD="fringes", CONFIDENCE=1.0)
    small, _ = detect(INPUT=phase, METHOD="fringes", MIN_AREA=1e9)
    assert every["COUNT"] > none["COUNT"] == small["COUNT"] == 0


def test_the_sign_of_the_depth_is_that_of_the_interferogram(phase, detect, write_raster, tmp_path):
    turned = write_raster("turned.tif", -values(phase))
    result, _ = detect(INPUT=turned, METHOD="fringes")
    assert found_in(result["OUTPUT"])[0].attributes["peak_rad"] < 0


def test_nothing_valid_gives_an_empty_layer_and_a_warning(write_raster, detect, tmp_path):
    empty = write_raster("empty.tif", np.full((70, 90), np.nan, np.float32))
    result, progress = detect(INPUT=empty, PROBABILITY=tmp_path / "p.tif")
    assert result["COUNT"] == 0
    assert "not one valid pixel" in progress.warnings[0]
    assert pyogrio.read_info(result["OUTPUT"])["features"] == 0
    assert np.isnan(values(tmp_path / "p.tif")).all()


def test_without_a_crs_it_is_refused_with_the_remedy(write_raster, detect, tmp_path):
    bare = write_raster("bare.tif", np.zeros((70, 90), np.float32), crs=None)
    with pytest.raises(InputError, match=r"no CRS.*Assign projection"):
        detect(INPUT=bare)
    assert not (tmp_path / "found.gpkg").exists()


def test_unwrapped_phase_and_another_grid_are_refused(phase, write_raster, detect):
    unwrapped = write_raster("unwrapped.tif", bowl().astype(np.float32))
    with pytest.raises(InputError, match="not wrapped radians"):
        detect(INPUT=unwrapped)
    other = write_raster("coherence.tif", np.full((50, 60), 0.5, np.float32))
    with pytest.raises(GridMismatchError, match="COHERENCE"):
        detect(INPUT=phase, COHERENCE=other)


def test_weights_of_another_network_are_refused(phase, detect, tmp_path):
    path = tmp_path / "other.safetensors"
    write_weights(path, registry.build("decorrelation"), {"network": "decorrelation", "config": "default"})
    with pytest.raises(WeightsError, match="subsidence_detection"):
        detect(INPUT=phase, MODEL=path)


def test_a_cancel_leaves_nothing(phase, detect, tmp_path, monkeypatch):
    def stop(self, fraction, message=""):
        if fraction > 0.3:
            raise Cancelled

    monkeypatch.setattr(Log, "update", stop)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        detect(INPUT=phase, TILE_SIZE=128)
    assert sorted(path.name for path in tmp_path.iterdir()) == before

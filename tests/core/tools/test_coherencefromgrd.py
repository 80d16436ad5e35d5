"""The tool for detected images, with a network of random weights: what it writes, refuses, and says."""

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from fringelens.core.catalog.coherencefromgrd import TOOL
from fringelens.core.errors import Cancelled, GridMismatchError, InputError, WeightsError
from fringelens.core.progress import Silent
from fringelens.core.tools import coherencefromgrd
from fringelens.models import registry
from fringelens.models.weights import write_weights
from recording import Log
from safetensors.torch import save_file
from speckle import speckle

SHAPE = (150, 213)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(
        path, registry.build("coherence_from_intensity"), {"network": "coherence_from_intensity", "config": "default"}
    )
    return path


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture
def scene(write_raster, rng):
    """Coherent above, incoherent below; a hole in the first image."""
    truth = np.where(np.arange(SHAPE[0])[:, None] < 75, 0.95, 0.0) * np.ones(SHAPE)
    one, two = speckle(rng, SHAPE, truth)
    one[20:40, 30:60] = np.nan
    return {
        "one": one,
        "two": two,
        "INPUT": str(write_raster("one.tif", one)),
        "SECONDARY": str(write_raster("two.tif", two)),
    }


@pytest.fixture
def run(tmp_path, weights):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(progress=None, **given):
        parameters = {p.name: p.default for p in TOOL.parameters} | {o.name: None for o in TOOL.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "coherence.tif"), "MODEL": str(weights), "DEVICE": "cpu"} | given
        progress = progress or Log()
        return coherencefromgrd.run(parameters, progress), progress

    return call


def rasters(scene):
    return {name: scene[name] for name in ("INPUT", "SECONDARY")}


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def test_both_outputs_lie_on_the_grid_of_the_input_and_know_where_nothing_is(scene, run, tmp_path):
    result, progress = run(**rasters(scene), UNCERTAINTY=str(tmp_path / "deviation.tif"))
    coherence, deviation = values(result["OUTPUT"]), values(result["UNCERTAINTY"])
    missing = np.isnan(scene["one"])
    np.testing.assert_array_equal(np.isnan(coherence), missing)
    np.testing.assert_array_equal(np.isnan(deviation), missing)
    assert 0 <= np.nanmin(coherence) <= np.nanmax(coherence) <= 1
    assert np.nanmin(deviation) > 0
    assert result["MEAN_COHERENCE"] == pytest.approx(np.nanmean(coherence), abs=1e-5)
    assert progress.fractions == sorted(progress.fractions)
    assert any("speckle of about" in line for line in progress.lines)
    with rasterio.open(scene["INPUT"]) as given, rasterio.open(result["OUTPUT"]) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert np.isnan(made.nodata)
        assert len(made.tags()["FRINGELENS_WEIGHTS_SHA256"]) == 64


@pytest.mark.parametrize("method", ["network", "window"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_order_of_the_images_changes_no_bit(scene, run, tmp_path, monkeypatch, method, precision):
    monkeypatch.setenv("FRINGELENS_PRECISION", precision)
    run(**rasters(scene), METHOD=method, OUTPUT=str(tmp_path / "a.tif"))
    run(INPUT=scene["SECONDARY"], SECONDARY=scene["INPUT"], METHOD=method, OUTPUT=str(tmp_path / "b.tif"))
    np.testing.assert_array_equal(values(tmp_path / "a.tif"), values(tmp_path / "b.tif"))


@pytest.mark.parametrize("method", ["network", "window"])
def test_tile_size_changes_nothing(scene, run, tmp_path, method):
    def coherence(tile_size):
        path = str(tmp_path / f"c{tile_size}.tif")
        run(**rasters(scene), METHOD=method, OUTPUT=path, TILE_SIZE=tile_size)
        return values(path)

    whole = coherence(1024)
    for tile_size in (48, 128):
        np.testing.assert_allclose(coherence(tile_size), whole, atol=1e-3)


@pytest.mark.parametrize("method", ["network", "window"])
def test_scales_and_gains_of_the_same_images_give_the_same(scene, run, write_raster, tmp_path, method):
    def coherence(name, scale, change):
        made = {key: str(write_raster(f"{name}_{key}.tif", change(scene[key]))) for key in ("one", "two")}
        path = str(tmp_path / f"{name}.tif")
        run(INPUT=made["one"], SECONDARY=made["two"], SCALE=scale, METHOD=method, OUTPUT=path)
        return values(path)

    power = coherence("power", "power", lambda x: x)
    for name, scale, change in (
        ("gain", "power", lambda x: 5000 * x),
        ("amplitude", "amplitude", lambda x: 30 * np.sqrt(x)),
        ("decibel", "decibel", lambda x: 10 * np.log10(x) - 12),
    ):
        np.testing.assert_allclose(coherence(name, scale, change), power, atol=2e-3, err_msg=name)


def test_complex_images_count_by_their_power(scene, run, write_raster, tmp_path, rng):
    turned = [
        (np.sqrt(np.nan_to_num(scene[key])) * np.exp(1j * rng.uniform(0, 6, SHAPE))).astype(np.complex64)
        for key in ("one", "two")
    ]
    paths = [str(write_raster(f"{i}.tif", image)) for i, image in enumerate(turned)]
    run(INPUT=paths[0], SECONDARY=paths[1], ZERO_IS_NODATA=True, OUTPUT=str(tmp_path / "a.tif"))
    run(**rasters(scene), OUTPUT=str(tmp_path / "b.tif"))
    np.testing.assert_allclose(values(tmp_path / "a.tif"), values(tmp_path / "b.tif"), atol=1e-3)


def test_the_window_tells_coherent_from_incoherent_and_finds_the_looks(scene, run):
    result, progress = run(**rasters(scene), METHOD="window")
    coherence = values(result["OUTPUT"])
    assert np.nanmean(coherence[:60]) > 0.8
    assert np.nanmean(coherence[90:]) < 0.4
    assert any("LOOKS is not given; taken as 4" in line or "taken as 3" in line for line in progress.lines)
    told, _ = run(**rasters(scene), METHOD="window", LOOKS=4.0)
    assert np.nanmean(values(told["OUTPUT"])[:60]) == pytest.approx(0.95, abs=0.05)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"METHOD": "window", "UNCERTAINTY": "u.tif"}, "window gives no UNCERTAINTY"),
        ({"METHOD": "window", "WINDOW": 8}, "odd"),
    ],
)
def test_impossible_combinations_are_refused(scene, run, tmp_path, given, words):
    with pytest.raises(InputError, match=words):
        run(**rasters(scene), **given)
    assert not (tmp_path / "coherence.tif").exists()


def test_decibels_given_as_power_are_refused_with_what_was_seen(scene, run, write_raster, tmp_path):
    decibels = str(write_raster("db.tif", 10 * np.log10(scene["two"]) - 12))
    with pytest.raises(InputError, match=r"SECONDARY.*db\.tif span -.*set SCALE to decibel"):
        run(INPUT=scene["INPUT"], SECONDARY=decibels)
    assert not (tmp_path / "coherence.tif").exists()


def test_numbers_given_as_decibels_are_refused(scene, run, write_raster):
    numbers = str(write_raster("dn.tif", 300 * np.sqrt(scene["two"])))
    with pytest.raises(InputError, match=r"dn\.tif span .*no decibels. Set SCALE to power or amplitude"):
        run(INPUT=numbers, SECONDARY=numbers, SCALE="decibel")


def test_positive_decibels_given_as_power_are_warned_of(scene, run, write_raster):
    decibels = [str(write_raster(f"{key}db.tif", 10 * np.log10(scene[key]) + 60)) for key in ("one", "two")]
    _, progress = run(INPUT=decibels[0], SECONDARY=decibels[1])
    assert any("less than speckle" in line and "set SCALE to decibel" in line for line in progress.warnings)


@pytest.mark.parametrize(
    ("looks", "scale", "words"), [(1, "amplitude", "which is much; if they are powers"), (40, "power", "not filtered")]
)
def test_speckle_of_impossible_strength_is_warned_of(run, write_raster, rng, looks, scale, words):
    images = [str(write_raster(f"{i}.tif", image)) for i, image in enumerate(speckle(rng, SHAPE, 0.5, looks))]
    _, progress = run(INPUT=images[0], SECONDARY=images[1], SCALE=scale)
    assert any(words in line and "SCALE" in line for line in progress.warnings)


def test_many_zeros_are_pointed_at(scene, run, write_raster):
    cut = scene["two"].copy()
    cut[:30] = 0
    given = {"INPUT": scene["INPUT"], "SECONDARY": str(write_raster("cut.tif", cut))}
    _, progress = run(**given)
    assert any("exactly 0" in line and "ZERO_IS_NODATA" in line for line in progress.warnings)
    result, progress = run(**given, ZERO_IS_NODATA=True)
    assert np.isnan(values(result["OUTPUT"])[:30]).all()
    assert not any("exactly 0" in line for line in progress.warnings)


def test_images_of_different_ground_are_warned_of(run, write_raster, rng):
    paths = []
    for i, image in enumerate(speckle(rng, SHAPE, 0.5)):
        bright = np.kron(np.exp(rng.normal(size=(10, 15))), np.ones((15, 15)))[: SHAPE[0], : SHAPE[1]]
        paths.append(str(write_raster(f"{i}.tif", (image * bright).astype(np.float32))))
    _, progress = run(INPUT=paths[0], SECONDARY=paths[1])
    assert any("hardly resemble" in line for line in progress.warnings)


def test_images_of_different_tracks_are_warned_of_by_the_times_in_their_names(scene, run, write_raster):
    names = [f"S1A_IW_GRDH_1SDV_{time}_x.tif" for time in ("20230319T055012", "20230331T055013", "20230331T172423")]
    first, same, other = (str(write_raster(name, scene["two"])) for name in names)
    for second, warned in ((same, False), (other, True)):
        _, progress = run(INPUT=first, SECONDARY=second)
        assert any("different tracks" in line for line in progress.warnings) == warned


def test_negative_power_is_refused_with_the_way_to_declare_missing_pixels(scene, run, write_raster, tmp_path):
    values = scene["two"].copy()
    values[5, 5] = -9999
    with pytest.raises(InputError, match=r"SECONDARY.*n\.tif span -9999 .*power is not negative.*-a_nodata"):
        run(INPUT=scene["INPUT"], SECONDARY=str(write_raster("n.tif", values)))
    assert not (tmp_path / "coherence.tif").exists()


def test_grids_that_differ_are_refused_with_the_way_to_align_them(scene, run, write_raster, tmp_path):
    small = str(write_raster("small.tif", scene["two"][:100]))
    moved = str(write_raster("moved.tif", scene["two"], transform=Affine(30, 0, 500_015, 0, -30, 4_400_000)))
    for other in (small, moved):
        with pytest.raises(GridMismatchError, match=r"SECONDARY and INPUT.*gdalwarp"):
            run(INPUT=scene["INPUT"], SECONDARY=other)
    assert not (tmp_path / "coherence.tif").exists()


@pytest.mark.parametrize("method", ["network", "window"])
def test_no_valid_pixel_gives_nodata_and_a_warning(scene, run, write_raster, method):
    empty = str(write_raster("empty.tif", np.full(SHAPE, np.nan, np.float32)))
    result, progress = run(INPUT=empty, SECONDARY=scene["SECONDARY"], METHOD=method)
    assert np.isnan(values(result["OUTPUT"])).all()
    assert np.isnan(result["MEAN_COHERENCE"])
    assert any("not one pixel" in line for line in progress.warnings)


@pytest.mark.parametrize("method", ["network", "window"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (5, 7)])
def test_tiny_and_constant_rasters_work(run, write_raster, shape, method):
    path = str(write_raster("tiny.tif", np.ones(shape, np.float32)))
    result, _ = run(INPUT=path, SECONDARY=path, METHOD=method)
    assert values(result["OUTPUT"]).shape == shape
    assert np.isfinite(values(result["OUTPUT"])).all()


def test_cancel_leaves_nothing(scene, run, tmp_path):
    class Stop(Silent):
        def update(self, fraction, message=""):
            if fraction > 0.3:
                raise Cancelled

    (tmp_path / "out").mkdir()
    for method in ("network", "window"):
        with pytest.raises(Cancelled):
            run(Stop(), **rasters(scene), METHOD=method, OUTPUT=str(tmp_path / "out" / "c.tif"), TILE_SIZE=64)
    assert list((tmp_path / "out").iterdir()) == []


def test_weights_of_another_network_are_refused(scene, run, tmp_path):
    save_file({"a": torch.zeros(3)}, tmp_path / "other.safetensors", {"network": "decorrelation", "config": "default"})
    with pytest.raises(WeightsError, match=r"other\.safetensors"):
        run(**rasters(scene), MODEL=str(tmp_path / "other.safetensors"))
    assert not (tmp_path / "coherence.tif").exists()


def test_shipped_weights_find_the_coherent_half_and_beat_the_window(scene, run):
    truth = np.where(np.arange(SHAPE[0])[:, None] < 75, 0.95, 0.0) * np.ones(SHAPE)
    errors = {}
    for method in ("network", "window"):
        result, _ = run(**rasters(scene), METHOD=method, MODEL=None, LOOKS=4.0)
        errors[method] = np.sqrt(np.nanmean((values(result["OUTPUT"]) - truth) ** 2))
    assert errors["network"] < 0.8 * errors["window"]
    assert errors["network"] < 0.15

"""The mask tool, with a network of random weights: what it writes where, and that tiles do not show."""

import numpy as np
import pytest
import rasterio
import torch
from fringelens.core.catalog import find
from fringelens.core.errors import Cancelled, GridMismatchError, InputError
from fringelens.core.progress import Silent
from fringelens.core.tools import decorrelationmask
from fringelens.models import registry
from fringelens.models.weights import write_weights
from recording import Log
from safetensors.torch import save_file

SHAPE = (150, 213)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A random network whose logits spread over both classes."""
    torch.manual_seed(5)
    network = registry.build("decorrelation")
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(path, network, {"network": "decorrelation", "config": "default"})
    return path


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture
def scene(write_raster, rng):
    """Noise below, a ramp above, a hole in the phase; with coherence and amplitude to match."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    noisy = rows > 90
    phase = np.angle(np.exp(1j * np.where(noisy, rng.uniform(-np.pi, np.pi, SHAPE), columns / 7)))
    phase[20:40, 30:60] = np.nan
    spread = rng.normal(size=SHAPE)
    coherence = np.clip(np.where(noisy, 0.2, 0.8) + 0.05 * spread, 0, 1)
    amplitude = np.where(noisy, 3, 80) * np.exp(0.1 * spread)
    return {
        "phase": phase.astype(np.float32),
        "noisy": noisy,
        "INPUT": str(write_raster("phase.tif", phase.astype(np.float32))),
        "COHERENCE": str(write_raster("coherence.tif", coherence.astype(np.float32))),
        "AMPLITUDE": str(write_raster("amplitude.tif", amplitude.astype(np.float32))),
    }


@pytest.fixture
def mask(tmp_path, weights):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(**given):
        tool = find("decorrelationmask")
        parameters = {p.name: p.default for p in tool.parameters} | {o.name: None for o in tool.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "mask.tif"), "MODEL": str(weights), "DEVICE": "cpu"} | given
        progress = Log()
        return decorrelationmask.run(parameters, progress), progress

    return call


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def rasters(scene):
    return {name: scene[name] for name in ("INPUT", "COHERENCE", "AMPLITUDE")}


def test_all_outputs_agree_and_carry_the_grid(scene, mask, tmp_path):
    paths = {name: str(tmp_path / f"{name}.tif") for name in ("OUTPUT", "PROBABILITY", "MASKED")}
    result, progress = mask(**rasters(scene), **paths)
    decorrelated, probability, masked = (values(paths[name]) for name in ("OUTPUT", "PROBABILITY", "MASKED"))
    valid = np.isfinite(scene["phase"])
    np.testing.assert_array_equal(decorrelated == 255, ~valid)
    np.testing.assert_array_equal(np.isnan(probability), ~valid)
    np.testing.assert_array_equal(decorrelated[valid] == 1, probability[valid] >= 0.5)
    np.testing.assert_array_equal(masked[decorrelated == 0], scene["phase"][decorrelated == 0])
    assert np.isnan(masked[decorrelated != 0]).all()
    assert result["DECORRELATED_SHARE"] == pytest.approx((decorrelated == 1).sum() / valid.sum())
    assert 0 < result["DECORRELATED_SHARE"] < 1
    assert progress.fractions == sorted(progress.fractions)
    with rasterio.open(scene["INPUT"]) as given, rasterio.open(paths["OUTPUT"]) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert made.nodata == 255
        assert len(made.tags()["FRINGELENS_WEIGHTS_SHA256"]) == 64


def test_the_threshold_is_a_probability(scene, mask, tmp_path):
    none, _ = mask(INPUT=scene["INPUT"], THRESHOLD=1.0)
    every, _ = mask(INPUT=scene["INPUT"], THRESHOLD=0.0)
    assert none["DECORRELATED_SHARE"] == 0.0
    assert every["DECORRELATED_SHARE"] == 1.0


def test_tile_size_changes_no_probability(scene, mask, tmp_path):
    def probability(tile_size):
        path = str(tmp_path / f"p{tile_size}.tif")
        mask(**rasters(scene), PROBABILITY=path, TILE_SIZE=tile_size)
        return values(path)

    whole = probability(1024)
    for tile_size in (48, 128, 200):
        np.testing.assert_allclose(probability(tile_size), whole, atol=1e-3)


def test_missing_pixels_reach_no_further_than_the_network_sees(scene, mask, write_raster, tmp_path, weights):
    halo = registry.build("decorrelation").halo
    holed = scene["phase"].copy()
    holed[:8, :8] = np.nan
    for name, phase in (("with", holed), ("without", scene["phase"])):
        mask(INPUT=str(write_raster(f"{name}_hole.tif", phase)), PROBABILITY=str(tmp_path / f"{name}.tif"))
    difference = np.abs(values(tmp_path / "with.tif") - values(tmp_path / "without.tif"))
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    far = (rows >= 8 + halo) | (columns >= 8 + halo)
    assert np.nanmax(difference[far]) < 1e-6
    assert np.isnan(difference[:8, :8]).all()


def test_complex_input_is_its_angle(scene, mask, write_raster, tmp_path):
    phase = np.nan_to_num(scene["phase"])
    pair = np.where(np.isnan(scene["phase"]), 0, 2 * np.exp(1j * phase)).astype(np.complex64)
    mask(INPUT=str(write_raster("pair.tif", pair)), MASKED=str(tmp_path / "a.tif"), PROBABILITY=str(tmp_path / "p.tif"))
    mask(INPUT=scene["INPUT"], MASKED=str(tmp_path / "b.tif"), PROBABILITY=str(tmp_path / "q.tif"))
    np.testing.assert_allclose(values(tmp_path / "p.tif"), values(tmp_path / "q.tif"), atol=1e-3)
    np.testing.assert_allclose(values(tmp_path / "a.tif"), values(tmp_path / "b.tif"), atol=1e-5)


def test_bfloat16_changes_probabilities_by_less_than_a_twentieth(scene, mask, tmp_path, monkeypatch):
    mask(**rasters(scene), PROBABILITY=str(tmp_path / "exact.tif"))
    monkeypatch.setenv("FRINGELENS_PRECISION", "bfloat16")
    _, progress = mask(**rasters(scene), PROBABILITY=str(tmp_path / "rough.tif"))
    difference = np.abs(values(tmp_path / "rough.tif") - values(tmp_path / "exact.tif"))
    assert 0 < np.nanmax(difference) < 0.05
    assert any("bfloat16" in line for line in progress.lines)


def test_otsu_finds_two_plain_classes(scene, mask):
    result, _ = mask(**rasters(scene), METHOD="otsu")
    valid = np.isfinite(scene["phase"])
    assert ((values(result["OUTPUT"]) == 1) == scene["noisy"])[valid].mean() > 0.99


def test_otsu2_needs_both_to_be_low(scene, mask, write_raster):
    amplitude = values(scene["AMPLITUDE"])
    amplitude[100:110] = 80  # bright and incoherent: vegetation, say
    given = rasters(scene) | {"AMPLITUDE": str(write_raster("bright.tif", amplitude))}
    result, _ = mask(**given, METHOD="otsu2")
    found = values(result["OUTPUT"])
    assert (found[100:110] == 0).mean() > 0.99
    assert (found[120:] == 1).mean() > 0.99


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"METHOD": "otsu"}, "METHOD otsu needs COHERENCE"),
        ({"METHOD": "otsu2"}, "METHOD otsu2 needs COHERENCE and AMPLITUDE"),
        ({"METHOD": "otsu", "PROBABILITY": "p.tif"}, "METHOD otsu"),
    ],
)
def test_impossible_combinations_are_refused(scene, mask, tmp_path, given, words):
    with pytest.raises(InputError, match=words):
        mask(INPUT=scene["INPUT"], **given)
    assert not (tmp_path / "mask.tif").exists()


def test_otsu_gives_no_probability(scene, mask, tmp_path):
    with pytest.raises(InputError, match="PROBABILITY"):
        mask(**rasters(scene), METHOD="otsu", PROBABILITY=str(tmp_path / "p.tif"))


@pytest.mark.parametrize("method", ["network", "otsu"])
def test_no_valid_pixel_gives_nodata_and_a_warning(scene, mask, write_raster, method):
    empty = str(write_raster("empty.tif", np.full(SHAPE, np.nan, np.float32)))
    result, progress = mask(**rasters(scene) | {"INPUT": empty}, METHOD=method)
    assert (values(result["OUTPUT"]) == 255).all()
    assert np.isnan(result["DECORRELATED_SHARE"])
    assert "empty.tif has not one valid pixel" in progress.warnings[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (40, 1), (5, 7)])
def test_tiny_rasters_work(mask, write_raster, shape):
    result, _ = mask(INPUT=str(write_raster("tiny.tif", np.zeros(shape, np.float32))))
    assert values(result["OUTPUT"]).shape == shape


def test_constant_zero_coherence_and_amplitude_divide_by_nothing(scene, mask, write_raster):
    zero = str(write_raster("zero.tif", np.zeros(SHAPE, np.float32)))
    for method in ("network", "otsu", "otsu2"):
        result, _ = mask(INPUT=scene["INPUT"], COHERENCE=zero, AMPLITUDE=zero, METHOD=method)
        assert 0 <= result["DECORRELATED_SHARE"] <= 1


def test_grids_that_differ_are_refused(scene, mask, write_raster, tmp_path):
    other = str(write_raster("other.tif", np.zeros((10, 10), np.float32)))
    with pytest.raises(GridMismatchError, match=r"COHERENCE.*other\.tif.*INPUT.*phase\.tif"):
        mask(INPUT=scene["INPUT"], COHERENCE=other)
    assert not (tmp_path / "mask.tif").exists()


def test_a_recognised_product_takes_zeros_as_missing(mask, write_raster):
    phase = np.ones((40, 40), np.float32)
    phase[:10] = 0
    result, progress = mask(INPUT=str(write_raster("20210218_20210303.geo.diff_pha.tif", phase)))
    assert (values(result["OUTPUT"])[:10] == 255).all()
    assert any("LiCSAR" in line for line in progress.lines)


def test_cancel_leaves_nothing(scene, tmp_path, weights):
    class Stop(Silent):
        def update(self, fraction, message=""):
            if fraction > 0.3:
                raise Cancelled("stopped")

    tool = find("decorrelationmask")
    parameters = {p.name: p.default for p in tool.parameters} | {o.name: None for o in tool.file_outputs}
    (tmp_path / "out").mkdir()
    given = {"OUTPUT": str(tmp_path / "out" / "m.tif"), "MODEL": str(weights), "TILE_SIZE": 64, "DEVICE": "cpu"}
    with pytest.raises(Cancelled):
        decorrelationmask.run(parameters | given | rasters(scene), Stop())
    assert list((tmp_path / "out").iterdir()) == []


def test_weights_of_another_shape_are_refused(scene, mask, tmp_path):
    from fringelens.core.errors import WeightsError

    save_file({"a": torch.zeros(3)}, tmp_path / "other.safetensors", {"network": "decorrelation", "config": "default"})
    with pytest.raises(WeightsError, match=r"other\.safetensors"):
        mask(INPUT=scene["INPUT"], MODEL=str(tmp_path / "other.safetensors"))
    assert not (tmp_path / "mask.tif").exists()


def test_the_shipped_weights_agree_in_both_precisions_and_all_tiles(scene, mask, tmp_path, monkeypatch):
    if registry.read_card("decorrelation") is None:
        pytest.skip("no weights came along")
    found = {}
    for precision, size in (("float32", 1024), ("float32", 128), ("bfloat16", 1024)):
        monkeypatch.setenv("FRINGELENS_PRECISION", precision)
        mask(**rasters(scene), MODEL=None, PROBABILITY=str(tmp_path / "p.tif"), TILE_SIZE=size)
        found[precision, size] = values(tmp_path / "p.tif")
    exact = found["float32", 1024]
    assert np.nanmax(np.abs(found["float32", 128] - exact)) <= 1e-3
    rough = found["bfloat16", 1024]
    assert np.nanquantile(np.abs(rough - exact), 0.999) <= 0.05
    assert np.nanmean((rough >= 0.5) != (exact >= 0.5)) <= 0.005


def test_the_real_thessaly_interferogram_runs(mask, data_folder):
    path = sorted((data_folder / "thessaly").glob("*wrapped*.tif"))
    result, _ = mask(INPUT=str(next(p for p in path if "unwrapped" not in p.name)))
    with rasterio.open(result["OUTPUT"]) as made:
        assert made.shape == (801, 801)
        assert made.crs is None


def test_real_unwrapped_phase_is_refused(mask, data_folder):
    for path in sorted((data_folder / "mexico_city").glob("*_unwrapped.tif"))[:5]:
        with pytest.raises(InputError, match="not wrapped radians"):
            mask(INPUT=str(path))

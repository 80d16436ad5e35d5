"""The filling tool: what stays, what is filled, what is left out, and that tiles do not show."""

import numpy as np
import pytest
import rasterio
import torch
from fringelens.core.catalog.reconstructphase import TOOL
from fringelens.core.errors import GridMismatchError, InputError
from fringelens.core.phase.fringes import fringe_lines
from fringelens.core.tools import reconstructphase
from fringelens.models import registry
from fringelens.models.weights import write_weights
from recording import Log

SHAPE = (170, 213)
METHODS = ("network", "laplace", "unwrap")


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """An untrained network: the classical fill along the fringes, with a little noise on top."""
    torch.manual_seed(5)
    network = registry.build("phase_filling")
    with torch.no_grad():
        network.phase_head.weight.normal_(0, 0.002)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(path, network, {"network": "phase_filling", "config": "default"})
    return path


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("FRINGELENS_PRECISION", "float32")


@pytest.fixture
def truth():
    """A ramp and a hill, rad."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    hill = 6 * np.exp(-((rows - 80) ** 2 + (columns - 90) ** 2) / 2500)
    return (columns * 0.15 + rows * 0.05 + hill).astype(np.float32)


@pytest.fixture
def mask():
    """Small gaps everywhere and one of 70 pixels."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    small = ((rows % 24) < 7) & ((columns % 31) < 9)
    return small | ((abs(rows - 110) < 35) & (abs(columns - 160) < 35))


@pytest.fixture
def scene(write_raster, truth, mask):
    phase = np.angle(np.exp(1j * truth)).astype(np.float32)
    phase[3:6, 100:104] = np.nan
    return {
        "phase": phase,
        "INPUT": str(write_raster("phase.tif", phase, nodata=np.nan)),
        "MASK": str(write_raster("mask.tif", mask.astype(np.uint8), nodata=255)),
        "COHERENCE": str(write_raster("coherence.tif", np.where(mask, 0.1, 0.9).astype(np.float32))),
        "TOPOGRAPHIC_PHASE": str(write_raster("topography.tif", truth)),
    }


@pytest.fixture
def fill(tmp_path, weights):
    """Run the tool with defaults and what is given; returns (result, progress)."""

    def call(**given):
        parameters = {p.name: p.default for p in TOOL.parameters} | {o.name: None for o in TOOL.file_outputs}
        parameters |= {"OUTPUT": str(tmp_path / "filled.tif"), "DEVICE": "cpu", "MAX_GAP": 24.0} | given
        if parameters["METHOD"] == "network":
            parameters["MODEL"] = str(weights)
        progress = Log()
        return reconstructphase.run(parameters, progress), progress

    return call


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def error(phase, truth):
    return np.abs(np.angle(np.exp(1j * (phase - truth))))


@pytest.mark.parametrize("method", METHODS)
def test_observed_pixels_stay_and_narrow_gaps_are_filled(scene, fill, truth, mask, method):
    result, progress = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], METHOD=method)
    filled = values(result["OUTPUT"])
    observed = ~mask & np.isfinite(scene["phase"])
    assert filled[observed].tobytes() == scene["phase"][observed].tobytes()
    big = np.s_[90:130, 140:180]
    assert np.isnan(filled[big]).all()
    assert np.isfinite(filled[:70]).all()  # the hole without data, too
    new = (mask | np.isnan(scene["phase"])) & np.isfinite(filled)
    assert error(filled, truth)[new].mean() < (0.15 if method != "laplace" else 0.3)
    assert (np.abs(filled[new]) <= np.pi + 1e-6).all()
    gaps = mask | np.isnan(scene["phase"])
    assert result["FILLED_SHARE"] == pytest.approx(new.sum() / gaps.sum())
    assert not progress.warnings


@pytest.mark.parametrize("method", METHODS)
def test_tiles_do_not_show(scene, fill, tmp_path, method):
    outputs = []
    for size in (64, 1024):
        path = str(tmp_path / f"{size}.tif")
        fill(INPUT=scene["INPUT"], MASK=scene["MASK"], METHOD=method, TILE_SIZE=size, OUTPUT=path)
        outputs.append(values(path))
    np.testing.assert_array_equal(np.isnan(outputs[0]), np.isnan(outputs[1]))
    limit = 1e-3 if method != "unwrap" else 0.05
    assert np.nanmax(error(*outputs)) < limit


def test_coherence_says_what_to_fill_where_there_is_no_mask(scene, fill, mask):
    by_mask, _ = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], METHOD="laplace")
    first = values(by_mask["OUTPUT"])
    by_coherence, _ = fill(INPUT=scene["INPUT"], COHERENCE=scene["COHERENCE"], METHOD="laplace")
    np.testing.assert_array_equal(first, values(by_coherence["OUTPUT"]))


@pytest.mark.parametrize("method", METHODS)
def test_topographic_phase_fills_exactly_what_it_explains(scene, fill, truth, mask, method):
    given = {name: scene[name] for name in ("INPUT", "MASK", "TOPOGRAPHIC_PHASE")}
    result, progress = fill(**given, METHOD=method)
    filled = values(result["OUTPUT"])
    new = mask & np.isfinite(filled)
    assert error(filled, truth)[new].max() < (0.2 if method == "network" else 0.05)  # of random weights
    observed = ~mask & np.isfinite(scene["phase"])
    assert filled[observed].tobytes() == scene["phase"][observed].tobytes()
    assert not progress.warnings


def test_topographic_phase_of_the_wrong_sign_is_noticed(scene, fill, truth, write_raster):
    wrong = str(write_raster("wrong.tif", -truth))
    _, progress = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], METHOD="laplace", TOPOGRAPHIC_PHASE=wrong)
    assert "sign" in progress.warnings[0]


def test_fringes_are_those_of_the_filled_phase(scene, fill, tmp_path):
    path = str(tmp_path / "fringes.tif")
    result, _ = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], FRINGES=path, TILE_SIZE=64)
    filled, lines = values(result["OUTPUT"]), values(path)
    valid = np.isfinite(filled)
    np.testing.assert_array_equal(lines == 255, ~valid)
    inner = valid.copy()
    inner[-1], inner[:, -1] = False, False  # whose next pixel is the reflection about the raster's edge
    np.testing.assert_array_equal(lines[inner] == 1, fringe_lines(np.where(valid, filled, 0), valid)[inner])


def test_confidence_is_one_where_observed_and_gates_what_is_filled(scene, fill, tmp_path, mask):
    path = str(tmp_path / "confidence.tif")
    result, _ = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], CONFIDENCE=path)
    confidence, filled = values(path), values(result["OUTPUT"])
    observed = ~mask & np.isfinite(scene["phase"])
    assert (confidence[observed] == 1).all()
    np.testing.assert_array_equal(np.isnan(confidence), np.isnan(filled))
    new = mask & np.isfinite(filled)
    assert (confidence[new] >= 0).all()
    assert (confidence[new] <= 1).all()
    middle = float(np.median(confidence[new]))
    gated, _ = fill(INPUT=scene["INPUT"], MASK=scene["MASK"], MIN_CONFIDENCE=middle)
    kept = np.isfinite(values(gated["OUTPUT"]))
    np.testing.assert_array_equal(kept[new], confidence[new] >= middle)


def test_confidence_is_refused_where_the_method_has_none(scene, fill, tmp_path):
    with pytest.raises(InputError, match="laplace gives no CONFIDENCE"):
        fill(INPUT=scene["INPUT"], METHOD="laplace", CONFIDENCE=str(tmp_path / "c.tif"))


@pytest.mark.parametrize("method", METHODS)
def test_an_input_without_gaps_is_copied_with_a_message(fill, write_raster, truth, method):
    phase = np.angle(np.exp(1j * truth)).astype(np.float32)
    result, progress = fill(INPUT=str(write_raster("whole.tif", phase)), METHOD=method)
    assert values(result["OUTPUT"]).tobytes() == phase.tobytes()
    assert any("no gap" in line for line in progress.lines)
    assert np.isnan(result["FILLED_SHARE"])


@pytest.mark.parametrize("method", METHODS)
def test_everything_masked_gives_no_data_and_a_warning(scene, fill, write_raster, method):
    every = str(write_raster("every.tif", np.ones(SHAPE, np.uint8)))
    result, progress = fill(INPUT=scene["INPUT"], MASK=every, METHOD=method)
    assert np.isnan(values(result["OUTPUT"])).all()
    assert "everything is masked" in progress.warnings[0]
    assert result["FILLED_SHARE"] == 0


def test_a_mask_on_another_grid_is_refused(scene, fill, write_raster, tmp_path):
    other = str(write_raster("other.tif", np.ones((SHAPE[0], SHAPE[1] - 1), np.uint8)))
    with pytest.raises(GridMismatchError, match="MASK and INPUT"):
        fill(INPUT=scene["INPUT"], MASK=other)
    assert not (tmp_path / "filled.tif").exists()


def test_phase_that_is_not_wrapped_is_refused(fill, write_raster, truth):
    with pytest.raises(InputError, match="not wrapped"):
        fill(INPUT=str(write_raster("unwrapped.tif", truth)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 90), (90, 1), (3, 3)])
def test_a_single_row_or_column_is_filled_too(fill, write_raster, method, shape):
    count = max(shape)
    phase = np.angle(np.exp(1j * np.linspace(0, 9, count))).astype(np.float32)
    phase = np.resize(phase, shape)
    mask = np.zeros(shape, np.uint8)
    rows, columns = (slice(side // 3, side // 3 + (5 if side > 3 else 1)) for side in shape)
    mask[rows, columns] = 1
    given = {"INPUT": str(write_raster("line.tif", phase)), "MASK": str(write_raster("line_mask.tif", mask))}
    result, _ = fill(**given, METHOD=method)
    filled = values(result["OUTPUT"])
    assert np.isfinite(filled).all()
    if count > 3:
        assert error(filled, phase)[mask == 1].max() < 0.7

"""Comparison: numbers against numpy and scikit-image, tiles do not matter, the report stands alone."""

import base64
import math
import re

import numpy as np
import pytest
import rasterio
from fringelens.core.errors import GridMismatchError, InputError
from fringelens.core.phase.wrap import wrap
from fringelens.core.tools import comparerasters
from recording import Log
from skimage.metrics import structural_similarity

SHAPE = (90, 131)


@pytest.fixture
def run(write_raster):
    def go(first, second, kind, **changes):
        log = Log()
        parameters = {
            "INPUT": str(write_raster("first.tif", first)),
            "REFERENCE": str(write_raster("second.tif", second)),
            "MASK": None,
            "KIND": kind,
            "BAND": None,
            "ZERO_IS_NODATA": False,
            "TILE_SIZE": 1024,
            "REPORT": None,
            **changes,
        }
        return comparerasters.run(parameters, log), log

    return go


@pytest.fixture
def pair(rng):
    reference = rng.normal(5, 2, SHAPE).astype(np.float32)
    return (reference + rng.normal(0.3, 0.5, SHAPE)).astype(np.float32), reference


def test_continuous_numbers_are_those_of_numpy_and_scikit_image(run, pair):
    first, second = (a.astype(float) for a in pair)
    found, _ = run(*pair, "continuous")
    span = np.ptp(second)
    assert found["COUNT"] == first.size
    assert found["MAE"] == pytest.approx(np.abs(first - second).mean())
    assert found["RMSE"] == pytest.approx(np.sqrt(((first - second) ** 2).mean()))
    assert found["BIAS"] == pytest.approx((first - second).mean())
    assert found["CORRELATION"] == pytest.approx(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    assert found["PSNR"] == pytest.approx(10 * math.log10(span**2 / ((first - second) ** 2).mean()))
    assert found["SSIM"] == pytest.approx(structural_similarity(first, second, data_range=span), abs=1e-9)


@pytest.mark.parametrize("kind", ["continuous", "unwrapped", "wrapped"])
def test_tiles_do_not_matter(run, pair, kind):
    first, second = (wrap(a) for a in pair) if kind == "wrapped" else pair
    whole, tiled = run(first, second, kind)[0], run(first, second, kind, TILE_SIZE=37)[0]
    assert whole == pytest.approx(tiled)


def test_equal_rasters_are_equal(run, pair):
    found, _ = run(pair[1], pair[1], "continuous")
    assert (found["RMSE"], found["SSIM"]) == (0, pytest.approx(1))
    assert "PSNR" not in found


def test_wrapped_phase_is_compared_around_the_circle(run, rng):
    reference = rng.uniform(-np.pi, np.pi, SHAPE).astype(np.float32)
    found, _ = run(wrap(reference + np.float32(0.2)), reference, "wrapped")
    assert found["CIRCULAR_MAE"] == pytest.approx(0.2, abs=1e-5)
    assert found["CIRCULAR_RMSE"] == pytest.approx(0.2, abs=1e-5)
    assert found["CORRELATION"] == pytest.approx(1, abs=1e-6)
    assert found["MAE"] > 0.2 / (2 * np.pi)  # jumps count in the way of the papers


def test_unwrapped_phase_is_compared_but_for_a_constant(run, rng):
    reference = np.cumsum(rng.normal(0, 0.2, SHAPE), axis=1).astype(np.float32)
    first = reference + np.float32(6 * np.pi)
    first[:, 100:] += np.float32(2 * np.pi)
    found, _ = run(first, reference, "unwrapped")
    assert found["CONSTANT"] == pytest.approx(6 * np.pi, abs=1e-4)
    assert found["RIGHT_CYCLE_SHARE"] == pytest.approx(100 / 131)
    assert found["CONGRUENCE_ERROR"] < 1e-5
    assert found["MAE"] == pytest.approx(31 / 131 * 2 * np.pi, abs=1e-4)


def test_masks_are_counted(run):
    first, second = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    first[:60], second[30:] = 1, 1
    first[0, 0] = 255
    found, _ = run(first, second, "mask")
    assert found["IOU"] == pytest.approx(30 / 90)
    assert (found["PRECISION"], found["RECALL"]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found["ACCURACY"] == pytest.approx(30 / 90)


def test_bytes_are_coherence_where_they_are_said_to_be(run):
    found, _ = run(np.full(SHAPE, 255, np.uint8), np.full(SHAPE, 0.5, np.float32), "coherence")
    assert found["BIAS"] == pytest.approx(0.5)


def test_only_pixels_valid_in_both_and_not_masked_count(run, pair, write_raster):
    first, second = pair
    first[:10], second[:, :10] = np.nan, np.nan
    mask = np.zeros(SHAPE, np.uint8)
    mask[50:] = 1
    found, _ = run(first, second, "continuous", MASK=str(write_raster("mask.tif", mask)))
    assert found["COUNT"] == 40 * 121
    assert 0 < found["SSIM"] < 1


def test_nothing_in_common_is_said_and_gives_no_numbers(run, pair):
    found, log = run(np.full(SHAPE, np.nan, np.float32), pair[1], "continuous")
    assert found == {"COUNT": 0}
    assert any("nothing to compare" in line for line in log.warnings)


@pytest.mark.parametrize("kind", ["wrapped", "unwrapped", "mask", "coherence", "continuous"])
def test_the_report_stands_alone(run, rng, tmp_path, kind):
    values = rng.random(SHAPE).astype(np.float32)
    values = (values > 0.5).astype(np.uint8) if kind == "mask" else values
    found, _ = run(values, values[::-1].copy(), kind, REPORT=str(tmp_path / "a <b>.html"))
    text = (tmp_path / "a <b>.html").read_text(encoding="utf-8")
    assert "first.tif" in text
    assert f"{found['COUNT']:,}" in text
    assert (" rad</p>" in text) == (kind in ("wrapped", "unwrapped"))  # differences are shown as they are, not scaled
    assert "http" not in text
    assert "<script" not in text
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", text)
    assert len(pictures) == 3
    assert base64.b64decode(pictures[0]).startswith(b"\x89PNG")
    assert str(tmp_path) not in text
    assert not list(tmp_path.glob(".*part*"))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_pictures_show_the_raster(tmp_path):
    from fringelens.core.evaluate.compare_pictures import picture

    values = np.array([[0.0, 1.0], [np.nan, 0.5]])
    (tmp_path / "p.png").write_bytes(base64.b64decode(picture(values, 0, 1, "rising").split(",")[1]))
    with rasterio.open(tmp_path / "p.png") as source:
        shown = source.read()
    assert shown[:, 0, 0].tolist() == [68, 1, 84]
    assert shown[:, 0, 1].tolist() == [253, 231, 37]
    assert shown[:, 1, 0].tolist() == [235, 235, 235]


def test_other_grids_and_complex_values_are_refused(run, pair):
    with pytest.raises(GridMismatchError):
        run(pair[0], pair[1][:50], "continuous")
    with pytest.raises(InputError, match="KIND wrapped"):
        run(pair[0].astype(np.complex64), pair[1], "continuous")

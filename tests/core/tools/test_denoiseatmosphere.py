"""Atmosphere: what the plane and height explain goes, what moves stays, tiles do not show, bad inputs are refused."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from fringelens.core.catalog import find
from fringelens.core.catalog.validate import complete
from fringelens.core.errors import Cancelled, GridMismatchError, InputError
from fringelens.core.tools import denoiseatmosphere
from fringelens.models import registry
from fringelens.models.weights import write_weights
from recording import Log

ROWS, COLS = 150, 210
PIXEL = 30.0


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights: what is tested with them does not depend on what was learnt."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(path, registry.build("atmosphere"), {"network": "atmosphere", "config": "default"})
    return str(path)


@pytest.fixture
def height():
    y, x = np.mgrid[:ROWS, :COLS]
    return (900 + 500 * np.sin(x / 21) * np.cos(y / 17)).astype(np.float32)


@pytest.fixture
def trough():
    y, x = np.mgrid[:ROWS, :COLS]
    return (-15 * np.exp(-((x - 140) ** 2 + (y - 60) ** 2) / (2 * 14**2))).astype(np.float32)


@pytest.fixture
def phase(height, trough, rng):
    """A trough, a ramp and layers, rad."""
    y, x = np.mgrid[:ROWS, :COLS]
    air = 3 + 6 * x / COLS - 4 * y / ROWS + 5 * height / 1000 + 0.1 * rng.standard_normal((ROWS, COLS))
    return (trough + air).astype(np.float32)


@pytest.fixture
def run(write_raster, tmp_path, phase):
    def go(values=None, log=None, **changes):
        if "INPUT" not in changes:
            name = "20200101_20200113_unw.tif"
            changes["INPUT"] = str(write_raster(name, phase if values is None else values))
        given = {
            "METHOD": "ramp_elevation",
            "DEVICE": "cpu",
            "OUTPUT": str(tmp_path / "out.tif"),
            "ATMOSPHERE": str(tmp_path / "atmosphere.tif"),
            **changes,
        }
        result = denoiseatmosphere.run(complete(find("denoiseatmosphere"), given), log or Log())
        return result, {name: read(result[name]) for name in ("OUTPUT", "ATMOSPHERE", "UNCERTAINTY") if name in result}

    return go


def read(path):
    with rasterio.open(path) as source:
        return source.read(1)


def test_ramp_and_layers_go_and_the_trough_stays(run, write_raster, height, trough):
    result, rasters = run(DEM=str(write_raster("dem.tif", height)))
    left = rasters["OUTPUT"] - trough
    assert np.std(left) < 0.15
    assert rasters["OUTPUT"].min() / trough.min() == pytest.approx(1.0, abs=0.05)
    assert 0 < result["REDUCTION"] < 1


def test_without_heights_the_layers_stay(run, trough):
    assert np.std(run()[1]["OUTPUT"] - trough) > 0.8


@pytest.mark.parametrize("method", ["ramp_elevation", "network"])
def test_output_and_atmosphere_add_up_to_the_input(run, phase, weights, method):
    rasters = run(METHOD=method, MODEL=weights)[1]
    assert rasters["OUTPUT"] + rasters["ATMOSPHERE"] == pytest.approx(phase, abs=1e-4)


def test_the_result_does_not_depend_on_the_tile_size(run, weights, tmp_path, write_raster, height):
    wanted = {"METHOD": "network", "MODEL": weights, "DEM": str(write_raster("dem.tif", height))}
    wanted["UNCERTAINTY"] = str(tmp_path / "uncertainty.tif")
    whole, small = run(**wanted)[1], run(**wanted, TILE_SIZE=128)[1]
    for name, raster in whole.items():
        assert raster == pytest.approx(small[name], abs=2e-3), name


@pytest.mark.parametrize(("units", "factor"), [("metres", 0.0555 / (4 * np.pi)), ("millimetres", 55.5 / (4 * np.pi))])
def test_the_unit_changes_the_numbers_and_nothing_else(run, phase, weights, units, factor):
    radians = run(METHOD="network", MODEL=weights, WAVELENGTH=0.0555)[1]["OUTPUT"]
    other = run((phase * factor).astype(np.float32), METHOD="network", MODEL=weights, UNITS=units)[1]["OUTPUT"]
    assert other / factor == pytest.approx(radians, abs=0.02)


def test_outputs_carry_unit_and_name(run, tmp_path):
    run(UNITS="millimetres")
    with rasterio.open(tmp_path / "out.tif") as source:
        assert source.units == ("mm",)
        assert source.descriptions == ("deformation along the line of sight",)
        assert np.isnan(source.nodata)
        assert source.tags()["FRINGELENS_TOOL"] == "denoiseatmosphere"


def test_masked_and_missing_pixels_are_no_data_and_do_not_count(run, phase, height, trough, write_raster):
    spoilt, mask = phase.copy(), np.zeros(phase.shape, np.uint8)
    spoilt[:30, :40] += 500
    mask[:30, :40] = 1
    spoilt[100:110, 20:60] = np.nan
    paths = {"MASK": str(write_raster("mask.tif", mask)), "DEM": str(write_raster("dem.tif", height))}
    out = run(spoilt, **paths)[1]["OUTPUT"]
    assert (np.isnan(out) == (np.isnan(spoilt) | (mask > 0))).all()
    assert np.nanstd(out - trough) < 0.15


def test_nothing_valid_is_all_no_data_and_a_warning(run, phase, weights):
    log = Log()
    result, rasters = run(np.full_like(phase, np.nan), log, METHOD="network", MODEL=weights)
    assert np.isnan(rasters["OUTPUT"]).all()
    assert np.isnan(result["REDUCTION"])
    assert any("not one valid pixel" in text for text in log.warnings)


@pytest.mark.parametrize("shape", [(1, 300), (200, 1), (3, 3)])
def test_odd_shapes_are_taken(run, weights, rng, shape):
    values = (0.3 * rng.standard_normal(shape)).astype(np.float32)
    assert np.isfinite(run(values, METHOD="network", MODEL=weights)[1]["OUTPUT"]).all()


def network_of_dates(write_raster, rng, height):
    """Interferograms of four dates, small ones."""
    rows, cols = height.shape
    y, x = np.mgrid[:rows, :cols]
    days = ["20200101", "20200113", "20200125", "20200206"]
    delays = [a * x / cols + b * y / rows + c * height / 1000 for a, b, c in rng.normal(0, 4, (4, 3))]
    pairs = [(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)]
    noise = {pair: 0.3 * rng.standard_normal((rows, cols)) + rng.normal(0, 1) * x / cols for pair in pairs}
    return {
        (i, j): str(
            write_raster(f"{days[i]}_{days[j]}_unw.tif", (delays[j] - delays[i] + noise[i, j]).astype(np.float32))
        )
        for i, j in pairs
    }


@pytest.mark.parametrize("method", ["ramp_elevation", "network"])
def test_corrections_of_a_network_close_around_triplets(run, write_raster, rng, height, weights, method):
    height = height[:64, :80]
    paths = network_of_dates(write_raster, rng, height)
    dem = str(write_raster("dem.tif", height))
    found = {}
    for pair in ((0, 1), (1, 2), (0, 2)):
        log = Log()
        wanted = {"INPUT": paths[pair], "OTHERS": list(paths.values()), "DEM": dem, "METHOD": method, "MODEL": weights}
        found[pair] = run(log=log, **wanted)[1]["ATMOSPHERE"]
        assert any("INPUT is among OTHERS" in text for text in log.lines)
    loop = found[0, 1] + found[1, 2] - found[0, 2]
    loop -= np.median(loop)  # the constant of an interferogram is arbitrary
    alone = {pair: run(INPUT=paths[pair], DEM=dem, METHOD=method, MODEL=weights)[1]["ATMOSPHERE"] for pair in found}
    assert np.abs(loop).max() < 1e-3
    assert np.ptp(alone[0, 1] + alone[1, 2] - alone[0, 2]) > 0.05


def test_two_interferograms_of_the_same_dates_are_refused(run, write_raster, phase, tmp_path):
    (tmp_path / "other").mkdir()
    twin = write_raster("other/20200101_20200113_unw.tif", phase)
    with pytest.raises(InputError, match="same dates"):
        run(OTHERS=[str(twin)])


def test_others_without_dates_are_refused_with_the_remedy(run, write_raster, phase):
    with pytest.raises(InputError, match="DATES"):
        run(OTHERS=[str(write_raster("second.tif", phase))])
    assert run(OTHERS=[str(write_raster("second.tif", phase))], DATES="20200101_20200113 20200113_20200125")


def test_an_interferogram_that_is_still_wrapped_is_refused(run, phase):
    with pytest.raises(InputError, match=r"still wrapped.*Unwrap it first"):
        run(np.angle(np.exp(1j * phase)).astype(np.float32))
    with pytest.raises(InputError, match="complex"):
        run(np.exp(1j * phase).astype(np.complex64))


def test_a_unit_that_cannot_be_is_refused(run, phase, write_raster, tmp_path):
    with pytest.raises(InputError, match="Set UNITS to millimetres"):
        run(phase * 100, UNITS="metres")
    path = write_raster("declared.tif", phase)
    with rasterio.open(path, "r+") as dataset:
        dataset.set_band_unit(1, "mm")
    with pytest.raises(InputError, match=r"UNITS is radians. Set UNITS to millimetres"):
        run(INPUT=str(path))


def test_metres_given_as_radians_are_doubted(run, phase):
    log = Log()
    run(phase * 1e-3, log)
    assert any("set UNITS to metres" in text for text in log.warnings)


def test_a_dem_on_another_grid_is_refused_with_the_option_that_aligns_it(run, write_raster, height, trough):
    finer = np.repeat(np.repeat(height, 2, 0), 2, 1)
    path = str(write_raster("fine.tif", finer, transform=Affine(15, 0, 500_000, 0, -15, 4_400_000)))
    with pytest.raises(GridMismatchError, match=r"DEM_RESAMPLING to bilinear.*gdalwarp"):
        run(DEM=path)
    rasters = run(DEM=path, DEM_RESAMPLING="average")[1]
    assert np.std(rasters["OUTPUT"] - trough) < 0.15


def test_a_dem_without_crs_cannot_be_aligned(run, write_raster, height):
    path = str(write_raster("plain.tif", height[:100], crs=None))
    with pytest.raises(GridMismatchError, match="has no CRS"):
        run(DEM=path, DEM_RESAMPLING="bilinear")


def test_uncertainty_is_the_networks_alone(run, tmp_path):
    with pytest.raises(InputError, match="Leave UNCERTAINTY out"):
        run(UNCERTAINTY=str(tmp_path / "u.tif"))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_radar_geometry_is_taken_with_a_warning(run, write_raster, phase):
    log = Log()
    path = str(write_raster("radar.tif", phase, crs=None, transform=Affine.identity()))
    run(INPUT=path, log=log)
    assert any("Give PIXEL" in text for text in log.warnings)
    quiet = Log()
    run(INPUT=path, log=quiet, PIXEL=30.0)
    assert not quiet.warnings


def test_a_cancelled_run_leaves_nothing(run, tmp_path):
    class Stop(Log):
        def __init__(self, after):
            super().__init__()
            self.left = after

        def update(self, fraction, message=""):
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    for after in (1, 6):
        with pytest.raises(Cancelled):
            run(log=Stop(after), TILE_SIZE=128)
        assert not [path for path in Path(tmp_path).iterdir() if "out" in path.name or "atmosphere" in path.name]

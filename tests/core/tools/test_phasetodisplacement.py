"""Millimetres from phase: wavelength, sign, component and reference, each against a closed form."""

import math

import numpy as np
import pytest
import rasterio
from fringelens.core.catalog.common import SENSORS
from fringelens.core.errors import GridMismatchError, InputError
from fringelens.core.phase.reference import ReferenceSearch
from fringelens.core.phase.wavelengths import CARRIERS, wavelength
from fringelens.core.tools import phasetodisplacement
from recording import Log

SHAPE = (100, 120)


@pytest.fixture
def phase():
    """A trough of 20 rad on stable ground at 3 rad."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (3 + 20 * np.exp(-((x - 80) ** 2 + (y - 30) ** 2) / 200)).astype(np.float32)


@pytest.fixture
def run(write_raster, tmp_path, phase):
    def go(values=None, **changes):
        log = Log()
        parameters = {
            "INPUT": str(write_raster("phase.tif", phase if values is None else values)),
            "INCIDENCE": None,
            "INCIDENCE_ANGLE": None,
            "COHERENCE": None,
            "SENSOR": "sentinel1",
            "WAVELENGTH": 0.06,
            "SIGN": "away",
            "REFERENCE": None,
            "COMPONENT": "line_of_sight",
            "BAND": None,
            "ZERO_IS_NODATA": False,
            "TILE_SIZE": 128,
            "OUTPUT": str(tmp_path / "out.tif"),
            **changes,
        }
        result = phasetodisplacement.run(parameters, log)
        with rasterio.open(result["OUTPUT"]) as source:
            return result, source.read(1), log

    return go


def expected(phase, level=3.0):
    return -(phase - level) * 60 / (4 * math.pi)


def test_phase_away_from_the_satellite_becomes_millimetres_toward_it(run, phase):
    assert run()[1] == pytest.approx(expected(phase), abs=0.05)


def test_the_other_sign_is_the_negative(run):
    assert run(SIGN="toward")[1] == pytest.approx(-run()[1], abs=1e-5)


def test_vertical_divides_by_the_cosine_of_the_angle(run, phase, write_raster):
    angles = np.full(SHAPE, 30.0, np.float32)
    angles[:, :10] = np.nan
    raster = run(COMPONENT="vertical", INCIDENCE=str(write_raster("incidence.tif", angles)))[1]
    number = run(COMPONENT="vertical", INCIDENCE_ANGLE=30.0)[1]
    assert number == pytest.approx(run()[1] / math.cos(math.radians(30)), abs=1e-4)
    assert np.isnan(raster[:, :10]).all()
    assert raster[:, 10:] == pytest.approx(number[:, 10:], abs=1e-4)


def test_a_given_reference_becomes_zero(run, write_raster):
    with rasterio.open(write_raster("grid.tif", np.zeros(SHAPE, np.float32))) as source:
        x, y = source.xy(30, 80)
    result, values, _ = run(REFERENCE=f"{x},{y}")
    assert abs(values[30, 80]) < 2.5  # the median of 5 x 5 pixels of a peak
    assert values[90, 5] == pytest.approx(expected(0.0, 20), abs=2)
    assert result["REFERENCE_POINT"] == f"{x:.9g},{y:.9g}"


def test_a_reference_in_another_crs_is_transformed(run, write_raster):
    from rasterio.warp import transform

    with rasterio.open(write_raster("grid.tif", np.zeros(SHAPE, np.float32))) as source:
        x, y = source.xy(70, 20)
        (east,), (north,) = transform(source.crs, "EPSG:4326", [x], [y])
    assert run(REFERENCE=f"{east},{north} [EPSG:4326]")[0]["REFERENCE_POINT"] == f"{x:.9g},{y:.9g}"


def test_a_found_reference_does_not_depend_on_the_tiles(run, phase, rng):
    noisy = (phase + rng.normal(0, 0.3, SHAPE)).astype(np.float32)
    assert run(noisy, TILE_SIZE=128)[0] == run(noisy, TILE_SIZE=32)[0]


def test_the_reference_is_coherent_and_at_the_usual_level(rng):
    search = ReferenceSearch()
    level = np.zeros((64, 64), np.float32)
    coherence = np.full((64, 64), 0.4, np.float32)
    level[:32, :16], coherence[:32, :16] = 9, 0.9  # moves, though it is the most coherent
    level[48:, 48:], coherence[48:, 48:] = 1, 0.8
    coherence[16:32, 32:48] = 0.8
    search.add(0, 0, level, np.ones(level.shape, bool), coherence)
    found = search.find()
    assert (found.row, found.column, found.level) == (24, 40, 0.0)


def test_wrapped_looking_phase_is_warned_of(run):
    ramp = np.add.outer(np.zeros(SHAPE[0]), 0.5 * np.arange(SHAPE[1]))
    _, _, log = run(np.angle(np.exp(1j * ramp)).astype(np.float32))
    assert any("unwrap it first" in line for line in log.warnings)


def test_small_movement_that_nowhere_jumps_is_not_taken_for_wrapped(run):
    ramp = np.add.outer(np.zeros(SHAPE[0]), np.linspace(-3, 3, SHAPE[1]))
    _, _, log = run(ramp.astype(np.float32))
    assert not log.warnings


def test_nothing_valid_gives_nothing_and_a_warning(run):
    _, values, log = run(np.full(SHAPE, np.nan, np.float32))
    assert np.isnan(values).all()
    assert any("not one valid pixel" in line for line in log.warnings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"COMPONENT": "vertical"}, "INCIDENCE_ANGLE"),
        ({"SENSOR": "other", "WAVELENGTH": None}, "Give WAVELENGTH"),
        ({"REFERENCE": "0,0"}, "outside the raster"),
        ({"REFERENCE": "500100,4399900 [EPSG:99999999]"}, "not known"),
    ],
)
def test_what_is_missing_or_wrong_is_named(run, changes, words):
    with pytest.raises(InputError, match=words):
        run(**changes)


def test_angles_in_radians_and_elevations_are_refused(run, write_raster):
    radians = str(write_raster("radians.tif", np.full(SHAPE, 0.6, np.float32)))
    with pytest.raises(InputError, match="radians"):
        run(COMPONENT="vertical", INCIDENCE=radians)
    beyond = str(write_raster("beyond.tif", np.full(SHAPE, 95.0, np.float32)))
    with pytest.raises(InputError, match="0 to 90"):
        run(COMPONENT="vertical", INCIDENCE=beyond)


def test_complex_input_and_other_grids_are_refused(run, phase, write_raster):
    with pytest.raises(InputError, match="Unwrap it first"):
        run(np.exp(1j * phase).astype(np.complex64))
    with pytest.raises(GridMismatchError):
        run(COHERENCE=str(write_raster("c.tif", np.ones((10, 10), np.float32))))


def test_the_catalog_and_the_wavelengths_name_the_same_sensors():
    assert set(SENSORS) == set(CARRIERS)
    assert wavelength("sentinel1") == pytest.approx(0.05546576, abs=1e-7)

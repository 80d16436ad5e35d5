"""The tool as it is called: a simulated trough in a stack of interferograms, each with a constant of its own."""

import csv
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
from fringelens.core.catalog.displacementseries import TOOL
from fringelens.core.catalog.validate import complete
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from fringelens.core.tools import displacementseries
from recording import Log

SHAPE = (64, 80)
DAYS = [date(2020, 1, 1) + timedelta(24 * i) for i in range(8)]
PAIRS = [(i, j) for i in range(8) for j in range(i + 1, min(8, i + 3))]
YEARS = np.array([(day - DAYS[0]).days / 365.25 for day in DAYS])
RADIAN = 60 / (4 * math.pi)  # mm of one, at a wavelength of 6 cm
DOWN, ACROSS = np.mgrid[: SHAPE[0], : SHAPE[1]]
RATE = -90 * np.exp(-((DOWN - 30) ** 2 + (ACROSS - 30) ** 2) / 98.0)  # mm per year


@pytest.fixture
def stack(write_raster, rng):
    """Paths of the interferograms: phase positive away from the satellite."""

    def make(*, wrapped=False, pairs=PAIRS, noise=0.05):
        paths = []
        for one, two in pairs:
            phase = -RATE * (YEARS[two] - YEARS[one]) / RADIAN + rng.normal(0, 3) + noise * rng.normal(size=SHAPE)
            phase[48:, 64:] = np.nan
            values = np.angle(np.exp(1j * phase)) if wrapped else phase
            paths.append(str(write_raster(f"{DAYS[one]:%Y%m%d}_{DAYS[two]:%Y%m%d}.tif", values.astype(np.float32))))
        return paths

    return make


@pytest.fixture
def run(tmp_path, stack):
    def go(paths=None, **changes):
        log = Log()
        given = {
            "INPUTS": paths or stack(),
            "PHASE": "unwrapped",
            "WAVELENGTH": 0.06,
            "VELOCITY": str(tmp_path / "velocity.tif"),
            "STDDEV": str(tmp_path / "std.tif"),
            "DISPLACEMENT": str(tmp_path / "displacement.tif"),
            "SERIES": str(tmp_path / "series.csv"),
            "DEVICE": "cpu",
        } | changes
        result = displacementseries.run(complete(TOOL, given), log)
        planes = {}
        for name in ("VELOCITY", "STDDEV", "DISPLACEMENT"):
            with rasterio.open(result[name]) as source:
                planes[name] = source.read() if name == "DISPLACEMENT" else source.read(1)
        rows = list(csv.DictReader(Path(result["SERIES"]).read_text().splitlines()))
        return result, planes, rows, log

    return go


@pytest.fixture
def detections(tmp_path):
    """A polygon around the trough, one away from it, and one outside."""
    from rasterio.crs import CRS

    def square(row, column, side):
        x, y = 500_000 + 30 * column, 4_400_000 - 30 * row
        far, below = x + 30 * side, y - 30 * side
        return (np.array([(x, y), (far, y), (far, below), (x, below), (x, y)], float),)

    path = tmp_path / "detections.gpkg"
    with Outputs(Silent()) as outputs:
        outputs.vector(path, CRS.from_epsg(32634)).write([square(20, 20, 20), square(40, 60, 6), square(500, 0, 9)], [])
    return str(path)


def test_a_whole_raster_gives_velocity_deviation_and_a_band_for_each_date(run):
    result, planes, rows, _ = run()
    valid = np.isfinite(planes["VELOCITY"])
    assert not valid[48:, 64:].any()
    assert valid.sum() == SHAPE[0] * SHAPE[1] - 16 * 16
    error = planes["VELOCITY"][valid] - RATE[valid]
    assert np.abs(error).max() < 4
    spread = 2.45 * planes["STDDEV"][valid] + 1  # six degrees of freedom, and what the reference is off
    assert (np.abs(error) < spread).mean() > 0.9
    assert planes["DISPLACEMENT"].shape == (8, *SHAPE)
    assert planes["DISPLACEMENT"][7, 30, 30] == pytest.approx(RATE[30, 30] * YEARS[7], abs=1.5)
    with rasterio.open(result["DISPLACEMENT"]) as source:
        assert source.descriptions == tuple(f"{day:%Y-%m-%d}" for day in DAYS)
        assert source.units[0] == "mm"
    assert result["COUNT"] == len(rows) / 8
    assert [row["date"] for row in rows[:8]] == [f"{day:%Y-%m-%d}" for day in DAYS]


def test_the_other_sign_and_wavelength_scale_the_result(run, stack):
    paths = stack()
    one = run(paths)[1]["VELOCITY"]
    assert run(paths, SIGN="toward")[1]["VELOCITY"] == pytest.approx(-one, abs=1e-4, nan_ok=True)
    assert run(paths, WAVELENGTH=0.24)[1]["VELOCITY"] == pytest.approx(4 * one, abs=1e-3, nan_ok=True)


def test_tiles_do_not_show(run, stack, monkeypatch):
    from fringelens.core.timeseries import region

    paths = stack()
    one = run(paths)
    monkeypatch.setattr(region, "VALUES", 20_000)  # blocks of 32 x 32
    other = run(paths, TILE_SIZE=128)
    assert one[0]["REFERENCE_POINT"] == other[0]["REFERENCE_POINT"]
    for name, plane in one[1].items():
        assert np.allclose(plane, other[1][name], atol=1e-4, equal_nan=True), name
    assert len(one[2]) == len(other[2])


def test_a_given_reference_is_zero(run, stack):
    x, y = 500_000 + 30 * 30.5, 4_400_000 - 30 * 30.5
    result, planes, _, _ = run(stack(), REFERENCE=f"{x},{y}")
    assert abs(planes["VELOCITY"][30, 30]) < 5  # the median of 5 x 5 pixels of a peak
    assert planes["VELOCITY"][2, 70] == pytest.approx(90, abs=5)
    assert result["REFERENCE_POINT"] == f"{x:.9g},{y:.9g}"


def test_detections_are_solved_in_crops_against_the_ground_around_them(run, detections):
    result, planes, rows, log = run(DETECTIONS=detections, MARGIN=20)
    assert result["COUNT"] == 2
    assert "REFERENCE_POINT" not in result or result["REFERENCE_POINT"] is None
    assert any("1 of 3 detections" in line for line in log.warnings)
    assert [row["id"] for row in rows[::8]] == ["1", "2"]
    inside = np.zeros(SHAPE, bool)
    inside[20:40, 20:40] = True
    first, second = rows[0], rows[8]
    assert float(first["velocity_mm_yr"]) == pytest.approx(RATE[inside].mean(), abs=2)
    assert float(first["peak_velocity_mm_yr"]) == pytest.approx(-90, abs=4)
    assert int(first["pixels"]) == 400
    assert float(second["velocity_mm_yr"]) == pytest.approx(0, abs=1)
    solved = np.zeros(SHAPE, bool)  # the detections and ten pixels around them
    solved[10:50, 10:50] = solved[30:56, 50:76] = True
    solved[48:, 64:] = False
    assert np.array_equal(np.isfinite(planes["VELOCITY"]), solved)
    assert np.abs(planes["VELOCITY"] - RATE)[inside].max() < 6


def test_wrapped_crops_are_unwrapped(run, stack, detections):
    _, planes, rows, _ = run(
        stack(wrapped=True), PHASE="wrapped", DETECTIONS=detections, MARGIN=20, UNWRAPPING="mcf", LOOKS=20
    )
    assert float(rows[0]["peak_velocity_mm_yr"]) == pytest.approx(-90, abs=4)
    assert np.abs(planes["VELOCITY"] - RATE)[20:40, 20:40].max() < 6


def test_a_network_in_pieces_is_said_and_solved(run, stack):
    pairs = [pair for pair in PAIRS if not pair[0] < 4 <= pair[1]]
    _, planes, rows, log = run(stack(pairs=pairs), METHOD="least_squares")
    assert any("2 pieces: 2020-01-01 to" in line for line in log.warnings)
    assert [row["piece"] for row in rows[:8]] == ["1"] * 4 + ["2"] * 4
    valid = np.isfinite(planes["VELOCITY"])
    assert np.abs(planes["VELOCITY"] - RATE)[valid].max() < 6


def test_a_cancel_leaves_nothing(run, stack, tmp_path, monkeypatch):
    from fringelens.core.errors import Cancelled

    paths, before = stack(), sorted(p.name for p in tmp_path.iterdir())

    def update(self, fraction, message=""):
        if fraction > 0.5:
            raise Cancelled

    monkeypatch.setattr(Log, "update", update)
    with pytest.raises(Cancelled):
        run(paths)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({*before, *(p.split("/")[-1] for p in paths)})


def test_no_detection_gives_nothing_and_a_warning(run, detections, tmp_path):
    from rasterio.crs import CRS

    with Outputs(Silent()) as outputs:
        outputs.vector(str(tmp_path / "none.gpkg"), CRS.from_epsg(32634)).write([], [])
    result, planes, rows, log = run(DETECTIONS=str(tmp_path / "none.gpkg"))
    assert result["COUNT"] == 0
    assert not rows
    assert np.isnan(planes["VELOCITY"]).all()
    assert any("no polygon" in line for line in log.warnings)


@pytest.mark.parametrize("unwrapping", ["mcf", "combined"])
def test_crops_solved_together_are_those_solved_alone(run, stack, detections, tmp_path, unwrapping):
    """The second lies in the crop of the first and the other way round."""
    from fringelens.core.raster.vector import read_polygons
    from rasterio.crs import CRS

    paths = stack(wrapped=True)
    options = {"PHASE": "wrapped", "MARGIN": 20, "UNWRAPPING": unwrapping, "LOOKS": 20}
    _, _, together, _ = run(paths, DETECTIONS=detections, **options)
    features = read_polygons(detections, CRS.from_epsg(32634))
    for number in (0, 1):
        alone = str(tmp_path / f"alone{number}.gpkg")
        with Outputs(Silent()) as outputs:
            outputs.vector(alone, CRS.from_epsg(32634)).write([features[number].polygons[0]], [])
        rows = run(paths, DETECTIONS=alone, **options)[2]
        part = together[8 * number : 8 * number + 8]
        for name in ("displacement_mm", "std_mm", "trend_mm", "peak_mm"):
            expected = [float(row[name]) for row in part]
            # Alone, the other detection is ground that may be referred to: a little another constant.
            assert [float(row[name]) for row in rows] == pytest.approx(expected, abs=0.5), name


@pytest.mark.parametrize("threads", ["1", "2"])
def test_threads_do_not_change_the_series_of_detections(run, stack, detections, monkeypatch, threads):
    from fringelens.core.inference.device import THREADS

    paths = stack(wrapped=True)
    options = {"PHASE": "wrapped", "MARGIN": 20, "UNWRAPPING": "mcf", "DETECTIONS": detections}
    expected = run(paths, **options)
    monkeypatch.setenv(THREADS, threads)
    found = run(paths, **options)
    assert found[2] == expected[2]
    assert np.array_equal(found[1]["VELOCITY"], expected[1]["VELOCITY"], equal_nan=True)


def test_tiles_do_not_show_in_crops(run, stack, detections, monkeypatch):
    from fringelens.core.timeseries import region

    paths = stack(wrapped=True)
    options = {"PHASE": "wrapped", "MARGIN": 20, "UNWRAPPING": "mcf", "DETECTIONS": detections}
    one = run(paths, **options)
    monkeypatch.setattr(region, "VALUES", 5_000)  # blocks of 16 x 16
    other = run(paths, **options)
    assert np.allclose(one[1]["VELOCITY"], other[1]["VELOCITY"], atol=1e-4, equal_nan=True)
    assert [row["pixels"] for row in one[2]] == [row["pixels"] for row in other[2]]
    for mine, its in zip(one[2], other[2], strict=True):
        assert float(mine["displacement_mm"]) == pytest.approx(float(its["displacement_mm"]), abs=1e-3)


def test_a_cancel_while_crops_are_unwrapped_leaves_nothing(run, stack, detections, tmp_path, monkeypatch):
    import multiprocessing

    from fringelens.core.errors import Cancelled

    paths = stack(wrapped=True)
    before = sorted(p.name for p in tmp_path.iterdir())

    def update(self, fraction, message=""):
        if message == "unwrapping" and fraction > 0.1:
            raise Cancelled

    monkeypatch.setattr(Log, "update", update)
    with pytest.raises(Cancelled):
        run(paths, PHASE="wrapped", UNWRAPPING="mcf", DETECTIONS=detections, MARGIN=20)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert not [child for child in multiprocessing.active_children() if child.name.startswith("Spawn")]

"""The tool as it is called: a simulated trough is found in whole rasters and around detections."""

import numpy as np
import pytest
import rasterio
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from recording import Log
from trough import DAYS, PAIRS, RATE, SHAPE, YEARS


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

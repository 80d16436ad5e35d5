"""Many detections at once: neither threads, tiles nor other detections show, and disk and processes are bounded."""

import numpy as np
import pytest
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from fringelens.core.tools import displacementseries
from recording import Log
from trough import PAIRS


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


@pytest.mark.parametrize("phase", ["wrapped", "unwrapped"])
def test_crops_gathered_one_by_one_are_those_gathered_together(run, stack, detections, monkeypatch, phase):
    """Each shelf is gone before the next is filled."""
    from fringelens.core.timeseries import gather
    from fringelens.core.timeseries.scratch import Planes

    shelves, start = [], Planes.__init__

    def count(self, bands, shape):
        if shape[0] == 1:  # not the canvas
            assert all(shelf._file.closed for shelf in shelves)
            shelves.append(self)
        start(self, bands, shape)

    monkeypatch.setattr(Planes, "__init__", count)
    paths = stack(wrapped=phase == "wrapped")
    options = {"PHASE": phase, "MARGIN": 20, "UNWRAPPING": "mcf", "DETECTIONS": detections}
    together = run(paths, **options)
    assert len(shelves) == 1
    monkeypatch.setattr(gather, "SCRATCH", 1)
    apart = run(paths, **options)
    assert len(shelves) == 1 + together[0]["COUNT"]
    assert apart[2] == together[2]
    for name, plane in together[1].items():
        assert np.array_equal(apart[1][name], plane, equal_nan=True), name


@pytest.mark.parametrize(("row", "column"), [(10, 30), (30, 60)])
def test_a_reference_in_the_first_row_of_a_crop_is_zero(run, stack, detections, row, column):
    reference = f"{500_000 + 30 * (column + 0.5)},{4_400_000 - 30 * (row + 0.5)}"
    options = {"PHASE": "wrapped", "MARGIN": 10, "UNWRAPPING": "mcf", "DETECTIONS": detections}
    _, planes, _, log = run(stack(wrapped=True), REFERENCE=reference, **options)
    assert planes["VELOCITY"][row, column] == pytest.approx(0, abs=3)
    assert sum("outside the crop" in line for line in log.warnings) == 1


def test_there_are_no_more_solvers_than_interferograms(run, stack, detections, monkeypatch):
    started = []

    class Counted(displacementseries.SolverProcess):
        def __init__(self, solver, progress):
            started.append(solver)
            super().__init__(solver, progress)

    monkeypatch.setattr(displacementseries, "SolverProcess", Counted)
    monkeypatch.setattr(displacementseries, "allowed_threads", lambda _: 64)
    options = {"PHASE": "wrapped", "MARGIN": 20, "UNWRAPPING": "mcf", "DETECTIONS": detections}
    run(stack(wrapped=True, pairs=PAIRS[:3]), **options)
    assert len(started) == 3
    monkeypatch.setattr(displacementseries, "MOST_SOLVERS", 2)
    run(stack(wrapped=True, pairs=PAIRS[:3]), **options)
    assert len(started) == 5


def test_senseless_threads_are_warned_of_once(run, stack, detections, monkeypatch):
    from fringelens.core.inference.device import THREADS

    monkeypatch.setenv(THREADS, "many")
    _, _, _, log = run(stack(wrapped=True), PHASE="wrapped", DETECTIONS=detections, MARGIN=8)
    assert sum(THREADS in line for line in log.warnings) == 1

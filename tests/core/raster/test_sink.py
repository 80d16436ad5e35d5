"""Writing: all outputs appear whole, or none does and the old ones stay."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from fringelens.core.errors import Cancelled, InputError, OutputError
from fringelens.core.progress import Silent
from fringelens.core.raster import folder
from fringelens.core.raster.grid import Grid
from fringelens.core.raster.sink import Outputs
from fringelens.core.raster.window import windows
from rasterio.crs import CRS

GRID = Grid(CRS.from_epsg(32634), Affine(30, 0, 500_000, 0, -30, 4_400_000), 70, 90)


class Recorder(Silent):
    def __init__(self):
        self.partials, self.warnings, self.logs = [], [], []

    def partial(self, path):
        assert path.endswith("lock") or not Path(path).exists()
        self.partials.append(path)

    def warn(self, message):
        self.warnings.append(message)

    def log(self, message):
        self.logs.append(message)


def write_all(outputs, path, values, grid=GRID, **options):
    sink = outputs.raster(path, grid, dtype="float32", nodata=np.nan, **options)
    for window in windows(grid.shape, 64):
        sink.write(window, values[window.slices])
    return sink


def noise(grid=GRID):
    return np.random.default_rng(3).normal(size=grid.shape).astype(np.float32)


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_what_is_written_is_what_is_read(tmp_path):
    values = noise()
    values[3, 4] = np.nan
    with Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / "a.tif", values, bands=("phase",), unit="rad", tags={"FRINGELENS_SIGN": "toward"})
    with rasterio.open(tmp_path / "a.tif") as dataset:
        np.testing.assert_array_equal(dataset.read(1), values)
        assert np.isnan(dataset.nodata)
        assert (dataset.crs, dataset.transform) == (GRID.crs, GRID.transform)
        assert (dataset.descriptions, dataset.units) == (("phase",), ("rad",))
        assert dataset.tags()["FRINGELENS_SIGN"] == "toward"
        assert dataset.compression.name == "deflate"
    assert names(tmp_path) == ["a.tif"]


def test_the_same_writes_give_the_same_bytes(tmp_path):
    for name in ("a.tif", "b.tif"):
        with Outputs(Silent()) as outputs:
            write_all(outputs, tmp_path / name, noise(), tags={"B": "1", "A": "2"})
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_large_rasters_are_tiled_and_have_overviews(tmp_path):
    grid = Grid(GRID.crs, GRID.transform, 1100, 2500)
    with Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise(grid), grid)
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert dataset.overviews(1) == [2]
        assert dataset.block_shapes == [(256, 256)]
        np.testing.assert_array_equal(dataset.read(1, out_shape=(550, 1250)), noise(grid)[::2, ::2])


@pytest.mark.parametrize("error", [ValueError("bug"), Cancelled("stopped"), KeyboardInterrupt()])
def test_an_error_leaves_nothing_and_the_old_file_untouched(tmp_path, error):
    (tmp_path / "a.tif").write_bytes(b"old")
    with pytest.raises(type(error)), Outputs(Silent()) as outputs:  # noqa: PT012
        write_all(outputs, tmp_path / "a.tif", noise())
        write_all(outputs, tmp_path / "b.tif", noise())
        raise error
    assert names(tmp_path) == ["a.tif"]
    assert (tmp_path / "a.tif").read_bytes() == b"old"


def test_an_old_file_is_replaced_together_with_its_sidecars(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"old")
    (tmp_path / "a.tif.aux.xml").write_text("<statistics of the old file/>")
    with Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise())
        assert (tmp_path / "a.tif").read_bytes() == b"old"
    assert names(tmp_path) == ["a.tif"]
    with rasterio.open(tmp_path / "a.tif") as dataset:
        np.testing.assert_array_equal(dataset.read(1), noise())


def test_if_the_second_cannot_be_put_in_place_the_first_is_taken_back(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"old")
    replace = type(tmp_path).replace

    def failing(self, target):
        if str(target).endswith("c.tif"):
            raise OSError(errno.EIO, "input/output error")
        return replace(self, target)

    monkeypatch.setattr(type(tmp_path), "replace", failing)
    with pytest.raises(OutputError, match=r"c\.tif"), Outputs(Silent()) as outputs:  # noqa: PT012
        for name in ("a.tif", "b.tif", "c.tif"):
            write_all(outputs, tmp_path / name, noise())
    assert names(tmp_path) == ["a.tif"]
    assert (tmp_path / "a.tif").read_bytes() == b"old"


def test_a_file_that_is_held_open_is_left_and_the_result_stays_beside_it(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"old")
    replace, progress = type(tmp_path).replace, Recorder()

    def failing(self, target):
        if target.name == "a.tif":
            raise PermissionError(errno.EACCES, "used by another process")
        return replace(self, target)

    monkeypatch.setattr(type(tmp_path), "replace", failing)
    with Outputs(progress) as outputs:
        sink = write_all(outputs, tmp_path / "a.tif", noise())
    assert sink.path == tmp_path / "a.new.tif"
    assert "a.new.tif" in progress.warnings[0]
    assert names(tmp_path) == ["a.new.tif", "a.tif"]
    assert (tmp_path / "a.tif").read_bytes() == b"old"


def test_every_unfinished_file_is_announced_before_it_is_made(tmp_path):
    progress = Recorder()
    with Outputs(progress) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise())
        assert set(names(tmp_path)) <= {Path(path).name for path in progress.partials}


def test_two_jobs_do_not_write_the_same_output(tmp_path):
    with Outputs(Silent()) as first:
        write_all(first, tmp_path / "a.tif", noise())
        with pytest.raises(OutputError, match=r"another job is writing .*a\.tif"), Outputs(Silent()) as second:
            write_all(second, tmp_path / "a.tif", noise())
    assert names(tmp_path) == ["a.tif"]


def test_what_a_killed_job_left_is_swept_and_the_target_is_free(tmp_path):
    job = subprocess.Popen(
        [sys.executable, "-c", _LOCKED_JOB, str(folder.__file__), str(tmp_path / "a.tif")], stdout=subprocess.PIPE
    )
    assert job.stdout.readline().strip() == b"ready"
    assert len(names(tmp_path)) == 2
    with pytest.raises(OutputError, match="another job"), Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise())
    job.kill()
    job.communicate()
    progress = Recorder()
    with Outputs(progress) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise())
    assert names(tmp_path) == ["a.tif"]
    assert "1 unfinished" in progress.logs[0]


# Runs core/raster/folder.py without the package, whose name a child process does not know.
_LOCKED_JOB = """
import importlib.util, pathlib, sys, time, types
errors = types.ModuleType("stand.core.errors")
errors.OutputError = OSError
for name in ("stand", "stand.core", "stand.core.raster"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
sys.modules["stand.core.errors"] = errors
spec = importlib.util.spec_from_file_location("stand.core.raster.folder", sys.argv[1])
folder = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = folder
spec.loader.exec_module(folder)
target = pathlib.Path(sys.argv[2])
with folder.Lock(target):
    folder.part_path(target).write_bytes(b"half")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_lock_files_of_killed_jobs_go_and_those_of_living_ones_stay(tmp_path):
    free, held, fresh = (tmp_path / f".{name}.tif.fl-lock" for name in ("free", "held", "fresh"))
    with folder.Lock(tmp_path / "held.tif"):
        free.touch()
        fresh.touch()  # its job may be about to lock it
        for path in (free, held):
            os.utime(path, (time.time() - 10,) * 2)
        folder.sweep(tmp_path)
        assert {held, fresh} == set(tmp_path.iterdir())


def test_only_old_leftovers_of_other_machines_are_swept(tmp_path):
    day = 24 * 3600
    fresh, stale = (tmp_path / f".a.tif.fl-00000000-1-{n}.part" for n in ("11111111", "22222222"))
    mine = folder.part_path(tmp_path / "a.tif")
    other = tmp_path / ".somebody.part"
    for path in (fresh, stale, mine, other):
        path.write_bytes(b"half")
    os.utime(stale, (time.time() - 2 * day,) * 2)
    os.utime(other, (time.time() - 2 * day,) * 2)
    assert folder.sweep(tmp_path) == [stale]
    assert {fresh, mine, other} == set(tmp_path.iterdir())


def test_an_output_that_is_an_input_is_refused_even_through_a_link(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"input")
    (tmp_path / "link.tif").symlink_to(tmp_path / "a.tif")
    for path in ("a.tif", "link.tif"):
        with pytest.raises(InputError, match="also an input"), Outputs(Silent(), [tmp_path / "a.tif"]) as outputs:
            write_all(outputs, tmp_path / path, noise())
    assert (tmp_path / "a.tif").read_bytes() == b"input"


def test_two_outputs_of_the_same_name_are_refused(tmp_path):
    with pytest.raises(InputError, match="same name"), Outputs(Silent()) as outputs:  # noqa: PT012
        write_all(outputs, tmp_path / "a.tif", noise())
        write_all(outputs, tmp_path / "." / "a.tif", noise())
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("a.img", InputError, "GeoTIFF"),
        ("missing/a.tif", OutputError, "does not exist"),
        ("folder.tif", OutputError, "is a folder"),
    ],
)
def test_impossible_names_are_refused(tmp_path, name, error, words):
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(error, match=words), Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / name, noise())
    assert names(tmp_path) == ["folder.tif"]


def test_what_can_never_fit_is_refused_before_any_work(tmp_path, monkeypatch):
    import shutil

    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: real._replace(free=10_000))
    with pytest.raises(OutputError, match=r"10,000 bytes free.*12,600"), Outputs(Silent()) as outputs:
        write_all(outputs, tmp_path / "a.tif", noise())
    assert names(tmp_path) == []


def test_a_wrong_shape_or_type_is_a_programming_error(tmp_path):
    with pytest.raises(ValueError, match="written to a window"), Outputs(Silent()) as outputs:  # noqa: PT012
        sink = outputs.raster(tmp_path / "a.tif", GRID, dtype="uint8", nodata=255)
        sink.write(next(windows(GRID.shape, 64)), np.zeros((64, 64), np.float32))

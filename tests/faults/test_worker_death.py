"""Workers and parents that die: nothing stays behind, or the next run takes it away."""

import signal
import time
from pathlib import Path

import pytest


def test_when_stdin_ends_the_running_job_is_cancelled_and_the_worker_ends(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.wait("progress", "a")
    assert worker.end() == 0
    assert worker.seen[-1]["kind"] == "cancelled"
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_does_not_hear_is_ended_with_its_worker_and_its_files(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=1, SECONDS=3600)
    worker.wait("progress", "a")
    assert worker.end() != 0
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_leaves_only_what_it_announced_and_the_next_run_sweeps_it(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.wait("progress", "a")
    worker.process.kill()
    worker.ended()
    announced = {Path(message["path"]) for message in worker.seen if message["type"] == "partial"}
    left = set(tmp_path.iterdir())
    assert left
    assert left <= announced
    again = start_worker()
    again.job("b", tmp_path / "a.tif")
    again.wait("result", "b")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_tool_that_takes_the_process_down_writes_no_output(start_worker, tmp_path):
    (tmp_path / "a.tif").write_text("the old one")
    worker = start_worker()
    worker.send(
        type="job", id="a", tool="toy", parameters={"OUTPUT": str(tmp_path / "a.tif"), "FAIL": "crash"}, overwrite=True
    )
    assert worker.ended() == 9
    assert not any(message["type"] == "result" for message in worker.seen)
    assert (tmp_path / "a.tif").read_text() == "the old one"


def test_a_second_sigterm_ends_a_deaf_worker_at_once(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=1, SECONDS=3600)
    worker.wait("progress", "a")
    worker.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)  # two at once would count as one
    worker.process.send_signal(signal.SIGTERM)
    assert worker.ended() != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("messages", [1, 3, 5, 7, 9])
def test_killed_at_any_moment_the_output_is_the_old_one_or_the_whole_new_one(start_worker, tmp_path, messages):
    rasterio = pytest.importorskip("rasterio")
    output = tmp_path / "a.tif"
    output.write_text("the old one")
    worker = start_worker()
    parameters = {"OUTPUT": str(output), "STEPS": 4, "SECONDS": 0.01}
    worker.send(type="job", id="a", tool="toy", parameters=parameters, overwrite=True)
    for _ in range(messages):
        worker.wait_any()
    worker.process.kill()
    worker.ended()
    if output.read_bytes() != b"the old one":
        with rasterio.open(output) as raster:
            assert (raster.read(1) == 1).all()

"""The worker as a process of its own, spoken to as QGIS does."""

import signal

import pytest


def test_hello_tells_versions_and_devices(start_worker):
    worker = start_worker(real=True)
    hello = worker.wait("hello")
    assert hello["protocol"] == 1
    assert {"torch", "numpy", "rasterio"} <= set(hello["versions"])
    assert hello["devices"][0]["id"] == "cpu"
    assert hello["problems"] == []
    assert worker.end() == 0


def test_without_torch_hello_says_what_is_missing_and_the_worker_still_works(start_worker, tmp_path):
    worker = start_worker()
    assert any("torch" in problem and "./run setup" in problem for problem in worker.wait("hello")["problems"])
    worker.job("a", tmp_path / "a.tif")
    assert worker.wait("result", "a")["outputs"] == {"OUTPUT": str(tmp_path / "a.tif"), "STEPS_DONE": 2}


def test_what_libraries_print_does_not_reach_the_protocol(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", NOISE=True)
    assert worker.wait("result", "a")["outputs"]["STEPS_DONE"] == 2
    assert worker.end() == 0
    assert [message["type"] for message in worker.seen].count("result") == 1


def test_jobs_run_in_order_and_every_message_has_the_right_id(start_worker, tmp_path):
    worker = start_worker()
    for name in ("a", "b"):
        worker.job(name, tmp_path / f"{name}.tif", STEPS=3, SECONDS=0.15)
    worker.wait("result", "b")
    ids = [message["id"] for message in worker.seen if message["type"] != "hello"]
    assert ids == sorted(ids)
    for name in ("a", "b"):
        mine = [message for message in worker.seen if message.get("id") == name]
        assert [message["message"] for message in mine if message["type"] == "log"] == ["toy starts"]
        assert [message["message"] for message in mine if message["type"] == "warning"] == ["toy warns"]
        fractions = [message["fraction"] for message in mine if message["type"] == "progress"]
        assert fractions == sorted(fractions)
        assert len(fractions) == 3
        assert mine[-1]["type"] == "result"


def test_progress_is_throttled(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.0001)
    worker.wait("result", "a")
    assert sum(message["type"] == "progress" for message in worker.seen) < 200


def test_a_cancelled_job_leaves_nothing_and_the_next_one_runs(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.job("b", tmp_path / "b.tif")
    worker.wait("progress", "a")
    worker.send(type="cancel", id="a")
    assert worker.wait("error", "a")["kind"] == "cancelled"
    worker.wait("result", "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b.tif"]


def test_a_job_that_waits_is_cancelled_at_once_and_never_runs(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.job("b", tmp_path / "b.tif")
    worker.wait("progress", "a")
    worker.send(type="cancel", id="b")
    assert worker.wait("error", "b")["kind"] == "cancelled"
    worker.send(type="cancel", id="a")
    worker.wait("error", "a")
    assert worker.end() == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("input", "input"),
        ("memory", "resource"),
        ("bug", "internal"),
        ("weights", "weights"),
        ("package", "dependency"),
    ],
)
def test_errors_tell_their_kind_and_keep_the_traceback_apart(start_worker, tmp_path, failure, kind):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", FAIL=failure)
    error = worker.wait("error", "a")
    assert error["kind"] == kind
    assert "Traceback" in error["details"]
    assert "Traceback" not in error["message"]
    assert list(tmp_path.iterdir()) == []


def test_the_worker_ends_when_idle(start_worker):
    worker = start_worker("--idle", "0.2")
    assert worker.ended() == 0


def test_sigterm_cancels_and_cleans_up(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.wait("progress", "a")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.wait("error", "a")["kind"] == "cancelled"
    assert worker.ended() == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []

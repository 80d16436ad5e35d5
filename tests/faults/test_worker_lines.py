"""Lines that no job is in: each is answered, and the worker goes on."""

import pytest

BAD = [
    "nonsense",
    "[]",
    '{"type": "job"}',
    '{"type": "job", "id": 7, "tool": "toy"}',
    '{"type": "shutdown", "id": "a"}',
    "\x00\x01\ufeff",
]


def test_a_line_that_is_no_message_is_answered_with_an_error_without_id(start_worker, tmp_path):
    worker = start_worker()
    for line in BAD:
        worker.send_line(line)
        error = worker.wait("error")
        assert error["id"] is None
        assert error["kind"] == "input"
    worker.send_line("")
    worker.job("b", tmp_path / "b.tif")
    worker.wait("result", "b")


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"tool": "os.system", "parameters": {}}, "there is no tool 'os.system'"),
        ({"tool": "toy", "parameters": [1]}, "expected an object"),
        ({"tool": "toy", "parameters": {"OUTPT": "a.tif"}}, "did you mean OUTPUT"),
        ({"parameters": {}}, "there is no tool"),
        ({"tool": "toy"}, "OUTPUT: missing"),
    ],
)
def test_a_job_that_cannot_be_is_answered_with_its_id(start_worker, job, said):
    worker = start_worker()
    worker.send(type="job", id="a", **job)
    error = worker.wait("error", "a")
    assert error["kind"] == "input"
    assert said in error["message"]


def test_an_id_is_used_by_one_job_at_a_time(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", STEPS=2000, SECONDS=0.02)
    worker.wait("progress", "a")
    worker.job("a", tmp_path / "b.tif")
    assert "already" in worker.wait("error", "a")["message"]
    worker.send(type="cancel", id="a")
    worker.send(type="cancel", id="never sent")
    assert worker.wait("error", "a")["kind"] == "cancelled"


def test_a_line_of_two_megabytes_is_read(start_worker, tmp_path):
    worker = start_worker()
    worker.job("a", tmp_path / "a.tif", X="x" * 2**21)
    assert "X: there is no such parameter" in worker.wait("error", "a")["message"]

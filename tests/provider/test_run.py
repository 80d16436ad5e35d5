"""A job sent from QGIS: what the runtime is told, and what becomes of its answers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

ID = "fringelens:decorrelationmask"


def run(parameters, feedback, context=None):
    import processing

    return processing.run(ID, parameters, feedback=feedback, context=context)


def leftovers(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if ".part" in p.name]


def is_gone(pid: int, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_outputs_messages_and_progress_reach_qgis(provider, fake, feedback, write_phase, tmp_path):
    fake("work")
    result = run({"INPUT": str(write_phase()), "OUTPUT": str(tmp_path / "mask.tif")}, feedback)
    assert result["OUTPUT"] == str(tmp_path / "mask.tif")
    assert result["DECORRELATED_SHARE"] == 0.25
    assert "info the fake runtime works" in feedback.lines
    assert "warning the fake runtime warns" in feedback.lines
    assert feedback.progress() == 100


def test_the_job_holds_every_value_the_catalog_asks_for(provider, fake, feedback, write_phase, tmp_path):
    fake("work")
    igram = write_phase()
    chosen = {"TILE_SIZE": 256, "BAND": 1, "ZERO_IS_NODATA": True}
    run({"INPUT": str(igram), **chosen, "OUTPUT": str(tmp_path / "m.tif")}, feedback)
    job = fake.jobs()[0]
    assert job["overwrite"] is True
    given = job["parameters"]
    assert given["INPUT"] == str(igram)
    assert (given["TILE_SIZE"], given["BAND"], given["ZERO_IS_NODATA"]) == (256, 1, True)
    assert (given["METHOD"], given["THRESHOLD"], given["DEVICE"]) == ("network", 0.5, "auto")
    assert not given.get("COHERENCE")
    assert "PROBABILITY" not in given


def test_temporary_output_is_a_geotiff(provider, fake, feedback, write_phase):
    fake("work")
    outputs = {"OUTPUT": "TEMPORARY_OUTPUT", "PROBABILITY": "TEMPORARY_OUTPUT"}
    result = run({"INPUT": str(write_phase()), **outputs}, feedback)
    assert result["OUTPUT"].endswith("OUTPUT.tif")
    assert result["PROBABILITY"].endswith("PROBABILITY.tif")


def test_one_worker_serves_all_jobs_of_a_session(provider, fake, feedback, write_phase):
    from fringelens.processing_provider import session

    fake("work")
    igram = str(write_phase())
    run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    first = session.current().pid
    run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    assert session.current().pid == first
    session.stop()
    assert session.current() is None
    assert is_gone(first)


def test_new_settings_make_a_new_worker(provider, fake, feedback, write_phase, settings):
    from fringelens.processing_provider import runtime, session

    fake("work")
    igram = str(write_phase())
    run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    first = session.current().pid
    settings.setValue(runtime.THREADS, "3")
    run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    assert session.current().pid != first
    assert [job["threads"] for job in fake.jobs()][-1] == "3"


def test_an_idle_worker_ends(provider, fake, feedback, write_phase, monkeypatch):
    from fringelens.processing_provider import session

    monkeypatch.setattr(session, "IDLE_SECONDS", 0.3)
    fake("work")
    run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    assert is_gone(session.current().pid)


def test_what_qgis_sets_for_itself_does_not_reach_the_runtime(monkeypatch, settings):
    from fringelens.processing_provider import runtime

    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA"):
        monkeypatch.setenv(name, "stray")
    assert "stray" not in runtime.environment().values()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("crash", "ended unexpectedly (status 11)"), ("killed", "most likely because memory ran out")],
)
def test_a_dead_worker_is_one_error_and_leaves_nothing(
    provider, fake, feedback, write_phase, tmp_path, behaviour, words
):
    from qgis.core import QgsProcessingException

    fake(behaviour)
    target = tmp_path / "mask.tif"
    target.write_bytes(b"the old result")
    with pytest.raises(QgsProcessingException, match="no output was written") as caught:
        run({"INPUT": str(write_phase()), "OUTPUT": str(target)}, feedback)
    assert words in str(caught.value)
    assert target.read_bytes() == b"the old result"
    assert not leftovers(tmp_path)
    if behaviour == "crash":
        assert "debug fatal: something in a library" in feedback.text()


def test_a_refused_input_is_told_without_the_traceback(provider, fake, feedback, write_phase):
    from qgis.core import QgsProcessingException

    fake("refuse")
    with pytest.raises(QgsProcessingException, match="convert it to radians first"):
        run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    assert "Traceback" not in feedback.text()


def test_after_a_crash_the_next_job_gets_a_new_worker(provider, fake, feedback, write_phase, monkeypatch):
    from qgis.core import QgsProcessingException

    fake("crash")
    igram = str(write_phase())
    with pytest.raises(QgsProcessingException):
        run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    monkeypatch.setenv("FAKE_BEHAVIOUR", "work")
    assert run({"INPUT": igram, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)["DECORRELATED_SHARE"] == 0.25


def test_a_refused_input_is_told_in_the_words_of_the_runtime(provider, fake, feedback, write_phase):
    from qgis.core import QgsProcessingException

    fake("refuse")
    with pytest.raises(QgsProcessingException, match=r"degrees\.tif is not wrapped phase"):
        run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)


@pytest.mark.parametrize("behaviour", ["slow", "hang"])
def test_cancel_ends_the_job_and_leaves_nothing(provider, fake, feedback, write_phase, tmp_path, behaviour):
    from fringelens.processing_provider import session
    from qgis.core import QgsProcessingException

    fake(behaviour)
    feedback.progressChanged.connect(lambda _: feedback.cancel())
    began = time.monotonic()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run({"INPUT": str(write_phase()), "OUTPUT": str(tmp_path / "mask.tif")}, feedback)
    assert time.monotonic() - began < 30.0  # 2 s and what a busy machine adds
    assert not leftovers(tmp_path)
    assert not (tmp_path / "mask.tif").exists()
    assert (session.current() is None) == (behaviour == "hang")  # a deaf worker is killed, one that hears is kept


@pytest.mark.parametrize(
    ("behaviour", "words"), [("stillborn", "could not start"), ("stranger", "another version of FringeLens")]
)
def test_a_runtime_that_does_not_start_says_how_to_mend_it(provider, fake, feedback, write_phase, behaviour, words):
    from qgis.core import QgsProcessingException

    fake(behaviour)
    with pytest.raises(QgsProcessingException, match=words) as caught:
        run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    assert "Runtime" in str(caught.value)
    if behaviour == "stillborn":
        assert "No module named 'torch'" in feedback.text()


def test_without_a_runtime_a_run_names_the_remedy(provider, settings, feedback, write_phase, monkeypatch):
    from qgis.core import QgsProcessingException

    monkeypatch.setenv("FRINGELENS_PYTHON", "/does/not/exist")
    with pytest.raises(QgsProcessingException, match="Options > FringeLens"):
        run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)


def test_output_equal_to_input_is_refused(provider, fake, feedback, write_phase):
    from qgis.core import QgsProcessingException

    fake("work")
    igram = write_phase()
    before = igram.read_bytes()
    with pytest.raises(QgsProcessingException, match="also an input"):
        run({"INPUT": str(igram), "OUTPUT": str(igram)}, feedback)
    assert igram.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"), [(b"not a raster", "damaged or no raster"), (b"", "is empty"), (None, "does not exist")]
)
def test_an_input_that_is_no_raster_is_named_with_the_reason(provider, fake, feedback, tmp_path, content, words):
    from qgis.core import QgsProcessingException

    fake("work")
    path = tmp_path / "notes.tif"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QgsProcessingException, match=f"{path} {words}|{path} is {words}"):
        run({"INPUT": str(path), "OUTPUT": str(tmp_path / "mask.tif")}, feedback)


@pytest.mark.skipif(os.name == "nt", reason="process groups")
def test_no_zombie_remains(provider, fake, feedback, write_phase):
    from fringelens.processing_provider import session

    fake("work")
    run({"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT"}, feedback)
    pid = session.current().pid
    session.stop()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)

"""Models, batches and several jobs at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

ID = "fringelens:decorrelationmask"


def chained_model():
    """Mask an interferogram, then mask the masked one."""
    from qgis.core import (
        QgsProcessingModelAlgorithm,
        QgsProcessingModelChildAlgorithm,
        QgsProcessingModelChildParameterSource,
        QgsProcessingModelOutput,
        QgsProcessingModelParameter,
        QgsProcessingParameterRasterLayer,
    )

    source = QgsProcessingModelChildParameterSource
    model = QgsProcessingModelAlgorithm("twice", "tests")
    igram = QgsProcessingParameterRasterLayer("IGRAM", "Interferogram")
    model.addModelParameter(igram, QgsProcessingModelParameter("IGRAM"))
    first = QgsProcessingModelChildAlgorithm(ID)
    first.setChildId("first")
    first.addParameterSources("INPUT", [source.fromModelParameter("IGRAM")])
    masked = QgsProcessingModelOutput("first masked", "first masked")
    masked.setChildId("first")
    masked.setChildOutputName("MASKED")
    first.setModelOutputs({"first masked": masked})
    second = QgsProcessingModelChildAlgorithm(ID)
    second.setChildId("second")
    second.addParameterSources("INPUT", [source.fromChildOutput("first", "MASKED")])
    mask = QgsProcessingModelOutput("mask", "mask")
    mask.setChildId("second")
    mask.setChildOutputName("OUTPUT")
    second.setModelOutputs({"mask": mask})
    model.addChildAlgorithm(first)
    model.addChildAlgorithm(second)
    return model


def test_a_model_chains_two_tools_without_setting_options(provider, fake, feedback, write_phase, tmp_path):
    import processing

    fake("work")
    model = chained_model()
    fine, problems = model.validate()
    assert fine, problems
    names = [d.name() for d in model.destinationParameterDefinitions()]  # "second:mask", in newer QGIS "mask"
    masked, mask = sorted(names, key=lambda name: "first" not in name)
    targets = {masked: str(tmp_path / "masked.tif"), mask: str(tmp_path / "mask.tif")}
    result = processing.run(model, {"IGRAM": str(write_phase()), **targets}, feedback=feedback)
    assert result[mask] == str(tmp_path / "mask.tif")
    first, second = (job["parameters"] for job in fake.jobs())
    assert second["INPUT"] == first["MASKED"] == str(tmp_path / "masked.tif")


def test_a_model_survives_its_file(provider, tmp_path):
    from qgis.core import QgsProcessingModelAlgorithm

    path = str(tmp_path / "twice.model3")
    assert chained_model().toFile(path)
    again = QgsProcessingModelAlgorithm()
    assert again.fromFile(path)
    assert again.validate()[0]


def test_a_batch_runs_row_by_row(provider, fake, feedback, write_phase, tmp_path):
    from processing.gui.AlgorithmExecutor import execute
    from qgis.core import QgsApplication, QgsProcessingContext

    fake("work")
    rows = [{"INPUT": str(write_phase(f"{i}.tif")), "OUTPUT": str(tmp_path / f"mask{i}.tif")} for i in range(3)]
    for row in rows:
        made = QgsApplication.processingRegistry().createAlgorithmById(ID)
        succeeded, _ = execute(made, row, QgsProcessingContext(), feedback)
        assert succeeded
        assert Path(row["OUTPUT"]).exists()
    assert [job["parameters"]["INPUT"] for job in fake.jobs()] == [row["INPUT"] for row in rows]


def test_jobs_at_the_same_time_get_their_own_answers(fake, write_phase, tmp_path):
    from fringelens.processing_provider import session
    from fringelens.processing_provider.worker import Listener

    fake("work")
    igram, answers = str(write_phase()), {}

    def run(number: int) -> None:
        target = str(tmp_path / f"{number}.tif")
        answers[target] = session.run("decorrelationmask", {"INPUT": igram, "OUTPUT": target}, Listener())

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(outputs["OUTPUT"] == target for target, outputs in answers.items())


def test_a_job_that_waits_is_cancelled_without_harm_to_the_one_that_runs(fake, write_phase, tmp_path):
    from fringelens.processing_provider import session
    from fringelens.processing_provider.worker import CancelledError, Listener

    class Impatient(Listener):
        def is_cancelled(self) -> bool:
            return True

    fake("hang")
    igram = str(write_phase())
    first = {"INPUT": igram, "OUTPUT": str(tmp_path / "first.tif")}
    outcome: list[str] = []

    def run() -> None:
        try:
            session.run("decorrelationmask", first, Listener())
        except Exception as error:
            outcome.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    while not (tmp_path / "first.tif.part").exists():
        thread.join(0.05)
    pid = session.current().pid
    with pytest.raises(CancelledError):
        session.run("decorrelationmask", {"INPUT": igram, "OUTPUT": str(tmp_path / "second.tif")}, Impatient())
    assert session.current().pid == pid
    session.stop()
    thread.join(10)
    assert "ended unexpectedly" in outcome[0] or "killed" in outcome[0] or "another job" in outcome[0]
    assert not (tmp_path / "first.tif.part").exists()

"""Ready models: listed with the tools, made of them alone, with outputs that can be named in batch."""

import pytest
from fringelens.core import catalog
from fringelens.processing_provider import runtime
from fringelens.processing_provider.workflow import FOLDER

FILES = sorted(FOLDER.glob("*.model3"))


@pytest.fixture(params=[path.stem for path in FILES])
def workflow(provider, request):
    from qgis.core import QgsApplication

    return QgsApplication.processingRegistry().createAlgorithmById(f"fringelens:{request.param}")


def test_there_is_one():
    assert FILES


def test_it_is_in_the_toolbox_and_can_run_where_its_tools_can(workflow, monkeypatch):
    assert workflow.displayName() != workflow.name()
    assert workflow.shortHelpString()
    monkeypatch.setattr(runtime, "problem", lambda: "")
    assert workflow.canExecute() == (True, "")
    monkeypatch.setattr(runtime, "problem", lambda: "no runtime")
    assert workflow.canExecute() == (False, "no runtime")


def test_its_steps_are_tools_of_the_catalog_with_their_parameters(workflow):
    for child in workflow.childAlgorithms().values():
        provider, _, name = child.algorithmId().partition(":")
        assert provider == "fringelens"
        tool = catalog.find(name)
        known = {p.name for p in tool.parameters} | {o.name for o in tool.outputs}
        assert set(child.parameterSources()) <= known


def test_its_inputs_and_outputs_are_named(workflow):
    parameters = [p.name() for p in workflow.parameterDefinitions()]
    assert "INPUT" in parameters
    assert any(name.startswith("unwrap:") for name in parameters)

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


def test_its_steps_are_tools_of_the_catalog_or_of_qgis_itself_with_their_parameters(workflow):
    from qgis.core import QgsApplication

    for child in workflow.childAlgorithms().values():
        provider, _, name = child.algorithmId().partition(":")
        if provider == "native":
            step = QgsApplication.processingRegistry().algorithmById(child.algorithmId())
            known = {definition.name() for definition in step.parameterDefinitions()}
        else:
            assert provider == "fringelens"
            tool = catalog.find(name)
            known = {p.name for p in tool.parameters} | {o.name for o in tool.outputs}
        assert set(child.parameterSources()) <= known


def test_its_steps_are_given_what_they_need_and_choices_that_they_know(workflow):
    for child in workflow.childAlgorithms().values():
        provider, _, name = child.algorithmId().partition(":")
        if provider != "fringelens":
            continue
        tool, sources = catalog.find(name), child.parameterSources()
        assert {p.name for p in tool.parameters if not p.optional} <= set(sources)
        for parameter in tool.parameters:
            for source in sources.get(parameter.name, []) if parameter.kind == "choice" else []:
                if source.source() == source.ModelParameter:
                    choices = workflow.parameterDefinition(source.parameterName()).options()
                else:
                    choices = [source.staticValue()]
                assert set(choices) <= set(parameter.choices)
        styled = {o.name: o.style for o in tool.file_outputs}
        assert all(styled[output.childOutputName()] for output in child.modelOutputs().values())


def test_its_inputs_and_outputs_are_named(workflow):
    parameters = [p.name() for p in workflow.parameterDefinitions()]
    assert parameters[0] in ("INPUT", "INPUTS")  # what it is about comes first in the dialog
    assert all(workflow.parameterDefinition(name).description() for name in parameters)
    assert len(workflow.destinationParameterDefinitions()) > 1


@pytest.mark.parametrize(
    ("given", "changed"),
    [({"THRESHOLD": 0.5}, [[1, 1, 1], [0, 0, 0], [255, 1, 0]]), ({}, [[1, 1, 0], [0, 0, 0], [255, 1, 0]])],
)
def test_change_is_where_coherence_is_below_the_threshold(provider, fake, feedback, tmp_path, given, changed):
    """Also below that of the model where none is given, as qgis_process does it: then QGIS knows no @THRESHOLD."""
    import processing
    from osgeo import gdal, gdal_array
    from qgis.core import QgsApplication

    coherence = [[0.0, 0.2, 0.49], [0.5, 0.51, 1.0], [float("nan"), 0.3, 0.9]]
    path = str(tmp_path / "pair.tif")
    raster = gdal.GetDriverByName("GTiff").Create(path, 3, 3, 1, gdal.GDT_Float32)
    raster.SetGeoTransform((500_000, 20, 0, 4_400_000, 0, -20))
    raster.GetRasterBand(1).SetNoDataValue(float("nan"))
    raster.GetRasterBand(1).WriteArray(gdal_array.numpy.array(coherence, "float32"))
    del raster
    fake("work")  # which hands its first input on as the coherence
    model = QgsApplication.processingRegistry().createAlgorithmById("fringelens:coherencechange")
    targets = {d.name(): str(tmp_path / f"{d.description()}.tif") for d in model.destinationParameterDefinitions()}
    processing.run(model, {"INPUT": path, "SECONDARY": path, "SCALE": "power", **given, **targets}, feedback=feedback)
    found = gdal.Open(str(tmp_path / "Change mask.tif"))
    assert found.ReadAsArray().tolist() == changed
    assert found.GetRasterBand(1).GetNoDataValue() == 255
    assert found.GetRasterBand(1).DataType == gdal.GDT_Byte

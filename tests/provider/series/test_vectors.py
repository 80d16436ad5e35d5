"""Lists of files, polygons and tables: into the runtime, and back as styled, linked layers."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

N = 7  # files of a list


@pytest.fixture
def tool():
    """A tool that takes a list and detections, and makes polygons and a table."""
    from fringelens.core.catalog.types import Output, Parameter, Tool

    return Tool(
        id="teststool",
        name="Test",
        group="Tests",
        summary="Test.",
        help="Test.",
        parameters=(
            Parameter("INPUTS", "rasters", "Interferograms", "Some."),
            Parameter("DETECTIONS", "vector", "Detections", "Where.", optional=True),
        ),
        outputs=(
            Output("OUTPUT", "vector", "Polygons", "Where.", optional=True, style="landslides"),
            Output("SERIES", "table", "Series", "When.", optional=True, style="series"),
            Output("DISPLACEMENT", "raster", "Displacement", "How far.", optional=True, style="displacement"),
        ),
    )


@pytest.fixture
def run(provider, tool, settings, monkeypatch, feedback, tmp_path):
    """Run the tool, whose work is to copy ready files; returns the results, the project's layers and the job."""
    from fringelens.processing_provider import algorithm, runtime
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingContext, QgsProcessingOutputLayerDefinition, QgsProject

    project = QgsProject.instance()
    project.clear()
    monkeypatch.setattr(runtime, "problem", lambda: "")

    def start(files=None, **parameters):
        jobs, context = [], QgsProcessingContext()
        context.setProject(project)

        def work(_tool, job, _listener):
            jobs.append(job)
            outputs = [o.name for o in tool.outputs if job.get(o.name)]
            for name in outputs:
                shutil.copy(files[name], job[name])
            return {name: job[name] for name in outputs}

        monkeypatch.setattr(algorithm.session, "run", work)
        made = algorithm.ToolAlgorithm(tool).create()
        for name, path in (files or {}).items():
            target = tmp_path / f"result_{name.lower()}{Path(path).suffix}"
            parameters[name] = QgsProcessingOutputLayerDefinition(str(target), project)
        fine, message = made.checkParameterValues(parameters, context)
        assert fine, message
        assert made.validateInputCrs(parameters, context)
        results, succeeded = made.run(parameters, context, feedback, {}, False)
        assert succeeded, feedback.text()
        assert handleAlgorithmResults(made, context, feedback), feedback.text()
        start.contexts.append(context)
        return results, {layer.name(): layer for layer in project.mapLayers().values()}, jobs[0]

    start.contexts = []
    yield start
    start.contexts.clear()  # else they outlive QGIS
    project.clear()


@pytest.fixture
def files(write_phase):
    return [str(write_phase(f"{i}.tif", side=20)) for i in range(N)]


def test_files_of_a_list_do_not_become_layers(run, files):
    _, layers, job = run(INPUTS=files)
    assert job["INPUTS"] == files
    assert not layers
    assert len(run.contexts[0].temporaryLayerStore().mapLayers()) <= 1


def test_a_list_is_remembered_without_being_opened(provider, files):
    from fringelens.processing_provider.lists import FileList
    from qgis.core import QgsApplication, QgsProcessingContext

    registry, context = QgsApplication.processingRegistry(), QgsProcessingContext()
    for name in ("stackphasegradients", "detectionfirst"):
        made = registry.createAlgorithmById(f"fringelens:{name}")
        command = made.asPythonCommand({"INPUTS": files, "COHERENCES": files}, context)
        assert command.startswith(f'processing.run("fringelens:{name}"')
        assert command.count(files[-1]) == 2
    assert len(context.temporaryLayerStore().mapLayers()) <= 1
    tool = registry.createAlgorithmById("fringelens:stackphasegradients")
    parameter = tool.parameterDefinition("COHERENCES")
    copied = parameter.clone()
    assert isinstance(copied, FileList)
    assert (copied.name(), copied.help(), copied.flags()) == (parameter.name(), parameter.help(), parameter.flags())
    assert copied.valueAsJsonObject(files, context) == files


def test_a_pattern_stands_for_its_files(run, files, tmp_path):
    for pattern in ([str(tmp_path / "*.tif")], str(tmp_path / "[0-9].tif")):
        assert run(INPUTS=pattern)[2]["INPUTS"] == files


def test_a_layer_of_the_project_in_a_list_counts_with_its_crs(run, files, write_phase):
    from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer

    bare = str(write_phase("bare.tif", crs="", side=20))
    layer = QgsRasterLayer(bare, "bare")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    QgsProject.instance().addMapLayer(layer)
    for first in (bare, layer.id(), layer):
        given = run(INPUTS=[first, files[1]])[2]["INPUTS"]
        assert given[0].endswith("bare.vrt")
        assert given[1] == files[1]


def test_a_list_with_something_missing_is_refused(provider, tool, files, monkeypatch):
    from fringelens.processing_provider import algorithm
    from qgis.core import QgsProcessingContext

    made = algorithm.ToolAlgorithm(tool).create()
    for name, words in (("/no/such.tif", "/no/such.tif does not exist"), ("/no/*.tif", "no file that fits /no/*.tif")):
        fine, message = made.checkParameterValues({"INPUTS": [*files, name]}, QgsProcessingContext())
        assert not fine
        assert words in message


def test_polygons_as_text_are_refused_before_work_starts(provider, tool, files, tmp_path):
    from fringelens.processing_provider import algorithm
    from qgis.core import QgsProcessingContext

    made = algorithm.ToolAlgorithm(tool).create()
    for ending, fits in ((".gpkg", True), (".csv", False), (".shp", False)):
        wanted = {"INPUTS": files, "OUTPUT": str(tmp_path / f"a{ending}")}
        assert made.checkParameterValues(wanted, QgsProcessingContext())[0] is fits


def test_only_selected_detections_are_handed_on_with_their_numbers(run, files, detections):
    from osgeo import ogr
    from qgis.core import QgsProcessingFeatureSourceDefinition, QgsProject, QgsVectorLayer

    layer = QgsVectorLayer(str(detections), "detections", "ogr")
    QgsProject.instance().addMapLayer(layer)
    assert run(INPUTS=files, DETECTIONS=layer)[2]["DETECTIONS"] == str(detections)
    layer.selectByIds([1, 3])
    chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    source = ogr.Open(run(INPUTS=files, DETECTIONS=chosen)[2]["DETECTIONS"])
    assert sorted(feature.GetFID() for feature in source.GetLayer(0)) == [1, 3]


def test_polygons_come_back_coloured_by_their_score(run, files, detections, tmp_path):
    from qgis.core import QgsVectorLayer

    _, layers, _ = run({"OUTPUT": detections}, INPUTS=files)
    renderer = layers["Polygons"].renderer()
    assert (renderer.type(), renderer.classAttribute()) == ("graduatedSymbol", "score")
    later = QgsVectorLayer(str(tmp_path / "result_output.gpkg"), "later", "ogr")
    assert later.renderer().type() == "graduatedSymbol"


def test_a_table_comes_back_with_its_dates_and_is_linked_to_its_detections(run, files, table, detections):
    from qgis.core import QgsProject, QgsVectorLayer

    layer = QgsVectorLayer(str(detections), "detections", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds([1, 3])
    _, layers, _ = run({"SERIES": table}, INPUTS=files, DETECTIONS=layer)
    series = layers["Series"]
    assert series.renderer().classAttribute() == "displacement_mm"
    times = series.temporalProperties()
    assert times.isActive()
    assert (times.startField(), times.fixedDuration()) == ("date", 12.0)
    (relation,) = QgsProject.instance().relationManager().referencedRelations(layer)
    assert relation.referencingLayer().id() == series.id()
    first = layer.getFeature(3)
    assert {feature["id"] for feature in relation.getRelatedFeatures(first)} == {3}


def test_a_table_as_text_is_loaded_too(run, files, tmp_path, monkeypatch):
    text = tmp_path / "ready" / "series.csv"
    text.parent.mkdir()
    text.write_text("id,date,displacement_mm,std_mm\n1,2018-01-06,0.0,0.0\n1,2018-01-30,2.5,1.0\n")
    _, layers, _ = run({"SERIES": text}, INPUTS=files)
    assert layers["Series"].featureCount() == 2
    assert [f["displacement_mm"] for f in layers["Series"].getFeatures()] == [0.0, 2.5]


def test_of_a_band_for_each_date_the_last_is_shown(run, files, raster):
    _, layers, _ = run({"DISPLACEMENT": raster}, INPUTS=files)
    shown = layers["Displacement"].renderer()
    assert shown.band() == 20
    assert shown.classificationMax() > 100.0


def test_a_second_run_is_styled_as_the_first(run, files, detections):
    import gc

    for _ in range(3):
        _, layers, _ = run({"OUTPUT": detections}, INPUTS=files)
        assert layers["Polygons"].renderer().type() == "graduatedSymbol"
        run.contexts.clear()  # its end deletes the post-processors that it was given
        gc.collect()


def test_bands_are_played_at_their_dates_where_qgis_can(raster, monkeypatch, project):
    from fringelens.processing_provider import times
    from qgis.core import QgsRasterLayer

    layer = QgsRasterLayer(str(raster), "displacement")
    dates = times.dates_of(layer)
    ranges = times.ranges(dates)
    assert len(ranges) == len(dates) == 20
    shown = [ranges[band].begin().date().toString("yyyy-MM-dd") for band in sorted(ranges)]
    assert shown == [day.isoformat() for day in dates]
    assert all(ranges[band].end() == ranges[band + 1].begin() for band in range(1, 20))
    assert ranges[20].begin().daysTo(ranges[20].end()) == 12
    assert times.ranges(dates[:1]) == {}
    kept = {}

    class Properties:
        def __getattr__(self, name):
            return lambda value: kept.update({name: value})

    class Modes:
        FixedRangePerBand = "per band"

    monkeypatch.setattr(times.Qgis, "RasterTemporalMode", Modes, raising=False)
    # A stand-in: a layer with an attribute of its own is in a cycle with itself, outlives QGIS, and crashes at the end.
    playing = SimpleNamespace(dataProvider=layer.dataProvider, bandCount=layer.bandCount, temporalProperties=Properties)
    times.play(playing)
    assert kept == {"setMode": "per band", "setFixedRangePerBand": ranges, "setIsActive": True}


def test_vectors_lie_above_the_rasters_of_their_run(run, files, detections, table, raster, write_phase):
    from qgis.core import QgsProject, QgsRasterLayer

    root = QgsProject.instance().layerTreeRoot()
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(write_phase("below.tif")), "below"))
    run({"OUTPUT": detections, "SERIES": table, "DISPLACEMENT": raster}, INPUTS=files)
    names = [node.name() for node in root.findLayers()]
    assert names == ["Series", "Polygons", "Displacement", "below"]

"""Layers in and out: what is no plain file is exported, results are styled and named."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

ID = "fringelens:decorrelationmask"
RAMPS = ("wrapped_phase", "unwrapped_phase", "displacement", "coherence", "amplitude", "probability", "confidence")
CLASSES = ("mask", "fringes", "components")


@pytest.fixture
def raster_layer(write_phase):
    from qgis.core import QgsRasterLayer

    return lambda **options: QgsRasterLayer(str(write_phase(**options)), "fringes")


def given(fake) -> dict:
    return fake.jobs()[-1]["parameters"]


def run(layer, feedback, **outputs):
    import processing

    return processing.run(ID, {"INPUT": layer, **(outputs or {"OUTPUT": "TEMPORARY_OUTPUT"})}, feedback=feedback)


def test_a_file_layer_is_passed_as_its_file(provider, fake, feedback, raster_layer):
    fake("work")
    layer = raster_layer()
    run(layer, feedback)
    assert given(fake)["INPUT"] == layer.source()


def test_names_are_made_absolute_and_others_stay(tmp_path, monkeypatch):
    from fringelens.processing_provider.export import absolute

    monkeypatch.chdir(tmp_path)
    Path("a.nc").touch()
    assert absolute("a.nc") == str(tmp_path / "a.nc")
    assert absolute('NETCDF:"a.nc":phase') == f'NETCDF:"{tmp_path}/a.nc":phase'
    for name in ("", str(tmp_path / "a.nc"), f'NETCDF:"{tmp_path}/a.nc":phase', "/vsizip/b.zip/a.tif", "gone.tif"):
        assert absolute(name) == name


def test_a_layer_of_qgis_alone_is_exported_with_its_values(provider, fake, feedback, write_phase):
    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    fake("work")
    path = write_phase(side=40)
    layer = QgsRasterLayer(f"{path}|option:NUM_THREADS=1", "with an open option")
    assert layer.isValid()
    run(layer, feedback)
    exported = gdal.Open(given(fake)["INPUT"])
    assert given(fake)["INPUT"] != str(path)
    assert exported.ReadRaster() == gdal.Open(str(path)).ReadRaster()
    assert exported.GetGeoTransform() == gdal.Open(str(path)).GetGeoTransform()


def test_the_crs_of_the_layer_counts_where_the_file_has_none(provider, fake, feedback, raster_layer):
    from osgeo import gdal
    from qgis.core import QgsCoordinateReferenceSystem

    fake("work")
    layer = raster_layer(crs="", side=40)
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    run(layer, feedback)
    seen = gdal.Open(given(fake)["INPUT"])
    assert seen.GetSpatialRef().GetAuthorityCode(None) == "32634"
    assert seen.ReadRaster() == gdal.Open(layer.source()).ReadRaster()
    assert "EPSG:32634 of the layer counts" in feedback.text()


def test_the_crs_of_the_file_counts_where_it_has_one(provider, fake, feedback, raster_layer):
    from qgis.core import QgsCoordinateReferenceSystem

    fake("work")
    layer = raster_layer()
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    run(layer, feedback)
    assert given(fake)["INPUT"] == layer.source()


def test_results_are_styled_and_named_when_they_are_loaded(provider, fake, feedback, write_phase):
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import (
        QgsApplication,
        QgsProcessingAlgRunnerTask,
        QgsProcessingContext,
        QgsProcessingOutputLayerDefinition,
        QgsProject,
    )
    from qgis.PyQt.QtCore import QEventLoop

    fake("work")
    project, context = QgsProject(), QgsProcessingContext()
    context.setProject(project)
    path = str(Path(write_phase()).with_name("mask.tif"))
    made = QgsApplication.processingRegistry().createAlgorithmById(ID)
    destination = QgsProcessingOutputLayerDefinition(path, project)
    task = QgsProcessingAlgRunnerTask(made, {"INPUT": str(write_phase()), "OUTPUT": destination}, context, feedback)
    loop, answers = QEventLoop(), []
    task.executed.connect(lambda *answer: (answers.append(answer), loop.quit()))
    QgsApplication.taskManager().addTask(task)
    loop.exec_() if hasattr(loop, "exec_") else loop.exec()
    succeeded, results = answers[0]
    assert succeeded
    assert results["DECORRELATED_SHARE"] == 0.25
    assert handleAlgorithmResults(made, context, feedback), feedback.text()
    (layer,) = project.mapLayers().values()
    assert layer.name() == "Decorrelation mask"
    assert layer.renderer().type() == "paletted"
    assert Path(path).with_suffix(".qml").exists()


def test_the_style_beside_a_raster_is_drawn_when_it_is_opened_later(provider, fake, feedback, write_phase, tmp_path):
    from qgis.core import QgsRasterLayer

    fake("work")
    target = tmp_path / "masked.tif"
    run(str(write_phase()), feedback, OUTPUT=str(tmp_path / "m.tif"), MASKED=str(target))
    layer = QgsRasterLayer(str(target), "later")
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert layer.renderer().classificationMax() == pytest.approx(math.pi, abs=1e-4)


def test_a_style_of_the_users_own_is_kept(provider, fake, feedback, write_phase, tmp_path):
    fake("work")
    own = tmp_path / "mask.qml"
    own.write_text("<qgis>mine</qgis>")
    run(str(write_phase()), feedback, OUTPUT=str(tmp_path / "mask.tif"))
    assert own.read_text() == "<qgis>mine</qgis>"


@pytest.mark.parametrize("style", RAMPS + CLASSES)
def test_every_style_loads_with_the_renderer_expected(provider, style, raster_layer):
    from fringelens.processing_provider import results
    from qgis.core import QgsRasterDataProvider

    layer = raster_layer(side=40)
    message, loaded = layer.loadNamedStyle(str(results.file_of(style)))
    assert loaded, message
    assert layer.renderer().type() == ("paletted" if style in CLASSES else "singlebandpseudocolor")
    methods = QgsRasterDataProvider.ResamplingMethod
    assert layer.dataProvider().zoomedInResamplingMethod() == methods.Nearest
    assert layer.dataProvider().zoomedOutResamplingMethod() == methods.Nearest


def test_every_style_of_the_catalog_has_its_file(qgis_application):
    from fringelens.core.catalog import TOOLS
    from fringelens.processing_provider import results

    for tool in TOOLS:
        for output in tool.outputs:
            assert not output.style or results.file_of(output.style).exists(), (tool.id, output.name)


def test_the_phase_ramp_is_cyclic_and_even(provider, raster_layer):
    from fringelens.processing_provider import results

    layer = raster_layer(side=40)
    layer.loadNamedStyle(str(results.file_of("wrapped_phase")))
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert (items[0].value, items[-1].value) == pytest.approx((-math.pi, math.pi), abs=1e-4)
    assert items[0].color == items[-1].color
    bright = [0.299 * i.color.red() + 0.587 * i.color.green() + 0.114 * i.color.blue() for i in items]
    assert max(bright) - min(bright) < 40  # of 255: no part of a fringe stands out


def test_the_mask_style_lets_coherent_pixels_through(provider, raster_layer):
    from fringelens.processing_provider import results

    layer = raster_layer(side=40)
    layer.loadNamedStyle(str(results.file_of("mask")))
    alpha = {int(c.value): c.color.alpha() for c in layer.renderer().classes()}
    assert alpha[0] == 0
    assert 0 < alpha[1] < 255


def test_displacement_is_stretched_symmetrically_about_zero(write_phase, qgis_application):
    from fringelens.processing_provider import results
    from qgis.core import QgsRasterLayer

    path = write_phase(side=60)
    results.write_sidecar(str(path), "displacement")
    layer = QgsRasterLayer(str(path), "later")
    low, high = layer.renderer().classificationMin(), layer.renderer().classificationMax()
    assert low == pytest.approx(-high)
    assert 2.5 < high < math.pi
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert items[len(items) // 2].value == pytest.approx(0.0)


def test_style_files_are_what_the_script_writes(root):
    import importlib.util

    spec = importlib.util.spec_from_file_location("build_styles", root / "plugin" / "build_styles.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for name, text in build.all_styles().items():
        assert (root / "plugin" / "styles" / f"{name}.qml").read_text(encoding="utf-8") == text

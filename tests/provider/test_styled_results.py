"""The tools that look for movement, with the real runtime: what they make is loaded, styled and linked."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

SIDE, PIXEL = 96, 30.0
DAYS = [date(2020, 1, 5) + timedelta(days=12 * i) for i in range(5)]
CYCLE_MM = 27.73
SINKING = -400.0  # mm/yr in the middle of the bowl


@pytest.fixture
def stack(tmp_path, qgis_application):
    """Wrapped and unwrapped phase of a bowl and its coherence, for dates 12 or 24 days apart; files by kind."""
    from osgeo import gdal, gdal_array, osr

    numpy = gdal_array.numpy
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32634)
    y, x = numpy.mgrid[:SIDE, :SIDE]
    rate = SINKING * numpy.exp(-((x - 48) ** 2 + (y - 48) ** 2) / (2 * 7.0**2))
    noise = numpy.random.default_rng(5)
    files: dict[str, list[str]] = {"wrapped": [], "unwrapped": [], "coherence": []}
    for first, second in [(a, b) for a in DAYS for b in DAYS if 0 < (b - a).days <= 24]:
        phase = -2 * math.pi / CYCLE_MM * rate * (second - first).days / 365.25
        phase = phase + noise.normal(0, 0.1, phase.shape)
        wrapped = numpy.angle(numpy.exp(1j * phase))
        for kind, values in (("wrapped", wrapped), ("unwrapped", phase), ("coherence", 0.9 + 0 * phase)):
            path = str(tmp_path / f"{first:%Y%m%d}_{second:%Y%m%d}_{kind}.tif")
            raster = gdal.GetDriverByName("GTiff").Create(path, SIDE, SIDE, 1, gdal.GDT_Float32)
            raster.SetGeoTransform((500_000, PIXEL, 0, 4_400_000, 0, -PIXEL))
            raster.SetProjection(reference.ExportToWkt())
            raster.GetRasterBand(1).WriteArray(values.astype("float32"))
            files[kind].append(path)
            del raster
    return files


@pytest.fixture
def run(provider, real, feedback):
    """Run a tool and load what it makes into the project; returns the results and the layers by name."""
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import (
        QgsApplication,
        QgsProcessingContext,
        QgsProcessingOutputLayerDefinition,
        QgsProject,
    )

    project = QgsProject.instance()
    project.clear()

    def start(name: str, given: dict, outputs: tuple[str, ...]) -> tuple[dict, dict]:
        context = QgsProcessingContext()
        context.setProject(project)
        targets = {key: QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project) for key in outputs}
        made = QgsApplication.processingRegistry().createAlgorithmById(f"fringelens:{name}")
        fine, message = made.checkParameterValues({**given, **targets}, context)
        assert fine, message
        results, succeeded = made.run({**given, **targets}, context, feedback, {}, False)
        assert succeeded, feedback.text()
        assert handleAlgorithmResults(made, context, feedback), feedback.text()
        return results, {layer.name(): layer for layer in project.mapLayers().values()}

    yield start
    project.clear()


def kinds(layers: dict) -> dict[str, str]:
    return {name: layer.renderer().type() for name, layer in layers.items()}


def test_from_interferograms_to_linked_series(run, stack):
    from qgis.core import QgsProject

    ramp, classes = "singlebandpseudocolor", "graduatedSymbol"
    given = {"INPUTS": stack["wrapped"], "COHERENCES": stack["coherence"], "STEP": 2}
    _, layers = run("stackphasegradients", given, ("OUTPUT",))
    assert kinds(layers) == {"Gradient stack": ramp}
    assert set(layers["Gradient stack"].styleManager().styles()) == {"x gradient", "y gradient", "stack coherence"}

    given = {"INPUT": layers["Gradient stack"], "METHOD": "divergence", "CONFIDENCE": 0.1}
    results, layers = run("detectlandslides", given, ("OUTPUT", "HEATMAP"))
    assert kinds(layers)["Landslides"] == classes
    assert kinds(layers)["Probability of landslides"] == ramp

    given = {"INPUT": stack["wrapped"][1], "METHOD": "fringes", "CONFIDENCE": 0.1}
    _, layers = run("detectsubsidence", given, ("OUTPUT", "PROBABILITY"))
    assert kinds(layers)["Subsidence"] == classes
    assert kinds(layers)["Probability of subsidence"] == ramp

    detections = layers["Landslides"]
    assert detections.featureCount() == results["COUNT"] > 0
    given = {"INPUTS": stack["unwrapped"], "PHASE": "unwrapped", "DETECTIONS": detections}
    results, layers = run("displacementseries", given, ("VELOCITY", "SERIES", "STDDEV", "DISPLACEMENT"))
    assert kinds(layers)["Velocity"] == kinds(layers)["Standard deviation of the velocity"] == ramp
    assert layers["Displacement"].renderer().band() == len(DAYS)
    series = layers["Displacement series"]
    assert series.featureCount() == results["COUNT"] * len(DAYS)
    assert series.temporalProperties().isActive()
    (relation,) = QgsProject.instance().relationManager().referencedRelations(detections)
    assert relation.referencingLayer().id() == series.id()
    fastest = min(feature["peak_velocity_mm_yr"] for feature in series.getFeatures())
    assert fastest == pytest.approx(SINKING, rel=0.25)


def test_without_air_and_from_intensities(run, stack, tmp_path):
    from osgeo import gdal

    given = {"INPUT": stack["unwrapped"][0], "METHOD": "ramp_elevation"}
    _, layers = run("denoiseatmosphere", given, ("OUTPUT", "ATMOSPHERE"))
    assert set(kinds(layers).values()) == {"singlebandpseudocolor"}
    assert len(layers) == 2
    images = []
    for number in (0, 1):
        gdal.Translate(str(tmp_path / f"{number}.tif"), stack["coherence"][number])
        images.append(str(tmp_path / f"{number}.tif"))
    given = {"INPUT": images[0], "SECONDARY": images[1], "METHOD": "window", "SCALE": "power"}
    _, layers = run("coherencefromgrd", given, ("OUTPUT",))
    assert len(layers) == 3
    assert set(kinds(layers).values()) == {"singlebandpseudocolor"}

"""The provider with the runtime of the checkout: the same job from QGIS and headless, results that QGIS reads."""

from __future__ import annotations

import math

import pytest

ID = "fringelens:decorrelationmask"


@pytest.fixture
def write_coherence(tmp_path):
    """Coherence of a scene whose left half is water."""
    from array import array

    from osgeo import gdal

    def write(side: int = 160):
        path = tmp_path / "coherence.tif"
        raster = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1, gdal.GDT_Float32)
        raster.SetGeoTransform((500_000, 30, 0, 4_400_000, 0, -30))
        raster.SetProjection(gdal.Open(str(tmp_path / "igram.tif")).GetProjection())
        half = range(side // 2)
        row = [0.1 + 0.05 * math.sin(c) for c in half] + [0.9 - 0.05 * math.sin(c) for c in half]
        raster.GetRasterBand(1).WriteRaster(0, 0, side, side, array("f", row * side).tobytes())
        raster.FlushCache()
        return path

    return write


def test_otsu_masks_the_water_of_a_small_scene(provider, real, feedback, write_phase, write_coherence, tmp_path):
    import processing
    from osgeo import gdal

    igram = write_phase()
    parameters = {"INPUT": str(igram), "COHERENCE": str(write_coherence()), "METHOD": "otsu"}
    result = processing.run(ID, {**parameters, "OUTPUT": str(tmp_path / "mask.tif")}, feedback=feedback)
    mask = gdal.Open(result["OUTPUT"])
    assert mask.GetGeoTransform() == gdal.Open(str(igram)).GetGeoTransform()
    values = mask.ReadRaster()
    assert values[:10] == b"\x01" * 10
    assert values[150:160] == b"\x00" * 10
    assert result["DECORRELATED_SHARE"] == pytest.approx(0.5)


def test_grids_that_differ_are_refused_with_both_named(provider, real, feedback, write_phase, tmp_path):
    import processing
    from qgis.core import QgsProcessingException

    small, large = write_phase("small.tif", side=64), write_phase("large.tif", side=96)
    parameters = {"INPUT": str(large), "COHERENCE": str(small), "METHOD": "otsu", "OUTPUT": str(tmp_path / "mask.tif")}
    with pytest.raises(QgsProcessingException) as caught:
        processing.run(ID, parameters, feedback=feedback)
    assert "small.tif" in str(caught.value)
    assert "large.tif" in str(caught.value)
    assert not (tmp_path / "mask.tif").exists()


def test_the_phase_tools_name_rasters_that_do_not_fit_and_write_nothing(
    provider, real, feedback, write_phase, tmp_path
):
    import processing
    from qgis.core import QgsProcessingException

    small, large = write_phase("small.tif", side=64), write_phase("large.tif", side=96)
    others = {
        "unwrapphase": {"MASK": str(small), "METHOD": "mcf"},
        "reconstructphase": {"MASK": str(small), "METHOD": "laplace"},
        "phasetodisplacement": {"COHERENCE": str(small)},
        "comparerasters": {"REFERENCE": str(small), "KIND": "wrapped"},
    }
    for tool, given in others.items():
        target = {"REPORT": str(tmp_path / "out.html")} if tool == "comparerasters" else {}
        target = target or {"OUTPUT": str(tmp_path / "out.tif")}
        with pytest.raises(QgsProcessingException) as caught:
            processing.run(f"fringelens:{tool}", {"INPUT": str(large), **given, **target}, feedback=feedback)
        assert "small.tif" in str(caught.value)
        assert "large.tif" in str(caught.value)
    assert not list(tmp_path.glob("out*"))


def test_phase_that_is_not_wrapped_is_refused_with_what_to_do(provider, real, feedback, write_phase, tmp_path):
    import processing
    from osgeo import gdal
    from qgis.core import QgsProcessingException

    wrapped, unwrapped = write_phase(), str(tmp_path / "unwrapped.tif")
    gdal.Translate(unwrapped, str(wrapped), scaleParams=[[-3.0, 3.0, -30.0, 30.0]])
    for tool, method in (("unwrapphase", "mcf"), ("reconstructphase", "laplace")):
        given = {"INPUT": unwrapped, "METHOD": method, "OUTPUT": str(tmp_path / "out.tif")}
        with pytest.raises(QgsProcessingException, match="not wrapped radians"):
            processing.run(f"fringelens:{tool}", given, feedback=feedback)


def test_a_simulated_scene_is_masked_by_the_network(provider, real, feedback, root, tmp_path):
    import processing

    if not (root / "models" / "decorrelation" / "weights.safetensors").exists():
        pytest.skip("the network has no weights yet")
    scene = {"WIDTH": 192, "HEIGHT": 192, "SEED": 3, "OUTPUT": str(tmp_path / "igram.tif")}
    processing.run("fringelens:simulateinterferogram", scene, feedback=feedback)
    parameters = {"INPUT": scene["OUTPUT"], "DEVICE": "cpu", "PROBABILITY": "TEMPORARY_OUTPUT"}
    result = processing.run(ID, {**parameters, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=feedback)
    assert 0.0 <= result["DECORRELATED_SHARE"] <= 1.0
    assert result["PROBABILITY"].endswith("PROBABILITY.tif")

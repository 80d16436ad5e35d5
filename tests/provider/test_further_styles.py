"""A raster of several bands can be shown by each of them: styles to choose from in the layer's menu."""

from __future__ import annotations

from array import array

import pytest


@pytest.fixture
def path(tmp_path, qgis_application):
    """A raster of three bands: gradients up to 2 and 8, and a coherence."""
    from osgeo import gdal

    path = tmp_path / "stack.tif"
    raster = gdal.GetDriverByName("GTiff").Create(str(path), 40, 40, 3, gdal.GDT_Float32)
    for band, top in ((1, 2.0), (2, 8.0), (3, 1.0)):
        values = array("f", [top * (i % 40) / 39 for i in range(1600)])
        raster.GetRasterBand(band).WriteRaster(0, 0, 40, 40, values.tobytes())
    raster.FlushCache()
    return str(path)


def test_a_gradient_stack_has_a_style_for_each_band_fitted_to_it(path):
    from fringelens.processing_provider import results
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsRasterLayer

    stack = QgsRasterLayer(path, "stack")
    results.write_sidecar(path, "gradient_stack")
    styler = results.styler("gradient_stack")
    styler.postProcessLayer(stack, QgsProcessingContext(), QgsProcessingFeedback())
    manager = stack.styleManager()
    assert manager.currentStyle() == "x gradient"
    assert sorted(manager.styles()) == ["stack coherence", "x gradient", "y gradient"]
    seen = {}
    for name in manager.styles():
        manager.setCurrentStyle(name)
        renderer = stack.renderer()
        seen[name] = renderer.band(), renderer.classificationMin(), renderer.classificationMax()
    assert seen["x gradient"] == (1, pytest.approx(-2.0, rel=0.1), pytest.approx(2.0, rel=0.1))
    assert seen["y gradient"] == (2, pytest.approx(-8.0, rel=0.1), pytest.approx(8.0, rel=0.1))
    assert seen["stack coherence"] == (3, 0.0, 1.0)

"""The QGIS project of a demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

gdal = pytest.importorskip("osgeo.gdal")
ROOT = Path(__file__).resolve().parents[2]

READ_BACK = """
import sys
from qgis.core import QgsApplication, QgsProject
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1])
for node in project.layerTreeRoot().findLayers():
    layer = node.layer()
    print(node.name(), layer.isValid(), layer.renderer().type(), node.isVisible(), sep="|")
print(project.crs().authid())
project.clear()
application.exitQgis()
"""


def make(path: Path, kind: int) -> None:
    """A raster of 8 x 6 pixels in UTM zone 34."""
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 8, 6, 1, kind)
    dataset.SetGeoTransform((500_000, 30, 0, 4_400_000, 0, -30))
    dataset.SetProjection(gdal.osr.GetUserInputAsWKT("EPSG:32634"))
    dataset.GetRasterBand(1).Fill(1)


def run(profile: Path, *words: object) -> str:
    """Run QGIS's Python offscreen, away from the user's profile."""
    environment = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(profile), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_project_holds_the_styled_layers_that_exist_mask_on_top(tmp_path: Path) -> None:
    gdal.UseExceptions()
    folder, profile = tmp_path / "results", tmp_path / "profile"
    folder.mkdir()
    make(folder / "mask.tif", gdal.GDT_Byte)
    make(folder / "probability.tif", gdal.GDT_Float32)
    make(tmp_path / "interferogram.tif", gdal.GDT_Float32)
    script = ROOT / "plugin" / "demo_project.py"
    run(profile, script, "--folder", folder, "--interferogram", tmp_path / "interferogram.tif")
    lines = run(profile, "-c", READ_BACK, folder / "demo.qgz").splitlines()
    assert lines[0] == "Decorrelated (FringeLens)|True|paletted|True"
    assert lines[1].startswith("Probability of decorrelation|True|singlebandpseudocolor|False")
    assert lines[2] == "Interferogram|True|singlebandpseudocolor|True"
    assert lines[-1] == "EPSG:32634"

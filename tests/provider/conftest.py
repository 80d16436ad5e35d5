"""QGIS without a desktop, the provider, a small interferogram, and a runtime that does as it is told."""

from __future__ import annotations

import json
import math
import os
import sys
from array import array
from pathlib import Path

import pytest

pytest.importorskip("qgis.core")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

FAKE = Path(__file__).with_name("fake_runtime.py")
QGIS_PLUGINS = "/usr/share/qgis/python/plugins"


@pytest.fixture(scope="session")
def qgis_application(tmp_path_factory):
    from qgis.core import QgsApplication

    folder = tmp_path_factory.mktemp("profile")
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = str(folder)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("xdg")))
    application = QgsApplication([], True)
    application.initQgis()
    sys.path.append(QGIS_PLUGINS)
    from processing.core.Processing import Processing

    Processing.initialize()
    yield application
    Processing.deinitialize()
    application.exitQgis()


@pytest.fixture(scope="session")
def provider(qgis_application):
    from fringelens.processing_provider.provider import FringeLensProvider
    from qgis.core import QgsApplication

    made = FringeLensProvider()
    QgsApplication.processingRegistry().addProvider(made)
    yield made
    QgsApplication.processingRegistry().removeProvider(made)


@pytest.fixture
def settings(qgis_application):
    """The settings of the plugin, empty before and after."""
    from fringelens.processing_provider import session
    from qgis.core import QgsSettings

    QgsSettings().remove("fringelens")
    yield QgsSettings()
    QgsSettings().remove("fringelens")
    session.stop()


@pytest.fixture
def fake(settings, monkeypatch, tmp_path):
    """Use the fake runtime: `fake("crash")`; `fake.jobs()` is what it was sent."""
    from fringelens.processing_provider import session

    log = tmp_path / "jobs.log"

    def use(behaviour: str) -> None:
        monkeypatch.setenv("FRINGELENS_PYTHON", str(FAKE))
        monkeypatch.setenv("FAKE_BEHAVIOUR", behaviour)
        monkeypatch.setenv("FAKE_LOG", str(log))
        session.stop()

    use.jobs = lambda: [json.loads(line) for line in log.read_text().splitlines()]
    yield use
    session.stop()


@pytest.fixture
def real(settings, monkeypatch, root):
    """The real runtime of the checkout, with one thread."""
    python = root / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("there is no .venv; run ./run setup")
    monkeypatch.setenv("FRINGELENS_PYTHON", str(python))
    monkeypatch.setenv("FRINGELENS_THREADS", "1")


@pytest.fixture
def feedback():
    """A feedback that remembers what it was told."""
    from qgis.core import QgsProcessingFeedback

    class Remembering(QgsProcessingFeedback):
        def __init__(self) -> None:
            super().__init__(False)
            self.lines: list[str] = []

        def pushInfo(self, info):
            self.lines.append(f"info {info}")

        def pushWarning(self, warning):
            self.lines.append(f"warning {warning}")

        def pushDebugInfo(self, info):
            self.lines.append(f"debug {info}")

        def reportError(self, error, fatalError=False):  # noqa: N803
            self.lines.append(f"error {error}")

        def text(self) -> str:
            return "\n".join(self.lines)

    return Remembering()


@pytest.fixture
def write_phase(tmp_path):
    """Make a GeoTIFF of wrapped fringes with a noisy corner: `write_phase("a.tif", crs="EPSG:32634")`."""
    from osgeo import gdal, osr

    gdal.UseExceptions()

    def write(name: str = "igram.tif", *, crs: str = "EPSG:32634", side: int = 160) -> Path:
        path = tmp_path / name
        raster = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1, gdal.GDT_Float32)
        raster.SetGeoTransform((500_000, 30, 0, 4_400_000, 0, -30))
        if crs:
            reference = osr.SpatialReference()
            reference.SetFromUserInput(crs)
            raster.SetProjection(reference.ExportToWkt())
        values = array("f")
        for row in range(side):
            for column in range(side):
                phase = 0.15 * column + 0.05 * row
                if row < side // 3 and column < side // 3:
                    phase = float((row * 7919 + column * 104729 + row * column * 31) % 6283) / 1000
                values.append(math.remainder(phase, 2 * math.pi))
        raster.GetRasterBand(1).WriteRaster(0, 0, side, side, values.tobytes())
        raster.FlushCache()
        return path

    return write

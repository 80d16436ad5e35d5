"""Binds the package to this checkout, and the fixtures that every test may use.

Loaded in two Pythons: the runtime (`.venv`) and QGIS's own (`.venv-qgis`, without torch and rasterio), so nothing but
the standard library and pytest is imported at the top.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "fringelens"
HAS_QGIS = importlib.util.find_spec("qgis") is not None

# QGIS's bindings warn about themselves; everything else that warns fails the test.
QGIS_WARNINGS = (
    "ignore:sipPyTypeDict.. is deprecated:DeprecationWarning",
    "ignore:builtin type .* has no __module__ attribute:DeprecationWarning",
    "ignore:the imp module is deprecated:DeprecationWarning",
    "ignore:pkg_resources is deprecated",
    "ignore:Deprecated call to `pkg_resources",
)

# Without QGIS there is nothing to collect in tests/provider.
collect_ignore = [] if HAS_QGIS else ["provider"]


def _make_importable() -> None:
    """Bind PACKAGE to this checkout, whatever its folder is called and whatever is installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin and Path(spec.origin).resolve() == ROOT / "__init__.py":
        return
    spec = importlib.util.spec_from_file_location(PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


_make_importable()


class _PlainRootFolder:
    """Stop pytest importing the plugin's root __init__.py a second time as a test package."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        return pytest.Dir.from_parent(parent, path=path) if path == ROOT else None


def pytest_configure(config: pytest.Config) -> None:
    """Register the hook as a plugin, since a conftest is not asked about its own parent; set QGIS's warnings aside."""
    config.pluginmanager.register(_PlainRootFolder())
    if HAS_QGIS:
        for line in QGIS_WARNINGS:
            config.addinivalue_line("filterwarnings", line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a GPU where there is none."""
    if item.get_closest_marker("gpu") is not None:
        torch = pytest.importorskip("torch")
        if not torch.cuda.is_available():
            pytest.skip("needs an NVIDIA GPU")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real interferograms and terrain: FRINGELENS_DATA, else shared/data beside the checkout; skips where absent."""
    named = os.environ.get("FRINGELENS_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data are not at hand (set FRINGELENS_DATA to their folder)")
    return folder


@pytest.fixture
def rng() -> Any:
    """A numpy generator that gives the same numbers in every run."""
    numpy = pytest.importorskip("numpy")
    return numpy.random.default_rng(20260101)


@pytest.fixture
def generator() -> Any:
    """A torch generator on the CPU that gives the same numbers in every run."""
    torch = pytest.importorskip("torch")
    return torch.Generator().manual_seed(20260101)


@pytest.fixture
def write_raster(tmp_path: Path) -> Callable[..., Path]:
    """Make a small georeferenced GeoTIFF: `write_raster("a.tif", array, crs=..., transform=..., nodata=...)`.

    The array is (rows, cols) or (bands, rows, cols); the grid is 30 m in UTM zone 34 north unless said otherwise.
    """
    rasterio = pytest.importorskip("rasterio")
    from affine import Affine

    def write(
        name: str, array: Any, *, crs: Any = "EPSG:32634", transform: Any = None, nodata: Any = None, **profile: Any
    ) -> Path:
        bands = array if array.ndim == 3 else array[None]
        options = {"driver": "GTiff", "crs": crs, "nodata": nodata, "dtype": bands.dtype, "count": len(bands)}
        options["transform"] = transform if transform is not None else Affine(30, 0, 500_000, 0, -30, 4_400_000)
        options |= {"height": bands.shape[1], "width": bands.shape[2], **profile}
        path = tmp_path / name
        with rasterio.open(path, "w", **options) as target:
            target.write(bands)
        return path

    return write


@pytest.fixture
def phase_ramp() -> Callable[..., Any]:
    """A plane of phase, rad: `phase_ramp(rows, cols, fringes=6)` unwrapped; wrap it with numpy's angle(exp(i x))."""
    numpy = pytest.importorskip("numpy")

    def make(rows: int = 96, cols: int = 128, fringes: float = 6.0) -> Any:
        down, across = numpy.mgrid[0:rows, 0:cols]
        return (2 * numpy.pi * fringes * (across / cols + 0.5 * down / rows)).astype("float32")

    return make


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's PROJ, GDAL or Python settings reaches what is tested."""
    for name in ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH", "PYTHONHOME", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def start_worker() -> Iterator[Callable[..., Any]]:
    """Start a worker that knows the tool `toy` (tests/toy), or with `real=True` the one that QGIS starts."""
    spec = importlib.util.spec_from_file_location("toy_client", ROOT / "tests" / "toy" / "client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    clients = []

    def start(*arguments: str, real: bool = False, **variables: str) -> Any:
        clients.append(module.Client(module.MAIN if real else module.TOY, *arguments, **variables))
        return clients[-1]

    yield start
    for client in clients:
        client.close()

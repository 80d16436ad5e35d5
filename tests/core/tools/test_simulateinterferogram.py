"""The tool as it is called: layers, grids, an elevation model, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from fringelens.core.catalog import find
from fringelens.core.errors import InputError
from fringelens.core.progress import Silent
from fringelens.core.tools import simulateinterferogram

TOOL = find("simulateinterferogram")
NAMES = tuple(output.name for output in TOOL.outputs)


def run(folder: Path, *, layers: tuple[str, ...] = NAMES, **changes: Any) -> dict[str, Any]:
    parameters = {p.name: p.default for p in TOOL.parameters} | {"WIDTH": 96, "HEIGHT": 80} | changes
    parameters |= {name: str(folder / f"{name}.tif") if name in layers else None for name in NAMES}
    return simulateinterferogram.run(parameters, Silent())


def read(path: str) -> tuple[np.ndarray, Any]:
    with rasterio.open(path) as source:
        return source.read(1), source.profile | {"units": source.units, "tags": source.tags()}


def test_all_layers_lie_on_one_grid_with_unit_nodata_and_provenance(tmp_path: Path) -> None:
    made = run(tmp_path, SOURCE="earthquake")
    assert set(made) == set(NAMES)
    layers = {name: read(path) for name, path in made.items()}
    for values, profile in layers.values():
        assert values.shape == (80, 96)
        assert profile["crs"].to_epsg() == 32633
        assert profile["transform"].a == 40.0
        assert profile["tags"]["FRINGELENS_TOOL"] == "simulateinterferogram"
    assert layers["OUTPUT"][1]["units"] == ("rad",)
    assert layers["DEFORMATION"][1]["units"] == ("mm",)
    assert "toward the satellite" in layers["DEFORMATION"][1]["tags"]["FRINGELENS_SIGN"]
    assert layers["DECORRELATED"][1]["dtype"] == "uint8"
    assert layers["DECORRELATED"][1]["nodata"] == 255
    assert set(np.unique(layers["DECORRELATED"][0])) <= {0, 1}
    assert np.abs(layers["OUTPUT"][0]).max() <= np.pi + 1e-6
    good = layers["TRUE_COHERENCE"][0] > 0.75
    error = np.angle(np.exp(1j * (layers["OUTPUT"][0] - layers["UNWRAPPED"][0])))
    assert np.abs(error[good]).mean() < 0.5


def test_only_the_layers_asked_for_are_made(tmp_path: Path) -> None:
    assert set(run(tmp_path, layers=("OUTPUT",))) == {"OUTPUT"}
    assert [p.name for p in tmp_path.iterdir()] == ["OUTPUT.tif"]


def test_same_seed_same_scene_and_zero_is_a_seed(tmp_path: Path) -> None:
    scenes = []
    for place, seed in enumerate((0, 0, 1)):
        folder = tmp_path / str(place)
        folder.mkdir()
        scenes.append(read(run(folder, layers=("OUTPUT",), SEED=seed)["OUTPUT"])[0])
    np.testing.assert_array_equal(scenes[0], scenes[1])
    assert not np.array_equal(scenes[0], scenes[2])


def elevation(rows: int = 70, cols: int = 90) -> np.ndarray:
    down, across = np.mgrid[0:rows, 0:cols]
    return (400 + 200 * np.sin(down / 9) + 3 * across).astype(np.float32)


def test_an_elevation_model_gives_grid_and_missing_pixels(tmp_path: Path, write_raster: Callable[..., Path]) -> None:
    heights = elevation()
    heights[10:20, 30:50] = -9999
    transform = Affine(1 / 1200, 0, 13.0, 0, -1 / 1200, 43.0)
    dem = write_raster("dem.tif", heights, crs="EPSG:4326", transform=transform, nodata=-9999)
    for name, path in run(tmp_path, DEM=str(dem), SOURCE="volcano").items():
        values, profile = read(path)
        assert values.shape == (70, 90)
        assert profile["crs"].to_epsg() == 4326
        missing = values == 255 if name == "DECORRELATED" else np.isnan(values)
        assert missing[10:20, 30:50].all()
        assert missing.sum() == 200


def test_an_elevation_model_without_a_valid_pixel_gives_nodata_and_a_warning(
    tmp_path: Path, write_raster: Callable[..., Path]
) -> None:
    class Listener(Silent):
        def __init__(self) -> None:
            self.warnings: list[str] = []

        def warn(self, message: str) -> None:
            self.warnings.append(message)

    dem = write_raster("dem.tif", np.full((70, 90), np.nan, np.float32))
    parameters = {p.name: p.default for p in TOOL.parameters} | dict.fromkeys(NAMES)
    parameters |= {"DEM": str(dem), "OUTPUT": str(tmp_path / "a.tif")}
    listener = Listener()
    made = simulateinterferogram.run(parameters, listener)
    assert np.isnan(read(made["OUTPUT"])[0]).all()
    assert "not one valid pixel" in listener.warnings[0]


@pytest.mark.parametrize(
    ("change", "reason"), [({"crs": None}, "no CRS"), ({"transform": Affine(30, 5, 0, 5, -30, 0)}, "rotated")]
)
def test_an_elevation_model_of_unknown_ground_size_is_refused_and_leaves_nothing(
    tmp_path: Path, write_raster: Callable[..., Path], change: dict[str, Any], reason: str
) -> None:
    dem = write_raster("dem.tif", elevation(), **change)
    with pytest.raises(InputError, match=reason):
        run(tmp_path, DEM=str(dem))
    assert [p.name for p in tmp_path.iterdir()] == ["dem.tif"]


def test_an_elevation_model_larger_than_memory_is_refused_with_the_limit(
    tmp_path: Path, write_raster: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulateinterferogram, "LARGEST", 64)
    dem = write_raster("dem.tif", elevation())
    with pytest.raises(InputError, match="2 to 64 a side"):
        run(tmp_path, DEM=str(dem))


def test_the_output_may_not_be_the_elevation_model(tmp_path: Path, write_raster: Callable[..., Path]) -> None:
    dem = write_raster("OUTPUT.tif", elevation())
    before = dem.read_bytes()
    with pytest.raises(InputError, match="also an input"):
        run(tmp_path, layers=("OUTPUT",), DEM=str(dem))
    assert dem.read_bytes() == before

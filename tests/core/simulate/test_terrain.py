"""Terrain and drainage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.hydrology import flow, ponds
from fringelens.core.simulate.terrain import TerrainSource, find_terrain, spectral_terrain


def test_all_rain_on_a_tilted_trough_leaves_by_its_lowest_cell() -> None:
    height = (torch.arange(12.0)[:, None] + 0.001 * (torch.arange(9.0) - 4.0).abs())[None]
    area, drop, pit = flow(height)
    assert area[0].max() == area[0, 0, 4] == 108
    assert (pit[0] == 4).all()
    assert drop[0, 5, 4] == pytest.approx(1.0, abs=0.01)


def test_drained_area_is_that_of_a_walk_down_every_path() -> None:
    height = torch.randn(1, 17, 23, generator=torch.Generator().manual_seed(1))
    from fringelens.core.simulate.hydrology import steepest_neighbour

    receiver = steepest_neighbour(height)[0][0].tolist()
    count = [0] * len(receiver)
    for start in range(len(receiver)):
        cell = start
        count[cell] += 1
        while receiver[cell] != cell:
            cell = receiver[cell]
            count[cell] += 1
    area, _, pit = flow(height)
    assert area.flatten().tolist() == count
    assert all(receiver[p] == p for p in pit.flatten().tolist())


def test_a_pond_fills_the_bottom_of_a_bowl_only() -> None:
    y, x = torch.meshgrid(torch.arange(21.0) - 10, torch.arange(21.0) - 10, indexing="ij")
    height = torch.hypot(y, x)[None]
    area, _, pit = flow(height)
    wet = ponds(height, area, pit, torch.tensor([3.5]), torch.tensor([50.0]))[0]
    assert torch.equal(wet, height[0] < 3.5)


def test_eroded_terrain_has_drainage_that_a_random_field_lacks() -> None:
    draw = Draw(torch.Generator().manual_seed(0))
    cut = flow(spectral_terrain(draw, 4, 96, 96))[0]
    raw = flow(spectral_terrain(Draw(torch.Generator().manual_seed(0)), 4, 96, 96, erosion_steps=0))[0]
    assert cut.flatten(1).max(dim=1).values.mean() > 1.5 * raw.flatten(1).max(dim=1).values.mean()


def test_crops_of_a_tile_keep_its_slope_in_metres(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(400, dtype=np.float32) * 3.0 + 10.0, (400, 400))  # 3 m per 30 m pixel
    with rasterio.open(
        tmp_path / "ramp.tif", "w", driver="GTiff", width=400, height=400, count=1, dtype="float32",
        crs="EPSG:32634", transform=Affine(30, 0, 5e5, 0, -30, 4e6),
    ) as target:  # fmt: skip
        target.write(ramp, 1)
    source = TerrainSource(tmp_path)
    height = source.sample(Draw(torch.Generator().manual_seed(0)), 64, 64, torch.tensor([10.0, 20.0]))
    gy, gx = torch.gradient(height, dim=(1, 2))
    rise = torch.hypot(gy, gx)[:, 8:-8, 8:-8] / torch.tensor([10.0, 20.0])[:, None, None]
    torch.testing.assert_close(rise, torch.full_like(rise, 0.1), atol=2e-3, rtol=0)


def test_an_empty_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no elevation tiles"):
        TerrainSource(tmp_path)


def test_real_tiles_are_found_and_training_and_validation_share_none(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (data_folder / "terrain").is_dir():
        pytest.skip("no terrain tiles")
    monkeypatch.setenv("FRINGELENS_DATA", str(data_folder))
    train, validation = find_terrain("train"), find_terrain("validation")
    assert train is not None
    assert validation is not None
    assert not {t.name for t in train.tiles} & {t.name for t in validation.tiles}

"""The demonstration: its scores and its picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fringelens.core.commands import demo
from fringelens.core.raster.window import Window


@pytest.fixture
def folder(write_raster: Callable[..., Path], phase_ramp: Callable[..., np.ndarray], rng: np.random.Generator) -> Path:
    """A folder as `./run demo` leaves it: a square of noise in a ramp, and masks that are off by known amounts."""
    truth = np.zeros((300, 400), np.uint8)
    truth[100:200, 100:200] = 1
    mask, otsu = truth.copy(), truth.copy()
    mask[100:110, 100:200] = 0
    otsu[200:300, 100:200] = 1
    phase = np.angle(np.exp(1j * phase_ramp(300, 400))).astype(np.float32)
    phase[truth == 1] = rng.uniform(-np.pi, np.pi, 10_000)
    for name, array in {"truth": truth, "mask": mask, "otsu": otsu}.items():
        path = write_raster(f"{name}.tif", array, nodata=255)
    write_raster("interferogram.tif", phase, nodata=np.nan)
    write_raster("coherence.tif", np.where(truth == 1, 60, 200).astype(np.uint8))
    return path.parent


def test_scores_are_those_of_the_counted_pixels(folder: Path) -> None:
    assert demo.score(folder / "mask.tif", folder / "truth.tif") == pytest.approx(
        {"iou": 0.9, "valid_lost": 0.0, "missed": 0.1}
    )
    assert demo.score(folder / "otsu.tif", folder / "truth.tif") == pytest.approx(
        {"iou": 0.5, "valid_lost": 10_000 / 110_000, "missed": 0.0}
    )


def test_picture_and_scores_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--folder", str(folder), "--interferogram", str(folder / "interferogram.tif")]
    assert demo.main([*arguments, "--coherence", str(folder / "coherence.tif")]) == 0
    assert json.loads((folder / "scores.json").read_text())["mask"]["iou"] == pytest.approx(0.9)
    assert (folder / "demo.png").read_bytes().startswith(b"\x89PNG")
    assert "0.900" in capsys.readouterr().out


def test_without_truth_there_is_a_picture_and_no_score(folder: Path) -> None:
    (folder / "truth.tif").unlink()
    (folder / "otsu.tif").unlink()
    assert demo.main(["--folder", str(folder), "--interferogram", str(folder / "interferogram.tif")]) == 0
    assert (folder / "demo.png").exists()
    assert not (folder / "scores.json").exists()


def test_thinned_reading_takes_every_nth_pixel_of_the_whole(folder: Path) -> None:
    whole = demo.read(folder / "interferogram.tif")
    np.testing.assert_array_equal(demo.read(folder / "interferogram.tif", step=7), whole[::7, ::7])
    part = demo.read(folder / "interferogram.tif", Window(10, 20, 30, 40))
    np.testing.assert_array_equal(part, whole[10:40, 20:60])


def test_detail_is_where_the_shores_are() -> None:
    mask = np.zeros((1000, 1200), np.float32)
    mask[800:900:2, 700:900] = 1
    found = demo.busiest(mask)
    assert found.row <= 800 <= 900 <= found.row + found.height
    assert found.column <= 700 <= 900 <= found.column + found.width

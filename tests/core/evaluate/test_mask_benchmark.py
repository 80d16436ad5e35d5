"""The benchmark of the mask network, on few and small scenes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from fringelens.core.evaluate import benchmarks
from fringelens.core.evaluate.benchmarks import decorrelation as benchmark
from fringelens.core.evaluate.benchmarks import mask_scenes
from fringelens.core.evaluate.benchmarks.decorrelation import NETWORK, measure
from fringelens.core.evaluate.benchmarks.mask_scenes import Cell, kind_cells, looks_cells
from fringelens.core.evaluate.benchmarks.mask_tally import PERFECT, Calibration
from fringelens.core.progress import Silent
from fringelens.models.registry import Card
from torch import Tensor, nn

CPU = torch.device("cpu")


class ByCoherence(nn.Module):
    """A threshold on coherence as a network; it has no use for anything else."""

    def forward(self, inputs: Tensor) -> Tensor:
        return 20.0 * (0.4 - inputs[:, 3:4])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenes of 64 pixels, two at a time."""
    monkeypatch.setattr(mask_scenes, "SIDE", 64)
    monkeypatch.setattr(mask_scenes, "BATCH", 2)


def test_the_scenes_of_a_cell_are_always_the_same_and_those_of_two_cells_are_not() -> None:
    first, again, other = (
        next(iter(cell.draw(CPU))).wrapped for cell in (Cell("a", 4, 2), Cell("a", 4, 2), Cell("b", 4, 2))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_every_cell_is_held_out() -> None:
    cells = [*looks_cells(2), *kind_cells(2)]
    assert {cell.options.family for cell in cells} == {"held_out"}
    assert {cell.looks for cell in looks_cells(2)} == {1, 2, 4, 10, 20}
    assert {cell.looks for cell in kind_cells(2)} == {1, 4}


def test_the_truth_is_perfect_and_no_threshold_beats_the_oracle() -> None:
    tallies = measure(ByCoherence(), Cell("everything", 4, 4), CPU, Calibration())
    assert tallies[PERFECT].iou().value == 1.0
    assert tallies[PERFECT].lost(strict=True).value == 0.0
    assert tallies[PERFECT].mean_boundary() == 1.0
    oracle = tallies["best threshold (oracle)"].iou(strict=True).value
    assert 0.0 < oracle <= 1.0
    assert oracle >= tallies["Otsu, coherence"].iou(strict=True).value
    assert set(tallies[NETWORK].classes) >= {"water", "forest", "layover", "shadow"}


def test_calibration_counts_every_scored_pixel_once() -> None:
    calibration = Calibration(bins=4)
    probability = torch.tensor([[[0.1, 0.1, 0.9, 1.0]]])
    truth = torch.tensor([[[False, True, True, True]]])
    calibration.add(probability, truth, torch.ones_like(truth))
    assert calibration.size.tolist() == [2, 0, 0, 2]
    assert calibration.error() == pytest.approx((abs(0.2 - 1) + abs(1.9 - 2)) / 4)


def test_the_section_says_targets_cells_and_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(benchmark, "SCENES_BY_LOOKS", 2)
    monkeypatch.setattr(benchmark, "SCENES_BY_KIND", 2)
    monkeypatch.setattr(benchmark, "looks_cells", lambda scenes: [Cell("everything", n, scenes) for n in (1, 4)])
    monkeypatch.setattr(benchmark, "kind_cells", lambda scenes: [Cell("geocoded", 4, scenes, {"geocoded_share": 1.0})])
    card = Card("decorrelation", "default", "0" * 64)
    section = benchmarks.run("decorrelation", ByCoherence(), card, CPU, tmp_path, Silent())
    text = section.markdown()
    assert "not met" in text
    assert "Otsu, coherence and amplitude" in text
    assert "geocoded" in text
    for name, _ in section.pictures:
        assert (tmp_path / name).stat().st_size > 1000
    with pytest.raises(ValueError, match="no network 'nothing'"):
        benchmarks.run("nothing", ByCoherence(), card, CPU, tmp_path, Silent())

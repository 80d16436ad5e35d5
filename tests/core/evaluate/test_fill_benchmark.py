"""The benchmark of the filling network, on one small sample of each case."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from fringelens.core.evaluate.benchmarks import fill_cases, fill_real, phase_filling
from fringelens.core.evaluate.benchmarks.fill_cases import Sample, all_cases
from fringelens.core.evaluate.benchmarks.fill_methods import LAPLACE, NETWORK, ORACLE, ask, quick, slow
from fringelens.core.evaluate.benchmarks.fill_tally import Coverage, Tally
from fringelens.core.evaluate.fill_metrics import wrap
from fringelens.core.progress import Silent
from fringelens.models.phase_filling.network import PhaseFillingNet
from fringelens.models.registry import Card

SIDE = 64


@pytest.fixture
def network() -> PhaseFillingNet:
    """Untrained, which is the mean of the classical fills."""
    return PhaseFillingNet().eval()


@pytest.fixture
def ramp() -> Sample:
    row, column = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    truth = (0.5 * column + 0.2 * row)[None].float()
    gap = torch.zeros_like(truth, dtype=torch.bool)
    gap[:, 20:30, 12:50] = True
    return Sample(truth, torch.polar(torch.ones_like(truth), truth), gap)


def test_every_method_keeps_what_is_observed(network: PhaseFillingNet, ramp: Sample) -> None:
    made = {**quick(ramp), **slow(ramp), NETWORK: ask(network, ramp).phase}
    for phase in made.values():
        torch.testing.assert_close(phase[~ramp.gap], ramp.observed.angle()[~ramp.gap])
    assert wrap(made[ORACLE] - ramp.truth).abs().max() < 0.05


def test_what_is_taken_out_is_put_back(network: PhaseFillingNet, ramp: Sample) -> None:
    told = Sample(ramp.truth, ramp.observed, ramp.gap, predicted=ramp.truth + 0.1)
    for phase in (ask(network, told).phase, quick(told)[LAPLACE]):
        assert wrap(phase - ramp.truth).abs().max() < 0.02


def test_a_perfect_answer_has_perfect_scores(ramp: Sample) -> None:
    tally = Tally()
    tally.add(wrap(ramp.truth), ramp)
    assert tally.mae().value == pytest.approx(0, abs=1e-6)
    assert tally.good() == 1
    assert tally.fringes() == tally.fringes(gaps=True) == (1, 1, 1)
    assert tally.on_unit_scale()[2] == pytest.approx(1)


def test_errors_are_those_of_the_gap(ramp: Sample) -> None:
    tally = Tally()
    tally.add(wrap(ramp.truth + 0.3 * ramp.gap), ramp)
    assert tally.mae().value == pytest.approx(0.3, abs=1e-4)
    classes = tally.by_distance()
    assert classes[:2] == pytest.approx([0.3, 0.3], abs=1e-4)
    assert math.isnan(classes[2])


def test_coverage_counts_what_lies_within(ramp: Sample) -> None:
    coverage = Coverage()
    certain = torch.full_like(ramp.truth, math.log(100.0))  # 0.1 rad
    coverage.add(ramp.truth + 0.15, certain, torch.full_like(ramp.truth, 0.9), ramp)
    shares = [share.value for share in coverage.shares()]
    assert shares == pytest.approx([0, 1, 0.9, math.cos(0.15)], abs=1e-3)


def test_real_patches_hide_blobs_of_what_is_there(write_raster, rng) -> None:  # type: ignore[no-untyped-def]
    phase = rng.uniform(-3, 3, (300, 400)).astype(np.float32)
    phase[:5] = np.nan
    path = write_raster("real.tif", phase, nodata=np.nan)
    sample = fill_real.real_samples(path, 5.0, 0.3)
    assert sample.truth.shape[1:] == (256, 256)
    assert float(sample.where.float().mean()) == pytest.approx(0.3, abs=0.03)
    torch.testing.assert_close(sample.observed.angle()[~sample.gap], sample.truth[~sample.gap])
    pearson, circular = fill_real.correlations(sample.truth, sample)
    assert (pearson, circular) == pytest.approx((1, 1))


@pytest.mark.slow
def test_the_section_has_every_case(network: PhaseFillingNet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fill_cases, "SIDE", SIDE)
    monkeypatch.setattr(phase_filling, "SAMPLES", 2)
    monkeypatch.setattr(phase_filling, "find_real", lambda: None)
    monkeypatch.setattr(phase_filling, "find_terrain", lambda _: None)
    pytest.importorskip("matplotlib")
    card = Card("phase_filling", "default", "0" * 64)
    made = phase_filling.section(network, card, torch.device("cpu"), tmp_path, Silent())
    text = made.markdown()
    for case in all_cases(2):
        assert case.name in text
    assert (tmp_path / made.pictures[0][0]).is_file()

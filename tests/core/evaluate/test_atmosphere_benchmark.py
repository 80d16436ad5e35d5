"""Metrics against closed forms, and the benchmark's scenes against what they promise."""

import numpy as np
import pytest
from fringelens.core.evaluate.atmosphere_metrics import coverage, left_over, peak_ratio, two_term_ssim
from fringelens.core.evaluate.benchmarks.atmosphere_scenes import Scene, correct
from fringelens.core.evaluate.benchmarks.atmosphere_stack import _velocity
from fringelens.core.evaluate.benchmarks.atmosphere_tally import Tally, error_table, reduction_table
from fringelens.core.simulate.stack import network

SHAPE = (80, 90)


@pytest.fixture
def scene(rng):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    truth = (50 * np.exp(-((x - 40) ** 2 + (y - 30) ** 2) / 60)).astype(np.float32)
    noise = (0.2 * x + 2 * rng.standard_normal(SHAPE)).astype(np.float32)
    return Scene(truth, noise, np.ones(SHAPE, bool), None, None, 100.0, 1.0)


def test_perfect_is_perfect_whatever_the_level(scene):
    made = scene.truth + 7.0
    assert left_over(made, scene.truth, scene.valid) == pytest.approx(0, abs=1e-5)
    assert peak_ratio(made, scene.truth, scene.valid) == pytest.approx(1)
    assert two_term_ssim(made, scene.truth, scene.total, scene.valid) == pytest.approx(1)


def test_half_of_a_source_is_half_a_peak(scene):
    assert peak_ratio(0.5 * scene.truth, scene.truth, scene.valid) == pytest.approx(0.5, abs=0.01)
    assert np.isnan(peak_ratio(scene.truth, 0 * scene.truth, scene.valid))


def test_coverage_counts_errors_within_the_deviation(rng, scene):
    error = rng.standard_normal(SHAPE)
    assert coverage(scene.truth + error, scene.truth, np.ones(SHAPE), scene.valid) == pytest.approx(0.683, abs=0.02)


def test_the_trend_takes_the_ramp_and_keeps_the_source(scene):
    made = correct(scene, None)
    assert made.deviation is None
    assert left_over(made.movement, scene.truth, scene.valid) == pytest.approx(2.0, abs=0.3)
    assert peak_ratio(made.movement, scene.truth, scene.valid) == pytest.approx(1.0, abs=0.05)


def test_tables_have_a_row_for_each_set(scene):
    def nothing(planes):
        return np.zeros((2, *planes.shape[1:]), np.float32)

    kept = Tally()
    kept.add(scene, nothing)
    for table in (reduction_table("t", {"a": kept, "b": kept}, "set"), error_table({"a": kept, "b": kept})):
        assert [row[0] for row in table.rows] == ["a", "b"]
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert kept.less("network").value > 0.4
    assert kept.worse("network") == 0


def test_velocity_and_its_deviation_are_those_of_a_line(rng):
    from datetime import date, timedelta

    days = np.linspace(0, 1095, 15)
    pairs = network(list(days), 1095.0, 3)
    named = [tuple(date(2014, 10, 1) + timedelta(days=float(days[k])) for k in pair) for pair in pairs]
    truth = np.where(np.arange(400) < 20, -30.0, 0.0)
    air = 5 * rng.standard_normal((15, 400))
    fields = np.stack([truth * (days[j] - days[i]) / 365.25 + air[j] - air[i] for i, j in pairs])
    found = _velocity(fields, named, truth)
    expected = 5 / np.sqrt(np.square(days / 365.25 - np.mean(days / 365.25)).sum())
    assert np.median(found.deviation) == pytest.approx(expected, rel=0.1)
    assert np.std(found.velocity - truth) == pytest.approx(expected, rel=0.15)
    assert found.peak == pytest.approx(1.0, abs=0.1)

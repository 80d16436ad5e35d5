"""Intervals by resampling scenes."""

import numpy as np
import pytest
from fringelens.core.evaluate.bootstrap import pooled, resampled


def test_resampling_a_mean_gives_the_interval_of_the_same_mean_from_sums(rng):
    values = rng.normal(2.0, 1.0, 80)
    mean = resampled(len(values), lambda chosen: float(values[list(chosen)].mean()))
    sums = np.stack((values, np.ones_like(values)), 1)
    same = pooled(sums, lambda totals: totals[:, 0] / totals[:, 1])
    assert mean == pytest.approx(same, abs=0.04)
    spread = values.std() / np.sqrt(len(values))
    assert mean.high - mean.low == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_samples_of_which_nothing_can_be_said_are_left_out():
    estimate = resampled(6, lambda chosen: 1.0 if 0 in chosen else float("nan"))
    assert estimate == (1.0, 1.0, 1.0)
    assert np.isnan(resampled(6, lambda chosen: float("nan"))).all()

"""Trends against numpy's least squares, and against what was put in."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from fringelens.plugin.series import fit, model

DAYS = [date(2018, 1, 6) + timedelta(days=12 * i) for i in range(50)]


def years(trend: fit.Trend) -> np.ndarray:
    return np.array([(day - trend.middle).days / fit.DAYS_A_YEAR for day in DAYS])


def made(values, sigmas=None) -> model.Series:
    sigmas = [math.nan] * len(values) if sigmas is None else sigmas
    return model.made("a", list(zip(DAYS, values, sigmas, strict=False)))


@pytest.mark.parametrize("kind", fit.MODELS[1:])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_fit_is_that_of_numpy(rng, kind, weighted):
    sigmas = rng.uniform(0.5, 3.0, len(DAYS)) if weighted else None
    values = rng.normal(0, 5, len(DAYS)).cumsum()
    trend = fit.fit(made(values, sigmas), kind)
    design = np.array([fit.terms(kind, t) for t in years(trend)])
    weights = 1 / sigmas if weighted else np.ones(len(DAYS))
    expected = np.linalg.lstsq(design * weights[:, None], values * weights, rcond=None)[0]
    assert trend.coefficients == pytest.approx(expected, rel=1e-7, abs=1e-7)
    rest = values - design @ expected
    scatter = ((rest * weights) ** 2).sum() / (len(DAYS) - design.shape[1])
    covariance = np.linalg.inv((design * weights[:, None] ** 2).T @ design)
    scale = max(scatter, 1.0) if weighted else scatter
    assert trend.velocity_std == pytest.approx(math.sqrt(scale * covariance[1, 1]))
    assert trend.residuals == pytest.approx(rest, abs=1e-7)


def test_what_was_put_in_comes_out():
    times = [(day - DAYS[0]).days / fit.DAYS_A_YEAR for day in DAYS]
    values = [7.0 - 23.0 * t + 4.0 * math.sin(2 * math.pi * t + 1.0) for t in times]
    trend = fit.fit(made(values), fit.ANNUAL)
    assert trend.velocity == pytest.approx(-23.0)
    assert trend.amplitude == pytest.approx(4.0)
    assert trend.velocity_std == pytest.approx(0.0, abs=1e-6)
    assert trend.at(DAYS[3].toordinal()) == pytest.approx(values[3])
    assert trend.text("mm") == "−23.0 ± 0.0 mm/yr, annual 4.0 mm"


def test_the_standard_deviation_of_the_velocity_covers_the_truth_as_often_as_it_says(rng):
    hits = 0
    for _ in range(300):
        trend = fit.fit(made(rng.normal(0, 2.0, len(DAYS)), np.full(len(DAYS), 2.0)), fit.LINEAR)
        hits += abs(trend.velocity) < 1.96 * trend.velocity_std
    assert hits / 300 == pytest.approx(0.96, abs=0.03)


def test_a_zero_deviation_at_the_first_date_does_not_take_all_the_weight():
    sigmas = [0.0] + [2.0] * (len(DAYS) - 1)
    values = [30.0] + [0.0] * (len(DAYS) - 1)
    trend = fit.fit(made(values, sigmas), fit.LINEAR)
    assert abs(trend.at(DAYS[0].toordinal())) < 3.0


@pytest.mark.parametrize("kind", fit.MODELS)
def test_too_few_dates_have_no_trend(kind):
    short = made([1.0, 2.0])
    assert fit.fit(short, kind) is None
    assert fit.fit(made([]), kind) is None


def test_terms_that_cannot_be_told_apart_have_no_trend():
    same = model.made("a", [(date(2018 + 4 * i, 1, 6), float(i), math.nan) for i in range(7)])
    assert fit.fit(same, fit.ANNUAL) is None or abs(fit.fit(same, fit.ANNUAL).amplitude) < 10.0

"""Fitting a trough to the fringes: the derivative is one, the depth is found, and nothing gets worse."""

import numpy as np
import pytest
from fringelens.core.phase.unwrap_refine import LEAST_GAIN, _basis, _length, refine
from fringelens.core.phase.wrap import wrap

SIDE = 70


def trough(depth):
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return (depth * np.exp(-(x**2 + 0.7 * y**2) / (2 * 10.0**2))).astype(np.float32)


def weight(model):
    return (np.hypot(*np.gradient(model)) > 0.6).astype(np.float32)


def test_the_derivative_is_that_of_finite_differences(rng):
    phase, model = wrap(trough(60)).astype(np.float32), trough(55).astype(float)
    share = weight(model).astype(float) / weight(model).sum()
    direction = trough(1).astype(float)
    _, slope = _length(phase, model, share)
    step = 0.05
    ahead, behind = (_length(phase, model + s * direction, share)[0] for s in (step, -step))
    assert (slope * direction).sum() == pytest.approx((ahead - behind) / (2 * step), rel=0.02)


@pytest.mark.parametrize("error", [0.88, 0.95, 1.06])
def test_a_trough_that_is_too_shallow_or_too_deep_is_corrected(rng, error):
    truth = trough(60)
    noisy = wrap(truth + rng.normal(0, 1.0, truth.shape)).astype(np.float32)
    model = truth * np.float32(error)
    fit = refine(noisy, model, weight(model))
    assert fit.after > fit.before
    assert np.abs(fit.model - truth).max() < 1.0 < np.abs(model - truth).max()


def test_a_right_model_stays_right(rng):
    truth = trough(60)
    noisy = wrap(truth + rng.normal(0, 0.8, truth.shape)).astype(np.float32)
    assert np.abs(refine(noisy, truth, weight(truth)).model - truth).max() < 0.5


def test_noise_never_makes_the_fit_report_less_than_before(rng):
    noise = rng.uniform(-np.pi, np.pi, (SIDE, SIDE)).astype(np.float32)
    fit = refine(noise, trough(40), weight(trough(40)))
    assert fit.after >= fit.before
    assert fit.after == fit.before or fit.after > fit.before + LEAST_GAIN


def test_a_weight_of_nothing_changes_nothing():
    model = trough(30)
    assert np.array_equal(refine(wrap(model), model, np.zeros_like(model)).model, model)


def test_interpolation_keeps_constants_and_values():
    for size in (1, 2, 6):
        weights = _basis(41, size)
        assert weights.sum(1) == pytest.approx(np.ones(41))
        assert weights[0, 0] == weights[-1, -1] == 1

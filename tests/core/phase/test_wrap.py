"""Wrapping, differences, and how far a phase agrees with itself."""

import numpy as np
import pytest
from fringelens.core.phase.coherence import phase_coherence
from fringelens.core.phase.gradients import differences, fringe_rate
from fringelens.core.phase.wrap import phasor, wrap


def test_wrapping_equals_the_angle_of_the_phasor(rng):
    phase = rng.uniform(-60, 60, 5000)
    assert wrap(phase) == pytest.approx(np.angle(np.exp(1j * phase)), abs=1e-9)


def test_half_a_cycle_wraps_to_plus_pi_and_nan_stays():
    assert wrap(np.array([np.pi, -np.pi, 3 * np.pi])) == pytest.approx(np.full(3, np.pi))
    assert np.isnan(wrap(np.array([np.nan])))[0]


def test_wrapped_differences_of_a_gentle_ramp_are_those_of_the_ramp(phase_ramp):
    ramp = phase_ramp(40, 50)
    valid = np.ones(ramp.shape, bool)
    wrapped = differences(wrap(ramp), valid, wrapped=True)
    true = differences(ramp, valid, wrapped=False)
    assert wrapped.down == pytest.approx(true.down, abs=1e-4)
    assert wrapped.right == pytest.approx(true.right, abs=1e-4)


def test_differences_across_a_hole_are_zero(phase_ramp):
    ramp = phase_ramp(20, 20)
    valid = np.ones(ramp.shape, bool)
    valid[10, 10] = False
    gradient = differences(ramp, valid, wrapped=False)
    assert gradient.down[9, 10] == gradient.down[10, 10] == gradient.right[10, 9] == gradient.right[10, 10] == 0


def test_fringe_rate_of_a_noisy_plane_is_its_slope(rng):
    y, x = np.mgrid[:60, :60]
    phase = (0.9 * x - 0.4 * y + rng.normal(0, 0.3, x.shape)).astype(np.float32)
    rate = fringe_rate(phasor(phase, np.ones(phase.shape, bool)), 9)
    inner = slice(10, -10), slice(10, -10)
    assert rate.right[inner].mean() == pytest.approx(0.9, abs=0.02)
    assert rate.down[inner].mean() == pytest.approx(-0.4, abs=0.02)


def test_phase_coherence_is_one_on_planes_and_low_on_noise(rng, phase_ramp):
    valid = np.ones((60, 60), bool)
    assert phase_coherence(phase_ramp(60, 60, 20), valid)[8:-8, 8:-8].min() > 0.99
    noise = phase_coherence(rng.uniform(-np.pi, np.pi, (60, 60)).astype(np.float32), valid)
    assert noise.mean() < 0.45


def test_phase_coherence_is_zero_without_data(phase_ramp):
    valid = np.ones((30, 30), bool)
    valid[:10] = False
    assert (phase_coherence(phase_ramp(30, 30), valid)[:10] == 0).all()

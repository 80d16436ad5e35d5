"""What the mask network is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fringelens.core.phase.mask_features import AmplitudeScale, mask_features
from fringelens.core.training.recipes.mask_inputs import stack
from fringelens.models.decorrelation.network import CHANNELS


def test_absent_inputs_are_zero_planes(rng: Any) -> None:
    phase = rng.uniform(-3, 3, (5, 6)).astype(np.float32)
    planes = mask_features(phase, np.ones(phase.shape, bool), None, None)
    assert planes.shape == (len(CHANNELS), 5, 6)
    np.testing.assert_allclose(planes[0] ** 2 + planes[1] ** 2, 1, atol=1e-6)
    assert (planes[2] == 1).all()
    assert not planes[3:].any()


def test_nothing_of_invalid_pixels_gets_through(rng: Any) -> None:
    phase = rng.uniform(-3, 3, (5, 6)).astype(np.float32)
    valid = np.ones(phase.shape, bool)
    valid[2, 3] = False
    phase[2, 3] = np.nan
    planes = mask_features(phase, valid, np.where(valid, 0.5, np.nan), np.where(valid, 1.0, np.nan))
    assert np.isfinite(planes).all()
    np.testing.assert_array_equal(planes[:, 2, 3], [0, 0, 0, 0, 1, 0, 1])


def test_the_scale_takes_any_calibration_out(rng: Any) -> None:
    amplitude = rng.rayleigh(1.0, (64, 64)).astype(np.float32)
    valid = np.ones(amplitude.shape, bool)
    first = AmplitudeScale.of(amplitude, valid).normalise(amplitude)
    louder = amplitude * 1000
    second = AmplitudeScale.of(louder, valid).normalise(louder)
    np.testing.assert_allclose(first, second, atol=1e-3)
    assert np.median(first) == pytest.approx(0, abs=1e-6)
    assert np.abs(first).max() <= 5


def test_zeros_and_constants_have_a_scale() -> None:
    valid = np.ones((4, 4), bool)
    assert AmplitudeScale.of(np.zeros((4, 4), np.float32), valid) == (0.0, 1.0)
    constant = np.full((4, 4), 7.0, np.float32)
    assert not AmplitudeScale.of(constant, valid).normalise(constant).any()
    assert (AmplitudeScale(0.0, 1.0).normalise(np.zeros((2, 2), np.float32)) == -5).all()


def test_training_shows_the_network_what_the_tool_shows(rng: Any) -> None:
    phase = rng.uniform(-3, 3, (32, 33)).astype(np.float32)
    coherence = rng.random((32, 33)).astype(np.float32)
    amplitude = rng.rayleigh(3.0, (32, 33)).astype(np.float32)
    valid = rng.random((32, 33)) > 0.1
    logs = AmplitudeScale.of(amplitude, valid).normalise(amplitude)
    from_tool = mask_features(phase, valid, coherence, logs)
    tensors = [torch.from_numpy(plane)[None] for plane in (phase, valid, coherence, amplitude)]
    torch.testing.assert_close(stack(*tensors)[0], torch.from_numpy(from_tool), rtol=0, atol=5e-3)

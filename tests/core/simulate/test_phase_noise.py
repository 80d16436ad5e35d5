"""The density of the interferometric phase and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fringelens.core.simulate.phase_noise import (
    PHASE_NOISE_LIMIT,
    critical_coherence,
    phase_density,
    phase_deviation,
    phase_deviation_exact,
)
from scipy.special import spence


@pytest.mark.parametrize("looks", [1, 2.5, 4, 20, 100])
def test_density_integrates_to_one(looks: float) -> None:
    phase = np.linspace(-np.pi, np.pi, 20001)
    for coherence in (0.0, 0.3, 0.7, 0.95):
        density = phase_density(phase, np.array(coherence), looks)
        assert np.trapezoid(density, phase) == pytest.approx(1.0, abs=1e-6)


def test_deviation_of_one_look_is_the_closed_form() -> None:
    coherence = np.array([0.0, 0.2, 0.5, 0.8, 0.95])
    angle = np.arcsin(coherence)
    dilogarithm = spence(1.0 - coherence**2)
    expected = np.sqrt(np.pi**2 / 3 - np.pi * angle + angle**2 - dilogarithm / 2)
    np.testing.assert_allclose(phase_deviation_exact(coherence, 1), expected, rtol=2e-3)


def test_deviation_of_many_looks_is_the_large_look_formula() -> None:
    expected = np.sqrt((1 - 0.8**2) / (2 * 100 * 0.8**2))
    assert phase_deviation_exact(np.array([0.8]), 100)[0] == pytest.approx(expected, rel=0.02)


def test_table_follows_the_exact_deviation_between_its_nodes() -> None:
    coherence = np.linspace(0.013, 0.97, 37)
    for looks in (1.0, 3.5, 7.0, 45.0):
        table = phase_deviation(torch.tensor(coherence, dtype=torch.float32)[None], torch.tensor([looks]))[0].numpy()
        np.testing.assert_allclose(table, phase_deviation_exact(coherence, looks), atol=0.01)


def test_critical_coherence_has_the_limiting_noise() -> None:
    looks = torch.tensor([1.0, 3.0, 4.0, 20.0])
    noise = phase_deviation(critical_coherence(looks)[:, None], looks)[:, 0]
    torch.testing.assert_close(noise, torch.full((4,), PHASE_NOISE_LIMIT), atol=0.01, rtol=0)

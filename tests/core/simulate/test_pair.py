"""Speckle pairs against the laws they must follow."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.pair import estimate_coherence, look_pair, multilook_pair, neighbour_weight
from fringelens.core.simulate.phase_noise import phase_density
from scipy.special import gammaln
from scipy.stats import kstest

SIZE = 192


def make(looks: float, coherence: float, phase: float = 0.7, oversampling: float = 1.0) -> tuple[torch.Tensor, ...]:
    draw = Draw(torch.Generator().manual_seed(3))
    plane = torch.ones(1, SIZE, SIZE)
    return multilook_pair(
        draw, plane * phase, plane * coherence, plane * 2.0, torch.tensor([looks]), torch.tensor([oversampling])
    )


def expected_estimate(coherence: float, samples: int) -> float:
    """Mean of the coherence estimate of independent samples; Touzi et al. (1999), equation 5, as a series."""
    k = np.arange(4000)
    log = (
        gammaln(1.5 + k) - gammaln(1.5) + 2 * (gammaln(samples + k) - gammaln(samples))
        - (gammaln(samples + 0.5 + k) - gammaln(samples + 0.5)) - 2 * gammaln(1 + k) + k * np.log(coherence**2)
    )  # fmt: skip
    front = gammaln(samples) + gammaln(1.5) - gammaln(samples + 0.5) + samples * np.log(1 - coherence**2)
    return float(np.exp(front + np.logaddexp.reduce(log)))


@pytest.mark.parametrize(("looks", "coherence"), [(1, 0.0), (1, 0.6), (4, 0.4), (10, 0.3), (20, 0.8), (40, 0.15)])
def test_phase_histogram_follows_the_exact_density(looks: float, coherence: float) -> None:
    error = (make(looks, coherence)[0] * np.exp(-0.7j)).angle().flatten().numpy()
    phase = np.linspace(-np.pi, np.pi, 4001)
    density = phase_density(phase, np.array(coherence), looks)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(phase))])
    assert kstest(error, lambda x: np.interp(x, phase, cumulative)).statistic < 0.02


def test_sign_of_the_phase_is_first_times_conjugate_second() -> None:
    assert make(40, 0.99, phase=0.7)[0].mean().angle().item() == pytest.approx(0.7, abs=0.01)
    assert make(1, 0.99, phase=0.7)[0].mean().angle().item() == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("looks", [1, 3, 6, 40])
def test_both_powers_have_the_mean_and_the_spread_of_their_looks(looks: float) -> None:
    for power in make(looks, 0.5)[1:]:
        assert power.mean().item() == pytest.approx(2.0, rel=0.03)
        assert (power.mean() ** 2 / power.var()).item() == pytest.approx(looks, rel=0.06)


@pytest.mark.parametrize(("looks", "window"), [(1, 3), (1, 5), (10, 3)])
@pytest.mark.parametrize("coherence", [0.05, 0.5, 0.9])
def test_mean_coherence_estimate_is_touzis(looks: int, window: int, coherence: float) -> None:
    cross, first, second = make(looks, coherence)
    estimate = estimate_coherence(cross, first, second, torch.tensor([float(window)]), torch.zeros_like(first))
    inside = estimate[0, window:-window, window:-window]
    assert inside.mean().item() == pytest.approx(expected_estimate(coherence, looks * window**2), abs=0.012)


def test_fringes_left_in_the_window_lower_the_estimate_and_flattening_restores_it() -> None:
    draw = Draw(torch.Generator().manual_seed(4))
    ramp = torch.arange(96.0)[None, None, :].expand(1, 96, 96) * 1.5
    plane = torch.ones(1, 96, 96)
    parts = multilook_pair(draw, ramp, plane * 0.9, plane, torch.tensor([4.0]), torch.tensor([1.0]))
    window = torch.tensor([5.0])
    assert estimate_coherence(*parts, window, torch.zeros_like(ramp)).mean() < 0.4
    assert estimate_coherence(*parts, window, ramp).mean() > 0.85


@pytest.mark.parametrize("oversampling", [1.0, 1.2, 1.4])
def test_point_spread_function_correlates_neighbours_and_keeps_power(oversampling: float) -> None:
    draw = Draw(torch.Generator().manual_seed(5))
    plane = torch.ones(4, 128, 128)
    first, second = look_pair(draw, plane * 0, plane * 0.6, plane, torch.full((4,), oversampling))
    correlation = (first[:, :, 1:] * first[:, :, :-1].conj()).real.mean().item()
    assert correlation == pytest.approx(float(np.sinc(1 / oversampling)), abs=0.03)
    assert first.abs().square()[:, 2:-2, 2:-2].mean().item() == pytest.approx(1.0, abs=0.03)
    assert (first * second.conj()).mean().real.item() == pytest.approx(0.6, abs=0.03)
    assert neighbour_weight(torch.tensor([1.0])).item() == pytest.approx(0.0, abs=1e-6)

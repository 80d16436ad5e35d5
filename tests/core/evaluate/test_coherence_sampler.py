"""The estimate of one who knows the law of the easy scenes: its likelihood, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fringelens.core.evaluate.benchmarks import coherence_sampler
from fringelens.core.evaluate.benchmarks.coherence_sampler import COHERENCES, DECIBELS, known_law, log_likelihood
from fringelens.core.evaluate.benchmarks.coherence_scenes import EASY
from scipy.integrate import trapezoid


@pytest.mark.parametrize("looks", [1.0, 4.0])
def test_the_likelihood_adds_up_to_the_same_for_every_coherence_and_power(looks: float) -> None:
    root = np.linspace(1e-3, 4.0, 150)  # of intensity: single looks are many near nothing
    first, second = (part.ravel() ** 2 for part in np.meshgrid(root, root))
    found = log_likelihood(first, second, looks).astype(float)
    left_out = (looks - 1) / 2 * np.log(first * second) + np.log(4 * np.sqrt(first * second))
    for coherence, decibel in ((0.1, 0), (0.5, 0), (0.8, 0), (0.5, -2.4), (0.5, 1.2)):
        row = int(np.abs(COHERENCES - coherence).argmin()) * len(DECIBELS) + int(np.abs(DECIBELS - decibel).argmin())
        density = np.exp(found[:, row] + left_out).reshape(150, 150)
        total = float(trapezoid(trapezoid(density, root), root))
        expected = float(np.prod(np.arange(1, looks))) / looks ** (looks + 1)  # gamma function, and powers of the looks
        assert total == pytest.approx(expected, rel=0.02)


def test_who_knows_the_law_comes_near_the_truth_but_not_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FITTING", "WARMING", "SAMPLING"):
        monkeypatch.setattr(coherence_sampler, name, 300)
    limit = known_law(replace(EASY, batch=3, rows=64, cols=64, ground=replace(EASY.ground, cells=4)))
    assert 0.01 < limit.rmse < 0.1  # a constant has 0.28

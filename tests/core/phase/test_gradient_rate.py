"""The rate of a few sums over spans: a short span says in which cycle a long one is."""

import numpy as np
import pytest
from fringelens.core.phase.gradient_rate import best_rate

LEVER = np.array([0.2, 0.6, 1.0], np.float32)  # pixels times years
SIZE = np.array([3.0, 4.0, 6.0], np.float32)
NOISE = np.full((1, 1), 0.1, np.float32)


def sums(rate, lever=LEVER, size=SIZE):
    """Real and imaginary part (spans, 1, 1) of sums without noise."""
    found = (size * np.exp(1j * rate * lever))[:, None, None]
    return found.real.astype(np.float32), found.imag.astype(np.float32)


@pytest.mark.parametrize("rate", [-12.0, -6.0, -1.0, 0.0, 2.0, 5.0, 6.0, 8.0, 10.0, 12.0])
def test_a_rate_beyond_half_a_cycle_of_the_longest_span_is_found(rate):
    found, height = best_rate(*sums(rate), LEVER, NOISE)
    assert found == pytest.approx(rate, abs=1e-4)
    assert height == pytest.approx(SIZE.sum(), rel=1e-5)


def test_noise_alone_never_chooses_another_cycle():
    real, imaginary = sums(5.0)
    surely, _ = best_rate(real, imaginary, LEVER, NOISE)
    hardly, _ = best_rate(real, imaginary, LEVER, np.full((1, 1), 100.0, np.float32))
    assert surely == pytest.approx(5.0, abs=1e-4)
    assert abs(float(hardly[0, 0])) < np.pi / (LEVER @ SIZE / SIZE.sum())


def test_one_span_gives_the_angle_over_its_length():
    found, _ = best_rate(*sums(2.5, LEVER[1:2], SIZE[1:2]), LEVER[1:2], NOISE)
    assert found == pytest.approx(2.5, abs=1e-5)

"""The Goldstein filter, against what its formula says of pure fringes, and what it is for: less noise."""

import numpy as np
import pytest
from fringelens.core.phase.goldstein import PATCH, goldstein

ROWS, COLUMNS = 83, 120
INNER = np.s_[PATCH:-PATCH, PATCH:-PATCH]  # seen by whole patches alone


def fringes(down, right):
    """A pure fringe of so many cycles per patch."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    return np.exp(2j * np.pi * (down * rows + right * columns) / PATCH).astype(np.complex64)


def test_no_strength_changes_nothing():
    signal = fringes(1, 2)
    assert goldstein(signal, 0.0) is signal


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_a_pure_fringe_passes_as_it_is(strength):
    signal = fringes(3, -5)
    assert goldstein(signal, strength)[INNER] == pytest.approx(signal[INNER], abs=1e-5)


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_weaker_fringe_is_weakened_by_its_own_share_to_the_power_of_the_strength(strength):
    strong, weak, share = fringes(4, 4), fringes(-7, -3), 0.3
    found = goldstein(strong + np.complex64(share) * weak, strength)[INNER]
    assert found == pytest.approx(strong[INNER] + share ** (1 + strength) * weak[INNER], abs=1e-4)


def test_noise_of_a_plane_is_less_than_half_of_what_it_was(rng):
    truth = fringes(2.3, 1.7)
    noise = 0.8 * (rng.normal(size=truth.shape) + 1j * rng.normal(size=truth.shape))
    signal = (truth + noise).astype(np.complex64)
    before, after = (np.abs(np.angle(s * truth.conj()))[INNER].mean() for s in (signal, goldstein(signal, 0.8)))
    assert after < 0.5 * before


@pytest.mark.parametrize("shape", [(2, 5), (16, 31), (33, 64)])
def test_any_size_comes_back_and_nothing_stays_nothing(shape):
    assert goldstein(np.ones(shape, np.complex64), 0.7).shape == shape
    assert not goldstein(np.zeros(shape, np.complex64), 0.7).any()

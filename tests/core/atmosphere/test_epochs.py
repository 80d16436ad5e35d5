"""Delays per date: exact where they close, closed where they did not, and weighed."""

from datetime import date, timedelta

import numpy as np
import pytest
from fringelens.core.atmosphere.epochs import consistent, incidence

DAYS = [date(2020, 1, 1) + timedelta(days=12 * i) for i in range(6)]
PAIRS = [(DAYS[i], DAYS[j]) for i in range(6) for j in range(i + 1, min(i + 3, 6))]


def test_what_closes_is_left_as_it_is(rng):
    _, matrix = incidence(PAIRS)
    delays = matrix @ rng.standard_normal((6, 40))
    assert consistent(delays, np.ones_like(delays), matrix) == pytest.approx(delays, abs=1e-4)


def test_the_result_closes_around_triplets(rng):
    _, matrix = incidence(PAIRS)
    delays = rng.standard_normal((len(PAIRS), 40))
    found = consistent(delays, rng.uniform(0.1, 10, delays.shape), matrix)
    at = {pair: found[row] for row, pair in enumerate(PAIRS)}
    for i in range(4):
        loop = at[DAYS[i], DAYS[i + 1]] + at[DAYS[i + 1], DAYS[i + 2]] - at[DAYS[i], DAYS[i + 2]]
        assert np.abs(loop).max() < 1e-9


def test_errors_average_out(rng):
    _, matrix = incidence(PAIRS)
    truth = matrix @ rng.standard_normal((6, 4000))
    noisy = truth + rng.standard_normal(truth.shape)
    assert np.std(consistent(noisy, np.ones_like(noisy), matrix) - truth) < 0.8 * np.std(noisy - truth)


def test_an_interferogram_of_no_weight_follows_the_others(rng):
    _, matrix = incidence(PAIRS)
    delays = matrix @ rng.standard_normal((6, 10))
    spoilt, variances = delays.copy(), np.ones_like(delays)
    spoilt[3] += 100.0
    variances[3] = np.inf
    assert consistent(spoilt, variances, matrix) == pytest.approx(delays, abs=1e-3)


def test_a_network_in_pieces_has_a_solution(rng):
    pairs = [PAIRS[0], (DAYS[3], DAYS[4])]
    _, matrix = incidence(pairs)
    delays = rng.standard_normal((2, 5))
    assert consistent(delays, np.ones_like(delays), matrix) == pytest.approx(delays, abs=1e-4)


def test_a_pair_whose_later_date_comes_first_has_the_other_sign():
    dates, matrix = incidence([(DAYS[1], DAYS[0])])
    assert dates == DAYS[:2]
    assert matrix.tolist() == [[1.0, -1.0]]

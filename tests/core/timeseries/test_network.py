"""Dates, pieces and loops, on networks small enough to draw."""

from datetime import date, timedelta

import numpy as np
import pytest
from fringelens.core.errors import InputError
from fringelens.core.timeseries.network import NOT_SEEN, Network

DAYS = [date(2020, 1, 1) + timedelta(12 * i) for i in range(6)]


def of(*ends):
    return Network.of([(DAYS[first], DAYS[second]) for first, second in ends])


def test_dates_are_sorted_and_years_count_from_the_first():
    network = of((2, 3), (0, 1), (1, 2))
    assert network.dates == tuple(DAYS[:4])
    assert network.years == pytest.approx(np.arange(4) * 12 / 365.25)


def test_incidence_is_second_minus_first_whichever_is_earlier():
    matrix = of((0, 1), (2, 1), (0, 2)).incidence()
    assert matrix.tolist() == [[-1, 1, 0], [0, 1, -1], [-1, 0, 1]]


def test_fewer_than_three_interferograms_are_refused():
    with pytest.raises(InputError, match="too few"):
        of((0, 1), (1, 2))


def test_pieces_are_named_by_their_first_date():
    network = of((0, 1), (2, 4), (4, 5), (1, 3))
    valid = np.ones((4, 3), bool)
    valid[3, 1] = False  # the second pixel lacks the one that shows date 3
    valid[:, 2] = False
    pieces = network.pieces(valid)
    labels = pieces.kinds[:, pieces.kind].T.tolist()
    assert labels == [[0, 0, 2, 0, 2, 2], [0, 0, 2, NOT_SEEN, 2, 2], [NOT_SEEN] * 6]
    assert pieces.unknowns.tolist() == [4, 3, 0]


def test_pieces_do_not_depend_on_the_order_of_interferograms(rng):
    ends = [(i, j) for i in range(6) for j in range(i + 1, 6) if (i + j) % 3]
    valid = rng.random((len(ends), 200)) < 0.4
    order = rng.permutation(len(ends))
    one, other = of(*ends).pieces(valid), of(*[ends[i] for i in order]).pieces(valid[order])
    assert np.array_equal(one.kinds[:, one.kind], other.kinds[:, other.kind])


def test_degrees_count_the_interferograms_of_each_date():
    network = of((0, 1), (1, 2), (0, 2))
    valid = np.array([[True], [False], [True]])
    assert network.degrees(valid).ravel().tolist() == [2, 1, 1]


def test_phases_around_every_triplet_sum_to_zero(rng):
    network = of((1, 0), (1, 2), (0, 2), (3, 2), (1, 3), (0, 3))
    loops, signs = network.triplets()
    level = rng.normal(size=4)
    phase = level[network.second] - level[network.first]
    assert len(loops) == 4  # of four dates that are all connected
    assert (phase[loops] * signs).sum(1) == pytest.approx(0, abs=1e-12)


def test_a_network_in_pieces_is_described_with_its_dates():
    network = of((0, 1), (2, 3), (3, 4))
    labels = network.pieces(np.ones((3, 1), bool)).kinds[:, 0]
    words = network.describe(labels)
    assert words.startswith("2 pieces: 2020-01-01 to 2020-01-13 (2 dates); 2020-01-25 to")

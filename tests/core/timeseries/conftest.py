"""A network and simulated phases of it."""

from datetime import date, timedelta

import numpy as np
import pytest


@pytest.fixture
def make_network():
    """`make_network(dates, later)`: every date with so many later ones, 12 days apart."""
    from fringelens.core.timeseries.network import Network

    def make(dates=12, later=3):
        days = [date(2020, 1, 1) + timedelta(12 * i) for i in range(dates)]
        return Network.of([(days[i], days[j]) for i in range(dates) for j in range(i + 1, min(dates, i + 1 + later))])

    return make


@pytest.fixture
def walk(rng):
    """Series (dates, pixels) that start at 0 and wander, and their interferograms."""

    def make(network, pixels=40):
        series = np.cumsum(rng.normal(size=(len(network.dates), pixels)), axis=0)
        series -= series[0]
        return series, series[network.second] - series[network.first]

    return make

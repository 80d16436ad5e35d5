"""Scales and ticks."""

from __future__ import annotations

from datetime import date

import pytest
from fringelens.plugin.series import axes


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (-12.0, 31.0, 5, ["−10", "0", "10", "20", "30"]),
        (0.0, 1.0, 4, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (-0.002, 0.002, 4, ["−0.002", "−0.001", "0.000", "0.001", "0.002"]),
        (4.9, 5.1, 2, ["4.9", "5.0", "5.1"]),
    ],
)
def test_values_have_round_ticks(low, high, most, labels):
    assert [label for _, label in axes.value_ticks(low, high, most)] == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (date(2018, 1, 6), date(2018, 1, 20), ["6 Jan 2018", "11 Jan 2018", "16 Jan 2018"]),
        (date(2018, 1, 6), date(2018, 6, 20), ["Mar 2018", "May 2018"]),
        (date(2018, 2, 6), date(2020, 3, 20), ["Jul 2018", "Jan 2019", "Jul 2019", "Jan 2020"]),
        (date(2006, 2, 6), date(2019, 3, 20), ["2007", "2010", "2013", "2016", "2019"]),
    ],
)
def test_dates_have_ticks_where_a_calendar_has(low, high, labels):
    found = [label for _, label in axes.date_ticks(low.toordinal(), high.toordinal(), 5)]
    assert found == labels


@pytest.mark.parametrize("length", [10, 33, 60, 200, 800, 3000, 20000])
def test_there_are_neither_too_many_ticks_nor_none(length):
    ticks = axes.date_ticks(736700.4, 736700.4 + length, 6)
    assert 1 <= len(ticks) <= 8
    assert all(736700.4 <= day <= 736700.4 + length for day, _ in ticks)


def test_a_scale_goes_there_and_back():
    scale = axes.Scale(-5.0, 20.0, 300.0, 20.0)
    assert scale.to_pixel(-5.0) == 300.0
    assert scale.to_pixel(20.0) == 20.0
    assert scale.to_value(scale.to_pixel(3.7)) == pytest.approx(3.7)


def test_a_range_is_never_empty():
    assert axes.widened(3.0, 3.0, 2.0) == (2.0, 4.0)
    assert axes.widened(0.0, 10.0, 2.0) == (-0.5, 10.5)

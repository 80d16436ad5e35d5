"""A series before it is drawn."""

from __future__ import annotations

import math
from datetime import date

import pytest
from fringelens.plugin.series import model

FIRST, SECOND, THIRD = date(2018, 1, 6), date(2018, 1, 18), date(2018, 1, 30)


def series(*values: float, name: str = "one", sigma: float = math.nan) -> model.Series:
    return model.made(name, [(day, v, sigma) for day, v in zip((FIRST, SECOND, THIRD), values, strict=False)])


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-31",
        "20180331",
        "2018/03/31",
        "displacement 2018-03-31 (mm)",
        "D20180331x",
        "20180331T105912",
        "99999999_20180331",
    ],
)
def test_the_first_date_of_a_text_is_found(text):
    assert model.date_in(text) == date(2018, 3, 31)


@pytest.mark.parametrize("text", ["", "band 7", "20181301", "2018-02-30", "120180331", "2018-0331"])
def test_what_is_no_date_is_none(text):
    assert model.date_in(text) is None


def test_rows_are_sorted_and_those_without_a_value_left_out():
    made = model.made("a", [(THIRD, 3.0, 1.0), (FIRST, 1.0, math.nan), (SECOND, math.nan, 1.0)])
    assert made.dates == (FIRST, THIRD)
    assert made.values == (1.0, 3.0)
    assert made.has_sigmas


def test_two_values_of_a_date_are_averaged():
    assert model.made("a", [(FIRST, 1.0, math.nan), (FIRST, 4.0, math.nan)]).values == (2.5,)


def test_a_series_less_itself_is_zero_with_deviations_in_squares():
    one = series(1.0, 5.0, 9.0, sigma=3.0)
    rest = model.referred(one, one)
    assert rest.values == (0.0, 0.0, 0.0)
    assert rest.sigmas == pytest.approx([math.sqrt(18.0)] * 3)


def test_a_reference_counts_on_common_dates_alone_and_is_named():
    rest = model.referred(series(1.0, 5.0, 9.0), series(1.0, 2.0, name="two"))
    assert rest.dates == (FIRST, SECOND)
    assert rest.name == "one − two"


def test_levels_move_the_zero_and_nothing_else():
    one = series(1.0, 5.0, 9.0)
    assert model.levelled(one, model.AS_IT_IS, 10.0).values == (11.0, 15.0, 19.0)
    assert model.levelled(one, model.FROM_FIRST).values == (0.0, 4.0, 8.0)
    assert model.levelled(one, model.ABOUT_MEAN).values == (-4.0, 0.0, 4.0)
    assert model.levelled(series(), model.ABOUT_MEAN).values == ()


def test_the_mean_of_several_has_their_spread_as_deviation():
    mean = model.average("both", [series(1.0, 5.0), series(3.0)])
    assert mean.values == (2.0, 5.0)
    assert mean.sigmas[0] == pytest.approx(math.sqrt(2.0))
    assert math.isnan(mean.sigmas[1])

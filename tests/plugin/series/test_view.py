"""What is set about the plot, and what that makes of the series."""

from __future__ import annotations

import csv
import math
from datetime import date, timedelta

import pytest
from fringelens.plugin.series import fit, model, view

DAYS = [date(2018, 1, 6) + timedelta(days=12 * i) for i in range(5)]


class Settings(dict):
    def value(self, key, otherwise):
        return self.get(key, otherwise)

    def setValue(self, key, value):
        self[key] = value


def entry(rate: float, name: str = "a", sigma: float = math.nan) -> view.Entry:
    rows = [(day, rate * i, sigma) for i, day in enumerate(DAYS)]
    return view.Entry(model.made(name, rows), view.COLOURS[0], ("layer", name))


def test_settings_come_back_as_they_were_kept():
    settings = Settings()
    changed = view.View(fit.ANNUAL, True, view.BAND, model.ABOUT_MEAN, 12.5, view.SYMMETRIC, True, 15.5, False, True)
    changed.save(settings)
    assert view.View.load(settings) == changed
    assert view.View.load(Settings()) == view.View()


def test_settings_that_are_no_longer_known_are_as_at_first():
    settings = Settings({view.PREFIX + "model": "spline", view.PREFIX + "cycle": "nan", view.PREFIX + "spacing": "x"})
    assert view.View.load(settings) == view.View()


def test_curves_are_those_shown_lifted_one_above_the_other():
    hidden = entry(1.0, "hidden")
    hidden.shown = False
    found = view.curves([entry(1.0), hidden, entry(2.0, "b")], view.View(spacing=10.0))
    assert [curve.series.name for curve in found] == ["a", "b"]
    assert found[1].series.values == (10.0, 12.0, 14.0, 16.0, 18.0)
    assert found[0].trend.velocity == pytest.approx(fit.DAYS_A_YEAR / 12)
    assert "mm/yr" in found[0].legend


def test_a_reference_is_taken_off_all():
    found = view.curves([entry(3.0), entry(1.0, "b")], view.View(), entry(1.0).series)
    assert found[0].series.values == (0.0, 2.0, 4.0, 6.0, 8.0)
    assert found[1].series.values == (0.0,) * 5


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (-2.0, 10.0)),
        ({"uncertainty": view.NOTHING}, (0.0, 8.0)),
        ({"replicas": True, "cycle": 20.0}, (-20.0, 28.0)),
        ({"scale": view.SYMMETRIC}, (-10.0, 10.0)),
    ],
)
def test_the_range_holds_all_that_is_drawn(changes, expected):
    chosen = view.View(**changes)
    assert view.value_range(view.curves([entry(2.0, sigma=2.0)], chosen), chosen) == expected


def test_nothing_shown_still_has_a_range():
    assert view.value_range([], view.View()) == (-1.0, 1.0)


def test_colours_differ_until_all_are_taken():
    entries: list[view.Entry] = []
    for _ in range(2 * len(view.COLOURS)):
        made = entry(1.0)
        made.colour = view.next_colour(entries)
        entries.append(made)
    assert [e.colour for e in entries] == list(view.COLOURS) * 2


def test_the_table_holds_what_is_drawn():
    name = 'slide "7", west'
    found = view.curves([entry(2.0, name, sigma=1.5)], view.View())
    rows = list(csv.DictReader(view.csv_lines(found)))
    assert [row["date"] for row in rows] == [day.isoformat() for day in DAYS]
    assert [float(row["value"]) for row in rows] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert {row["series"] for row in rows} == {name}
    assert {float(row["std"]) for row in rows} == {1.5}
    assert [float(row["trend"]) + float(row["residual"]) for row in rows] == pytest.approx([0, 2, 4, 6, 8], abs=1e-3)
    bare = view.csv_lines(view.curves([entry(2.0)], view.View(model=fit.NONE)))
    assert next(csv.DictReader(bare))["trend"] == ""


def test_without_deviations_the_scatter_about_the_trend_is_shown_and_not_written():
    rows = [(day, 3.0 * (-1) ** i, math.nan) for i, day in enumerate(DAYS)]
    bare = view.Entry(model.made("a", rows), view.COLOURS[0], ("layer", "a"))
    (curve,) = view.curves([bare], view.View())
    assert curve.is_scatter
    assert set(curve.series.sigmas) == {curve.trend.rms}
    assert {row["std"] for row in csv.DictReader(view.csv_lines([curve]))} == {""}

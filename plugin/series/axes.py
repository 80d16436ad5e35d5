"""Scales and their ticks: round values, and dates at the beginnings of years, months or days."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import List, NamedTuple, Tuple

Tick = Tuple[float, str]

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_STEPS = (1, 2, 3, 6)
DAY_STEPS = (1, 2, 5, 10)
DAYS_A_MONTH = 30.44
MARGIN = 0.05  # of the range, at either end


class Scale(NamedTuple):
    """From values to pixels: `low` is drawn at `first`, `high` at `last`."""

    low: float
    high: float
    first: float
    last: float

    def to_pixel(self, value: float) -> float:
        """Where a value is drawn."""
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)

    def to_value(self, pixel: float) -> float:
        """What is drawn at a pixel."""
        return self.low + (pixel - self.first) / (self.last - self.first) * (self.high - self.low)


def widened(low: float, high: float, least: float) -> Tuple[float, float]:
    """A range with a margin at either end, at least `least` wide."""
    if high - low < least:
        middle = (low + high) / 2
        return middle - least / 2, middle + least / 2
    margin = MARGIN * (high - low)
    return low - margin, high + margin


def value_ticks(low: float, high: float, most: int) -> List[Tick]:
    """At most about `most` round values with their labels."""
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * r for r in ROUND if power * r >= raw * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if abs(step / power - 2.5) < 1e-6 else 0))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(i * step, f"{i * step:.{decimals}f}".replace("-", "−")) for i in range(first, last + 1)]


def date_ticks(low: float, high: float, most: int) -> List[Tick]:
    """At most about `most` dates with their labels; `low` and `high` are days as `date.toordinal` counts them."""
    days_between = (high - low) / max(most, 1)
    months_between = days_between / DAYS_A_MONTH
    if months_between > MONTH_STEPS[-1]:
        years = max(1, math.ceil(months_between / 12))
        return _year_ticks(low, high, years)
    if days_between > DAY_STEPS[-1]:
        step = next(s for s in MONTH_STEPS if s >= months_between)
        return _month_ticks(low, high, step)
    step = next(s for s in DAY_STEPS if s >= days_between)
    days = range(math.ceil(low), math.floor(high) + 1)
    return [(float(d), _day_label(date.fromordinal(d))) for d in days if (d - days[0]) % step == 0]


def in_calendar(day: float) -> date:
    """The date of a day as `date.toordinal` counts it, kept within what a calendar has."""
    return date.fromordinal(min(max(round(day), 1), date.max.toordinal()))


def _year_ticks(low: float, high: float, step: int) -> List[Tick]:
    years = range(in_calendar(low).year, in_calendar(high).year + 1)
    ticks = [(float(date(y, 1, 1).toordinal()), str(y)) for y in years if y % step == 0]
    return [t for t in ticks if low <= t[0] <= high]


def _month_ticks(low: float, high: float, step: int) -> List[Tick]:
    ticks = []
    day = in_calendar(low).replace(day=1)
    while day.toordinal() <= high:
        if (day.month - 1) % step == 0 and day.toordinal() >= low:
            ticks.append((float(day.toordinal()), f"{MONTHS[day.month - 1]} {day.year}"))
        day = (day + timedelta(days=31)).replace(day=1)
    return ticks


def _day_label(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

"""A displacement series and what is done with it before it is drawn; the standard library alone."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

Row = Tuple[date, float, float]  # date, value, standard deviation (NaN where it is not known)

TOWARD = "Displacement toward the satellite"  # the sign that every displacement of ours has
AS_IT_IS, FROM_FIRST, ABOUT_MEAN = "as it is", "first date is zero", "mean is zero"
LEVELS = (AS_IT_IS, FROM_FIRST, ABOUT_MEAN)

_DATE = re.compile(r"(?<!\d)(\d{4})([-/]?)(\d{2})\2(\d{2})(?=\D|T?\d{6}|$)")


class Series(NamedTuple):
    """Values over time, in order, each finite; `sigmas` are their standard deviations, NaN where not known."""

    name: str
    dates: Tuple[date, ...]
    values: Tuple[float, ...]
    sigmas: Tuple[float, ...]
    unit: str = "mm"
    quantity: str = TOWARD
    note: str = ""  # what the source says of it besides, such as the velocity that the tool found

    @property
    def has_sigmas(self) -> bool:
        """Whether any value has a standard deviation."""
        return any(math.isfinite(s) for s in self.sigmas)


def date_in(text: str) -> Optional[date]:
    """The first date in a text: 2018-03-31, 20180331, D20180331, 20180331T105912; None where there is none."""
    for match in _DATE.finditer(text):
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return None


def made(name: str, rows: Iterable[Row], unit: str = "mm", quantity: str = TOWARD, note: str = "") -> Series:
    """A series of rows in any order: those without a value are left out, those of the same date are averaged."""
    by_date: Dict[date, List[Tuple[float, float]]] = {}
    for day, value, sigma in rows:
        if math.isfinite(value):
            by_date.setdefault(day, []).append((value, sigma))
    days = tuple(sorted(by_date))
    values = tuple(_mean(v for v, _ in by_date[day]) for day in days)
    sigmas = tuple(_mean(s for _, s in by_date[day]) for day in days)
    return Series(name, days, values, sigmas, unit, quantity, note)


def referred(series: Series, reference: Series) -> Series:
    """The series less the reference, on the dates that both have; standard deviations add in squares."""
    there = {d: (v, s) for d, v, s in zip(reference.dates, reference.values, reference.sigmas)}
    rows = [
        (d, v - there[d][0], _hypot(s, there[d][1]))
        for d, v, s in zip(series.dates, series.values, series.sigmas)
        if d in there
    ]
    name = f"{series.name} − {reference.name}"
    return made(name, rows, series.unit, series.quantity)  # without the note: a velocity found before no longer holds


def levelled(series: Series, level: str, offset: float = 0.0) -> Series:
    """The series with its zero moved to the first date or the mean, then lifted by `offset`."""
    if not series.values:
        return series
    zero = {FROM_FIRST: series.values[0], ABOUT_MEAN: _mean(series.values)}.get(level, 0.0)
    return series._replace(values=tuple(v - zero + offset for v in series.values))


def average(name: str, several: Sequence[Series]) -> Series:
    """The mean over several series date by date; `sigmas` are the standard deviations among them."""
    by_date: Dict[date, List[float]] = {}
    for series in several:
        for day, value in zip(series.dates, series.values):
            by_date.setdefault(day, []).append(value)
    rows = [(day, _mean(values), _spread(values)) for day, values in by_date.items()]
    first = several[0]
    return made(name, rows, first.unit, first.quantity)


class MeanQuery:
    """Reads several series and gives their mean, whose deviations are those among them."""

    def __init__(self, name: str, identity: Tuple[str, ...], queries: Sequence[Any]) -> None:
        """`queries` have a `read` each."""
        self.name, self.identity, self._queries = name, identity, list(queries)

    def read(self) -> List[Series]:
        """The mean; none where none of them has a value."""
        several = [series for query in self._queries for series in query.read()]
        return [average(f"{self.name} ({len(several)} series)", several)] if several else []


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else math.nan


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return math.nan
    mean = _mean(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _hypot(one: float, other: float) -> float:
    known = [s for s in (one, other) if math.isfinite(s)]
    return math.sqrt(sum(s * s for s in known)) if known else math.nan

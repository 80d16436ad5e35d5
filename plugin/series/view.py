"""How series are to be shown, and what that makes of them: the curves that are drawn and written to files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from . import fit
from .model import AS_IT_IS, LEVELS, Series, levelled, referred

BARS, BAND, NOTHING = "bars", "band", "not shown"
UNCERTAINTIES = (BARS, BAND, NOTHING)
FITTED, SYMMETRIC, KEPT = "fits the data", "symmetric about zero", "stays as it is"
SCALES = (FITTED, SYMMETRIC, KEPT)
C_BAND_MM = 27.73  # half of Sentinel-1's wavelength: one cycle of phase
PREFIX = "fringelens/series/"  # in the settings of the QGIS profile

# Told apart also by the colour-blind (after Okabe and Ito 2008), and dark enough on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31")


@dataclass
class View:
    """What the user has set; kept between sessions."""

    model: str = fit.LINEAR
    residuals: bool = False
    uncertainty: str = BARS
    level: str = AS_IT_IS
    spacing: float = 0.0  # between one series and the next, so that they do not lie on each other
    scale: str = FITTED
    replicas: bool = False
    cycle: float = C_BAND_MM  # in the unit of the series
    lines: bool = True  # between the values
    fastest: bool = False  # of a detection that is clicked next, the fastest pixel and not the mean

    def save(self, settings: Any) -> None:
        """Keep it in QGIS's settings."""
        for name, value in vars(self).items():
            settings.setValue(PREFIX + name, str(value))

    @classmethod
    def load(cls, settings: Any) -> View:
        """As it was kept; what is missing or no longer known is as at first."""
        made = cls()
        known = {"model": fit.MODELS, "uncertainty": UNCERTAINTIES, "level": LEVELS, "scale": SCALES}
        for name, value in vars(cls()).items():
            text = str(settings.value(PREFIX + name, "") or "")
            if isinstance(value, bool):
                setattr(made, name, text == "True" if text else value)
            elif isinstance(value, float):
                setattr(made, name, _number(text, value))
            elif text in known[name]:
                setattr(made, name, text)
        return made


class Place(NamedTuple):
    """Where on the map a series is from: a point, and the area of a mean."""

    point: Any
    crs: Any
    outline: Any = None


@dataclass
class Entry:
    """A series in the list: as it was read, its colour, and whether it is shown."""

    series: Series
    colour: str
    identity: Tuple[str, ...]  # the layer and where in it; the same twice is shown once
    place: Optional[Place] = None  # marker on the map
    shown: bool = True
    kept: bool = False  # else the next click takes its place


class Curve(NamedTuple):
    """What is drawn of an entry."""

    series: Series
    trend: Optional[fit.Trend]
    colour: str
    is_scatter: bool = False  # the deviations are not the source's, but how far the values lie from the trend

    @property
    def legend(self) -> str:
        """Its name and its velocity."""
        return self.series.name + (f"  {self.trend.text(self.series.unit)}" if self.trend else "")


def curves(entries: Sequence[Entry], view: View, reference: Optional[Series] = None) -> List[Curve]:
    """The entries that are shown, less the reference where there is one, levelled and spaced, with their trends."""
    found = []
    for entry in entries:
        series = referred(entry.series, reference) if reference is not None else entry.series
        if entry.shown and series.values:
            series = levelled(series, view.level, view.spacing * len(found))
            trend = fit.fit(series, view.model)
            is_scatter = trend is not None and not series.has_sigmas
            if trend is not None and is_scatter:
                series = series._replace(sigmas=(trend.rms,) * len(series.sigmas))
            found.append(Curve(series, trend, entry.colour, is_scatter))
    return found


def value_range(found: Sequence[Curve], view: View) -> Tuple[float, float]:
    """The smallest and largest of what is drawn, with deviations and replicas; -1 to 1 where nothing is."""
    lows, highs = [], []
    for curve in found:
        for value, sigma in zip(curve.series.values, curve.series.sigmas):
            reach = sigma if math.isfinite(sigma) and view.uncertainty != NOTHING else 0.0
            reach = max(reach, view.cycle) if view.replicas else reach
            lows.append(value - reach)
            highs.append(value + reach)
    if not lows:
        return -1.0, 1.0
    if view.scale == SYMMETRIC:
        most = max(-min(lows), max(highs))
        return -most, most
    return min(lows), max(highs)


def next_colour(entries: Sequence[Entry]) -> str:
    """The first colour that no entry has; again from the beginning once all are taken."""
    taken = [entry.colour for entry in entries]
    return min(COLOURS, key=lambda colour: (taken.count(colour), COLOURS.index(colour)))


def csv_lines(found: Sequence[Curve]) -> List[str]:
    """What is drawn, as text: a row for each value of each series, ISO dates, empty where a number is not known."""
    lines = ["series,date,value,std,trend,residual,unit,velocity_per_yr,velocity_std_per_yr"]
    for series, trend, _, is_scatter in found:
        about = [f"{trend.velocity:.4f}", f"{trend.velocity_std:.4f}"] if trend else ["", ""]
        for i, day in enumerate(series.dates):
            sigma = f"{series.sigmas[i]:.4f}" if math.isfinite(series.sigmas[i]) and not is_scatter else ""
            fitted = [f"{trend.at(day.toordinal()):.4f}", f"{trend.residuals[i]:.4f}"] if trend else ["", ""]
            cells = [quoted(series.name), day.isoformat(), f"{series.values[i]:.4f}", sigma, *fitted, series.unit]
            lines.append(",".join(cells + about))
    return lines


def quoted(text: str) -> str:
    """A text as a cell of a CSV file."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if math.isfinite(value) else otherwise

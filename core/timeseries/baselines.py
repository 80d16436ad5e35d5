"""Perpendicular baselines of dates: from a list that a user gives, or from what processors write beside their files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..raster.dates import Pair, listed
from ..raster.gdal import open_to_read
from .network import Network

Double = NDArray[np.float64]
Measured = dict[Pair, float]  # metres, second minus first date

_DATE = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d)$")
# ASF HyP3 writes "Baseline: -58.3" into a text with the name of the product.
_HYP3_NAME = re.compile(r"_(unw_phase|wrapped_phase)\.tif$")
_HYP3_LINE = re.compile(r"^Baseline:\s*([-+.\deE]+)", re.MULTILINE)
# What processors call it in the tags of a raster (GDAL's metadata); compared in capitals.
_TAGS = ("PERPENDICULAR_BASELINE", "PERPENDICULARBASELINE", "BPERP", "PERP_BASELINE", "BASELINE_PERPENDICULAR")
_MOST_BYTES = 16 * 2**20


def baselines_of(network: Network, pairs: Sequence[Pair], paths: Sequence[str], given: str | None) -> Double:
    """Perpendicular baseline of each date in metres (dates,), 0 at the first; `given` is the path of a list, or None.

    Raises InputError that names the dates without one, and what to do.
    """
    measured = _listed(given) if given is not None else _beside(pairs, paths)
    known = [pair for pair in measured if pair[0] in network.dates and pair[1] in network.dates]
    place = {day: index for index, day in enumerate(network.dates)}
    rows = np.zeros((len(known), len(network.dates)))
    for row, (first, second) in zip(rows, known, strict=True):
        row[place[second]] += 1.0
        row[place[first]] -= 1.0
    values = np.array([measured[pair] for pair in known])
    missing = _unconnected(network, known)
    if missing:
        where = f"{given} says nothing of" if given is not None else "neither tags nor texts beside the INPUTS speak of"
        message = (
            f"BASELINES: {where} the perpendicular baselines of {listed([f'{day:%Y-%m-%d}' for day in missing])}, which"
            " DEM_ERROR needs. Give a text file with lines of a date and metres, or of two dates and metres."
        )
        raise InputError(message)
    solution = np.linalg.lstsq(rows[:, 1:], values, rcond=None)[0]
    return np.concatenate([[0.0], solution])


def _unconnected(network: Network, known: Sequence[Pair]) -> list[date]:
    """The dates that no chain of baselines leads to from the first date."""
    if not known:
        return list(network.dates)
    place = {day: index for index, day in enumerate(network.dates)}
    ends = np.array([[place[first], place[second]] for first, second in known])
    there = Network(network.dates, ends[:, 0], ends[:, 1])
    labels = there.pieces(np.ones((len(known), 1), bool)).kinds[:, 0]
    return [day for day, label in zip(network.dates, labels, strict=True) if label != 0]


def _listed(path: str) -> Measured:
    """The baselines of a text: lines of a date and metres, or of two dates and metres, as LiCSAR's `baselines` has."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_BYTES)
    except OSError as error:
        message = f"BASELINES: {path} cannot be read ({error.strerror}). Check the path."
        raise InputError(message) from error
    single: dict[date, float] = {}
    measured: Measured = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = [word for word in re.split(r"[\s,;:]+", line.partition("#")[0]) if word]
        if not words:
            continue
        days = [day for day in (_day(word) for word in words[:2]) if day is not None]
        metres = _metres(words[len(days)]) if len(days) < len(words) else None
        if not days or metres is None:
            if number == 1:
                continue  # the names of columns
            message = f"BASELINES: line {number} of {path} is not a date (or two) and metres: {line.strip()[:80]!r}."
            raise InputError(message)
        if len(days) == 1:
            single[days[0]] = metres
        elif days[0] != days[1]:
            measured[days[0], days[1]] = metres
    origin = min(single, default=None)
    if origin is not None:
        measured |= {(origin, day): metres - single[origin] for day, metres in single.items() if day != origin}
    return measured


def _day(word: str) -> date | None:
    match = _DATE.match(word)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _metres(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _beside(pairs: Sequence[Pair], paths: Sequence[str]) -> Measured:
    """What the tags of the rasters, or HyP3's texts beside them, say."""
    measured: Measured = {}
    for pair, path in zip(pairs, paths, strict=True):
        found = _from_text(path)
        if found is None:
            found = _from_tags(path)
        if found is not None:
            measured[pair] = found
    return measured


def _from_text(path: str) -> float | None:
    text = Path(_HYP3_NAME.sub(".txt", path))
    if str(text) == path or not text.is_file():
        return None
    match = _HYP3_LINE.search(text.read_text(encoding="utf-8", errors="replace")[:_MOST_BYTES])
    return _metres(match[1]) if match else None


def _from_tags(path: str) -> float | None:
    with open_to_read(path) as dataset:
        tags = {key.upper(): value for key, value in {**dataset.tags(), **dataset.tags(1)}.items()}
    words = (tags[name] for name in _TAGS if name in tags)
    return next((metres for metres in map(_metres, words) if metres is not None), None)

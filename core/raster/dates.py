"""The two dates of an interferogram, from the names that processors and archives give to files and folders."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import PurePath

from ..errors import InputError
from .diagnose import file_of

Pair = tuple[date, date]

# A name with a date is that of the file or of one of so many folders above it: 20180331_20180717/filt_fine.unw.
_FOLDERS = 3

# A message that names more files than this is read by nobody; the rest is counted.
_MOST_NAMED = 50

# Names with two-digit years speak of the age of radar satellites.
_FIRST_YEAR = 1978
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# LiCSAR, OPERA, HyP3, ARIA, NISAR, ISCE: 20180331, 20180331T050000; no digits around, which would make it a number.
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?=T\d{6}|(?!\d))")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](\d\d)[-_.](\d\d)(?!\d)")
# SNAP: Phase_ifg_VV_31Mar2018_17Jul2018.
_NAMED = re.compile(r"(?<!\d)(\d\d)([A-Z][a-z]{2})((?:19|20)\d\d)(?!\d)")
# ROI_PAC, older GAMMA and MintPy: 180331-180717; only as a pair, since six digits alone may be anything.
_SHORT = re.compile(r"(?<![\d.])(\d\d)(\d\d)(\d\d)[-_](\d\d)(\d\d)(\d\d)(?!\d)")
# GMTSAR: 2018089_2018197, year and day of the year counted from 0; only as a pair.
_DAYS = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d{3})[-_]((?:19|20)\d\d)(\d{3})(?!\d)")


def dates_of(path: str) -> Pair:
    """The two dates of an interferogram in the order of its name, from the file's name, else from a folder above it.

    Reads LiCSAR, HyP3, ARIA, OPERA DISP, NISAR, ISCE, GAMMA, SNAP, GMTSAR, PyRate, dolphin and MintPy names. Where a
    name has more dates (start and stop, processing) the first two different ones count. The later may come first, as
    in ARIA's names. Raises InputError that names the file.
    """
    pair = _found(path)
    if pair is None:
        message = (
            f"the dates of {path} cannot be read from its name. Name it like 20180331_20180717_phase.tif, "
            "or give DATES."
        )
        raise InputError(message)
    return pair


def pairs_of(paths: Sequence[str], dates: str | None = None, *, name: str = "INPUTS") -> list[Pair]:
    """The two dates of each interferogram, from DATES where it is given, else from the names.

    `dates` is text such as "20180331_20180717 20180412_20180506", one pair for each path in its order, separated by
    blanks, commas, semicolons or lines. Raises one InputError that names every file whose dates cannot be read, every
    group of files that share theirs, and pairs without time between; `name` is the parameter that it speaks of.
    """
    found = [_found(path) for path in paths] if dates is None else _written(paths, dates)
    unreadable = [path for path, pair in zip(paths, found, strict=True) if pair is None]
    pairs = [(path, pair) for path, pair in zip(paths, found, strict=True) if pair is not None]
    problems = []
    if unreadable:
        problems.append(
            f"the dates of {len(unreadable)} of {len(paths)} files cannot be read from their names: "
            f"{listed(unreadable)}. Name them like 20180331_20180717_phase.tif, or give DATES"
        )
    problems += _shared(pairs)
    if problems:
        message = f"{name}: " + "; ".join(problems) + "."
        raise InputError(message)
    return [pair for _, pair in pairs]


def matched(pairs: Sequence[Pair], paths: Sequence[str], *, name: str) -> list[str]:
    """Of `paths` (coherences, say) the one that belongs to each pair of dates, by its name, else by its place.

    Files whose pair is not asked for are left out. Raises InputError that names every pair without a file, or says
    that the numbers differ where the names have no dates.
    """
    found = [_found(path) for path in paths]
    if any(pair is None for pair in found):
        if len(paths) == len(pairs):
            return list(paths)
        message = (
            f"{name}: there are {len(paths)} files for {len(pairs)} interferograms, and not all of their names have "
            "dates. Give one for each interferogram in the same order, or names like 20180331_20180717_coherence.tif."
        )
        raise InputError(message)
    by_pair: dict[Pair, list[str]] = defaultdict(list)
    for path, pair in zip(paths, found, strict=True):
        by_pair[_ordered(pair or pairs[0])].append(path)
    twice = [f"{' and '.join(files)} ({_described(pair)})" for pair, files in by_pair.items() if len(files) > 1]
    missing = [_described(pair) for pair in pairs if _ordered(pair) not in by_pair]
    if twice or missing:
        parts = [f"none has the dates {listed(missing)}"] * bool(missing)
        parts += [f"these have the same dates: {listed(twice)}"] * bool(twice)
        message = f"{name}: " + "; ".join(parts) + ". Give one file for each interferogram."
        raise InputError(message)
    return [by_pair[_ordered(pair)][0] for pair in pairs]


def listed(words: Sequence[str]) -> str:
    """The words with commas between, at most fifty of them; the others are counted."""
    more = f", and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else ""
    return ", ".join(words[:_MOST_NAMED]) + more


def span_days(pair: Pair) -> int:
    """Days from the first date to the second; negative where the later one is named first."""
    return (pair[1] - pair[0]).days


def _shared(pairs: Sequence[tuple[str, Pair]]) -> list[str]:
    """What is wrong with the pairs themselves: two files with the same dates, or no time between."""
    groups: dict[Pair, list[str]] = defaultdict(list)
    for path, pair in pairs:
        groups[_ordered(pair)].append(path)
    same = [f"{' and '.join(files)} ({_described(pair)})" for pair, files in groups.items() if len(files) > 1]
    still = [path for path, pair in pairs if pair[0] == pair[1]]
    problems = []
    if same:
        problems.append(f"some interferograms have the same dates: {listed(same)}. Give each pair of dates once")
    if still:
        problems.append(f"there is no time between the two dates of {listed(still)}")
    return problems


def _written(paths: Sequence[str], dates: str) -> list[Pair | None]:
    """What the text DATES says; raises InputError that names every part that is no pair of dates."""
    words = [word for word in re.split(r"[\s,;]+", dates) if word]
    pairs = [_pair_in(word) or _pair_in(word, repeated=True) for word in words]
    wrong = [repr(word) for word, pair in zip(words, pairs, strict=True) if pair is None]
    if wrong:
        message = f"DATES: not two dates like 20180331_20180717: {listed(wrong)}."
        raise InputError(message)
    if len(words) != len(paths):
        message = (
            f"DATES has {len(words)} pairs of dates for {len(paths)} interferograms. Give one pair for each, in the "
            "order of the files, such as '20180331_20180717 20180412_20180506'."
        )
        raise InputError(message)
    return pairs


def _found(path: str) -> Pair | None:
    """The dates in the name of the file or of the nearest folder that has any."""
    file = file_of(path)
    parts = (file.absolute() if file is not None else PurePath(os.fspath(path))).parts
    near = parts[: -2 - _FOLDERS : -1]
    pairs = [_pair_in(part) for part in near] + [_pair_in(part, repeated=True) for part in near]
    return next((pair for pair in pairs if pair is not None), None)


def _pair_in(text: str, *, repeated: bool = False) -> Pair | None:
    """The first two different dates of a text, in the first way of writing in which there are two.

    With `repeated` also a date that stands there twice, which is an error that can be told from no date at all.
    """
    for pattern, read in _STYLES:
        days = [day for match in pattern.finditer(text) for day in read(match) if day is not None]
        different = list(dict.fromkeys(days))
        if len(different) > 1:
            return different[0], different[1]
        if repeated and len(days) > 1:
            return days[0], days[0]
    return None


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _numbers(match: re.Match[str]) -> Iterator[date | None]:
    yield _day(*match.groups())


def _named(match: re.Match[str]) -> Iterator[date | None]:
    day, month, year = match.groups()
    yield _day(year, _MONTHS.index(month.lower()) + 1, day) if month.lower() in _MONTHS else None


def _short(match: re.Match[str]) -> Iterator[date | None]:
    digits = match.groups()
    days = []
    for year, month, day in (digits[:3], digits[3:]):
        century = 1900 if 1900 + int(year) >= _FIRST_YEAR else 2000
        days.append(_day(century + int(year), month, day))
    return iter(days if None not in days else [])


def _days(match: re.Match[str]) -> Iterator[date | None]:
    first_year, first, second_year, second = (int(group) for group in match.groups())
    if max(first, second) > 365:
        return
    for year, days in ((first_year, first), (second_year, second)):
        yield date(year, 1, 1) + timedelta(days)


_STYLES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[date | None]]], ...] = (
    (_COMPACT, _numbers),
    (_ISO, _numbers),
    (_NAMED, _named),
    (_DAYS, _days),
    (_SHORT, _short),
)


def _ordered(pair: Pair) -> Pair:
    return min(pair), max(pair)


def _described(pair: Pair) -> str:
    return f"{pair[0]:%Y%m%d}_{pair[1]:%Y%m%d}"

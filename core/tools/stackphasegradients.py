"""Averages the phase gradients of many interferograms into a rate."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rasterio.enums import Resampling

from ..errors import InputError
from ..inference.pipeline import read_ahead
from ..phase.gradient_stack import LEAST_COUNT, GradientSums, Stacked, reach, span_classes
from ..progress import Progress, Silent, Stage
from ..raster.dates import Pair, matched, pairs_of, span_days
from ..raster.geotiff import RasterSink
from ..raster.provenance import provenance
from ..raster.quantities import Coherence, refuse_whole_numbers
from ..raster.sink import Outputs
from ..raster.source import Patch
from ..raster.stack import Stack, coherence_stack
from ..raster.window import Window
from ..timeseries.network import Network

ID = "stackphasegradients"
BANDS = ("gradient along columns (x)", "gradient along rows (y)", "stack coherence")
UNITS = ("rad/yr/pixel", "rad/yr/pixel", "")
MONTHS = 12
PI_TOLERANCE = 1e-3  # rad, to which products round

# Where on the progress bar the files have been looked at, and only overviews are left.
_LOOKED, _STACKED = 0.04, 0.97


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (float32: x and y gradient in rad per year and pixel, stack coherence 0..1; NaN no data).

    Returns its path, COUNT of interferograms used and MEAN_COHERENCE. Each tile's files are read one after the other,
    so that memory is that of a tile. Raises InputError, GridMismatchError, OutputError; then no output was made.
    """
    chosen = choose(parameters, progress)
    step, looks = parameters["STEP"], parameters["LOOKS"]
    members, spans = span_classes([span_days(pair) for pair in chosen.pairs])
    looking = Stage(progress, 0.0, _LOOKED)
    files = [*chosen.paths, *(chosen.coherences or [])]
    with Outputs(progress, files) as outputs, _opened(chosen, parameters, looking) as inputs:
        sink = _sink(outputs, inputs, chosen, parameters)
        tally = _Tally()
        tiles = inputs.stack.windows(parameters["TILE_SIZE"])
        for number, tile in enumerate(tiles):
            around = tile.widened(reach(step, looks), inputs.stack.grid.shape)
            sums = GradientSums((around.height, around.width), spans, step)
            bounds = (_LOOKED + (_STACKED - _LOOKED) * n / len(tiles) for n in (number, number + 1))
            _add_all(sums, inputs, around, members, Stage(progress, *bounds), tally)
            tally.write(sink, tile, sums.solve(looks, tile.within(around)))
        tally.report(progress, inputs.stack.count)
        progress.update(_STACKED, "finishing the file")
    return {"OUTPUT": str(sink.path), "COUNT": len(chosen.pairs), "MEAN_COHERENCE": tally.mean}


class Chosen(NamedTuple):
    """The interferograms that are used, their dates and their coherences."""

    paths: list[str]
    pairs: list[Pair]
    coherences: list[str] | None


def choose(parameters: Mapping[str, Any], progress: Progress) -> Chosen:
    """What MAX_DAYS and SKIP_MONTHS leave of INPUTS; raises InputError where that is fewer than three."""
    given = parameters["INPUTS"]
    pairs = pairs_of(given, parameters["DATES"])
    skipped = months(parameters["SKIP_MONTHS"] or "")
    long = [abs(span_days(pair)) > parameters["MAX_DAYS"] for pair in pairs]
    off_season = [bool(skipped & {day.month for day in pair}) for pair in pairs]
    left = [i for i in range(len(pairs)) if not long[i] and not off_season[i]]
    out = f"{sum(long)} span more than MAX_DAYS ({parameters['MAX_DAYS']} days)"
    out += f" and {sum(off_season)} have a date in SKIP_MONTHS" if skipped else ""
    if len(left) < LEAST_COUNT:
        shortest = min(abs(span_days(pair)) for pair in pairs)
        message = (
            f"INPUTS: {len(left)} of {len(pairs)} interferograms are left, and a stack needs {LEAST_COUNT}: {out}; the "
            f"shortest spans {shortest} days. Give more interferograms, or let more in."
        )
        raise InputError(message)
    progress.log(f"{len(left)} of {len(pairs)} interferograms are used; {out}")
    _say_pieces([pairs[i] for i in left], progress)
    coherences = parameters["COHERENCES"]
    if coherences is not None:
        whole = len(coherences) == len(pairs)  # else they may only be there for those that are used
        coherences = matched(pairs if whole else [pairs[i] for i in left], coherences, name="COHERENCES")
        coherences = [coherences[i] for i in left] if whole else coherences
    return Chosen([given[i] for i in left], [pairs[i] for i in left], coherences)


def _say_pieces(pairs: Sequence[Pair], progress: Progress) -> None:
    """Dates that nothing connects do not harm a mean rate, but a series of the same files: say it early."""
    network = Network.of(pairs)
    kinds = network.pieces(np.ones((len(pairs), 1), bool)).kinds[:, 0]
    if len(set(kinds.tolist())) > 1:
        progress.log(
            f"the network of dates falls into {network.describe(kinds)}. The mean rate does not need them connected; a "
            "displacement series of these interferograms has to guess how far the ground moved between the pieces."
        )


def months(text: str) -> set[int]:
    """The months that a text names, such as "6-9", "12-2" (over the turn of the year) or "1, 2"; else InputError."""
    found: set[int] = set()
    for word in re.split(r"[\s,;]+", text.strip()) if text.strip() else []:
        match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", word)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not (1 <= first <= MONTHS and 1 <= last <= MONTHS):
            message = f"SKIP_MONTHS: {word!r} is no month. Write months as numbers, such as '12-3' or '6,7,8'."
            raise InputError(message)
        found |= {(first - 1 + i) % MONTHS + 1 for i in range((last - first) % MONTHS + 1)}
    return found


@dataclass
class _Inputs:
    """The stacks; coherences are None where there are none."""

    stack: Stack
    coherences: Stack | None
    reversed_dates: Sequence[bool]

    def read(self, item: tuple[int, Window]) -> tuple[Patch, Patch | None]:
        """Phase and coherence of an interferogram in a window."""
        index, window = item
        with self.stack.open(index) as source:
            phase = source.read(window)
        if self.coherences is None:
            return phase, None
        with self.coherences.open(index) as source:
            return phase, Coherence(source, Silent()).read(window)


@contextlib.contextmanager
def _opened(chosen: Chosen, parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The stacks, all on one grid; files that cannot be used or do not fit are all named."""
    zero = parameters["ZERO_IS_NODATA"]
    with contextlib.ExitStack() as opened:
        stack = Stack(chosen.paths, progress, band=parameters["BAND"], zero_is_nodata=zero, check=refuse_whole_numbers)
        coherences = None
        if chosen.coherences is not None:
            coherences = coherence_stack(chosen.coherences, stack, progress, zero_is_nodata=zero)
            opened.enter_context(coherences)
        opened.enter_context(stack)
        yield _Inputs(stack, coherences, [pair[0] > pair[1] for pair in chosen.pairs])


def _add_all(
    sums: GradientSums, inputs: _Inputs, window: Window, members: Sequence[int], progress: Progress, tally: _Tally
) -> None:
    """Add every interferogram's pixels of a window."""
    items = [(index, window) for index in range(inputs.stack.count)]
    with read_ahead(inputs.read, items) as patches:
        for (index, _), (phase, coherence) in patches:
            progress.update(index / len(items), "adding up the interferograms")
            tally.look(index, phase)
            sums.add(
                phase.values,
                phase.valid,
                members[index],
                reversed_dates=inputs.reversed_dates[index],
                coherence=None if coherence is None else np.where(coherence.valid, coherence.values, np.float32(0)),
            )


class _Tally:
    """What is said at the end: of unwrapped inputs, empty ones, and the mean coherence."""

    def __init__(self) -> None:
        self._largest: dict[int, float] = {}
        self._with_pixels: set[int] = set()
        self._valid, self._total = 0, 0.0

    @property
    def mean(self) -> float:
        """Mean stack coherence; NaN where no pixel is valid."""
        return self._total / self._valid if self._valid else math.nan

    def look(self, index: int, phase: Patch) -> None:
        """Remember whether an interferogram has pixels, and phase beyond a cycle."""
        if not phase.valid.any():
            return
        self._with_pixels.add(index)
        if not np.iscomplexobj(phase.values):
            largest = max(float(phase.values.max()), -float(phase.values.min()))
            if largest > math.pi + PI_TOLERANCE:
                self._largest[index] = max(largest, self._largest.get(index, 0.0))

    def write(self, sink: RasterSink, tile: Window, stacked: Stacked) -> None:
        """Write a tile and count it."""
        sink.write(tile, np.stack(stacked))
        good = np.isfinite(stacked.coherence)
        self._valid += int(good.sum())
        self._total += float(stacked.coherence[good].sum(dtype=np.float64))

    def report(self, progress: Progress, count: int) -> None:
        """Warn of what the user must not miss."""
        if self._largest:
            progress.warn(
                f"INPUTS: {len(self._largest)} of {count} interferograms go beyond half a cycle (up to "
                f"{max(self._largest.values()):.4g}): they are taken as unwrapped phase in radians"
            )
        if len(self._with_pixels) < count:
            progress.warn(f"INPUTS: {count - len(self._with_pixels)} of {count} interferograms have no valid pixel")
        if not self._valid:
            progress.warn(f"no pixel is valid in {LEAST_COUNT} interferograms: the output is all no data")


def _sink(outputs: Outputs, inputs: _Inputs, chosen: Chosen, parameters: Mapping[str, Any]) -> RasterSink:
    days = sorted(day for pair in chosen.pairs for day in pair)
    return outputs.raster(
        parameters["OUTPUT"],
        inputs.stack.grid,
        dtype="float32",
        nodata=math.nan,
        bands=BANDS,
        unit=UNITS,
        tags={
            **provenance(ID, parameters),
            "FRINGELENS_INTERFEROGRAMS": str(len(chosen.pairs)),
            "FRINGELENS_DATES": " ".join(f"{first:%Y%m%d}_{second:%Y%m%d}" for first, second in chosen.pairs),
            "FRINGELENS_FIRST_DATE": f"{days[0]:%Y%m%d}",
            "FRINGELENS_LAST_DATE": f"{days[-1]:%Y%m%d}",
            "FRINGELENS_STEP": str(parameters["STEP"]),
            "FRINGELENS_LOOKS": str(parameters["LOOKS"]),
            "FRINGELENS_SIGN": "of the phase as given; x from left to right, y from top to bottom",
            "FRINGELENS_WAVELENGTH": "unknown",
        },
        overview=Resampling.average,
    )

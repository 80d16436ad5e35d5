"""Interferograms window by window: from their files, or from a scratch file that they are brought into before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..phase.unwrap_tiles import intersection
from ..progress import Silent
from ..raster.quantities import Coherence
from ..raster.stack import Stack
from ..raster.window import Window
from .scratch import Planes

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


class Cube(NamedTuple):
    """Interferograms in a window, (pairs, rows, columns): phase in rad, 0 where invalid; coherence None without any."""

    phase: Float
    valid: Bool
    coherence: Float | None

    def part(self, rows: slice, columns: slice) -> Cube:
        """The same of some rows and columns."""
        coherence = None if self.coherence is None else self.coherence[:, rows, columns]
        return Cube(self.phase[:, rows, columns], self.valid[:, rows, columns], coherence)


class Phases(Protocol):
    """Where unwrapped phases come from."""

    def read(self, window: Window) -> Cube:
        """The interferograms in a window of the raster."""


@dataclass
class Files:
    """Interferograms and, where there are any, their coherences in the same order."""

    stack: Stack
    coherences: Stack | None

    def read(self, window: Window) -> Cube:
        """As the files have them."""
        phase = np.zeros((self.stack.count, window.height, window.width), np.float32)
        valid = np.zeros(phase.shape, bool)
        for index, patch in self.stack.read(window):
            phase[index], valid[index] = patch.values, patch.valid
        return Cube(phase, valid, self.read_coherence(window))

    def read_coherence(self, window: Window) -> Float | None:
        """Coherences (pairs, rows, columns), 0 where they are unknown."""
        if self.coherences is None:
            return None
        found = np.zeros((self.coherences.count, window.height, window.width), np.float32)
        for index, patch in self.coherences.read(window, lambda source: Coherence(source, Silent())):
            found[index] = patch.values
        return found


class Shelf:
    """Room on disk for the phases of windows, one after the other; a context manager that gives it back.

    With `with_coherence` there is room for the coherences, too, so that their files are opened once for all windows.
    """

    def __init__(self, files: Files, regions: Sequence[Window], *, with_coherence: bool) -> None:
        sizes = [region.pixels for region in regions]
        self.files = files
        self._planes = planes = Planes(planes_of(files, with_coherence=with_coherence), (1, sum(sizes)))
        with_coherence = with_coherence and files.coherences is not None
        starts = np.cumsum([0, *sizes]).tolist()
        self.kept = [
            Kept(files, planes, start, region, with_coherence=with_coherence)
            for start, region in zip(starts, regions, strict=False)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._planes.close()


def planes_of(files: Files, *, with_coherence: bool) -> int:
    """How many numbers a shelf has for each pixel."""
    return files.stack.count * (2 if with_coherence and files.coherences is not None else 1)


class Kept:
    """Unwrapped phases of a region, and coherences, on a shelf; coherences that are not there come from the files."""

    def __init__(self, files: Files, planes: Planes, start: int, region: Window, *, with_coherence: bool) -> None:
        self._files, self._planes, self._start = files, planes, start
        self.region, self.with_coherence = region, with_coherence

    def write(self, index: int, window: Window, phase: Float, valid: Bool, coherence: Float | None) -> None:
        """Put the pixels of an interferogram in a window of the region onto the shelf."""
        self._put(index, window, np.where(valid, phase, np.float32(np.nan)))
        if self.with_coherence and coherence is not None:
            self._put(self._files.stack.count + index, window, coherence)

    def read(self, window: Window) -> Cube:
        """The interferograms in a window of the raster; raises ValueError where it leaves the region.

        What stands before and after the region on the shelf are the pixels of others.
        """
        if intersection(window, self.region) != window:
            message = f"{window.describe()} lie outside the region of {self.region.describe()}"
            raise ValueError(message)
        here = Window(window.row - self.region.row, window.column - self.region.column, *window[2:])
        count = self._files.stack.count
        kept = np.stack([self._get(index, here) for index in range(count)])
        valid = np.isfinite(kept)
        if self.with_coherence:
            coherence: Float | None = np.stack([self._get(count + index, here) for index in range(count)])
        else:
            coherence = self._files.read_coherence(window)
        return Cube(np.where(valid, kept, np.float32(0)), valid, coherence)

    def _put(self, band: int, window: Window, values: Float) -> None:
        for strip in self._strips(window):
            self._planes.write(band, strip[0], values[strip[1]].reshape(1, -1))

    def _get(self, band: int, window: Window) -> Float:
        found = np.empty((window.height, window.width), np.float32)
        for strip in self._strips(window):
            found[strip[1]] = self._planes.read(band, strip[0]).reshape(-1, window.width)
        return found

    def _strips(self, window: Window) -> list[tuple[Window, slice]]:
        """Where the rows of a window stand in the line of all pixels: in one piece where they are whole rows."""
        width = self.region.width
        start = self._start + window.row * width + window.column
        if window.width == width:
            return [(Window(0, start, 1, window.pixels), slice(None))]
        return [(Window(0, start + row * width, 1, window.width), slice(row, row + 1)) for row in range(window.height)]

"""Unwrapped phases of many interferograms, window by window: from files, or unwrapped into a scratch file first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..phase.unwrap_process import SolverProcess
from ..phase.unwrap_scene import Predictor, Rules, unwrap_scene
from ..phase.unwrap_tiles import Mosaic, layout
from ..progress import Progress, Silent, Stage
from ..raster.quantities import Coherence, WrappedPhase
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


class Unwrapper(NamedTuple):
    """How wrapped interferograms are unwrapped."""

    solve: SolverProcess
    predictor: Predictor | None
    rules: Rules
    tile_size: int


class Unwrapped:
    """A region of wrapped interferograms, unwrapped one by one into a scratch file that vanishes with this object."""

    def __init__(self, files: Files, region: Window, unwrapper: Unwrapper, progress: Progress) -> None:
        self._files, self._region = files, region
        count = files.stack.count
        self._kept = Planes(count, (region.height, region.width))
        for index in range(count):
            self._unwrap(index, unwrapper, Stage(progress, index / count, (index + 1) / count))

    def read(self, window: Window) -> Cube:
        """The interferograms in a window of the raster that lies in the region."""
        row, column = window.row - self._region.row, window.column - self._region.column
        here = Window(row, column, window.height, window.width)
        kept = np.stack([self._kept.read(index, here) for index in range(self._files.stack.count)])
        valid = np.isfinite(kept)
        return Cube(np.where(valid, kept, np.float32(0)), valid, self._files.read_coherence(window))

    def _unwrap(self, index: int, unwrapper: Unwrapper, progress: Progress) -> None:
        scene = _Wrapped(self._files, index, self._region)
        tiles = layout(scene.shape, unwrapper.tile_size)
        mosaic = Mosaic(tiles)
        with scene:
            unwrap_scene(mosaic, scene, tiles, unwrapper.solve, unwrapper.predictor, unwrapper.rules, progress)
            for number, tile in enumerate(tiles):
                wrapped, valid = scene.read(tile.core)
                found = mosaic.read(number, wrapped)
                self._kept.write(index, tile.core, np.where(valid, found.phase, np.float32(np.nan)))


class _Wrapped:
    """One wrapped interferogram in a region, as the unwrapping wants to see it; a context manager."""

    def __init__(self, files: Files, index: int, region: Window) -> None:
        self._coherence = files.coherences.open(index) if files.coherences is not None else None
        self._source, self._region = files.stack.open(index), region

    def __enter__(self) -> _Wrapped:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()
        if self._coherence is not None:
            self._coherence.close()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the region."""
        return self._region.height, self._region.width

    def read(self, window: Window) -> tuple[Float, Bool]:
        """Wrapped phase and where it is known, in a window of the region."""
        patch = WrappedPhase(self._source).read(self._there(window))
        return patch.values, patch.valid

    def read_coherence(self, window: Window) -> Float | None:
        """Coherence in a window of the region."""
        if self._coherence is None:
            return None
        values: Float = Coherence(self._coherence, Silent()).read(self._there(window)).values
        return values

    def _there(self, window: Window) -> Window:
        row, column = self._region.row + window.row, self._region.column + window.column
        return Window(row, column, window.height, window.width)

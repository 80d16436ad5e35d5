"""Interferograms of many windows brought onto a shelf, unwrapped on the way; a file is opened once for all windows."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ..inference.parallel import each
from ..phase.unwrap_process import SolverProcess
from ..phase.unwrap_scene import Predictor, Rules, unwrap_scene
from ..phase.unwrap_tiles import Mosaic, layout
from ..progress import Progress, Silent, Stage
from ..raster.quantities import Coherence, WrappedPhase
from ..raster.source import Source
from ..raster.window import Window, windows
from .phases import Files, Kept, Shelf, planes_of

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]

HELD = 2**18  # pixels of a region that is held in memory while it is worked on; several such are unwrapped at a time
SCRATCH = 2**31  # bytes on disk of the regions that are gathered at a time, however many there are

_ITEM = np.dtype(np.float32).itemsize


class Opened(NamedTuple):
    """An interferogram and, where there is one, its coherence, open for reading."""

    phase: Source
    coherence: Source | None


class Unwrapper(NamedTuple):
    """How wrapped interferograms are unwrapped, one at a time."""

    solve: SolverProcess
    predictor: Predictor | None
    rules: Rules


def in_groups(files: Files, regions: Sequence[Window], *, with_coherence: bool) -> Iterator[range]:
    """Indices of regions, in order, that are gathered together: what they take on disk stays below SCRATCH.

    A region that takes more is a group of its own. Those above HELD are not gathered with smaller ones, since they are
    worked on one at a time.
    """
    most = SCRATCH // (planes_of(files, with_coherence=with_coherence) * _ITEM)
    first, pixels = 0, 0
    for index, region in enumerate(regions):
        other = index > first and (region.pixels > HELD) != (regions[first].pixels > HELD)
        if index > first and (other or pixels + region.pixels > most):
            yield range(first, index)
            first, pixels = index, 0
        pixels += region.pixels
    if regions:
        yield range(first, len(regions))


def gather(
    shelf: Shelf, unwrappers: Sequence[Unwrapper], progress: Progress, *, threads: int, tile_size: int
) -> list[Kept]:
    """Fill a shelf, tile by tile.

    Phases are unwrapped where there are unwrappers, by all of these side by side; else read by so many threads.
    """
    files, kept = shelf.files, shelf.kept
    free: queue.SimpleQueue[Unwrapper | None] = queue.SimpleQueue()
    hands: Sequence[Unwrapper | None] = unwrappers or [None] * threads
    for hand in hands:
        free.put(hand)

    def work(index: int, share: Progress) -> None:
        unwrapper = free.get()
        try:
            _bring(files, index, kept, unwrapper, tile_size, share)
        finally:
            free.put(unwrapper)

    message = "unwrapping" if unwrappers else "reading"
    with _one_thread_each(len(unwrappers)):
        each(work, files.stack.count, len(hands), progress, message)
    return kept


@contextlib.contextmanager
def _one_thread_each(workers: int) -> Iterator[None]:
    """Networks take one thread where several are at work: more would wait for each other."""
    before = torch.get_num_threads()
    try:
        if workers > 1:
            torch.set_num_threads(1)
        yield
    finally:
        if workers > 1:
            torch.set_num_threads(before)


def _bring(
    files: Files, index: int, kept: Sequence[Kept], unwrapper: Unwrapper | None, tile_size: int, progress: Progress
) -> None:
    """One interferogram in all regions."""
    with contextlib.ExitStack() as stack:
        coherences = files.coherences
        phase = stack.enter_context(files.stack.open(index))
        source = Opened(phase, stack.enter_context(coherences.open(index)) if coherences is not None else None)
        for number, place in enumerate(kept):
            stage = Stage(progress, number / len(kept), (number + 1) / len(kept))
            if unwrapper is None:
                _copy(index, source, place, tile_size, stage)
            else:
                stage.update(0.0)
                unwrapper.solve.report_to(stage)
                _unwrap(index, _Scene(source, place.region), place, unwrapper, tile_size, stage)


def _copy(index: int, source: Opened, place: Kept, tile_size: int, progress: Progress) -> None:
    coherence = None
    if place.with_coherence and source.coherence is not None:
        coherence = Coherence(source.coherence, Silent())
    tiles = list(windows((place.region.height, place.region.width), tile_size))
    for number, tile in enumerate(tiles):
        progress.update(number / len(tiles))
        there = Window(place.region.row + tile.row, place.region.column + tile.column, *tile[2:])
        patch = source.phase.read(there)
        known = coherence.read(there).values if coherence is not None else None
        place.write(index, tile, patch.values, patch.valid, known)


def _unwrap(index: int, scene: _Scene, place: Kept, unwrapper: Unwrapper, tile_size: int, progress: Progress) -> None:
    tiles = layout(scene.shape, tile_size)
    mosaic = Mosaic(tiles)
    unwrap_scene(mosaic, scene, tiles, unwrapper.solve, unwrapper.predictor, unwrapper.rules, progress)
    for number, tile in enumerate(tiles):
        wrapped, valid = scene.read(tile.core)
        coherence = scene.read_coherence(tile.core) if place.with_coherence else None
        place.write(index, tile.core, mosaic.read(number, wrapped).phase, valid, coherence)


class _Scene:
    """One wrapped interferogram in a region, as the unwrapping wants to see it; a small one is read only once."""

    def __init__(self, source: Opened, region: Window) -> None:
        self._phase = WrappedPhase(source.phase)
        self._coherence = Coherence(source.coherence, Silent()) if source.coherence is not None else None
        self._region = region
        self._held: tuple[Float, Bool, Float | None] | None = None
        if region.pixels <= HELD:
            patch = self._phase.read(region)
            known = self._coherence.read(region).values if self._coherence is not None else None
            self._held = patch.values, patch.valid, known

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the region."""
        return self._region.height, self._region.width

    def read(self, window: Window) -> tuple[Float, Bool]:
        """Wrapped phase and where it is known, in a window of the region."""
        if self._held is not None:
            return self._held[0][window.slices], self._held[1][window.slices]
        patch = self._phase.read(self._there(window))
        return patch.values, patch.valid

    def read_coherence(self, window: Window) -> Float | None:
        """Coherence in a window of the region."""
        if self._coherence is None:
            return None
        if self._held is not None and self._held[2] is not None:
            return self._held[2][window.slices]
        values: Float = self._coherence.read(self._there(window)).values
        return values

    def _there(self, window: Window) -> Window:
        return Window(self._region.row + window.row, self._region.column + window.column, *window[2:])

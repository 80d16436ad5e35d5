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
from ..raster.window import Window
from .phases import Files, Kept, Shelf

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]

HELD = 2**18  # pixels of a region that is held in memory while it is worked on; several such are unwrapped at a time


class Unwrapper(NamedTuple):
    """How wrapped interferograms are unwrapped, one at a time."""

    solve: SolverProcess
    predictor: Predictor | None
    rules: Rules
    tile_size: int


def gather(shelf: Shelf, unwrappers: Sequence[Unwrapper], progress: Progress, *, threads: int) -> list[Kept]:
    """Fill a shelf.

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
            _bring(files, index, kept, unwrapper, share)
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


def _bring(files: Files, index: int, kept: Sequence[Kept], unwrapper: Unwrapper | None, progress: Progress) -> None:
    """One interferogram in all regions."""
    with files.stack.open(index) as source:
        coherence = files.coherences.open(index) if files.coherences is not None else None
        try:
            for number, place in enumerate(kept):
                stage = Stage(progress, number / len(kept), (number + 1) / len(kept))
                stage.update(0.0)
                if unwrapper is None:
                    _copy(index, source, coherence, place)
                else:
                    unwrapper.solve.report_to(stage)
                    _unwrap(index, _Scene(source, coherence, place.region), place, unwrapper, stage)
        finally:
            if coherence is not None:
                coherence.close()


def _copy(index: int, source: Source, coherence: Source | None, place: Kept) -> None:
    patch = source.read(place.region)
    known = None
    if place.with_coherence and coherence is not None:
        known = Coherence(coherence, Silent()).read(place.region).values
    place.write(index, Window(0, 0, *place.region[2:]), patch.values, patch.valid, known)


def _unwrap(index: int, scene: _Scene, place: Kept, unwrapper: Unwrapper, progress: Progress) -> None:
    tiles = layout(scene.shape, unwrapper.tile_size)
    mosaic = Mosaic(tiles)
    unwrap_scene(mosaic, scene, tiles, unwrapper.solve, unwrapper.predictor, unwrapper.rules, progress)
    for number, tile in enumerate(tiles):
        wrapped, valid = scene.read(tile.core)
        coherence = scene.read_coherence(tile.core) if place.with_coherence else None
        place.write(index, tile.core, mosaic.read(number, wrapped).phase, valid, coherence)


class _Scene:
    """One wrapped interferogram in a region, as the unwrapping wants to see it; a small one is read only once."""

    def __init__(self, source: Source, coherence: Source | None, region: Window) -> None:
        self._phase = WrappedPhase(source)
        self._coherence = Coherence(coherence, Silent()) if coherence is not None else None
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

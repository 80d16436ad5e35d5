"""A part of a raster from phases to motion: what it is referred to, and its pixels block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..phase.reference import BLOCK, ReferenceSearch
from ..phase.unwrap_tiles import intersection
from ..progress import Progress
from ..raster.window import Window, scattered_windows, windows
from .motion import Motion, motion
from .network import Network
from .phases import Cube, Phases
from .reference import LEAST_SEEN, Still, levels, look, stable
from .weights import weights

Bool = NDArray[np.bool_]
Double = NDArray[np.float64]

VALUES = 2**23  # phases that are held at once: with what is computed from them about half a gigabyte
LEAST_SIDE = BLOCK  # pixels of a block's side, however many interferograms there are
REACH = 2  # pixels around a given reference point whose median counts
SAMPLE_SIDE, SAMPLE_COUNT = 64, 16  # windows whose medians level the interferograms before a reference is sought


class Anchor(NamedTuple):
    """What phases are referred to: the level of each interferogram (pairs,), NaN where it is not known, and a place."""

    level: Double
    row: int
    column: int


@dataclass(frozen=True)
class Rules:
    """How phases become motion."""

    looks: float
    robust: bool
    baselines: Double | None
    tile_size: int


class Region:
    """A window of a raster, its phases and its network."""

    def __init__(self, network: Network, phases: Phases, window: Window, rules: Rules) -> None:
        self._network, self._phases, self.window, self._rules = network, phases, window, rules
        self._last: tuple[Window, Cube] | None = None

    def blocks(self) -> list[Window]:
        """Windows that cover the region, small enough for memory whatever the number of interferograms."""
        count = len(self._network.first)
        side = min(self._rules.tile_size, int((VALUES / count) ** 0.5))
        side = max(LEAST_SIDE, side // BLOCK * BLOCK)
        top, left = self.window.row, self.window.column
        shape = (self.window.height, self.window.width)
        return [Window(top + w.row, left + w.column, w.height, w.width) for w in windows(shape, side)]

    def solve(
        self, anchor: Anchor, progress: Progress, asked: Window | None = None
    ) -> Iterator[tuple[Window, Cube, Motion]]:
        """Motion (pixels row by row) of each block, in rad, with what it was computed from; only of what is `asked`."""
        blocks = self.blocks()
        for index, whole in enumerate(blocks):
            progress.update(index / len(blocks), "solving the network of dates")
            block = whole if asked is None else intersection(whole, asked)
            if block is None:
                continue
            cube = self._read(whole).part(*block.within(whole))
            known = np.isfinite(anchor.level)
            valid = cube.valid & known[:, None, None]
            level = np.nan_to_num(anchor.level)[:, None, None]
            coherence = None if cube.coherence is None else cube.coherence.astype(np.float64)
            weight = weights(coherence, valid, self._rules.looks)
            flat = (len(valid), block.pixels)
            phase = np.where(valid, cube.phase - level, 0.0).reshape(flat)
            rules = self._rules
            found = motion(self._network, phase, weight.reshape(flat), robust=rules.robust, baselines=rules.baselines)
            yield block, cube._replace(valid=valid), found

    def anchor_at(self, row: int, column: int, known: Window) -> Anchor:
        """The median around a pixel of the window that has phases; NaN for interferograms without data there."""
        side = 2 * REACH + 1
        around = intersection(Window(row - REACH, column - REACH, side, side), known)
        if around is None:
            message = f"row {row}, column {column} lies far outside {known.describe()}"
            raise ValueError(message)
        cube = self._phases.read(around)
        return Anchor(levels(cube.phase, cube.valid, np.ones(cube.valid.shape[1:], bool)), row, column)

    def anchor_near(self, candidate: Bool, apart: Double | None, progress: Progress) -> Anchor:
        """Stable, coherent pixels of the region among the candidates (rows, columns).

        `apart` is how far (m) their elevation is from that of what moves, None where it is not known.
        """
        still, quality = self._look(self._levels(candidate), progress)
        chosen = stable(still.rate, still.seen, quality, candidate, apart)
        phase, valid = [], []
        for block in self.blocks():
            rows, columns = self._inside(block)
            here = chosen[rows, columns]
            if here.any():
                cube = self._read(block)
                phase.append(cube.phase[:, here])
                valid.append(cube.valid[:, here])
        count = len(self._network.first)
        level = np.full(count, np.nan)
        if phase:
            values, there = np.concatenate(phase, axis=1), np.concatenate(valid, axis=1)
            level = levels(values, there, np.ones(values.shape[1], bool))
        places = np.argwhere(chosen)
        middle = np.median(places, axis=0).astype(int) if len(places) else np.zeros(2, int)
        return Anchor(level, self.window.row + int(middle[0]), self.window.column + int(middle[1]))

    def anchor_anywhere(self, progress: Progress) -> Anchor:
        """The block of 16 x 16 pixels that is coherent and whose rate is the usual one.

        Raises InputError where no block is nearly all valid.
        """
        level, search = self._levels(None), ReferenceSearch()
        blocks = self.blocks()
        for index, block in enumerate(blocks):
            progress.update(index / len(blocks), "looking for a reference")
            cube = self._read(block)
            still = look(self._network, cube.phase, cube.valid, level)
            quality = _quality(cube, still).astype(np.float32)
            search.add(block.row, block.column, still.rate.astype(np.float32), still.seen >= LEAST_SEEN, quality)
        found = search.find()
        if found is None:
            message = (
                f"no reference was found: no block of {BLOCK} x {BLOCK} pixels is nearly all valid in nine tenths of "
                "the INPUTS. Give REFERENCE."
            )
            raise InputError(message)
        row, column = found.row - BLOCK // 2, found.column - BLOCK // 2
        cube = self._phases.read(Window(row, column, BLOCK, BLOCK))
        return Anchor(levels(cube.phase, cube.valid, np.ones((BLOCK, BLOCK), bool)), found.row, found.column)

    def _levels(self, candidate: Bool | None) -> Double:
        """A level for each interferogram (pairs,) to begin with, from windows spread over the region."""
        phase, valid = [], []
        for sample in scattered_windows((self.window.height, self.window.width), SAMPLE_SIDE, SAMPLE_COUNT):
            cube, here = self._sampled(sample)
            chosen = np.ones(cube.valid[here].shape[1:], bool) if candidate is None else candidate[sample.slices]
            phase.append(cube.phase[here][:, chosen])
            valid.append(cube.valid[here][:, chosen])
        values, there_is = np.concatenate(phase, axis=1), np.concatenate(valid, axis=1)
        return levels(values, there_is, np.ones(values.shape[1], bool))

    def _sampled(self, sample: Window) -> tuple[Cube, tuple[slice, ...]]:
        """What holds a window of the region, and where in it: regions of one block are read once."""
        blocks = self.blocks()
        if len(blocks) == 1:
            return self._read(blocks[0]), (slice(None), *sample.slices)
        there = Window(self.window.row + sample.row, self.window.column + sample.column, *sample[2:])
        return self._phases.read(there), (slice(None),)

    def _look(self, level: Double, progress: Progress) -> tuple[Still, Double]:
        """What is known of every pixel of the region beforehand, and how good it is."""
        shape = (self.window.height, self.window.width)
        still, quality = Still(*(np.zeros(shape) for _ in Still._fields)), np.zeros(shape)
        blocks = self.blocks()
        for index, block in enumerate(blocks):
            progress.update(index / len(blocks), "looking for a reference")
            cube = self._read(block)
            part = look(self._network, cube.phase, cube.valid, level)
            here = self._inside(block)
            for plane, values in zip(still, part, strict=True):
                plane[here] = values
            quality[here] = _quality(cube, part)
        return still, quality

    def _read(self, block: Window) -> Cube:
        """The phases of a block; those read last are remembered, since small regions are one block."""
        if self._last is None or self._last[0] != block:
            self._last = None
            self._last = (block, self._phases.read(block))
        return self._last[1]

    def _inside(self, block: Window) -> tuple[slice, slice]:
        row, column = block.row - self.window.row, block.column - self.window.column
        return slice(row, row + block.height), slice(column, column + block.width)


def _quality(cube: Cube, still: Still) -> Double:
    """Mean coherence, or without any how well an even rate explains the phases."""
    if cube.coherence is None:
        return -still.misfit
    return np.asarray(np.where(cube.valid, cube.coherence, 0.0).mean(0), np.float64)

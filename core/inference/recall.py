"""What was read of a tile, kept until the tile is written, so that nothing is read twice."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from ..raster.window import Window

T = TypeVar("T")
Slices = tuple[slice, slice]


class Recall(Generic[T]):
    """Remembers what was read around each tile; tiles are written in the order in which they were read."""

    def __init__(self) -> None:
        self._seen: deque[tuple[Window, T]] = deque()

    def keep(self, window: Window, read: T) -> None:
        """Remember what was read of a window; called in the thread that reads."""
        self._seen.append((window, read))

    def find(self, window: Window) -> tuple[T, Slices]:
        """What was read last around `window`, and where in it `window` lies; what came before that is forgotten."""
        while True:
            around, read = self._seen[0]
            row, column = window.row - around.row, window.column - around.column
            rows, columns = slice(row, row + window.height), slice(column, column + window.width)
            if row >= 0 and column >= 0 and rows.stop <= around.height and columns.stop <= around.width:
                return read, (rows, columns)
            self._seen.popleft()

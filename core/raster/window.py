"""Rectangles of a raster, in whole pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rasterio.windows import Window as RasterioWindow


class Window(NamedTuple):
    """A rectangle: first row and column, height and width, all in pixels; named, so that none is swapped."""

    row: int
    column: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Where this window lies in an array of the whole raster."""
        return slice(self.row, self.row + self.height), slice(self.column, self.column + self.width)

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.height * self.width

    def widened(self, margin: int, shape: tuple[int, int]) -> Window:
        """The window and `margin` pixels around it, as far as a raster of `shape` (rows, columns) has them."""
        row, column = max(0, self.row - margin), max(0, self.column - margin)
        last_row = min(shape[0], self.row + self.height + margin)
        last_column = min(shape[1], self.column + self.width + margin)
        return Window(row, column, last_row - row, last_column - column)

    def within(self, around: Window) -> tuple[slice, slice]:
        """Where this window lies in an array of a larger one."""
        return Window(self.row - around.row, self.column - around.column, self.height, self.width).slices

    def describe(self) -> str:
        """The window in the words of an error message."""
        rows, columns = self.slices
        return f"rows {rows.start} to {rows.stop - 1}, columns {columns.start} to {columns.stop - 1}"

    def for_rasterio(self) -> Any:
        """The same window as rasterio's."""
        return RasterioWindow(self.column, self.row, self.width, self.height)


def windows(shape: tuple[int, int], side: int) -> Iterator[Window]:
    """Squares of `side` pixels that cover a raster of `shape` (rows, columns) row by row, cut at its edges."""
    rows, columns = shape
    for row in range(0, rows, side):
        for column in range(0, columns, side):
            yield Window(row, column, min(side, rows - row), min(side, columns - column))


def scattered_windows(shape: tuple[int, int], side: int, count: int) -> list[Window]:
    """At most `count` squared-up windows of `side` pixels spread evenly over a raster, all of it where it is small.

    The choice depends on the shape alone, so that statistics taken from it do not depend on how the raster is tiled.
    """
    rows, columns = shape
    per_axis = max(1, int(count**0.5))
    row_starts = _spread(rows, side, per_axis)
    column_starts = _spread(columns, side, per_axis)
    return [
        Window(row, column, min(side, rows - row), min(side, columns - column))
        for row in row_starts
        for column in column_starts
    ]


def _spread(length: int, side: int, count: int) -> list[int]:
    """Starts of `count` pieces of `side` spread over `length`, in whole sides so that they do not overlap."""
    pieces = -(-length // side)
    if pieces <= count:
        return [i * side for i in range(pieces)]
    if count == 1:
        return [(pieces // 2) * side]
    return [round(i * (pieces - 1) / (count - 1)) * side for i in range(count)]

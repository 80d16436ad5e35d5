"""Many rasters on one grid, read window by window with one file open at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from ..errors import GridMismatchError, InputError
from ..progress import Progress, Silent
from .dates import listed
from .grid import Grid, crs_remedy, difference
from .products import recognise
from .quantities import Coherence
from .source import Patch, Source, stamp_of
from .window import Window, windows

# Strips as wide as the raster are read where the blocks of the files are at least this share of its width.
_WIDE = 0.5


class Readable(Protocol):
    """Something that gives the pixels of a window: a Source, or what one means (`quantities`)."""

    def read(self, window: Window) -> Patch:
        """The pixels of a window."""


class Stack:
    """Rasters on one grid, in the order given; a context manager. Opening looks at every header and at no pixel.

    `grid` is that of the first, `count` their number. `band` is that of every file. Exact zeros are missing where
    `zero_is_nodata` says so or a file has the name of a product that writes them (logged once). `check` may refuse a
    file by its header with an InputError. Raises one GridMismatchError that names every raster that does not lie on the
    grid of the first, one InputError that names every file that cannot be used, and, on leaving, one for those that
    were changed meanwhile.
    """

    def __init__(
        self,
        paths: Sequence[str],
        progress: Progress,
        *,
        name: str = "INPUTS",
        band: int | None = None,
        zero_is_nodata: bool = False,
        check: Callable[[Source], object] = lambda _: None,
    ) -> None:
        self.paths, self.name = list(paths), name
        self._band, self._check = band, check
        self._zero = [zero_is_nodata or bool(recognise(path)) for path in self.paths]
        self._stamps: list[tuple[int, int] | None] = []
        self.block_shape = (1, 1)
        grids = self._look(progress)
        self.grid = grids[0]
        check_grids(self.grid, self.paths[0], list(zip(self.paths[1:], grids[1:], strict=True)), name)
        products = sorted({recognise(path) for path in self.paths} - {""})
        if products and not zero_is_nodata:
            progress.log(f"{name}: files of {' and '.join(products)} by their names, whose exact zeros are no data")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        changed = [path for path, stamp in zip(self.paths, self._stamps, strict=True) if stamp != stamp_of(path)]
        if kind is None and changed:
            message = f"{self.name}: changed by another program while they were read: {listed(changed)}. Run again."
            raise InputError(message)

    @property
    def count(self) -> int:
        """Number of rasters."""
        return len(self.paths)

    def open(self, index: int) -> Source:
        """One of the rasters, open for reading; the caller closes it, as a context manager."""
        return Source(self.paths[index], band=self._band, zero_is_nodata=self._zero[index], name=self.name)

    def read(
        self, window: Window, meaning: Callable[[Source], Readable] = lambda source: source
    ) -> Iterator[tuple[int, Patch]]:
        """Each raster's index and pixels in a window, one after the other; `meaning` says what a file's pixels are."""
        for index in range(self.count):
            with self.open(index) as source:
                patch = meaning(source).read(window)
            yield index, patch

    def windows(self, side: int) -> list[Window]:
        """Windows of about `side` squared pixels that cover the grid, of a shape that suits the files' blocks.

        Files of strips as wide as the raster are read in strips, so that none is decompressed twice; tiled files in
        squares.
        """
        rows, columns = self.grid.shape
        if self.block_shape[1] < _WIDE * columns or columns <= side:
            return list(windows(self.grid.shape, side))
        height = max(1, side * side // columns)
        height = -(-height // self.block_shape[0]) * self.block_shape[0]
        return [Window(row, 0, min(height, rows - row), columns) for row in range(0, rows, height)]

    def _look(self, progress: Progress) -> list[Grid]:
        """Open each file once; raises InputError that names all that cannot be used."""
        grids: list[Grid] = []
        problems: list[str] = []
        for index in range(self.count):
            progress.update(index / self.count, "looking at the files")
            try:
                with self.open(index) as source:
                    self._check(source)
                    grids.append(source.grid)
                    self._stamps.append(source.stamp)
                    if index == 0:
                        self.block_shape = source.block_shape
            except InputError as error:
                problems.append(str(error))
        if problems:
            message = problems[0]
            if len(problems) > 1:
                message = f"{len(problems)} of {self.count} files cannot be used: {listed(problems)}"
            raise InputError(message)
        return grids


def coherence_stack(paths: Sequence[str], phases: Stack, progress: Progress, *, zero_is_nodata: bool) -> Stack:
    """Coherences on the grid of `phases`, one for each, named COHERENCES; how bytes are taken is logged once."""

    def check(source: Source) -> None:
        Coherence(source, Silent())

    stack = Stack(paths, progress, name="COHERENCES", zero_is_nodata=zero_is_nodata, check=check)
    check_grids(phases.grid, phases.paths[0], [(stack.paths[0], stack.grid)], stack.name)
    with stack.open(0) as source:
        Coherence(source, progress)
    return stack


def check_grids(first: Grid, first_path: str, others: Sequence[tuple[str, Grid]], name: str) -> None:
    """Raise one GridMismatchError that names every raster (path, grid) that is not on the grid of the first."""
    wrong = []
    for path, grid in others:
        why = difference(first, grid)
        if why:
            wrong.append(f"{path} ({why}: {grid.describe()})")
    if wrong:
        advice = next((words for _, grid in others if (words := crs_remedy(first, grid))), "")
        message = (
            f"{name}: {len(wrong)} of {len(others) + 1} rasters do not lie on the grid of the first, {first_path} "
            f"({first.describe()}): {listed(wrong)}. Leave them out, or bring them onto that grid first, with gdalwarp "
            f"or 'Warp (reproject)' in QGIS. {advice}"
        )
        raise GridMismatchError(message.rstrip())

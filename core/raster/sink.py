"""Writing the files of a job: all of them appear whole, or none does and what was there before stays."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from rasterio.crs import CRS
from rasterio.enums import Resampling

from ..errors import InputError, OutputError
from ..progress import Progress
from .diagnose import file_of
from .folder import Lock, part_path, siblings, sweep
from .geotiff import RasterSink, create
from .grid import Grid
from .vector import VectorSink

# Share of the uncompressed size that an output is sure to need: noise does not compress, masks do.
_SURE_SHARE = {"uint8": 0.01, "float32": 0.5}


# Names that an output of each kind may end with, and what it is called in messages.
RASTER, VECTOR = (
    ((".tif", ".tiff"), "rasters are written as GeoTIFF"),
    ((".gpkg",), "polygons are written as GeoPackage"),
)


class Sink(Protocol):
    """One output file under way: lies at `part` once finished, and is then moved to `path`."""

    path: Path
    part: Path

    def finish(self) -> None:
        """Complete the file at `part`, every byte on the disk; raises OutputError."""

    def discard(self) -> None:
        """Delete the unfinished file; never raises."""


class Outputs:
    """All output files of a job; a context manager that commits on leaving, or discards when an error passes.

    Unfinished files lie hidden in the target's own folder and are announced through `progress.partial` first.
    `inputs` are paths that no output may equal. Raises `OutputError` for what the folder or disk refuses.
    """

    def __init__(self, progress: Progress, inputs: Sequence[str | os.PathLike[str] | None] = ()) -> None:
        self._progress = progress
        self._inputs = [os.fspath(path) for path in inputs if path is not None]
        self._sinks: list[Sink] = []
        self._locks = contextlib.ExitStack()
        self._reserved: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._locks:
            try:
                if kind is None:
                    self._commit()
            finally:
                for sink in self._sinks:
                    sink.discard()

    def raster(
        self,
        path: str | os.PathLike[str],
        grid: Grid,
        *,
        dtype: str,
        nodata: float,
        bands: Sequence[str] = ("",),
        unit: str | Sequence[str] = "",
        tags: Mapping[str, str] | None = None,
        overview: Resampling = Resampling.nearest,
    ) -> RasterSink:
        """Start a GeoTIFF; `bands` are the band descriptions, `overview` is nearest for phase and masks."""
        target, part = self.place(path, *RASTER)
        self._check_space(target, grid, dtype, len(bands))
        sink = RasterSink(target, part, create(part, grid, dtype, nodata, len(bands)), overview)
        self.add(sink)
        sink.describe(bands, [unit] * len(bands) if isinstance(unit, str) else unit, tags or {})
        return sink

    def vector(
        self, path: str | os.PathLike[str], crs: CRS | None, tags: Mapping[str, str] | None = None
    ) -> VectorSink:
        """Start a GeoPackage of polygons in `crs`; `tags` become the metadata of its layer."""
        sink = VectorSink(*self.place(path, *VECTOR), crs, tags or {})
        self.add(sink)
        return sink

    def place(self, path: str | os.PathLike[str], endings: Sequence[str], kind: str) -> tuple[Path, Path]:
        """Check and lock the target of an output; returns it and the announced name of its unfinished file.

        `endings` are what its name may end with, `kind` says in words what is written.
        """
        target = Path(os.path.abspath(path))  # noqa: PTH100 - does not follow links, which are to be replaced
        self._check_target(target, endings, kind)
        lock = self._locks.enter_context(Lock(target))
        self._progress.partial(str(lock.path))  # only now, since until here it may have been another job's
        swept = sweep(target.parent)
        if swept:
            self._progress.log(f"removed {len(swept)} unfinished file(s) of an earlier job in {target.parent}")
        part = part_path(target)
        for leftover in siblings(part)[:2]:
            self._progress.partial(str(leftover))
        return target, part

    def add(self, sink: Sink) -> None:
        """Take an output that was placed: it is finished and moved with the others, or discarded."""
        self._sinks.append(sink)

    def _check_target(self, target: Path, endings: Sequence[str], kind: str) -> None:
        if target.suffix.lower() not in endings:
            message = f"the output {target} is not named {' or '.join(endings[:2])}; {kind}. Change its name."
            raise InputError(message)
        if target.is_dir():
            message = f"the output {target} is a folder. Give a file name in it."
            raise OutputError(message)
        if not target.parent.is_dir():
            message = f"the folder {target.parent} of the output does not exist. Create it or choose another."
            raise OutputError(message)
        for path in self._inputs:
            file = file_of(path)
            if file is not None and _is_same(file, target):
                message = f"the output {target} is also an input. Choose another name for the output."
                raise InputError(message)
        if any(_is_same(sink.path, target) or sink.path == target for sink in self._sinks):
            message = f"two outputs have the same name {target}. Give each its own."
            raise InputError(message)

    def _check_space(self, target: Path, grid: Grid, dtype: str, count: int) -> None:
        """Refuse before any work what can never fit, all outputs on the same disk taken together."""
        device = target.parent.stat().st_dev
        size = grid.height * grid.width * count * np.dtype(dtype).itemsize
        self._reserved[device] = self._reserved.get(device, 0) + int(size * _SURE_SHARE.get(dtype, 0.1))
        free = shutil.disk_usage(target.parent).free
        if self._reserved[device] > free:
            message = (
                f"the disk of {target} has {free:,} bytes free and the outputs need at least "
                f"{self._reserved[device]:,}. Free some space or choose another folder."
            )
            raise OutputError(message)

    def _commit(self) -> None:
        """Finish all files, then move them into place; an error in the middle brings the old ones back."""
        for sink in self._sinks:
            sink.finish()
        with contextlib.ExitStack() as undo:
            for sink in self._sinks:
                self._move_into_place(sink, undo)
            undo.pop_all()
        for sink in self._sinks:
            _remove_stale_sidecars(sink.path)

    def _move_into_place(self, sink: Sink, undo: contextlib.ExitStack) -> None:
        old = part_path(sink.path, "old")
        if sink.path.exists():
            self._progress.partial(str(old))
            self._locks.callback(old.unlink, missing_ok=True)
            with contextlib.suppress(OSError):  # a file system without hard links has no way back
                os.link(sink.path, old)
        try:
            sink.part.replace(sink.path)
        except PermissionError as error:
            self._keep_beside(sink, error)
        except OSError as error:
            message = f"{sink.path} cannot be put in place: {error}. Choose another name for the output."
            raise OutputError(message) from error
        else:
            undo.callback(_bring_back, sink.path, old)

    def _keep_beside(self, sink: Sink, error: PermissionError) -> None:
        """Windows does not replace a file that another program has open: leave the result beside it and say so."""
        beside = sink.path.with_name(sink.path.stem + ".new" + sink.path.suffix)
        try:
            sink.part.replace(beside)
        except OSError:
            message = f"{sink.path} cannot be replaced ({error.strerror}). Close it in other programs and run again."
            raise OutputError(message) from error
        self._progress.warn(f"{sink.path} is open in another program; the result is {beside}")
        sink.path = beside


def _bring_back(path: Path, old: Path) -> None:
    if old.exists():
        old.replace(path)
    else:
        path.unlink(missing_ok=True)


def _is_same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return False


def _remove_stale_sidecars(path: Path) -> None:
    """Delete the statistics, overviews and journals that other programs kept beside the file which was replaced.

    SQLite would replay the old file's write-ahead log (-wal) into the new one.
    """
    for ending in (".aux.xml", ".ovr", ".msk", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).unlink()

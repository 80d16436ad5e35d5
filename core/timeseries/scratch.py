"""Planes of a raster that wait on disk, so that memory does not grow with the raster or with the number of files."""

from __future__ import annotations

import tempfile
import threading
import weakref

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..raster.window import Window

Float = NDArray[np.float32]

_ITEM = np.dtype(np.float32).itemsize


class Planes:
    """Float32 (bands, rows, columns) in a file without a name, which vanishes with the process; 0 until written.

    It is read and written, not mapped: mapped pages count as memory of the process. What is never written takes no
    room on file systems that know holes. Threads may share it. Raises OutputError where the disk is full.
    """

    def __init__(self, bands: int, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._file = tempfile.TemporaryFile(prefix="fringelens-", buffering=0)  # noqa: SIM115 - closed with this object
        self._lock = threading.Lock()  # seeking and reading are two steps
        weakref.finalize(self, self._file.close)
        self._file.truncate(bands * shape[0] * shape[1] * _ITEM)

    def close(self) -> None:
        """Give the room on disk back; nothing can be read any more."""
        self._file.close()

    def write(self, band: int, window: Window, values: Float) -> None:
        """Write a window (rows, columns) of a plane."""
        flat = np.ascontiguousarray(values, np.float32)
        try:
            for line, row in enumerate(flat):
                with self._lock:
                    self._seek(band, window, line)
                    rest = memoryview(row.data).cast("B")
                    while rest:
                        rest = rest[self._file.write(rest) :]
        except OSError as error:
            message = (
                f"the folder for temporary files, {tempfile.gettempdir()}, cannot take what was computed so far "
                f"({error.strerror}). Make room there, or set TMPDIR to another folder."
            )
            raise OutputError(message) from error

    def read(self, band: int, window: Window) -> Float:
        """A window (rows, columns) of a plane."""
        found = np.empty((window.height, window.width), np.float32)
        for line, row in enumerate(found):
            with self._lock:
                self._seek(band, window, line)
                self._file.readinto(row.data)
        return found

    def _seek(self, band: int, window: Window, line: int) -> None:
        rows, columns = self._shape
        self._file.seek(((band * rows + window.row + line) * columns + window.column) * _ITEM)

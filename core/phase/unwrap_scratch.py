"""Arrays that wait on disk until they are needed again, so that memory does not grow with the raster."""

from __future__ import annotations

import tempfile
import weakref
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError

Int = NDArray[np.int32]


class Kept(NamedTuple):
    """Where an array (rows, columns) lies in its scratch file."""

    offset: int  # bytes
    shape: tuple[int, int]


class Scratch:
    """Arrays of int32 in one file without a name, which vanishes with the process, however that ends.

    It is read and written, not mapped: mapped pages count as memory of the process. Raises OutputError where the disk
    is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="fringelens-")  # noqa: SIM115 - closed with this object
        weakref.finalize(self, self._file.close)
        self._end = 0

    def keep(self, values: Int) -> Kept:
        """Write an array (rows, columns)."""
        kept = Kept(self._end, (values.shape[0], values.shape[1]))
        try:
            self._file.seek(self._end)
            self._file.write(np.ascontiguousarray(values, np.int32).data)
            self._file.flush()
        except OSError as error:
            message = (
                f"the folder for temporary files, {tempfile.gettempdir()}, cannot take what was unwrapped so far "
                f"({error.strerror}). Make room there (8 bytes a pixel and more), or set TMPDIR to another folder."
            )
            raise OutputError(message) from error
        self._end += values.size * values.itemsize
        return kept

    def read(self, kept: Kept, part: tuple[slice, slice]) -> Int:
        """Part (rows, columns) of an array."""
        rows, columns = part
        width = kept.shape[1]
        item = np.dtype(np.int32).itemsize
        self._file.seek(kept.offset + rows.start * width * item)
        raw = self._file.read((rows.stop - rows.start) * width * item)
        return np.frombuffer(raw, np.int32).reshape(-1, width)[:, columns]

"""A file whose bytes are made in memory and written whole, with the other outputs of a job."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import OutputError


class ContentSink:
    """One output file; what writes its content is up to the class that derives from this one."""

    def __init__(self, path: Path, part: Path) -> None:
        self.path, self.part = path, part
        self._content = b""

    def finish(self) -> None:
        """Write the file and make sure that every byte reached the disk; raises OutputError."""
        try:
            with self.part.open("wb") as target:
                target.write(self._content)
                target.flush()
                os.fsync(target.fileno())
        except OSError as error:
            message = f"{self.path} cannot be written: {error.strerror}. Free some space or choose another folder."
            raise OutputError(message) from error

    def discard(self) -> None:
        """Delete the unfinished file; never raises."""
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)

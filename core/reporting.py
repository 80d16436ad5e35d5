"""Progress that leaves this process: JSON lines for the worker and `--json`, and what all reporters share."""

from __future__ import annotations

import contextlib
import math
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

from . import protocol
from .errors import Cancelled, FringeLensError

# "tile 7 of 12" and "tile 8 of 12" are one stage; what it is should not be lost just before something slow.
_COUNTS = re.compile(r"[\d.,]+")

# A person sees no more than this, and a pipe is not flooded by small tiles.
_SECONDS_BETWEEN = 0.1


class Channel:
    """Where protocol lines go; lines of several threads never mix."""

    def __init__(self, stream: RawIOBase | BytesIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Write one message as a line; whoever listened may be gone, which the end of stdin tells better."""
        rest = memoryview(protocol.encode(message).encode("ascii"))
        with self._lock, contextlib.suppress(OSError):
            while rest:  # a pipe may take a part only
                rest = rest[self._stream.write(rest) :]


@contextlib.contextmanager
def private_stdout() -> Iterator[Channel]:
    """A channel to the real stdout, while whatever libraries print there goes to stderr instead."""
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(private), "wb", buffering=0) as stream:
            yield Channel(stream)
    finally:
        sys.stdout.flush()
        os.dup2(private, 1)
        os.close(private)


class Reporter:
    """What every progress needs: cancel, fractions that never go back, not too many of them, unfinished files."""

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._cancelled = cancelled
        self._fraction = 0.0
        self._last, self._stage = -math.inf, ""
        self._partials: list[Path] = []

    def update(self, fraction: float, message: str = "") -> None:
        """Say how far the work is, 0 to 1; raises `Cancelled` once the user has asked to stop."""
        if self._cancelled():
            raise Cancelled
        if fraction > self._fraction:  # also false for NaN
            self._fraction = min(fraction, 1.0)
        now, stage = time.monotonic(), _COUNTS.sub("", message)
        if now - self._last >= _SECONDS_BETWEEN or stage != self._stage:
            self._last, self._stage = now, stage
            self.show(self._fraction, message)

    def log(self, message: str) -> None:
        """Say something worth reading later."""

    def warn(self, message: str) -> None:
        """Say something the user must not miss."""

    def partial(self, path: str) -> None:
        """Remember an unfinished file, for the case that this process has to be ended at once."""
        self._partials.append(Path(path))

    def show(self, fraction: float, message: str) -> None:
        """Bring the progress to whoever listens; called ten times a second at most, and when a new stage begins."""

    def discard_partials(self) -> None:
        """Delete the unfinished files: the last thing before this process is ended without cleaning up."""
        for path in self._partials:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


class JsonReporter(Reporter):
    """Progress as lines of the job protocol."""

    def __init__(
        self, job: str, channel: Channel, cancelled: Callable[[], bool] = lambda: False, *, quiet: bool = False
    ) -> None:
        super().__init__(cancelled)
        self._job, self._channel, self._quiet = job, channel, quiet

    def show(self, fraction: float, message: str) -> None:
        """Send a progress line, unless told to be quiet."""
        if not self._quiet:
            self._send("progress", fraction=round(fraction, 4), message=message)

    def log(self, message: str) -> None:
        """Send a log line, unless told to be quiet."""
        if not self._quiet:
            self._send("log", message=message)

    def warn(self, message: str) -> None:
        """Send a warning line."""
        self._send("warning", message=message)

    def partial(self, path: str) -> None:
        """Announce an unfinished file to the parent, which deletes it if this process dies."""
        super().partial(path)
        self._send("partial", path=path)

    def _send(self, kind: str, **content: Any) -> None:
        self._channel.send({"type": kind, "id": self._job, **content})


def error_message(name: str | None, error: FringeLensError) -> dict[str, Any]:
    """The protocol's message for an error; the traceback is in its details alone."""
    details = "".join(traceback.format_exception(error)) if error.kind != "cancelled" else ""
    return {"type": "error", "id": name, "kind": error.kind, "message": str(error), "details": details}

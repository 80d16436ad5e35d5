"""Progress for people: a bar where stderr is a terminal, a line now and then where it is not."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

from ..reporting import Reporter

_BAR = 24  # characters
_SECONDS_BETWEEN_LINES = 10.0
_ETA_AFTER = 2.0  # seconds; an estimate from less is noise


class TextReporter(Reporter):
    """Logs and warnings as lines on stderr; `quiet` leaves the warnings."""

    def __init__(self, stream: TextIO, cancelled: Callable[[], bool] = lambda: False, *, quiet: bool = False) -> None:
        super().__init__(cancelled)
        self._stream, self._quiet = stream, quiet
        self._started = time.monotonic()
        self._first: tuple[float, float] | None = None  # moment and fraction from which the time left is estimated
        self._lock = threading.RLock()

    def log(self, message: str) -> None:
        """Print a line, unless told to be quiet."""
        if not self._quiet:
            self._line(message)

    def warn(self, message: str) -> None:
        """Print a warning, always."""
        self._line(f"warning: {message}")

    def close(self) -> None:
        """Leave the terminal clean for what comes next."""

    def _line(self, text: str) -> None:
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def _left(self, fraction: float) -> str:
        if self._first is None:  # what came before was the loading of torch, which says nothing of the speed
            self._first = (time.monotonic(), fraction)
        elapsed, done = time.monotonic() - self._first[0], fraction - self._first[1]
        if elapsed < _ETA_AFTER or done <= 0:
            return "--:--"
        seconds = round(elapsed * (1 - fraction) / done)
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"


class Lines(TextReporter):
    """For logs and pipes: a line of progress every ten seconds at most."""

    _shown = 0.0

    def show(self, fraction: float, message: str) -> None:
        """Print a line if the last is long enough ago."""
        now, left = time.monotonic(), self._left(fraction)
        if self._quiet or now - max(self._shown, self._started) < _SECONDS_BETWEEN_LINES:
            return
        self._shown = now
        self._line(f"{fraction:4.0%}  {left} left  {message}".rstrip())


class Bar(TextReporter):
    """For terminals: one line that is drawn again and again, with the time that is left."""

    _drawn = False

    def show(self, fraction: float, message: str) -> None:
        """Draw the bar."""
        if self._quiet:
            return
        filled = round(_BAR * fraction)
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {fraction:4.0%}  {self._left(fraction)} left  {message}"
        width = shutil.get_terminal_size().columns - 1
        with self._lock:
            self._stream.write(f"\r\x1b[K{text[:width]}")
            self._stream.flush()
            self._drawn = True

    def close(self) -> None:
        """Wipe the bar away."""
        with self._lock:
            if self._drawn:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
                self._drawn = False

    def _line(self, text: str) -> None:
        with self._lock:
            self.close()
            super()._line(text)


def reporter_for(stream: TextIO, cancelled: Callable[[], bool], *, quiet: bool) -> TextReporter:
    """A bar for a terminal, lines for everything else."""
    return (Bar if stream.isatty() else Lines)(stream, cancelled, quiet=quiet)

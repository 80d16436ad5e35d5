"""How a running tool speaks to whoever started it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a tool is handed to report through; the worker, the command line and tests bring their own."""

    def update(self, fraction: float, message: str = "") -> None:
        """Say how far the work is, 0 to 1; raises `Cancelled` once the user has asked to stop."""

    def log(self, message: str) -> None:
        """Say something worth reading later."""

    def warn(self, message: str) -> None:
        """Say something the user must not miss."""

    def partial(self, path: str) -> None:
        """Announce an unfinished file before it is made, so that a parent can delete it if this process dies."""


class Silent:
    """A progress that nobody listens to."""

    def update(self, fraction: float, message: str = "") -> None:
        """Say nothing."""

    def log(self, message: str) -> None:
        """Say nothing."""

    def warn(self, message: str) -> None:
        """Say nothing."""

    def partial(self, path: str) -> None:
        """Say nothing."""


class Forwarding:
    """Passes on to another progress what is said; how far the job is, is for subclasses to say."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def log(self, message: str) -> None:
        """Pass the message on."""
        self._progress.log(message)

    def warn(self, message: str) -> None:
        """Pass the warning on."""
        self._progress.warn(message)

    def partial(self, path: str) -> None:
        """Pass the announcement on."""
        self._progress.partial(path)


class Stage(Forwarding):
    """One part of a longer job: maps 0..1 of this part to `start`..`stop` of the whole."""

    def __init__(self, progress: Progress, start: float, stop: float) -> None:
        super().__init__(progress)
        self._start, self._stop = start, stop

    def update(self, fraction: float, message: str = "") -> None:
        """Report a fraction of this stage."""
        self._progress.update(self._start + fraction * (self._stop - self._start), message)

"""The worker: jobs in on stdin, events out on stdout, one JSON object a line (core/protocol.py)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from . import job, machine, protocol
from .errors import Cancelled, FringeLensError, InputError
from .reporting import Channel, JsonReporter, error_message, private_stdout

# How long a running job may take to notice that nobody wants it any more, before the process ends itself.
_GRACE_SECONDS = 10.0
_CHUNK = 65536  # bytes of stdin read at a time


class Worker:
    """A queue of jobs between the thread that reads and the main thread, which runs them one at a time."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, Any]] = {}  # in the order they came
        self._running = ""
        self._reporter: JsonReporter | None = None
        self._cancelled = False
        self._stopped = False

    def receive(self, line: str) -> None:
        """Take one line of the parent: a job to queue, or the cancelling of one."""
        try:
            message = protocol.decode(line)
        except ValueError as error:
            self._fail(None, InputError(str(error)))
            return
        kind, name = message["type"], message.get("id")
        if kind not in ("job", "cancel") or not isinstance(name, str) or not name:
            self._fail(None, InputError(f"expected a job or a cancel with an id, got {line[:200]!r}"))
            return
        if kind == "cancel":
            self._cancel(name)
        else:
            self._queue(name, message)

    def stop(self) -> None:
        """Cancel what runs, drop what waits, and let `run` return; the process ends itself if that takes too long."""
        with self._changed:
            if self._stopped:
                return
            self._stopped = True
            self._changed.notify_all()
        watchdog = threading.Timer(_GRACE_SECONDS, self.end_at_once)
        watchdog.daemon = True
        watchdog.start()

    def end_at_once(self) -> None:
        """End the process without waiting for the job, deleting its unfinished files."""
        if self._reporter is not None:
            self._reporter.discard_partials()
        os._exit(1)

    def run(self, idle_seconds: float | None = None) -> None:
        """Run jobs until stopped, or until none has come for `idle_seconds`."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped, idle_seconds)
                if self._stopped or not self._waiting:
                    return
                self._running, self._cancelled = next(iter(self._waiting)), False
                message = self._waiting.pop(self._running)
            answer = self._answer(self._running, message)
            with self._changed:
                self._running = ""
            self._channel.send(answer)

    def _answer(self, name: str, message: dict[str, Any]) -> dict[str, Any]:
        self._reporter = JsonReporter(name, self._channel, lambda: self._cancelled or self._stopped)
        try:
            outputs = job.run(
                str(message.get("tool", "")),
                _mapping(message.get("parameters", {})),
                self._reporter,
                overwrite=message.get("overwrite") is True,
            )
        except FringeLensError as error:
            return error_message(name, error)
        finally:
            machine.release_memory()
        return {"type": "result", "id": name, "outputs": outputs}

    def _queue(self, name: str, message: dict[str, Any]) -> None:
        with self._changed:
            if name not in self._waiting and name != self._running:
                self._waiting[name] = message
                self._changed.notify_all()
                return
        self._fail(name, InputError(f"there is a job {name!r} already; give each job an id of its own"))

    def _cancel(self, name: str) -> None:
        with self._changed:
            if name == self._running:
                self._cancelled = True
            waited = self._waiting.pop(name, None) is not None
        if waited:
            self._fail(name, Cancelled())

    def _fail(self, name: str | None, error: FringeLensError) -> None:
        self._channel.send(error_message(name, error))


def _mapping(parameters: Any) -> dict[str, Any]:
    if not isinstance(parameters, dict):
        message = f"parameters: expected an object of names and values, got {parameters!r}"
        raise InputError(message)
    return parameters


def serve(idle_seconds: float | None = None) -> int:
    """Be the worker of this process until its stdin ends; returns the exit code."""
    with private_stdout() as channel:
        worker = Worker(channel)
        codes: list[int] = []

        def on_signal(number: int, _frame: FrameType | None) -> None:
            if codes:  # asked twice: somebody is in a hurry
                worker.end_at_once()
            codes.append(128 + number)
            worker.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        lines = _lines(_private_stdin())
        threading.Thread(target=_read, args=(lines, worker), daemon=True).start()
        channel.send(machine.hello())
        worker.run(idle_seconds)
        return codes[0] if codes else 0


def _read(lines: Iterator[str], worker: Worker) -> None:
    with contextlib.suppress(OSError):
        for line in lines:
            if line.strip():
                worker.receive(line)
    worker.stop()


def _private_stdin() -> int:
    """A descriptor of the real stdin, which libraries and child processes can then not read from."""
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return private


def _lines(descriptor: int) -> Iterator[str]:
    """The lines of a descriptor, read without Python's buffers: a thread blocked in those may hang the exit."""
    rest = b""
    while chunk := os.read(descriptor, _CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", errors="replace") for line in whole)

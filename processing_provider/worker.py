"""The other end of the pipe to one runtime process: starts it, sends it jobs, hears it, and cleans up if it dies."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess  # nosec B404
import threading
import time
import uuid
from collections import deque
from pathlib import Path
from typing import Any, Deque, Dict, Mapping, Set

from ..core.protocol import PROTOCOL, decode, encode
from . import runtime

HELLO_SECONDS = 180.0  # the first import of torch reads a gigabyte from a disk that may be slow
ANSWER_SECONDS = 2.0  # a worker that does not answer a cancel for so long is killed
LISTEN_SECONDS = 0.1  # how often a waiting job looks whether the user has cancelled
STDERR_LINES = 40


class RunError(Exception):
    """A job did not succeed; the message is for the user, `kind` is one of core/errors.py or "died"."""

    def __init__(self, message: str, kind: str = "internal", details: str = "") -> None:
        super().__init__(message)
        self.kind, self.details = kind, details


class CancelledError(RunError):
    """The user stopped the job; nothing of it remains."""

    def __init__(self) -> None:
        super().__init__("Cancelled; no output was written.", "cancelled")


class Listener:
    """What a job reports to; every method may be called from the thread that runs the job."""

    def progress(self, fraction: float, message: str) -> None:
        """Hear how far the job is, 0 to 1."""

    def log(self, message: str) -> None:
        """Hear something worth reading later."""

    def warn(self, message: str) -> None:
        """Hear something the user must not miss."""

    def is_cancelled(self) -> bool:
        """Say whether the user wants the job to stop."""
        return False


class Worker:
    """One running `fringelens worker`; jobs from several threads are told apart by their ids."""

    def __init__(self, python: Path, listener: Listener) -> None:
        """Start the process and wait for its hello; raises RunError where none comes, CancelledError on request."""
        self.python = python
        self.hello: Dict[str, Any] = {}
        self.last_used = time.monotonic()
        self._was_killed = False
        self._jobs: Dict[str, "queue.Queue[Dict[str, Any]]"] = {}
        self._partial: Dict[str, Set[str]] = {}
        self._stderr: Deque[str] = deque(maxlen=STDERR_LINES)
        self._lock = threading.Lock()
        pipe = subprocess.PIPE
        try:
            self._process = runtime.start(python, "worker", stdin=pipe, stdout=pipe, stderr=pipe)
        except OSError as error:
            message = f"The runtime could not be started with {python}: {error}. {runtime.HOW_TO_MEND}"
            raise RunError(message, "dependency") from error
        self._greeting: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        self._hearer = threading.Thread(target=self._hear, name="fringelens-stdout", daemon=True)
        self._drain = threading.Thread(target=self._drain_stderr, name="fringelens-stderr", daemon=True)
        self._hearer.start()
        self._drain.start()
        self._wait_for_hello(listener)

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def is_busy(self) -> bool:
        """Whether a job is under way."""
        with self._lock:
            return bool(self._jobs)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def run(self, tool: str, parameters: Mapping[str, Any], listener: Listener) -> Dict[str, Any]:
        """Run one job to its end and return its outputs; raises RunError or CancelledError."""
        job = uuid.uuid4().hex
        messages: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        with self._lock:
            self._jobs[job], self._partial[job] = messages, set()
        try:
            self._send({"type": "job", "id": job, "tool": tool, "parameters": dict(parameters), "overwrite": True})
            return self._follow(job, messages, listener)
        finally:
            with self._lock:
                self._jobs.pop(job, None)
            self._partial.pop(job, None)
            self.last_used = time.monotonic()

    def stop(self) -> None:
        """End the process: it ends by itself when its input does, and is killed where it does not."""
        try:
            with self._lock:
                self._process.stdin.close()
            self._process.wait(timeout=ANSWER_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self._kill()
        self._join()

    def _wait_for_hello(self, listener: Listener) -> None:
        deadline = time.monotonic() + HELLO_SECONDS
        while not self.hello:
            try:
                self.hello = self._greeting.get(timeout=LISTEN_SECONDS)
            except queue.Empty:
                if listener.is_cancelled():
                    self._kill()
                    raise CancelledError from None
                if time.monotonic() > deadline:
                    self._kill()
                    message = f"The runtime ({self.python}) did not answer within {HELLO_SECONDS:.0f} s."
                    message = f"{message} {runtime.HOW_TO_MEND}"
                    raise RunError(message, "dependency", self._last_words()) from None
        if self.hello["type"] == "died":
            message = f"The runtime could not start ({self.python}). {runtime.HOW_TO_MEND}"
            raise RunError(message, "dependency", self._last_words())
        if self.hello.get("protocol") != PROTOCOL:
            self.stop()
            message = f"The runtime in {self.python} belongs to another version of FringeLens. {runtime.HOW_TO_MEND}"
            raise RunError(message, "dependency")

    def _follow(self, job: str, messages: "queue.Queue[Dict[str, Any]]", listener: Listener) -> Dict[str, Any]:
        asked, has_begun = 0.0, False
        while True:
            try:
                message = messages.get(timeout=LISTEN_SECONDS)
            except queue.Empty:
                message = {"type": "silence"}
            kind = message["type"]
            has_begun = has_begun or kind != "silence"
            if kind == "result":
                return dict(message.get("outputs") or {})
            if kind in ("error", "died"):
                raise self._failure(job, message, was_asked=bool(asked))
            _report(message, listener)
            if listener.is_cancelled() and not asked:
                asked = time.monotonic()
                self._send({"type": "cancel", "id": job})
            if asked and time.monotonic() - asked > ANSWER_SECONDS:
                if has_begun:  # one that still waits behind another must not take that one with it
                    self._kill()
                    self._delete_partial(job)
                raise CancelledError

    def _failure(self, job: str, message: Mapping[str, Any], *, was_asked: bool) -> RunError:
        if message["type"] == "died":
            self._delete_partial(job)
            if was_asked:
                return CancelledError()
            if self._was_killed:
                return RunError("The runtime was ended by another job.", "restart")
            return RunError(self._obituary(), "died", self._last_words())
        if message.get("kind") == "cancelled":
            return CancelledError()
        text = str(message.get("message") or "The tool failed without saying why.")
        return RunError(text, str(message.get("kind") or "internal"), str(message.get("details") or ""))

    def _obituary(self) -> str:
        status = self._process.wait()
        if os.name != "nt" and status == -signal.SIGKILL:
            return (
                "The runtime was killed while it worked, most likely because memory ran out; no output was written."
                " Close other programs, or set a smaller tile size under the advanced parameters."
            )
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return (
            f"The runtime ended unexpectedly ({how}) while it worked; no output was written."
            " Running the tool again starts a new one. If it happens again, report it with this log."
        )

    def _send(self, message: Dict[str, Any]) -> None:
        try:
            with self._lock:
                self._process.stdin.write(encode(message).encode("ascii"))
                self._process.stdin.flush()
        except (OSError, ValueError):
            return  # it has died; `_hear` tells the job so

    def _hear(self) -> None:
        for line in iter(self._process.stdout.readline, b""):
            try:
                message = decode(line.decode("utf-8", "replace"))
            except ValueError:
                self._stderr.append(line.decode("utf-8", "replace").rstrip())  # a library's own print
                continue
            if message["type"] == "hello":
                self._greeting.put(message)
                continue
            with self._lock:
                job = self._jobs.get(str(message.get("id")))
                if job is not None and message["type"] == "partial":
                    self._partial[str(message["id"])].add(str(message.get("path")))
                elif job is not None:
                    job.put(message)
        self._process.stdout.close()
        self._process.wait()
        self._greeting.put({"type": "died"})
        with self._lock:
            with contextlib.suppress(OSError):  # closing sends what is still held back
                self._process.stdin.close()
            for job in self._jobs.values():
                job.put({"type": "died"})

    def _drain_stderr(self) -> None:
        with self._process.stderr:
            for line in self._process.stderr:
                self._stderr.append(line.decode("utf-8", "replace").rstrip())

    def _last_words(self) -> str:
        self._drain.join(timeout=1.0)
        return "\n".join(self._stderr)

    def _kill(self) -> None:
        self._was_killed = True
        try:
            if os.name == "nt":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        except (OSError, ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._join()

    def _join(self) -> None:
        self._hearer.join(timeout=ANSWER_SECONDS)
        self._drain.join(timeout=ANSWER_SECONDS)

    def _delete_partial(self, job: str) -> None:
        for name in self._partial.get(job, ()):
            Path(name).unlink(missing_ok=True)


def _report(message: Mapping[str, Any], listener: Listener) -> None:
    text = str(message.get("message") or "")
    if message["type"] == "progress":
        listener.progress(float(message.get("fraction") or 0.0), text)
    elif message["type"] == "warning":
        listener.warn(text)
    elif message["type"] == "log":
        listener.log(text)

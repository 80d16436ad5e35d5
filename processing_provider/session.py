"""The one worker of a QGIS session: started on first use, reused, gone when idle and when QGIS ends."""

from __future__ import annotations

import atexit
import threading
import time
from typing import Any, Dict, Mapping, Optional, Tuple

from . import runtime
from .worker import Listener, RunError, Worker

IDLE_SECONDS = 600.0  # after so long without a job the worker ends and gives its memory back
ATTEMPTS = 3  # a job whose worker was ended for another job's sake is sent again

_lock = threading.RLock()
_worker: Optional[Worker] = None
_made_with: Tuple[str, str] = ("", "")
_timer: Optional[threading.Timer] = None


def run(tool: str, parameters: Mapping[str, Any], listener: Listener) -> Dict[str, Any]:
    """Run a job in this session's worker and return its outputs; raises RunError with a message for the user."""
    attempts_left = ATTEMPTS
    while True:
        worker = _ready(listener)
        attempts_left -= 1
        try:
            return worker.run(tool, parameters, listener)
        except RunError as error:
            if error.kind != "restart" or not attempts_left:
                raise
        finally:
            _watch_idle()


def stop() -> None:
    """End the worker, if there is one."""
    global _worker, _timer
    with _lock:
        if _timer is not None:
            _timer.cancel()
        worker, _worker, _timer = _worker, None, None
    if worker is not None:
        worker.stop()


def current() -> Optional[Worker]:
    """The worker that runs now, if any."""
    return _worker if _worker is not None and _worker.is_alive else None


def _ready(listener: Listener) -> Worker:
    """A live worker of the interpreter that the settings name now."""
    global _worker, _made_with
    problem = runtime.problem()
    if problem:
        raise RunError(problem, "dependency")
    wanted = (str(runtime.find_python()), runtime.setting(runtime.THREADS))
    with _lock:
        old = current()
        if old is not None and (wanted == _made_with or old.is_busy):
            return old
        stop()
        _worker, _made_with = Worker(runtime.find_python(), listener), wanted
        _greet(_worker, listener)
        return _worker


def _greet(worker: Worker, listener: Listener) -> None:
    hello = worker.hello
    versions = ", ".join(f"{name} {version}" for name, version in (hello.get("versions") or {}).items())
    listener.log(f"FringeLens {hello.get('fringelens')} started with Python {hello.get('python')}, {versions}")


def _watch_idle() -> None:
    """Look again when the worker may have been idle for long enough."""
    global _timer
    with _lock:
        if _timer is not None:
            _timer.cancel()
        _timer = threading.Timer(IDLE_SECONDS, _end_if_idle)
        _timer.daemon = True
        _timer.start()


def _end_if_idle() -> None:
    worker = current()
    if worker is None or worker.is_busy:
        return
    if time.monotonic() - worker.last_used >= IDLE_SECONDS * 0.99:
        stop()


atexit.register(stop)

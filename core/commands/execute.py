"""Runs a job for a person or a script: progress, signals, results and exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from .. import job, protocol
from ..errors import Cancelled, FringeLensError
from ..reporting import JsonReporter, Reporter, error_message, private_stdout
from .display import reporter_for

# Ctrl-C, `kill`, and a terminal that was closed; Windows has no such.
_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

JOB_ID = "cli"  # of the JSON lines; there is one job in a process


class Interrupts:
    """Ctrl-C, SIGTERM and SIGHUP ask the job to stop; asked a second time, the process ends at once."""

    def __init__(self) -> None:
        self.number = 0
        self.reporter: Reporter | None = None

    def cancelled(self) -> bool:
        """Whether the job is to stop."""
        return self.number != 0

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals meanwhile; only the main thread can, elsewhere nothing is changed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # One that is ignored stays so: `nohup` and scripts that start jobs in the background ask for that.
        numbers = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.number:
            if self.reporter is not None:
                self.reporter.discard_partials()
            os._exit(128 + number)
        self.number = number
        # Not through sys.stderr, which the interrupted line may be writing to.
        os.write(2, b"\ncancelling; once more to stop at once\n")


def execute(tool_id: str, parameters: Mapping[str, Any], *, overwrite: bool, as_json: bool, quiet: bool) -> int:
    """Run one job and return the exit code; results are lines `NAME: value` on stdout, or JSON lines."""
    interrupts = Interrupts()
    run = _run_json if as_json else _run_text
    with interrupts.caught():
        try:
            run(tool_id, parameters, interrupts, overwrite=overwrite, quiet=quiet)
        except Cancelled as error:
            return 128 + interrupts.number if interrupts.number else error.exit_code
        except FringeLensError as error:
            return error.exit_code
    return 0


def report(error: FringeLensError, *, as_json: bool) -> int:
    """Tell an error that came before any job, and return the exit code."""
    if as_json:
        sys.stdout.write(protocol.encode(error_message(JOB_ID, error)))
    else:
        _print_error(error)
    return error.exit_code


def _run_json(
    tool_id: str, parameters: Mapping[str, Any], interrupts: Interrupts, *, overwrite: bool, quiet: bool
) -> None:
    with private_stdout() as channel:
        interrupts.reporter = JsonReporter(JOB_ID, channel, interrupts.cancelled, quiet=quiet)
        try:
            outputs = job.run(tool_id, parameters, interrupts.reporter, overwrite=overwrite)
        except FringeLensError as error:
            channel.send(error_message(JOB_ID, error))
            raise
        channel.send({"type": "result", "id": JOB_ID, "outputs": outputs})


def _run_text(
    tool_id: str, parameters: Mapping[str, Any], interrupts: Interrupts, *, overwrite: bool, quiet: bool
) -> None:
    reporter = reporter_for(sys.stderr, interrupts.cancelled, quiet=quiet)
    interrupts.reporter = reporter
    try:
        outputs = job.run(tool_id, parameters, reporter, overwrite=overwrite)
    except FringeLensError as error:
        reporter.close()
        _print_error(error)
        raise
    reporter.close()
    for name, value in outputs.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.flush()


def _print_error(error: FringeLensError) -> None:
    if error.kind == "internal":  # a defect: whoever mends it needs to see where
        traceback.print_exception(error)
    sys.stderr.write(f"{'cancelled' if isinstance(error, Cancelled) else f'error: {error}'}\n")

"""Solvers that do not hear a cancel, in a process of their own that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import DependencyError, FringeLensError, ResourceError
from ..progress import Progress
from .unwrap_line import Unwrapped
from .unwrap_mcf import mcf
from .unwrap_snaphu import snaphu

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

SOLVERS: dict[str, Callable[..., Unwrapped]] = {"mcf": mcf, "snaphu": snaphu}
_PATIENCE = 0.2  # seconds between two looks at whether the user has cancelled
_FAREWELL = 5.0  # seconds that a process without work has to end


class SolverProcess:
    """One solver ("mcf" or "snaphu") in a child process; a context manager that leaves none behind.

    Calling it unwraps like the solver itself. It raises `Cancelled` through `progress` within a moment, DependencyError
    where the solver's package is missing, ResourceError where the process was killed, by lack of memory most likely.
    """

    def __init__(self, solver: str, progress: Progress, **options: Any) -> None:
        self._progress = progress
        context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in whatever state they are
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, solver, options), daemon=True)
        self._process.start()
        other.close()
        self._done = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        if kind is not None:
            self._process.kill()
        self._process.join(_FAREWELL)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def report_to(self, progress: Progress) -> None:
        """Take another progress from now on, as where one process works on one scene after the other."""
        self._progress = progress

    def at(self, fraction: float) -> None:
        """Say how far the whole work is (0..1); reported while the child computes."""
        self._done = fraction

    def __call__(self, phase: Float, valid: Bool, coherence: Float, looks: float) -> Unwrapped:
        """Unwrap (rows, columns); see core/phase/unwrap_mcf.py."""
        try:
            self._pipe.send((phase, valid, coherence, looks))
            while not wait([self._pipe, self._process.sentinel], _PATIENCE):
                self._progress.update(self._done, "unwrapping")
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join(_FAREWELL)
            message = (
                f"the unwrapping process ended without a result (exit code {self._process.exitcode}); most likely "
                "memory ran out. Close other programs, or set a smaller TILE_SIZE."
            )
            raise ResourceError(message) from error
        if isinstance(answer, FringeLensError):
            raise answer
        result: Unwrapped = answer
        return result


def _serve(pipe: Connection, solver: str, options: dict[str, Any]) -> None:
    """The child: unwraps what comes until the pipe closes; ends at once when its parent does."""
    _silence_stdout()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    while True:
        try:
            phase, valid, coherence, looks = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answer(solver, phase, valid, coherence, looks, options))


def _answer(
    solver: str, phase: Float, valid: Bool, coherence: Float, looks: float, options: dict[str, Any]
) -> Unwrapped | FringeLensError:
    try:
        return SOLVERS[solver](phase, valid, coherence, looks, **options)
    except FringeLensError as error:
        return error
    except ImportError as error:
        return DependencyError(f"{solver} cannot be loaded ({error}). Install it into the runtime.")
    except MemoryError:
        return ResourceError("memory does not suffice to unwrap a tile. Close other programs, or lower TILE_SIZE.")
    except Exception as error:  # whatever a solver raises has to reach the parent
        return FringeLensError(f"{solver} failed ({type(error).__name__}: {error}). Try another METHOD, and report it.")


def _silence_stdout() -> None:
    """Solvers written in C chat on descriptor 1, which belongs to the parent's messages."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)

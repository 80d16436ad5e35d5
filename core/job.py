"""Runs one job: the only way to a tool, for the worker, the command line and the batch engine alike."""

from __future__ import annotations

import errno
import importlib
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from . import catalog, paths
from .catalog.types import Tool
from .catalog.validate import InvalidParametersError, complete
from .errors import (
    DependencyError,
    FringeLensError,
    InputError,
    OutputError,
    ResourceError,
    WeightsError,
)
from .machine import REMEDY
from .progress import Progress

Run = Callable[[Mapping[str, Any], Progress], dict[str, Any]]

# How torch says that memory ran out, beside its own exception class.
_OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")
_NOT_WRITABLE = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.EROFS: "the folder is read-only; choose another one",
    errno.EACCES: "permission denied; choose a file that you may use",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EPERM: "permission denied; choose a file that you may use",
}


def run(tool_id: str, parameters: Mapping[str, Any], progress: Progress, *, overwrite: bool = False) -> dict[str, Any]:
    """Run a tool of the catalog and return its results: output name to path, or to value.

    Parameters are completed and checked, inputs and outputs too, before anything is computed. Whatever goes wrong is
    raised as a `FringeLensError`, with the original as its cause; then no output has appeared and none has changed.
    """
    try:
        tool = catalog.find(tool_id)
    except KeyError as error:
        raise InputError(error.args[0]) from error
    try:
        completed = complete(tool, parameters)
        paths.check(tool, completed, progress, overwrite=overwrite)
        return _plain(tool, _load(tool)(completed, progress))
    except InvalidParametersError as error:
        raise InputError(str(error)) from error
    except FringeLensError:
        raise
    except Exception as error:
        raise translated(error, tool_id) from error


def translated(error: Exception, what: str) -> FringeLensError:
    """The error that a user is shown for one that was not foreseen in `what`, a tool or a command."""
    text = f"{type(error).__name__}: {error}"
    if type(error).__name__ == "BadWeights":  # of models.weights, which may not be importable here
        return WeightsError(str(error))
    if isinstance(error, ImportError):
        return DependencyError(f"{what} needs a package that the runtime lacks ({error}); {REMEDY}")
    if _is_out_of_memory(error):
        return ResourceError(
            f"memory ran out ({text}); close other programs, choose a smaller TILE_SIZE, or DEVICE cpu if it was a GPU"
        )
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        return OutputError(f"{error.filename or 'an output of ' + what}: {_NOT_WRITABLE[error.errno]}")
    return FringeLensError(
        f"{what} failed in a way that was not foreseen ({text}). Please report it, with the details in the log"
    )


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def _load(tool: Tool) -> Run:
    """The function of a tool; only called with an entry of the catalog, so that nothing else is ever imported."""
    try:
        module = importlib.import_module(f"..tools.{tool.id}", __name__)
    except (ImportError, OSError) as error:  # OSError: a library of torch that the system cannot load
        message = f"{tool.id} cannot start in this runtime ({error}); {REMEDY}"
        raise DependencyError(message) from error
    run_tool: Run = module.run
    return run_tool


def _plain(tool: Tool, results: Mapping[str, Any]) -> dict[str, Any]:
    """Results in the order of the catalog, as JSON can carry them."""
    return {o.name: _plain_value(results[o.name]) for o in tool.outputs if results.get(o.name) is not None}


def _plain_value(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return str(value)
    return int(value) if isinstance(value, Integral) else float(value)

"""The errors a user can meet; each says what was wrong, where, and what to do."""

from __future__ import annotations


class FringeLensError(Exception):
    """Root of all errors of FringeLens; `kind` travels over the job protocol, `exit_code` ends the command line."""

    kind = "internal"
    exit_code = 1


class InputError(FringeLensError, ValueError):
    """An input, a parameter or a file's content cannot be used."""

    kind = "input"
    exit_code = 2


class GridMismatchError(InputError):
    """Two rasters do not lie on the same grid."""

    kind = "grid"


class OutputError(FringeLensError, OSError):
    """An output cannot be written."""

    kind = "output"
    exit_code = 3


class WeightsError(FringeLensError, ValueError):
    """A weights file is missing, damaged or belongs to another network."""

    kind = "weights"
    exit_code = 4


class ResourceError(FringeLensError, MemoryError):
    """Memory or a device ran out."""

    kind = "resource"
    exit_code = 5


class DependencyError(FringeLensError, ImportError):
    """A package that this tool needs is not installed in the runtime."""

    kind = "dependency"
    exit_code = 6


class Cancelled(FringeLensError):
    """The user stopped the job; no output remains."""

    kind = "cancelled"
    exit_code = 130

    def __init__(self, message: str = "cancelled; no output was written") -> None:
        super().__init__(message)

"""The command line `fringelens`, and the runtime that QGIS starts: `python /path/to/this/folder/__main__.py worker`."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

_PACKAGE = "fringelens"
_FOLDER = Path(__file__).resolve().parent
_OLDEST_PYTHON = (3, 11)
_EXIT_DEPENDENCY = 6  # as DependencyError in core/errors.py
_EXIT_CANCELLED = 130  # as Cancelled there


def bind() -> None:
    """Make this folder the package `fringelens`, whatever it is called, without anything of it on `sys.path`.

    Python puts the folder of a script on the path, where `core` and `models` would be packages of their own; and the
    folder above must not be there either, because in QGIS that is the one of all plugins.
    """
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != _FOLDER]
    bound = sys.modules.get(_PACKAGE)
    if bound is not None and bound.__file__ and Path(bound.__file__).resolve().parent == _FOLDER:
        return
    place = str(_FOLDER / "__init__.py")
    spec = importlib.util.spec_from_file_location(_PACKAGE, place, submodule_search_locations=[str(_FOLDER)])
    if spec is None or spec.loader is None:
        message = f"{place} cannot be imported; install FringeLens again"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = module
    spec.loader.exec_module(module)


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if sys.version_info < _OLDEST_PYTHON:
        found, needed = (".".join(map(str, v)) for v in (sys.version_info[:3], _OLDEST_PYTHON))
        sys.stderr.write(f"error: FringeLens needs Python {needed} or newer, {sys.executable} is {found}\n")
        return _EXIT_DEPENDENCY
    bind()
    protocol = importlib.import_module(f"{_PACKAGE}.core.protocol")
    protocol.clean(os.environ)  # before rasterio is first imported: later is too late for its PROJ
    try:
        cli = importlib.import_module(f"{_PACKAGE}.core.commands.cli")
        return int(cli.main(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:  # while still importing; later ones are caught where the job runs
        return _EXIT_CANCELLED


if __name__ == "__mp_main__":  # a child process that Python started for a script: it looks for the package too
    bind()
if __name__ == "__main__":
    if not __package__:
        __spec__ = None  # as for any script: where the folder was given, child processes would not run this file else
    sys.exit(main())

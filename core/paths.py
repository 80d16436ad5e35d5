"""Checks the files of a job before anything is computed, so that hours are not spent on what cannot be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .catalog.types import Parameter, Tool
from .errors import InputError, OutputError
from .progress import Progress
from .raster.diagnose import check_before_opening, file_of
from .raster.folder import sweep


def check(tool: Tool, parameters: Mapping[str, Any], progress: Progress, *, overwrite: bool) -> None:
    """Refuse inputs that are not there and outputs that cannot be written; sweep what killed jobs left beside these.

    `parameters` are complete. Raises InputError and OutputError, which name the parameter and the file.
    """
    inputs = list(_inputs(tool, parameters))
    for parameter, path in inputs:
        _check_input(parameter, path)
    outputs = [(o.name, Path(parameters[o.name])) for o in tool.file_outputs if parameters[o.name] is not None]
    _check_distinct(outputs)
    for name, output in outputs:
        _check_not_an_input(name, output, inputs)
        _check_output(name, output, overwrite=overwrite)
    for folder in {output.absolute().parent for _, output in outputs}:
        swept = sweep(folder)
        if swept:
            progress.log(f"removed {len(swept)} unfinished files of earlier jobs in {folder}")


def _inputs(tool: Tool, parameters: Mapping[str, Any]) -> Iterator[tuple[Parameter, str]]:
    for parameter in tool.parameters:
        value = parameters[parameter.name]
        if value is None or parameter.kind not in ("raster", "rasters", "vector", "file"):
            continue
        for path in [value] if isinstance(value, str) else value:
            yield parameter, path


def _file_of(parameter: Parameter, path: str) -> Path | None:
    """The file on disk that a name speaks of; QGIS writes layers of a vector file as `file.gpkg|layername=name`."""
    if parameter.kind in ("raster", "rasters"):
        return file_of(path)
    return None if path.startswith("/vsi") else Path(path.split("|", 1)[0])


def _check_input(parameter: Parameter, path: str) -> None:
    if parameter.kind in ("raster", "rasters"):
        check_before_opening(path, parameter.name)
        return
    file = _file_of(parameter, path)
    if file is None:
        return
    if not file.is_file():
        message = f"{parameter.name}: there is no file {file}; check the path"
        raise InputError(message)
    if file.stat().st_size == 0:
        message = f"{parameter.name}: {file} is empty; copy or download it again"
        raise InputError(message)


def _check_distinct(outputs: list[tuple[str, Path]]) -> None:
    seen: dict[str, str] = {}
    for name, path in outputs:
        place = os.path.normcase(path.resolve())
        if place in seen:
            message = f"{name}: {path} is also the file for {seen[place]}; give each output a file of its own"
            raise OutputError(message)
        seen[place] = name


def _check_not_an_input(name: str, output: Path, inputs: list[tuple[Parameter, str]]) -> None:
    for parameter, path in inputs:
        file = _file_of(parameter, path)
        if file is None or not file.exists():
            continue
        same = output.samefile(file) if output.exists() else output.resolve() == file.resolve()
        if same:
            message = f"{name}: {output} is also {parameter.name}; an input is never overwritten, name another file"
            raise InputError(message)


def _check_output(name: str, path: Path, *, overwrite: bool) -> None:
    folder = path.parent
    if path.is_dir():
        message = f"{name}: {path} is a folder; give the name of a file in it"
        raise OutputError(message)
    if not folder.is_dir():
        message = f"{name}: there is no folder {folder.absolute()}; make it, or choose another"
        raise OutputError(message)
    if path.exists() and not overwrite:
        message = f"{name}: {path} exists already; choose another name, or allow it with --overwrite"
        raise OutputError(message)
    try:
        # Trying is the only honest question: permission bits know nothing of read-only mounts and network shares.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"{name}: nothing can be written in {folder.absolute()} ({error.strerror}); choose another folder"
        raise OutputError(message) from error

"""Checks and completes the parameters of a job, in the standard library alone (Python 3.9).

QGIS does this before a job is sent and the runtime does it again when the job arrives: whoever wrote the job,
a tool only ever sees complete parameters of the right types.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .describe import ENDINGS, expected
from .patterns import expanded, is_pattern
from .types import Parameter, Tool

_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_POINT = re.compile(r"^\s*([^,\s]+)\s*,\s*([^,\s]+)\s*(\[[^\[\]]+\])?\s*$")


class InvalidParametersError(ValueError):
    """Parameters that do not fit the tool; `problems` has one sentence for each."""

    def __init__(self, tool_id: str, problems: List[str]) -> None:
        self.problems = problems
        text = f"{tool_id}: {problems[0]}"
        if len(problems) > 1:
            lines = "".join(f"\n- {problem}" for problem in problems)
            text = f"{tool_id}: {len(problems)} problems with its parameters{lines}"
        super().__init__(text)


class _UnusableError(ValueError):
    """A value that cannot be turned into what its parameter asks for; the text, if any, is a hint."""


def complete(tool: Tool, parameters: Mapping[str, Any]) -> Dict[str, Any]:
    """Every parameter and file output of the tool, checked, of the right type, with its default where it is absent.

    Values may be typed (JSON, QGIS) or text (command line). None and empty text are absent. Optional outputs that are
    absent are None. Raises `InvalidParametersError`, which names every problem at once: parameter, got, expected.
    """
    problems = _unknown(tool, parameters)
    completed: Dict[str, Any] = {}
    for parameter in tool.parameters:
        completed[parameter.name], problem = _value(parameter, parameters.get(parameter.name))
        problems += [problem] if problem else []
    for output in tool.file_outputs:
        endings = ENDINGS[output.kind]
        wanted = f"a file name ending in {' or '.join(endings)} ({output.label})"
        completed[output.name], problem = _converted(
            output.name, _named(endings), parameters.get(output.name), wanted, optional=output.optional
        )
        problems += [problem] if problem else []
    if problems:
        raise InvalidParametersError(tool.id, problems)
    return completed


def names(tool: Tool) -> Tuple[str, ...]:
    """The names that a job for this tool may use."""
    return tuple(p.name for p in tool.parameters) + tuple(o.name for o in tool.file_outputs)


def suggestion(word: str, known: Tuple[str, ...]) -> str:
    """A hint such as "; did you mean X?" where one of the known words is close, else nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _unknown(tool: Tool, parameters: Mapping[str, Any]) -> List[str]:
    known = names(tool)
    problems = []
    for name in parameters:
        if name not in known:
            hint = suggestion(str(name).upper(), known) or "; there are: " + ", ".join(known)
            problems.append(f"{name}: there is no such parameter{hint}")
    return problems


def _value(parameter: Parameter, given: Any) -> Tuple[Any, str]:
    wanted = expected(parameter)
    if given is None or parameter.kind in ("raster", "rasters", "vector", "file"):
        wanted = f"{wanted} ({parameter.label})"
    convert = _CONVERTERS[parameter.kind]
    value, problem = _converted(
        parameter.name, convert, given, wanted, optional=parameter.optional, default=parameter.default
    )
    if problem or value is None:
        return value, problem
    if parameter.kind == "choice" and value not in parameter.choices:
        return None, f"{parameter.name}: got {given!r}, expected {wanted}{suggestion(value, parameter.choices)}"
    if not _within(parameter, value):
        return None, f"{parameter.name}: got {given!r}, expected {wanted}"
    return value, ""


def _converted(
    name: str, convert: Callable[[Any], Any], given: Any, wanted: str, *, optional: bool, default: Any = None
) -> Tuple[Any, str]:
    if given is None or given == "" or (isinstance(given, (list, tuple)) and not given):
        return default, "" if optional else f"{name}: missing, expected {wanted}"
    try:
        return convert(given), ""
    except _UnusableError as error:
        return None, f"{name}: got {given!r}, expected {wanted}{error}"


def _within(parameter: Parameter, value: Any) -> bool:
    if parameter.kind not in ("number", "integer", "band"):
        return True
    low, high = parameter.minimum, parameter.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _path(given: Any) -> str:
    if not isinstance(given, (str, os.PathLike)):
        raise _UnusableError
    path = os.fspath(given)
    if not isinstance(path, str) or "\0" in path or not path.strip():
        raise _UnusableError
    return path


def _named(endings: Tuple[str, ...]) -> Callable[[Any], str]:
    def convert(given: Any) -> str:
        path = _path(given)
        if not path.lower().endswith(endings):
            raise _UnusableError
        return path

    return convert


def _paths(given: Any) -> List[str]:
    paths = [_path(one) for one in expanded(given)]
    lonely = [path for path in paths if is_pattern(path)]
    if lonely:
        hint = f"; there is no file that fits {', '.join(lonely)}"
        raise _UnusableError(hint)
    return paths


def _number(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise _UnusableError
    try:
        value = float(given)
    except (ValueError, OverflowError) as error:
        comma = isinstance(given, str) and re.match(r"^\s*[-+]?\d+,\d+\s*$", given)
        raise _UnusableError("; write decimals with a point" if comma else "") from error
    if not math.isfinite(value):
        raise _UnusableError
    return value


def _integer(given: Any) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    value = _number(given)
    if not value.is_integer():
        raise _UnusableError
    return int(value)


def _boolean(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if not isinstance(given, (int, str)) or word not in _YES + _NO:
        raise _UnusableError
    return word in _YES


def _text(given: Any) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise _UnusableError
    return given


def _point(given: Any) -> str:
    if isinstance(given, (list, tuple)) and len(given) == 2:
        return f"{_number(given[0])!r},{_number(given[1])!r}"
    match: Optional[re.Match[str]] = _POINT.match(given) if isinstance(given, str) else None
    if match is None:
        raise _UnusableError
    x, y, crs = match.groups()
    return f"{_number(x)!r},{_number(y)!r}" + (f" {crs}" if crs else "")


_CONVERTERS: Dict[str, Callable[[Any], Any]] = {
    "raster": _path,
    "rasters": _paths,
    "vector": _path,
    "file": _path,
    "number": _number,
    "integer": _integer,
    "choice": _text,
    "boolean": _boolean,
    "point": _point,
    "text": _text,
    "band": _integer,
}

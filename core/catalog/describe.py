"""Words for the limits of a parameter; the dialogs, `--help`, error messages and reference pages all use these."""

from __future__ import annotations

from typing import Any

from .types import Output, Parameter

_KINDS = {
    "raster": "a raster file",
    "rasters": "one or more raster files",
    "vector": "a vector file",
    "file": "a file",
    "number": "a number",
    "integer": "a whole number",
    "choice": "one of",
    "boolean": "yes or no",
    "point": "a point as X,Y or 'X,Y [EPSG:4326]'",
    "text": "text",
    "band": "a band number",
}

# File name endings of each kind of output; the first is the one to suggest.
ENDINGS = {
    "raster": (".tif", ".tiff"),
    "vector": (".gpkg",),
    "table": (".gpkg", ".csv"),
    "report": (".html", ".json", ".md", ".txt"),
}


def number(value: float) -> str:
    """A number as people write it: 1 instead of 1.0, 0.05546576 in full."""
    return str(int(value)) if float(value).is_integer() else repr(value)


def limits(parameter: Parameter) -> str:
    """The range with its unit, such as "0 to 1" or "at least 1 pixels"; empty where there is neither."""
    low, high = parameter.minimum, parameter.maximum
    unit = " " + parameter.unit if parameter.unit else ""
    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}{unit}"
    if low is not None:
        return f"at least {number(low)}{unit}"
    if high is not None:
        return f"at most {number(high)}{unit}"
    return parameter.unit


def expected(parameter: Parameter) -> str:
    """What a value has to be, such as "a number, 0 to 1" or "one of auto, cpu, cuda, mps"."""
    if parameter.kind == "choice":
        return "one of " + ", ".join(parameter.choices)
    words, bounds = _KINDS[parameter.kind], limits(parameter)
    return f"{words}, {bounds}" if bounds and parameter.kind in ("number", "integer", "band") else words


def shown(value: Any) -> str:
    """A default as it is typed on the command line; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, (list, tuple)):
        return " ".join(shown(v) for v in value)
    return str(value)


def ending(output: Output) -> str:
    """The file name ending to suggest for an output, such as ".tif"; empty where it is not a file."""
    return ENDINGS.get(output.kind, ("",))[0]

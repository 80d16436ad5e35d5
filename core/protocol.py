"""The lines that QGIS and the worker exchange: one JSON object a line, in the standard library alone (Python 3.9).

To the worker (stdin):
    {"type": "job", "id": "…", "tool": "decorrelationmask", "parameters": {"INPUT": "…", …}, "overwrite": true}
    {"type": "cancel", "id": "…"}
From the worker (stdout), each with the job's id except hello; the id is null where a line could not be understood:
    {"type": "hello", "protocol": 1, "fringelens": "…", "python": "…", "executable": "…", "versions": {"torch": "…", …},
     "devices": [{"id": "cpu" | "cuda" | "mps", "name": "…"}, …], "problems": ["what is missing, and how to mend it"]}
    {"type": "progress", "id", "fraction": 0..1, "message"}     {"type": "log" | "warning", "id", "message"}
    {"type": "partial", "id", "path"}   a file that is not finished yet; delete it if the worker dies
    {"type": "result", "id", "outputs": {"OUTPUT": "…", "VALID_SHARE": 0.9, …}}
    {"type": "error", "id", "kind", "message", "details"}       kinds are those of core/errors.py
Every job ends with exactly one result or error, also one that was cancelled while it waited. Jobs run one at a time, in
the order they came. The worker ends when its stdin does.
"""

from __future__ import annotations

import json
from typing import Any, Dict, MutableMapping, Tuple

PROTOCOL = 1

# What QGIS or a shell sets for its own GDAL, PROJ and Python, and what breaks those of the runtime: rasterio's PROJ
# refuses the database of another version, and another Python home hides the environment's packages.
FOREIGN_VARIABLES: Tuple[str, ...] = (
    "PROJ_LIB",
    "PROJ_DATA",
    "GDAL_DATA",
    "GDAL_DRIVER_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONEXECUTABLE",
)


def clean(environment: MutableMapping[str, str]) -> Dict[str, str]:
    """Take the variables out that would break the runtime; returns what was taken out."""
    return {name: environment.pop(name) for name in FOREIGN_VARIABLES if name in environment}


def encode(message: Dict[str, Any]) -> str:
    """One line, newline included; NaN is written as null because JSON has none."""
    return json.dumps(_finite(message), ensure_ascii=True, allow_nan=False) + "\n"


def decode(line: str) -> Dict[str, Any]:
    """The message of one line; raises ValueError when the line is not a JSON object with a type."""
    message = json.loads(line)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        text = f"not a message of the job protocol: {line[:200]!r}"
        raise ValueError(text)
    return message


def _finite(value: Any) -> Any:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value

"""What describes a tool: parameters and outputs, in the standard library alone (Python 3.9).

The toolbox dialog, the command line, the JSON job, the batch file and the reference page are all built from these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional, Tuple

# What kinds of parameter there are. `raster` and `rasters` are paths (one, several); `point` is "x,y" with an
# optional " [CRS]"; `text`, `choice`, `boolean`, `integer`, `number`, `file` and `vector` are what they say.
KINDS = ("raster", "rasters", "vector", "file", "number", "integer", "choice", "boolean", "point", "text", "band")

# What kinds of output there are. `number` and `text` are values in the result, all others are files.
OUTPUT_KINDS = ("raster", "vector", "table", "report", "number", "text")


@dataclass(frozen=True)
class Parameter:
    """One input or option of a tool, with its unit, range and default."""

    name: str
    kind: str
    label: str
    help: str
    optional: bool = False
    default: Any = None
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    unit: str = ""
    choices: Tuple[str, ...] = ()
    advanced: bool = False

    @property
    def flag(self) -> str:
        """The command-line spelling: COHERENCE_THRESHOLD is --coherence-threshold."""
        return "--" + self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class Output:
    """One result of a tool; an optional one is only made when a path is given for it."""

    name: str
    kind: str
    label: str
    help: str
    optional: bool = False
    unit: str = ""
    style: str = ""  # a file in plugin/styles, without .qml

    @property
    def flag(self) -> str:
        """The command-line spelling."""
        return "--" + self.name.lower().replace("_", "-")

    @property
    def is_file(self) -> bool:
        """Whether this output is a path that the user names, rather than a value in the result."""
        return self.kind not in ("number", "text")


@dataclass(frozen=True)
class Tool:
    """One tool: its id is API and never changes; everything else may be reworded."""

    id: str
    name: str
    group: str
    summary: str  # one sentence
    help: str  # plain paragraphs, separated by blank lines
    parameters: Tuple[Parameter, ...]
    outputs: Tuple[Output, ...]
    paper: str = ""  # how to cite the source
    tags: Tuple[str, ...] = ()
    network: str = ""  # name in models/, empty where none is used
    pictures: Tuple[str, ...] = field(default=())  # files in docs/images for the help page

    @property
    def group_id(self) -> str:
        """The group's id in QGIS: lower case, letters and digits alone."""
        return "".join(c for c in self.group.lower() if c.isalnum())

    @property
    def file_outputs(self) -> Tuple[Output, ...]:
        """The outputs that are files."""
        return tuple(o for o in self.outputs if o.is_file)

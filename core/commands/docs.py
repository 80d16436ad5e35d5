"""`fringelens docs`: the reference page of each tool, written from the catalog."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from .. import catalog
from ..catalog import describe
from ..catalog.types import Output, Parameter, Tool
from ..errors import InputError, OutputError
from .arguments import Subparsers

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tools"
_NOTE = "<!-- Written by `fringelens docs` from core/catalog. Change it there. -->"
# What an example line is given for each kind.
_EXAMPLES = {"raster": "{name}.tif", "rasters": "{name}_1.tif", "vector": "{name}.gpkg", "table": "{name}.csv"}
_COMMON_EXAMPLES = {"INPUT": "interferogram.tif"}


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "docs", description="Writes the reference pages of the tools in docs/tools.", allow_abbrev=False
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="another folder to write to")
    parser.add_argument("--check", action="store_true", help="only say whether the pages there are up to date")


def run(options: argparse.Namespace) -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, text in pages().items():
        path = options.folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path))
        if not options.check:
            _write(path, text)
    if options.check and stale:
        message = f"not up to date: {', '.join(stale)}; run `fringelens docs`"
        raise InputError(message)
    sys.stdout.write("".join(f"wrote {path}\n" for path in stale) or "all pages are up to date\n")
    return 0


def pages() -> dict[str, str]:
    """File name and text of each page."""
    return {"index.md": _index(catalog.TOOLS)} | {f"{tool.id}.md": page(tool) for tool in catalog.TOOLS}


def page(tool: Tool) -> str:
    """The reference page of one tool, in Markdown."""
    parts = [_NOTE, f"# {tool.name}", f"`{tool.id}` · {tool.group}", tool.summary]
    parts += [f"![{tool.name}](../images/{picture})" for picture in tool.pictures]
    parts.append(tool.help)
    groups = {
        "Inputs and options": [p for p in tool.parameters if not p.advanced],
        "Advanced options": [p for p in tool.parameters if p.advanced],
    }
    for title, parameters in groups.items():
        if parameters:
            parts += [f"## {title}", _table(_PARAMETER_HEAD, (_parameter_row(p) for p in parameters))]
    parts += ["## Outputs", _table(_OUTPUT_HEAD, (_output_row(output) for output in tool.outputs))]
    parts += ["## Examples", _examples(tool)]
    parts += ["## Source", tool.paper] if tool.paper else []
    return "\n\n".join(parts) + "\n"


_PARAMETER_HEAD = ("In QGIS and JSON", "Command line", "What it is", "Values", "Default")
_OUTPUT_HEAD = ("In QGIS and JSON", "Command line", "What it is", "Unit", "Made")


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    flag = f"{parameter.flag}, --no-{parameter.flag[2:]}" if parameter.kind == "boolean" else parameter.flag
    default = describe.shown(parameter.default) or ("none" if parameter.optional else "required")
    values = describe.expected(parameter)
    limits = describe.limits(parameter)
    if limits and limits not in values:
        values += f", {limits}"
    return f"`{parameter.name}`", f"`{flag}`", f"**{parameter.label}.** {parameter.help}", values, default


def _output_row(output: Output) -> tuple[str, ...]:
    flag = f"`{output.flag}`" if output.is_file else "in the result"
    made = "when a file is named" if output.optional else "always"
    return f"`{output.name}`", flag, f"**{output.label}.** {output.help}", output.unit or "-", made


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _examples(tool: Tool) -> str:
    given = [(p.name, p.flag, _example(p.name, p.kind)) for p in _shown_parameters(tool)]
    made = [(o.name, o.flag, f"{o.name.lower()}{describe.ending(o)}") for o in tool.file_outputs if not o.optional]
    flags = " ".join(f"{flag} {value}" for _, flag, value in [*given, *made])
    pairs = " ".join(f"{name}={value}" for name, _, value in [*given, *made])
    return (
        f"On the command line:\n\n```\nfringelens {tool.id} {flags}\n```\n\n"
        f"With QGIS, but without its window:\n\n```\nqgis_process run fringelens:{tool.id} -- {pairs}\n```\n\n"
        "In QGIS: Processing Toolbox, FringeLens, " + f"{tool.group}, {tool.name}."
    )


def _shown_parameters(tool: Tool) -> list[Parameter]:
    """What an example shows: what is required, and the first optional raster."""
    optional = [p for p in tool.parameters if p.optional and p.kind == "raster"]
    return [p for p in tool.parameters if not p.optional] + optional[:1]


def _example(name: str, kind: str) -> str:
    return _COMMON_EXAMPLES.get(name) or _EXAMPLES.get(kind, "{name}").format(name=name.lower())


def _index(tools: Sequence[Tool]) -> str:
    parts = [_NOTE, "# The tools"]
    ordered = sorted(tools, key=lambda tool: (tool.group, tool.id))
    for group, members in groupby(ordered, key=lambda tool: tool.group):
        lines = [f"- [{tool.name}]({tool.id}.md) (`{tool.id}`): {tool.summary}" for tool in members]
        parts += [f"## {group}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); choose another folder with --folder"
        raise OutputError(message) from error

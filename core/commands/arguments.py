"""The command-line options of a tool, built from its catalog entry."""

from __future__ import annotations

import argparse
import re
import shutil
import textwrap
from typing import Any, TypeAlias

from ..catalog import describe
from ..catalog.types import Output, Parameter, Tool
from ..catalog.validate import names, suggestion
from ..errors import InputError

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no other

_METAVARS = {"number": "NUMBER", "integer": "N", "band": "N", "point": "X,Y", "text": "TEXT"}
_WIDEST = 100  # characters of a line that are still pleasant to read
_NEGATIVE = re.compile(r"^-\.?\d")


def add_tool(subparsers: Subparsers, tool: Tool) -> None:
    """Add the subcommand of a tool; what is required is not argparse's business, so that all problems show at once."""
    parser = subparsers.add_parser(
        tool.id,
        help=_escaped(tool.summary),
        description=_escaped(_filled(f"{tool.name}. {tool.summary}\n\n{tool.help}")),
        epilog=_escaped(_filled(f"Source: {tool.paper}")) if tool.paper else None,
        usage=_usage(tool),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
        add_help=False,
    )
    groups = {
        "required": [p for p in tool.parameters if not p.optional],
        "optional": [p for p in tool.parameters if p.optional and not p.advanced],
        "advanced": [p for p in tool.parameters if p.advanced],
    }
    for title, parameters in groups.items():
        group = parser.add_argument_group(title)
        for parameter in parameters:
            _add_parameter(group, parameter)
    outputs = parser.add_argument_group("outputs")
    for output in tool.file_outputs:
        outputs.add_argument(
            output.flag, dest=output.name, metavar=f"FILE{describe.ending(output)}", help=_escaped(output_help(output))
        )
    add_common(parser)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that running a job has, whatever its tool."""
    group = parser.add_argument_group("running")
    group.add_argument("--overwrite", action="store_true", default=False, help="replace outputs that exist")
    group.add_argument("--json", action="store_true", default=False, help="JSON lines on stdout, for machines")
    group.add_argument("--quiet", action="store_true", default=False, help="only warnings, errors and results")
    group.add_argument("-h", "--help", action="help", help="show this and exit")


def joined(argv: list[str]) -> list[str]:
    """The arguments with negative values tied to their option: `--reference -99.1,19.4` is no second option."""
    tied: list[str] = []
    for argument in argv:
        if tied and tied[-1].startswith("--") and "=" not in tied[-1] and _NEGATIVE.match(argument):
            tied[-1] = f"{tied[-1]}={argument}"
        else:
            tied.append(argument)
    return tied


def parameters_of(tool: Tool, options: argparse.Namespace) -> dict[str, Any]:
    """What was given of the tool's parameters and outputs, as text; `complete` makes values of it."""
    given = vars(options)
    return {name: given[name] for name in names(tool) if name in given}


def refuse_unknown(words: list[str], tool: Tool) -> None:
    """Raise InputError for words that no option of the tool took, with the option that was probably meant."""
    if not words:
        return
    known = tuple(p.flag for p in tool.parameters) + tuple(o.flag for o in tool.file_outputs)
    options = [word.split("=", 1)[0] for word in words if word.startswith("-")] or words  # without their values
    hints = ", ".join(f"{option}{suggestion(option, known)}" for option in options)
    message = f"{tool.id} does not know {hints}; see `fringelens {tool.id} --help`"
    raise InputError(message)


def parameter_help(parameter: Parameter) -> str:
    """What a parameter is, with its range, unit and default."""
    facts = [describe.limits(parameter)] if describe.limits(parameter) else []
    if parameter.default is not None:
        facts.append(f"default {describe.shown(parameter.default)}")
    return f"{parameter.help}{_in_brackets(facts)}"


def output_help(output: Output) -> str:
    """What an output holds, with its unit and whether it has to be named."""
    facts = [output.unit] if output.unit else []
    facts.append("optional" if output.optional else "required")
    return f"{output.label}. {output.help}{_in_brackets(facts)}"


def _add_parameter(group: argparse._ArgumentGroup, parameter: Parameter) -> None:
    help_text = _escaped(parameter_help(parameter))
    if parameter.kind == "boolean":
        group.add_argument(parameter.flag, dest=parameter.name, action=argparse.BooleanOptionalAction, help=help_text)
        return
    count = "+" if parameter.kind == "rasters" else None
    group.add_argument(parameter.flag, dest=parameter.name, metavar=_metavar(parameter), nargs=count, help=help_text)


def _metavar(parameter: Parameter) -> str:
    if parameter.kind == "choice":
        return "{" + ",".join(parameter.choices) + "}"
    return _METAVARS.get(parameter.kind, "FILE")


def _usage(tool: Tool) -> str:
    several = {"rasters": "FILE [FILE ...]"}
    required = [f"{p.flag} {several.get(p.kind, _metavar(p))}" for p in tool.parameters if not p.optional]
    outputs = [f"{o.flag} FILE{describe.ending(o)}" for o in tool.file_outputs if not o.optional]
    return " ".join(["fringelens", tool.id, *required, *outputs, "[options]"])


def _in_brackets(facts: list[str]) -> str:
    return f" ({'; '.join(facts)})" if facts else ""


def _filled(text: str) -> str:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return "\n\n".join(textwrap.fill(paragraph, width, break_on_hyphens=False) for paragraph in text.split("\n\n"))


def _escaped(text: str) -> str:
    return text.replace("%", "%%")

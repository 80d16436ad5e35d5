"""The command line: which subcommands there are, and what their exit codes mean."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Iterator
from typing import NoReturn

from ... import __version__
from .. import catalog, errors, job
from ..catalog.types import Tool
from ..catalog.validate import suggestion
from ..errors import FringeLensError, InputError
from . import arguments, execute

# Modules of this folder with add(subparsers) and run(options); imported when they are called, and listed where present.
_COMMANDS = {
    "tools": "list the tools",
    "doctor": "check this installation and say how to mend it",
    "weights": "install the networks' weights from a weights file",
    "run": "run a job that is described in a JSON file",
    "worker": "run jobs that come in as JSON lines; QGIS starts this",
    "train": "train a network",
    "evaluate": "compare a network with the classical methods on scenes whose truth is known",
    "bench": "measure the speed and the memory of a network",
    "docs": "write the reference pages of the tools",
}
_EXIT_CODES = (
    (errors.FringeLensError, "an unforeseen error; doctor: something is broken"),
    (errors.InputError, "an input or a parameter cannot be used"),
    (errors.OutputError, "an output cannot be written"),
    (errors.WeightsError, "a weights file cannot be used"),
    (errors.ResourceError, "memory or a device ran out"),
    (errors.DependencyError, "a package is missing in the runtime"),
    (errors.Cancelled, "cancelled with Ctrl-C (143: with SIGTERM)"),
)


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of ending the process, so that `--json` covers its errors too."""

    def error(self, message: str) -> NoReturn:
        text = f"{message}; see `{self.prog} --help`"
        raise InputError(text)


def main(argv: list[str]) -> int:
    """Run a command line and return its exit code."""
    argv = arguments.joined(argv)
    word = next((argument for argument in argv if not argument.startswith("-")), "")
    try:
        return _dispatch(argv, word)
    except FringeLensError as error:
        return execute.report(error, as_json="--json" in argv)
    except KeyboardInterrupt:
        return errors.Cancelled.exit_code
    except SystemExit as end:  # argparse, after --help and --version
        return end.code if isinstance(end.code, int) else 0


def _dispatch(argv: list[str], word: str) -> int:
    parser: argparse.ArgumentParser = _Parser(
        prog="fringelens",
        usage="fringelens COMMAND [options]",
        description="Deep learning for radar interferograms. `fringelens COMMAND --help` explains a command.",
        epilog=overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"fringelens {__version__}")
    if not word:
        parser.parse_args(argv)
        parser.print_help()
        return InputError.exit_code
    subparsers: arguments.Subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", help=argparse.SUPPRESS)
    tool = next((tool for tool in catalog.TOOLS if tool.id == word), None)
    if tool is not None:
        return _run_tool(parser, subparsers, tool, argv)
    if word not in _present():
        known = tuple(tool.id for tool in catalog.TOOLS) + tuple(_present())
        hint = suggestion(word, known) or "; see `fringelens --help`"
        message = f"there is no command {word!r}{hint}"
        raise InputError(message)
    module = importlib.import_module(f".{word}", __package__)
    module.add(subparsers)
    options = parser.parse_args(argv)
    try:
        return int(module.run(options))
    except FringeLensError:
        raise
    except Exception as error:
        raise job.translated(error, word) from error


def _run_tool(
    parser: argparse.ArgumentParser,
    subparsers: arguments.Subparsers,
    tool: Tool,
    argv: list[str],
) -> int:
    arguments.add_tool(subparsers, tool)
    options, unknown = parser.parse_known_args(argv)
    arguments.refuse_unknown(unknown, tool)
    return execute.execute(
        tool.id,
        arguments.parameters_of(tool, options),
        overwrite=options.overwrite,
        as_json=options.json,
        quiet=options.quiet,
    )


def overview() -> str:
    """The tools, the other commands and the exit codes, as `--help` shows them."""
    lines = ["tools:"]
    lines += [f"  {tool.id:<24}{tool.name} ({tool.group})" for tool in catalog.TOOLS]
    lines += ["", "commands:"]
    lines += [f"  {name:<24}{_COMMANDS[name]}" for name in _present()]
    lines += ["", "exit codes:", "  0    done"]
    lines += [f"  {error.exit_code:<5}{meaning}" for error, meaning in _EXIT_CODES]
    lines += ["", "FRINGELENS_THREADS sets how many processor threads are used."]
    return "\n".join(lines).replace("%", "%%")


def _present() -> Iterator[str]:
    return (name for name in _COMMANDS if importlib.util.find_spec(f".{name}", __package__) is not None)

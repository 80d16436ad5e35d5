"""`fringelens tools`: what there is."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from itertools import groupby

from .. import catalog
from .arguments import Subparsers


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("tools", description="Lists the tools, by group.", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="everything the catalog knows, as JSON")


def run(options: argparse.Namespace) -> int:
    """List the tools."""
    if options.json:
        sys.stdout.write(json.dumps([asdict(tool) for tool in catalog.TOOLS], indent=2) + "\n")
        return 0
    ordered = sorted(catalog.TOOLS, key=lambda tool: (tool.group, tool.id))
    for group, tools in groupby(ordered, key=lambda tool: tool.group):
        sys.stdout.write(f"{group}\n")
        for tool in tools:
            sys.stdout.write(f"  {tool.id:<24}{tool.name}. {tool.summary}\n")
    return 0

"""`fringelens worker`: what QGIS starts and speaks to."""

from __future__ import annotations

import argparse

from ..worker import serve
from .arguments import Subparsers


def add(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "worker",
        description="Runs jobs that come in as JSON lines on stdin, one at a time, and reports on stdout in JSON lines"
        " (core/protocol.py says which). It ends when its stdin does.",
        allow_abbrev=False,
    )
    parser.add_argument("--idle", type=float, metavar="SECONDS", help="end after this long without a job")


def run(options: argparse.Namespace) -> int:
    """Serve until stdin ends."""
    return serve(options.idle)

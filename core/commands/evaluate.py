"""`fringelens evaluate NAME`: compare a network with the classical methods on scenes whose truth is known."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from ..evaluate.report import Section

ROOT = Path(__file__).resolve().parents[2]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "evaluate",
        help="compare a network with the classical methods (for developers)",
        description="Print the benchmark of a network and write it, with plots, into docs/benchmarks.md. With --weights"
        " it is only printed, and the plots go beside the weights.",
    )
    parser.add_argument(
        "network", help="name of the network, as `fringelens doctor` lists them, or displacement_series"
    )
    parser.add_argument("--weights", type=Path, help="measure this file instead of the weights that came along")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))


def run(args: argparse.Namespace) -> int:
    """Measure, print, write."""
    from ...models.registry import NETWORKS, load
    from ..evaluate import benchmarks
    from ..evaluate.configurations import configurations_table
    from ..evaluate.speed import speed_table
    from ..inference.device import choose_device
    from .display import reporter_for

    known = sorted({*NETWORKS, *benchmarks.CLASSICAL})
    if args.network not in known:
        msg = f"there is no benchmark {args.network!r}; there are: {', '.join(known)}"
        raise InputError(msg)
    progress = reporter_for(sys.stderr, lambda: False, quiet=False)
    if args.network in benchmarks.CLASSICAL:
        section = benchmarks.run_classical(args.network, ROOT / "docs" / "images", progress)
        progress.close()
        return _show(section, keep=True)
    device = choose_device(args.device, progress).torch
    network, card = load(args.network, args.weights)
    pictures = args.weights.parent / "images" if args.weights else ROOT / "docs" / "images"
    section = benchmarks.run(args.network, network, card, device, pictures, progress)
    tables = configurations_table(ROOT / "docs", card), speed_table(ROOT / "docs", args.network)
    section.tables += [table for table in tables if table is not None]
    progress.close()
    return _show(section, keep=args.weights is None)


def _show(section: Section, *, keep: bool) -> int:
    """Print a section, and write it into the page where it is to be kept."""
    from ..evaluate.report import write_section

    texts = [section.title, "", *section.paragraphs, "", *(table.text() for table in section.tables)]
    sys.stdout.write("\n".join(texts) + "\n")
    if keep:
        write_section(ROOT / "docs" / "benchmarks.md", section)
    return 0

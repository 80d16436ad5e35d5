"""The log of a run: one JSON object a line, which `read` turns into columns to plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = "log.jsonl"


class Journal:
    """Appends to the log of a run."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        self.path = folder / FILE
        if fresh:
            self.path.unlink(missing_ok=True)

    def add(self, kind: str, **values: Any) -> None:
        """Add a line; kind is train, validate or note."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **values}) + "\n")


def read(folder: Path, kind: str) -> dict[str, list[Any]]:
    """Columns of all lines of one kind, by name; a value that a line lacks is None."""
    lines = [json.loads(line) for line in (folder / FILE).read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line["kind"] == kind]
    names = sorted({name for line in lines for name in line} - {"kind"})
    return {name: [line.get(name) for line in lines] for name in names}

"""The page of benchmarks: one section for each network between its markers, rewritten by the command alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEADING = (
    "# Benchmarks\n\n"
    "Written by `fringelens evaluate NAME`; do not edit. Scenes are simulated with the held-out generator family on"
    " validation terrain, neither of which is trained on. Intervals are 95 %, over scenes (bootstrap).\n"
)


@dataclass
class Table:
    """A table of the report; the first column is text, the others are as they stand."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""

    def markdown(self) -> str:
        """As a Markdown table with its title and note."""
        lines = [f"### {self.title}", ""]
        lines += [self._line(self.columns), self._line(["---", *["---:"] * (len(self.columns) - 1)])]
        lines += [self._line(row) for row in self.rows]
        return "\n".join([*lines, "", self.note, ""] if self.note else [*lines, ""])

    def text(self) -> str:
        """For a terminal, in columns."""
        cells = [list(self.columns), *[list(row) for row in self.rows]]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells]
        lines = ["  ".join(row).rstrip() for row in padded]
        return "\n".join([self.title, *lines, ""])

    @staticmethod
    def _line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"


@dataclass
class Section:
    """What the report says of one network."""

    name: str
    title: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)  # file in docs/images, what it shows

    def markdown(self) -> str:
        """The section without its markers."""
        parts = [f"## {self.title}", "", *(f"{paragraph}\n" for paragraph in self.paragraphs)]
        parts += [table.markdown() for table in self.tables]
        parts += [f"![{words}](images/{file})\n" for file, words in self.pictures]
        return "\n".join(parts)


def write_section(page: Path, section: Section) -> None:
    """Put a section into the page, in the place of the one of the same network; sections of others stay as they are."""
    first, last = _markers(section.name)
    block = f"{first}\n{section.markdown()}\n{last}\n"
    text = page.read_text(encoding="utf-8") if page.is_file() else HEADING
    start, end = text.find(first), text.find(last)
    before, after = (
        (text[:start], text[end + len(last) + 1 :]) if 0 <= start < end else (text.rstrip("\n") + "\n\n", "")
    )
    text = before + block + after
    page.parent.mkdir(parents=True, exist_ok=True)
    part = page.with_name(page.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(page)


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"

"""The page of benchmarks: each network has its own section, and rewrites no other."""

from __future__ import annotations

from pathlib import Path

from fringelens.core.evaluate.report import Section, Table, write_section


def section(name: str, value: str) -> Section:
    """A section with one table."""
    return Section(name, f"Network {name}", ["Words."], [Table("Numbers", ["method", "IoU"], [["net", value]])])


def test_a_section_is_replaced_where_it_stands(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "benchmarks.md"
    for name in ("first", "second", "third"):
        write_section(page, section(name, "0.1"))
    before = page.read_text()
    write_section(page, section("second", "0.9"))
    assert page.read_text() == before.replace(
        "## Network second\n\nWords.\n\n### Numbers\n\n| method | IoU |\n| --- | ---: |\n| net | 0.1 |",
        "## Network second\n\nWords.\n\n### Numbers\n\n| method | IoU |\n| --- | ---: |\n| net | 0.9 |",
    )
    assert page.read_text().startswith("# Benchmarks\n")


def test_writing_the_same_twice_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_section(page, section("first", "0.1"))
    once = page.read_text()
    write_section(page, section("first", "0.1"))
    assert page.read_text() == once


def test_a_table_is_aligned_on_a_terminal() -> None:
    table = Table("Numbers", ["method", "IoU"], [["a longer name", "0.9"], ["b", "0.8"]])
    lines = table.text().splitlines()
    assert lines[0] == "Numbers"
    assert [line.index("0") for line in lines[2:4]] == [15, 15]

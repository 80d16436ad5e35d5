"""What is committed names no package index, no path of one machine, and only addresses that we know."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".lock", ".in", ".json", ".qml", ".svg", ".model3", ".cfg", ".baseline", ""}
SELF = Path(__file__).name

# Addresses that documents may point to.
KNOWN_HOSTS = {
    "doi.org", "qgis.org", "www.qgis.org", "plugins.qgis.org", "docs.qgis.org", "github.com", "keepachangelog.com",
    "semver.org", "www.gnu.org", "fsf.org", "www.w3.org", "spdx.org", "arxiv.org", "www.mdpi.com",
    "example.org", "example.invalid", "example.com", "localhost", "127.0.0.1",
    "www.inkscape.org", "sodipodi.sourceforge.net", "purl.org", "creativecommons.org", "mrcc.com", "json-schema.org",
}  # fmt: skip
# Written in pieces, so that this file does not name what it forbids.
INDEXES = [r"py" r"pi\.(org|io)", r"python" r"hosted\.", r"npm" r"js\.", r"deb\." r"debian", r"download\." r"pytorch"]
TOPS = ("wo" r"rk", "op" r"t/(wheels|simple)", "ro" r"ot", "ho" r"me/[a-z]")
MACHINE_PATHS = [rf"(?<![\w.\-}}])/{top}/" for top in TOPS]


def tracked() -> list[Path]:
    """The text files under version control; every text file of a copy without it would be too many to ask for."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return []
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in names.split("\0") if name]
    return [p for p in paths if p.suffix in TEXT and p.is_file() and p.name != SELF]


@pytest.mark.parametrize("path", tracked(), ids=lambda p: str(p.relative_to(ROOT)))
def test_file_names_no_index_and_no_path_of_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for pattern in INDEXES + MACHINE_PATHS:
        found = re.search(pattern, text)
        assert found is None, f"{path.relative_to(ROOT)} names {found[0]!r}" if found else ""
    hosts = set(re.findall(r"https?://([A-Za-z0-9.\-]+)", text))
    assert hosts <= KNOWN_HOSTS, f"{path.relative_to(ROOT)} points to {hosts - KNOWN_HOSTS}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*")), ids=lambda p: p.name)
def test_lock_files_hold_no_address(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"(index-url|find-links|file:|@ )", text)

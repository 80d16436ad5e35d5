"""What `fringelens doctor --json` says about an interpreter, as lines for people."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple

HASH_LETTERS = 12
LATER = ("weights",)  # what may be missing while the interpreter itself is fine; weights can be added later


def read(text: str) -> Tuple[List[str], bool]:
    """The findings as lines, and whether the interpreter can be used; text that is no JSON is shown as it is."""
    begin = text.find("{")
    try:
        findings: List[Dict[str, Any]] = json.loads(text[begin:])["findings"]
    except (ValueError, KeyError, TypeError):
        return text.splitlines(), False
    lines = [f"{f.get('topic', ''):10} {f.get('name', ''):16} {_short(f)}".rstrip() for f in findings]
    broken = [f for f in findings if f.get("problem")]
    lines += [f"broken: {f['problem']}" for f in broken]
    return lines, all(f.get("topic") in LATER for f in broken) and bool(findings)


def _short(finding: Dict[str, Any]) -> str:
    value = str(finding.get("value", ""))
    return value[:HASH_LETTERS] if finding.get("topic") == "weights" else value

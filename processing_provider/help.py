"""The help of a tool: HTML beside the dialog, plain text where there is no desktop."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import List, Optional

from ..core.catalog import Output, Parameter, Tool
from ..core.catalog.describe import limits, shown
from .runtime import ROOT

# Small ones that the release has, and the larger ones of the documentation, which only a checkout has.
PICTURES = (ROOT / "plugin" / "pictures", ROOT / "docs" / "images")
PICTURE_WIDTH = 260  # pixels; the help column is narrow


def as_html(tool: Tool) -> str:
    """The help as HTML."""
    parts = [f"<p><b>{escape(tool.summary)}</b></p>"]
    parts += [_picture(path) for path in map(_find, tool.pictures) if path is not None]
    parts += [f"<p>{escape(paragraph)}</p>" for paragraph in tool.help.split("\n\n")]
    parts += ["<h3>Inputs and options</h3>"]
    parts += [f"<p><b>{escape(p.label)}</b><br/>{escape(_about(p))}</p>" for p in tool.parameters]
    parts += ["<h3>Outputs</h3>"]
    parts += [f"<p><b>{escape(o.label)}</b><br/>{escape(_about_output(o))}</p>" for o in tool.outputs]
    if tool.paper:
        parts += ["<h3>Paper</h3>", f"<p>{escape(tool.paper)}</p>"]
    return "\n".join(parts)


def as_text(tool: Tool) -> str:
    """The help as plain text, for qgis_process, which lists the parameters itself."""
    parts: List[str] = [tool.summary, *tool.help.split("\n\n")]
    parts += [f"{o.name}: {o.label}. {_about_output(o)}" for o in tool.outputs]
    if tool.paper:
        parts.append(f"Paper: {tool.paper}")
    return "\n\n".join(parts)


def _about(parameter: Parameter) -> str:
    notes = []
    bounds = limits(parameter)
    if bounds:
        notes.append(bounds)
    if parameter.default is not None:
        notes.append(f"default {shown(parameter.default)}")
    elif parameter.optional:
        notes.append("optional")
    return f"{parameter.help} ({'; '.join(notes)})" if notes else parameter.help


def _about_output(output: Output) -> str:
    notes = [note for note in (output.unit, "optional" if output.optional else "") if note]
    return f"{output.help} ({'; '.join(notes)})" if notes else output.help


def _find(name: str) -> Optional[Path]:
    return next((folder / name for folder in PICTURES if (folder / name).exists()), None)


def _picture(path: Path) -> str:
    return f'<p><img src="{path.as_uri()}" width="{PICTURE_WIDTH}"/></p>'
